// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ERC721} from "solady/src/tokens/ERC721.sol";
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
import {Carry, Holding, Position, Side} from "../types/Position.sol";

/// @notice What a verb works with, read once at its start.
/// @param price Index price, wad.
/// @param balance The position's collateral, token units; verbs for many positions leave it zero.
/// @param poolAssets All money the pool can pay with, token units; kept current while the verb moves money.
/// @param carry Carry state as of now, not yet stored.
struct State {
    uint256 price;
    uint256 balance;
    uint256 poolAssets;
    Carry carry;
    MarketParams params;
}

/// @notice All state of a market and the reads its verbs share.
abstract contract MarketStorage is IPerpMarket, ERC721, ReentrancyGuardTransient {
    /* STORAGE */

    mapping(uint256 positionId => Holding) private _holdings;
    /// @dev When a position last changed hands, seconds; 0 if never.
    mapping(uint256 positionId => uint256) internal _transferredAt;
    Side internal _longSide;
    Side internal _shortSide;
    Carry internal _carry;

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
    /// @dev Holds the parameters; see ParamStore.
    address internal immutable _paramStore;

    modifier onlyOrderBook() {
        if (msg.sender != orderBook) revert Errors.Unauthorized(msg.sender, orderBook);
        _;
    }

    modifier onlyPool() {
        if (msg.sender != address(liquidityVault))
            revert Errors.Unauthorized(msg.sender, address(liquidityVault));
        _;
    }

    /* POSITIONS */

    function _readPosition(uint256 positionId) internal view returns (Position memory p) {
        Holding storage h = _holdings[positionId];
        (p.size, p.entryNotional, p.openedAt) = (h.size, h.entryNotional, h.openedAt);
        // Two's complement both ways.
        if (p.size != 0) p.carryIndex = int96(_getExtraData(positionId));
    }

    /// @dev A position of size zero leaves nothing behind.
    function _writePosition(uint256 positionId, Position memory p) internal {
        if (p.size == 0) delete _holdings[positionId];
        else _holdings[positionId] = Holding(p.size, p.entryNotional, p.openedAt);
        _setExtraData(positionId, p.size == 0 ? 0 : uint96(p.carryIndex));
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
    function _indexOf(Carry memory c, bool isLong) internal pure returns (int96) {
        return isLong ? c.longIndex : c.shortIndex;
    }

    function _carryOwed(Position memory p, Carry memory c) internal view returns (int256) {
        return
            PositionMath.carryOwed(FixedMath.abs(p.size), _indexOf(c, p.size > 0), p.carryIndex, quoteScale);
    }

    function _maintenanceMargin(
        MarketParams memory p,
        uint256 size,
        uint256 notional
    ) internal pure returns (uint256) {
        uint256 ratio = MarginMath.ratio(size, p.maintenanceBase, p.maintenanceSlope, p.depth);
        return MarginMath.requirement(notional, ratio, _liquidationReserve(p, notional));
    }

    function _initialMargin(
        MarketParams memory p,
        uint256 size,
        uint256 notional
    ) internal pure returns (uint256) {
        uint256 ratio = MarginMath.ratio(size, p.initialBase, p.initialSlope, p.depth);
        return MarginMath.requirement(notional, ratio, _liquidationReserve(p, notional));
    }

    function _liquidationReserve(MarketParams memory p, uint256 notional) internal pure returns (uint256) {
        return MarginMath.liquidationReserve(notional, p.liquidationFee, p.minKeeperReward);
    }
}
