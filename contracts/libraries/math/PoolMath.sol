// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedMath} from "./FixedMath.sol";

/// @notice The pool's worth and what it can pay.
library PoolMath {
    /// @notice assets − net trader PnL + accrued carry, token units. What the pool counts as owed by traders is at
    /// most the collateral that exists, since no trader can lose more.
    /// @param assets Pool money: cash and claim.
    /// @param netPnl PnL of all traders at the index price.
    /// @param carry Carry owed by all traders.
    /// @param collateral Collateral of all traders.
    function netAssetValue(
        uint256 assets,
        int256 netPnl,
        int256 carry,
        uint256 collateral
    ) internal pure returns (int256) {
        int256 owed = carry - netPnl;
        if (owed > int256(collateral)) owed = int256(collateral);
        return int256(assets) + owed;
    }

    /// @notice Profit after the payout haircut: pnl · min(1, claimable / sidePnl), and `claimable` at most, where
    /// claimable = maxPayoutShare · assets. Rounded down.
    /// @param profit PnL to pay, token units.
    /// @param sidePnl PnL of the position's whole side at the index price.
    function payout(
        uint256 profit,
        int256 sidePnl,
        uint256 assets,
        uint256 maxPayoutShare
    ) internal pure returns (uint256) {
        uint256 claimable = FixedMath.mulWadDown(assets, maxPayoutShare);
        uint256 reduced =
            sidePnl > int256(claimable) ? FixedMath.mulDivDown(profit, claimable, uint256(sidePnl)) : profit;
        return FixedMath.min(reduced, claimable);
    }

    /// @notice What the pool settles for a PnL and the carry owed with it: profit after the haircut, minus carry, never
    /// more than the pool has.
    /// @param sidePnl PnL of the position's whole side; not read for a loss.
    function netResult(
        int256 pnl,
        int256 carryOwed,
        int256 sidePnl,
        uint256 assets,
        uint256 maxPayoutShare
    ) internal pure returns (int256 settled) {
        settled = (pnl > 0 ? int256(payout(uint256(pnl), sidePnl, assets, maxPayoutShare)) : pnl) - carryOwed;
        if (settled > int256(assets)) settled = int256(assets);
    }

    /// @notice Whether the notional of a side or a position fits in its share of pool assets.
    function withinShare(uint256 notional, uint256 assets, uint256 maxShare) internal pure returns (bool) {
        return notional <= FixedMath.mulWadDown(assets, maxShare);
    }

    /// @notice Assets that must stay for the larger side: ceil(notional / maxSideShare).
    function lockedAssets(uint256 notional, uint256 maxSideShare) internal pure returns (uint256) {
        return FixedMath.mulDivUp(notional, FixedMath.WAD, maxSideShare);
    }
}
