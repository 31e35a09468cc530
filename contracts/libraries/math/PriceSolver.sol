// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CarryMath} from "./CarryMath.sol";
import {FixedMath} from "./FixedMath.sol";
import {MarginMath} from "./MarginMath.sol";
import {PositionMath} from "./PositionMath.sol";

/// @notice Prices at which a position's state changes. The closed form of the exact rule without rounding gives a
/// first guess; rounding moves the true threshold by a few token units, so the guess is widened until it brackets the
/// threshold and the bracket is halved under the exact integer rule: the result is exact to one wad price unit.
library PriceSolver {
    /// @dev Prices above this are reported as "never" (type(uint256).max): Constants.MAX_PRICE.
    uint256 internal constant MAX_PRICE = 1e30;

    /// @param collateral Token units; negative where a preview takes more than there is.
    /// @param gap The side's carry index as stored less the position's, wad price units.
    /// @param integral Of the side's rate since it was stored, wad: carry of that time is charged at the price asked about.
    struct Terms {
        int256 size;
        uint256 entryNotional;
        int256 collateral;
        int256 gap;
        int256 integral;
        uint256 maintenanceRatio;
        uint256 liquidationFee;
        uint256 minKeeperReward;
        uint256 scale;
    }

    /// @notice Long: highest price at which the position is liquidatable, 0 if none. Short: lowest one,
    /// type(uint256).max if none up to MAX_PRICE. A long that must hold all its notional or more as margin (ratio and
    /// fee of 100 % together) is liquidatable at high prices: MAX_PRICE.
    function liquidationPrice(Terms memory t) internal pure returns (uint256) {
        // size·P·(1 ∓ m ∓ f) = ±(entry ∓ cash) with the reserve f·N, or flat where minKeeperReward is larger, and cash the
        // collateral less the carry owed.
        uint256 proportional = _guess(t, t.maintenanceRatio + t.liquidationFee, 0);
        uint256 flat = _guess(t, t.maintenanceRatio, t.minKeeperReward);
        // The larger requirement rules: it is met first, so the threshold is nearer for both sides.
        uint256 guess = t.size > 0 ? FixedMath.max(proportional, flat) : FixedMath.min(proportional, flat);
        return _refine(t, guess, true);
    }

    /// @notice Long: highest price at which equity is negative, 0 if none. Short: lowest one, type(uint256).max if
    /// none up to MAX_PRICE.
    function bankruptcyPrice(Terms memory t) internal pure returns (uint256) {
        return _refine(t, _guess(t, 0, 0), false);
    }

    /// @notice Whether equity at `price` is below the maintenance margin (`maintenance`) or below zero.
    function isBeyond(Terms memory t, uint256 price, bool maintenance) internal pure returns (bool) {
        int256 equity = _cash(t, price) + PositionMath.pnl(t.size, t.entryNotional, price, t.scale);
        if (!maintenance) return equity < 0;
        uint256 notional = PositionMath.quoteUp(FixedMath.abs(t.size), price, t.scale);
        uint256 reserve = MarginMath.liquidationReserve(notional, t.liquidationFee, t.minKeeperReward);
        return equity < int256(MarginMath.requirement(notional, t.maintenanceRatio, reserve));
    }

    /// @dev Collateral less what the position would owe at `price`.
    function _cash(Terms memory t, uint256 price) private pure returns (int256) {
        int256 gap = t.gap + CarryMath.indexDelta(t.integral, price);
        return t.collateral - PositionMath.carryOwed(FixedMath.abs(t.size), gap, 0, t.scale);
    }

    /// @dev Closed form, i the integral: long P = (entry − cash + flat)/(size·(1 − r − i)), short P =
    /// (entry + cash − flat)/(size·(1 + r + i)), with the cash of a price of zero.
    function _guess(Terms memory t, uint256 ratio, uint256 flat) private pure returns (uint256) {
        int256 entry = int256(t.entryNotional);
        bool isLong = t.size > 0;
        int256 cash = _cash(t, 0);
        int256 numerator = isLong ? entry - cash + int256(flat) : entry + cash - int256(flat);
        if (numerator <= 0) return 0;
        int256 part = int256(ratio) + t.integral;
        int256 share = int256(FixedMath.WAD) + (isLong ? -part : part);
        if (share <= 0) return MAX_PRICE;
        uint256 price = FixedMath.mulDivDown(uint256(numerator), t.scale, FixedMath.abs(t.size));
        if (price >= MAX_PRICE) return MAX_PRICE;
        return FixedMath.min(FixedMath.mulDivDown(price, FixedMath.WAD, uint256(share)), MAX_PRICE);
    }

    /// @dev For a long "beyond" holds at low prices, for a short at high ones. Searches the last price on which it
    /// holds (long) or the first (short) around `guess`.
    function _refine(Terms memory t, uint256 guess, bool maintenance) private pure returns (uint256) {
        bool isLong = t.size > 0;
        // Invariant: low is on the side of low prices, high on the other: beyond(low) == isLong, beyond(high) != it.
        // High prices first: a long whose requirement outgrows its equity is beyond there though not at 0.
        if (isBeyond(t, MAX_PRICE, maintenance) == isLong) return isLong ? MAX_PRICE : type(uint256).max;
        if (isBeyond(t, 0, maintenance) != isLong) return 0;
        (uint256 low, uint256 high) = (guess, guess);
        // One token unit of equity is scale/size in price.
        uint256 step = (8 * t.scale) / FixedMath.abs(t.size) + 8;
        while (isBeyond(t, low, maintenance) != isLong) {
            low = low > step ? low - step : 0;
            step *= 4;
        }
        while (isBeyond(t, high, maintenance) == isLong) {
            high = FixedMath.min(high + step, MAX_PRICE);
            step *= 4;
        }
        while (high - low > 1) {
            uint256 middle = (low + high) / 2;
            if (isBeyond(t, middle, maintenance) == isLong) low = middle;
            else high = middle;
        }
        return isLong ? low : high;
    }
}
