// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedMath} from "./math/FixedMath.sol";

/// @notice Twelve counters of 128 bits, in groups of four that move together.
/// @param low Their low halves, 64 bits each: a slot for each group, its first counter in the lowest bits.
/// @param high Their high halves, likewise; touched only when a low half runs over.
struct CounterSet {
    uint256[3] low;
    uint256[3] high;
}

/// @notice Counters that only grow. One at its end, 2^128 − 1, stays there: nothing that counts reverts.
library Counters {
    uint256 private constant LIMB = type(uint64).max;

    /// @dev The lowest bits of the upper three limbs.
    uint256 private constant CARRIES = (1 << 64) | (1 << 128) | (1 << 192);

    /// @notice Adds an amount to each; leaves a group alone whose amounts are all zero.
    function add(CounterSet storage set, uint256[12] memory amounts) internal {
        // The numbers run over the array's own length; sums that wrap are found out.
        unchecked {
            for (uint256 i; i < 12; i += 4) {
                (uint256 a, uint256 b) = (amounts[i], amounts[i + 1]);
                (uint256 c, uint256 d) = (amounts[i + 2], amounts[i + 3]);
                uint256 all = a | b | c | d;
                if (all == 0) continue;
                uint256 group = i / 4;
                uint256 low = set.low[group];
                uint256 packed = a | (b << 64) | (c << 128) | (d << 192);
                uint256 sum = low + packed;
                // Mostly all four fit: one addition, in which no limb carries into the next or out of the word.
                if (all > LIMB || sum < low || (low ^ packed ^ sum) & CARRIES != 0) {
                    sum = low;
                    for (uint256 k; k < 4; ++k) sum = _grow(set, group, 64 * k, sum, amounts[i + k]);
                }
                set.low[group] = sum;
            }
        }
    }

    /// @notice The value of one.
    function read(CounterSet storage set, uint256 counter) internal view returns (uint128) {
        (uint256 group, uint256 shift) = (counter / 4, 64 * (counter % 4));
        // Two limbs are 128 bits.
        return uint128((_limb(set.high[group], shift) << 64) | _limb(set.low[group], shift));
    }

    /// @dev The low halves of a group after one of them has grown; what runs over goes to its high half at once.
    function _grow(
        CounterSet storage set,
        uint256 group,
        uint256 shift,
        uint256 low,
        uint256 amount
    ) private returns (uint256) {
        // No sum is above 2^129.
        unchecked {
            uint256 sum = _limb(low, shift) + FixedMath.min(amount, type(uint128).max);
            if (sum > LIMB) {
                uint256 high = set.high[group];
                uint256 top = _limb(high, shift) + (sum >> 64);
                if (top > LIMB) (top, sum) = (LIMB, LIMB);
                set.high[group] = _with(high, shift, top);
            }
            return _with(low, shift, sum & LIMB);
        }
    }

    function _limb(uint256 word, uint256 shift) private pure returns (uint256) {
        return (word >> shift) & LIMB;
    }

    function _with(uint256 word, uint256 shift, uint256 limb) private pure returns (uint256) {
        return (word & ~(LIMB << shift)) | (limb << shift);
    }
}
