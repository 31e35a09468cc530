// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {FixedMath} from "./FixedMath.sol";

/// @notice The circuit breaker: levels 0 Normal, 1 Elevated, 2 Halted, from moves of the price against an anchor.
library BreakerMath {
    uint256 private constant MANTISSA_BITS = 16;

    /// @notice A price in 24 bits: 16 of its leading bits and 8 for how many follow. Rounded down by less than one part
    /// in 32,768; prices below 2^16 are exact.
    function pack(uint256 price) internal pure returns (uint24) {
        uint256 exponent = price >> MANTISSA_BITS == 0 ? 0 : Math.log2(price) + 1 - MANTISSA_BITS;
        // The mantissa has 16 bits, and no 256-bit number has more than 240 after them.
        return uint24((exponent << MANTISSA_BITS) | (price >> exponent));
    }

    /// @notice The price that `pack` made of one, wad.
    function unpack(uint24 packed) internal pure returns (uint256) {
        return (uint256(packed) & 0xffff) << (packed >> MANTISSA_BITS);
    }

    /// @notice The level after a price, and whether the anchor follows it, which also restarts the time.
    /// A move of `haltedMove` or `elevatedMove` against the anchor raises the level and restarts the time; a raised
    /// level is given up after `coolDown`, and the anchor then follows; without one it follows after `window`.
    /// @param level Before. @param anchor Wad, 0 for none yet. @param elapsed Seconds since the time started.
    /// @param price Wad. @param elevatedMove Wad ratio. @param haltedMove Wad ratio, greater.
    function nextLevel(
        uint256 level,
        uint256 anchor,
        uint256 elapsed,
        uint256 price,
        uint256 elevatedMove,
        uint256 haltedMove,
        uint256 window,
        uint256 coolDown
    ) internal pure returns (uint256 newLevel, bool restarts, bool follows) {
        if (anchor == 0) return (0, true, true);
        uint256 distance = price > anchor ? price - anchor : anchor - price;
        uint256 move = FixedMath.mulDivDown(distance, FixedMath.WAD, anchor);
        uint256 seen =
            move >= haltedMove
                ? 2
                : move >= elevatedMove
                    ? 1
                    : 0;
        if (seen > level) return (seen, true, false);
        bool over = elapsed >= (level == 0 ? window : coolDown);
        return (over ? 0 : level, over, over);
    }
}
