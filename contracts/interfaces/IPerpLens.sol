// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPerpMarket} from "./IPerpMarket.sol";
import {TradePreview} from "../types/Order.sol";
import {LiquidationReceipt} from "../types/LiquidationReceipt.sol";

/// @notice Read-only views. Money in token units, prices wad, sizes base wad, ratios wad. No view reverts for one bad id:
/// it is flagged `exists = false`. Where the feed has no usable price, `price` is 0 and `priceIsFresh` false.
interface IPerpLens {
    /// @notice How a position stands at a price.
    /// Waiting: not yet opened. MarginCall: equity below `warningFactor` times the maintenance margin. Liquidatable: below
    /// the maintenance margin. Bankrupt: below zero.
    enum State {
        None,
        Waiting,
        Healthy,
        MarginCall,
        Liquidatable,
        Bankrupt
    }

    /// @param exists Whether the id is a live position; all else is zero if not.
    /// @param size 0 for a position that waits for its opening order.
    /// @param carryIndex The side's index when its carry was last settled, wad price units.
    /// @param equity collateral + pnl − carryOwed.
    /// @param initialMargin What new risk needs now; in an elevated market more than in a normal one.
    /// @param liquidatable equity < maintenanceMargin at `price`.
    struct PositionView {
        uint256 id;
        bool exists;
        address owner;
        int256 size;
        uint256 entryNotional;
        int256 carryIndex;
        uint256 openedAt;
        uint256 collateral;
        uint256 price;
        uint256 observedAt;
        bool priceIsFresh;
        int256 pnl;
        int256 carryOwed;
        int256 equity;
        uint256 notional;
        uint256 maintenanceMargin;
        uint256 initialMargin;
        bool liquidatable;
        bool bankrupt;
    }

    /// @param liquidationPrice Long: highest price at which it is liquidatable now, 0 if none; carry that is not yet settled
    /// is counted at that price, as a liquidation at it would. Short: lowest one, type(uint256).max if none.
    /// @param bankruptcyPrice The same for equity < 0.
    struct PriceView {
        uint256 id;
        bool exists;
        uint256 liquidationPrice;
        uint256 bankruptcyPrice;
    }

    /// @param marginRatio equity / notional; negative for a bankrupt one.
    /// @param warningMargin Equity below it is a margin call.
    /// @param deficiency Money that makes the position Healthy; 0 if it is.
    /// @param withdrawable Most that `removeCollateral` lets go.
    /// @param reducible Largest size a decrease closes without closing all of it.
    /// @param distance Move of the price to the liquidation price, as a ratio of the price: negative for a fall. 0 for a
    /// liquidatable one; type(int256).max where no price liquidates it.
    struct RiskView {
        PositionView position;
        State state;
        int256 marginRatio;
        uint256 warningMargin;
        uint256 deficiency;
        uint256 withdrawable;
        uint256 reducible;
        uint256 liquidationPrice;
        uint256 bankruptcyPrice;
        int256 distance;
    }

    /// @notice Every term of a verdict: equity is collateral + worth − cost − carry for a long, collateral + cost − worth −
    /// carry for a short; the maintenance margin notional · ratio + reserve.
    /// @param worth Quote of the size at the price, rounded against the position. @param cost entryNotional.
    /// @param index The side's carry index now. @param entryIndex The one carry was last settled at.
    /// @param baseRatio maintenanceBase. @param sizeRatio What its size adds. @param reserve Kept for its liquidation.
    /// @param elevated Whether `initialMargin` is raised by the breaker.
    struct Explanation {
        PositionView position;
        State state;
        uint256 worth;
        uint256 cost;
        int256 index;
        int256 entryIndex;
        uint256 baseRatio;
        uint256 sizeRatio;
        uint256 reserve;
        uint256 warningMargin;
        bool elevated;
    }

    /// @param netAssetValue Pool money minus what traders are owed plus what they owe; negative if the pool is broke.
    /// @param worstCasePayout Most that traders' profits could draw at `price`: Σ positive side PnL, haircut.
    /// @param solvent Every vault holds what it owes, and the pool can pay its worst case.
    struct Solvency {
        uint256 price;
        uint256 observedAt;
        bool priceIsFresh;
        uint256 tokensInMarginVault;
        uint256 totalCollateral;
        uint256 totalClaims;
        uint256 tokensInLiquidityVault;
        uint256 poolCash;
        uint256 poolReserved;
        uint256 poolClaim;
        uint256 tokensInInsurance;
        uint256 insuranceReserve;
        uint256 insuranceClaim;
        uint256 longOpenInterest;
        int256 longPnl;
        int256 longCarry;
        int256 longIndex;
        uint256 shortOpenInterest;
        int256 shortPnl;
        int256 shortCarry;
        int256 shortIndex;
        int256 netAssetValue;
        uint256 worstCasePayout;
        bool solvent;
    }

    /// @notice The market at a price moved by a shock.
    /// @param haircut Share of a side's profit that would be paid if all of it were realised, of the winning side.
    /// @param uncovered What traders owe beyond all collateral there is: the least bad debt that must come of it.
    /// @param fromInsurance Part of it that insurance has. @param deleveragingDue Whether a side could be deleveraged.
    struct Stress {
        int256 shock;
        uint256 price;
        int256 netAssetValue;
        int256 longPnl;
        int256 shortPnl;
        uint256 haircut;
        uint256 uncovered;
        uint256 fromInsurance;
        bool deleveragingDue;
    }

    /// @param level 0 Normal, 1 Elevated, 2 Halted, as the next action would find it.
    /// @param anchor Price that moves are measured from. @param anchorAt When it was taken or the level rose, seconds.
    /// @param reduceOnly Whether positions can only shrink: Halted, stopped by the guardian, or insolvent.
    /// @param outage Whether an outage was noted and liquidations have not resumed. @param resumesAt When they do,
    /// seconds; 0 while that is not known.
    /// @param accrualDue Whether the level or the anchor has moved on since they were stored: `accrue` stores them.
    /// @param scheduled Whether tighter maintenance terms are announced or under way.
    struct Status {
        uint256 price;
        uint256 observedAt;
        bool priceIsFresh;
        uint256 level;
        uint256 anchor;
        uint256 anchorAt;
        bool accrualDue;
        bool reduceOnly;
        bool guarded;
        bool insolvent;
        bool outage;
        uint256 resumesAt;
        bool scheduled;
        uint256 paramVersion;
        bool longDeleveragingDue;
        bool shortDeleveragingDue;
    }

    /// @notice State of each position at the latest price.
    function positions(
        IPerpMarket market,
        uint256[] calldata ids
    ) external view returns (PositionView[] memory);

    /// @notice State of each position if the price were `price` now.
    function positionsAt(
        IPerpMarket market,
        uint256[] calldata ids,
        uint256 price
    ) external view returns (PositionView[] memory);

    /// @notice Exact liquidation and bankruptcy price of each position. Costs about 100,000 gas a position, so ask for
    /// fewer at once than of `positions`.
    function prices(IPerpMarket market, uint256[] calldata ids) external view returns (PriceView[] memory);

    /// @notice The same of one position if it had `sizeDelta` more size, traded at `price` without impact or fee, and
    /// `collateralDelta` more collateral, `elapsed` seconds from now at an unchanged price. A size of zero or a flip does
    /// not exist.
    function pricesIf(
        IPerpMarket market,
        uint256 id,
        int256 sizeDelta,
        int256 collateralDelta,
        uint256 elapsed,
        uint256 price
    ) external view returns (PriceView memory);

    /// @notice How near each position is to its end, at the latest price. About 120,000 gas a position.
    function risk(IPerpMarket market, uint256[] calldata ids) external view returns (RiskView[] memory);

    /// @notice The same if the price were `price` now.
    function riskAt(
        IPerpMarket market,
        uint256[] calldata ids,
        uint256 price
    ) external view returns (RiskView[] memory);

    /// @notice Money that makes a position Healthy at the latest price; 0 if it is, or is no open position.
    function deficiency(IPerpMarket market, uint256 id) external view returns (uint256);

    /// @notice Every term of a position's verdict at the latest price.
    function explain(IPerpMarket market, uint256 id) external view returns (Explanation memory);

    /// @notice Live position ids among the `limit` ids from `start` on; `next` is where to go on, 0 at the end.
    function idsOf(
        IPerpMarket market,
        uint256 start,
        uint256 limit
    ) external view returns (uint256[] memory ids, uint256 next);

    /// @notice The market's books at the latest price, O(1) in the number of positions.
    function solvency(IPerpMarket market) external view returns (Solvency memory);

    /// @notice The market after each shock, a ratio of the latest price: -0.2e18 is a fall by a fifth, -1e18 the least.
    /// O(1) in the number of positions. Without a usable price all but `shock` is zero.
    function stress(IPerpMarket market, int256[] calldata shocks) external view returns (Stress[] memory);

    /// @notice What the market is in.
    function status(IPerpMarket market) external view returns (Status memory);

    /// @notice What a trade would do if its fixing and the index price were `price`; id 0 opens a position. `later` is the
    /// position afterwards, with its prices; `exists = false` where it would fail or close.
    function previewTrade(
        IPerpMarket market,
        uint256 id,
        int128 sizeDelta,
        uint256 collateral,
        uint128 executionFee,
        uint256 price
    ) external view returns (TradePreview memory preview, RiskView memory later);

    /// @notice A position as it would be with `delta` more collateral (negative: withdrawn) at the latest price.
    /// `allowed` tells whether `addCollateral` or, for its owner, `removeCollateral` would go through.
    function previewCollateral(
        IPerpMarket market,
        uint256 id,
        int256 delta
    ) external view returns (bool allowed, RiskView memory later);

    /// @notice What a liquidation of each position at `price` now would do; see `IMarketModule.previewLiquidation`.
    function previewLiquidations(
        IPerpMarket market,
        uint256[] calldata ids,
        uint256 price
    ) external view returns (bool[] memory liquidatable, LiquidationReceipt[] memory receipts);

    /// @notice What deleveraging positions of a side in this order would close at the latest price; see
    /// `IMarketModule.previewDeleverage`.
    function deleveragePreview(
        IPerpMarket market,
        bool isLong,
        uint256[] calldata ids
    ) external view returns (bool due, uint256[] memory closed, int256 sidePnl, int256 newSidePnl);
}
