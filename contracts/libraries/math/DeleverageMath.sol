// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedMath} from "./FixedMath.sol";

/// @notice Who may be deleveraged, and by how much. Money token units, ratios wad.
library DeleverageMath {
    /// @notice Whether a position's return, pnl / entry notional, is above zero and at least its side's.
    function isFair(
        int256 pnl,
        uint256 entryNotional,
        int256 sidePnl,
        uint256 sideEntryNotional
    ) internal pure returns (bool) {
        // One unit for the rounding of the position's own PnL: of a side at least one position always qualifies.
        return pnl > 0 && (pnl + 1) * int256(sideEntryNotional) >= sidePnl * int256(entryNotional);
    }

    /// @notice Profit x to realise so that the side's comes down to the target and not below it. With x goes its part of
    /// the carry, c · x, which the pool gains, and the pool pays h · x, h = min(1, maxPayoutShare · assets / sidePnl).
    /// So sidePnl − x >= target · (assets − h · x + c · x) gives x = (sidePnl − target · assets) /
    /// (1 − target · h + target · c), rounded down; 0 if the side is at the target or below, type(uint256).max where
    /// no x reaches it, since the carry the position is due costs the pool more than its profit.
    /// @param sidePnl Of the whole side. @param assets Of the pool.
    /// @param carry What the position owes. @param pnl Of the position, above zero.
    function excess(
        int256 sidePnl,
        uint256 assets,
        int256 carry,
        uint256 pnl,
        uint256 target,
        uint256 maxPayoutShare
    ) internal pure returns (uint256) {
        int256 wanted = int256(FixedMath.mulWadUp(assets, target));
        if (sidePnl <= wanted || sidePnl <= 0) return 0;
        uint256 claimable = FixedMath.mulWadDown(assets, maxPayoutShare);
        uint256 paid = FixedMath.WAD;
        // Rounded down: a lower share is paid, and less is realised.
        if (uint256(sidePnl) > claimable)
            paid = FixedMath.mulDivDown(claimable, FixedMath.WAD, uint256(sidePnl));
        // Each rounded up, so that x is rounded down.
        int256 perUnit = FixedMath.divCeil(carry * int256(FixedMath.WAD), pnl);
        int256 denominator =
            int256(FixedMath.WAD) -
                int256(FixedMath.mulWadDown(target, paid)) +
                FixedMath.divCeil(int256(target) * perUnit, FixedMath.WAD);
        if (denominator <= 0) return type(uint256).max;
        return FixedMath.mulDivDown(uint256(sidePnl - wanted), FixedMath.WAD, uint256(denominator));
    }
}
