// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPerpMarket} from "./IPerpMarket.sol";

/// @notice Read-only views. Money in token units, prices wad, sizes base wad. No view reverts for one bad id: it is
/// flagged `exists = false`. Where the feed has no usable price, `price` is 0 and `priceIsFresh` false.
interface IPerpLens {
    /// @param exists Whether the id is a live position; all else is zero if not.
    /// @param size 0 for a position that waits for its opening order.
    /// @param carryIndex The side's index when its carry was last settled, wad price units.
    /// @param equity collateral + pnl − carryOwed.
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

    /// @param liquidationPrice Long: highest price at which it is liquidatable with the carry of now, 0 if none.
    /// Short: lowest one, type(uint256).max if none. @param bankruptcyPrice The same for equity < 0.
    struct PriceView {
        uint256 id;
        bool exists;
        uint256 liquidationPrice;
        uint256 bankruptcyPrice;
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

    /// @notice Live position ids among the `limit` ids from `start` on; `next` is where to go on, 0 at the end.
    function idsOf(
        IPerpMarket market,
        uint256 start,
        uint256 limit
    ) external view returns (uint256[] memory ids, uint256 next);

    /// @notice The market's books at the latest price, O(1) in the number of positions.
    function solvency(IPerpMarket market) external view returns (Solvency memory);
}
