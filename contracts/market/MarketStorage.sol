// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IInsuranceFund} from "../interfaces/IInsuranceFund.sol";
import {ILiquidityVault} from "../interfaces/ILiquidityVault.sol";
import {IMarginVault} from "../interfaces/IMarginVault.sol";
import {IPerpMarket} from "../interfaces/IPerpMarket.sol";
import {IPriceOracle} from "../interfaces/IPriceOracle.sol";
import {Errors} from "../libraries/Errors.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {MarginMath} from "../libraries/math/MarginMath.sol";
import {PositionMath} from "../libraries/math/PositionMath.sol";
import {MarketParams} from "../types/MarketParams.sol";
import {Carry, Position, Side} from "../types/Position.sol";

/// @notice All state of a market and the reads its verbs share.
abstract contract MarketStorage is IPerpMarket, ERC721, ReentrancyGuardTransient {
    /* STORAGE */

    mapping(uint256 positionId => Position) internal _positions;
    Side internal _longSide;
    Side internal _shortSide;
    Carry internal _carry;
    MarketParams internal _params;

    /// @inheritdoc IPerpMarket
    uint256 public nextPositionId = 1;

    /* IMMUTABLES */

    IERC20 public immutable token;
    IPriceOracle public immutable oracle;
    IMarginVault public immutable marginVault;
    ILiquidityVault public immutable liquidityVault;
    IInsuranceFund public immutable insuranceFund;
    address public immutable orderBook;
    address public immutable treasury;
    uint256 public immutable quoteScale;

    modifier onlyOrderBook() {
        if (msg.sender != orderBook) revert Errors.Unauthorized(msg.sender, orderBook);
        _;
    }

    /* SHARED READS */

    function _sideOf(bool isLong) internal view returns (Side storage) {
        return isLong ? _longSide : _shortSide;
    }

    /// @dev Long minus short open interest, base wad.
    function _skew() internal view returns (int256) {
        return int256(uint256(_longSide.openInterest)) - int256(uint256(_shortSide.openInterest));
    }

    /// @dev PnL of a whole side at `price`, rounded against traders.
    function _sidePnl(bool isLong, uint256 price) internal view returns (int256) {
        Side storage s = _sideOf(isLong);
        int256 size = int256(uint256(s.openInterest));
        return PositionMath.pnl(isLong ? size : -size, s.entryNotional, price, quoteScale);
    }

    /// @dev The index of the position's side.
    function _indexOf(Carry memory c, bool isLong) internal pure returns (int128) {
        return isLong ? c.longIndex : c.shortIndex;
    }

    function _carryOwed(Position memory p, Carry memory c) internal view returns (int256) {
        return
            PositionMath.carryOwed(FixedMath.abs(p.size), _indexOf(c, p.size > 0), p.carryIndex, quoteScale);
    }

    function _maintenanceMargin(uint256 size, uint256 notional) internal view returns (uint256) {
        uint256 ratio = MarginMath.ratio(
            size,
            _params.maintenanceBase,
            _params.maintenanceSlope,
            _params.depth
        );
        return MarginMath.requirement(notional, ratio, _liquidationReserve(notional));
    }

    function _initialMargin(uint256 size, uint256 notional) internal view returns (uint256) {
        uint256 ratio = MarginMath.ratio(size, _params.initialBase, _params.initialSlope, _params.depth);
        return MarginMath.requirement(notional, ratio, _liquidationReserve(notional));
    }

    function _liquidationReserve(uint256 notional) internal view returns (uint256) {
        return MarginMath.liquidationReserve(notional, _params.liquidationFee, _params.minKeeperReward);
    }
}
