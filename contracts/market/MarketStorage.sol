// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IInsuranceFund} from "../interfaces/IInsuranceFund.sol";
import {ILiquidityVault} from "../interfaces/ILiquidityVault.sol";
import {IMarginVault} from "../interfaces/IMarginVault.sol";
import {IMarketParts} from "../interfaces/IMarketParts.sol";
import {IPriceOracle} from "../interfaces/IPriceOracle.sol";
import {CounterSet} from "../libraries/Counters.sol";
import {Errors} from "../libraries/Errors.sol";
import {MarginMath} from "../libraries/math/MarginMath.sol";
import {PositionMath} from "../libraries/math/PositionMath.sol";
import {MarketConfig, MarketSet} from "../types/MarketConfig.sol";
import {MaintenanceSchedule, MarketParams} from "../types/MarketParams.sol";
import {Carry, Holding, Side} from "../types/Position.sol";

/// @notice What a verb works with, read once at its start.
/// @param price Index price, wad.
/// @param balance The position's collateral, token units; verbs for many positions leave it zero.
/// @param poolAssets All money the pool can pay with, token units; kept current while the verb moves money.
/// @param carry Carry state as of now, not yet stored.
/// @param flows What the pool's counters grow by when carry is stored, by the numbers of `Flow`, token units.
struct State {
    uint256 price;
    uint256 balance;
    uint256 poolAssets;
    Carry carry;
    MarketParams params;
    uint256[12] flows;
}

/// @notice All state of a market and the reads its verbs share. The market and its modules run on the same storage, so
/// nothing that derives from this contract declares any.
abstract contract MarketStorage is IMarketParts, ReentrancyGuardTransient {
    /* STORAGE */

    mapping(uint256 positionId => Holding) internal _holdings;
    /// @dev When a position last changed hands, seconds; 0 if never.
    mapping(uint256 positionId => uint256) internal _transferredAt;
    Side internal _longSide;
    Side internal _shortSide;
    Carry internal _carry;

    /// @dev Announced tightening of the maintenance terms; zeros if there is none.
    MaintenanceSchedule internal _schedule;

    /// @dev When liquidations resume, seconds; 0 while the outage lasts. Counts while OUTAGE is set.
    uint256 internal _resumesAt;

    /// @dev The market's name, as in "ETH/USD".
    string internal _market;

    /// @dev See IPerpMarket.
    uint256 internal _nextPositionId = 1;

    /// @dev The pool's counters; see PoolYield and, for their numbers, `Flow`.
    CounterSet internal _flows;

    /* IMMUTABLES */

    IERC20 public immutable token;
    IPriceOracle public immutable oracle;
    IMarginVault public immutable marginVault;
    ILiquidityVault public immutable liquidityVault;
    IInsuranceFund public immutable insuranceFund;
    address public immutable orderBook;
    address public immutable treasury;
    address public immutable descriptor;
    uint256 public immutable quoteScale;

    constructor(MarketConfig memory config, MarketSet memory set) {
        token = IERC20(config.token);
        oracle = IPriceOracle(config.oracle);
        treasury = config.treasury;
        descriptor = config.descriptor;
        marginVault = IMarginVault(set.marginVault);
        liquidityVault = ILiquidityVault(set.liquidityVault);
        insuranceFund = IInsuranceFund(set.insuranceFund);
        orderBook = set.orderBook;
        quoteScale = 10 ** (36 - IERC20Metadata(config.token).decimals());
    }

    modifier onlyOrderBook() {
        if (msg.sender != orderBook) revert Errors.Unauthorized(msg.sender, orderBook);
        _;
    }

    modifier onlyPool() {
        if (msg.sender != address(liquidityVault))
            revert Errors.Unauthorized(msg.sender, address(liquidityVault));
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

    /// @dev The same of sums in memory.
    function _pnlOf(Side memory sums, bool isLong, uint256 price) internal view returns (int256) {
        int256 size = int256(uint256(sums.openInterest));
        return PositionMath.pnl(isLong ? size : -size, sums.entryNotional, price, quoteScale);
    }

    /// @dev The index of the position's side.
    function _indexOf(Carry memory c, bool isLong) internal pure returns (int96) {
        return isLong ? c.longIndex : c.shortIndex;
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
