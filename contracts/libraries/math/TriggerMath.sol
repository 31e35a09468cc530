// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedMath} from "./FixedMath.sol";

/// @notice When resting orders trigger. Prices wad; a level of zero is none.
library TriggerMath {
    /// @notice Whether a price has reached a level: a limit is reached from its worse side (a buy's from above), a stop
    /// from its better side. The level itself counts.
    function isCrossed(
        bool isBuy,
        uint256 limitPrice,
        uint256 stopPrice,
        uint256 price
    ) internal pure returns (bool) {
        bool limit = limitPrice != 0 && (isBuy ? price <= limitPrice : price >= limitPrice);
        bool stop = stopPrice != 0 && (isBuy ? price >= stopPrice : price <= stopPrice);
        return limit || stop;
    }

    /// @notice Level of a trailing stop, at least one: `trail` (a wad ratio or a wad price) behind the best price, below
    /// it for a sell, above it for a buy. Rounded away from the best price.
    function trailingStop(
        bool isBuy,
        uint256 best,
        uint256 trail,
        bool isRatio
    ) internal pure returns (uint256) {
        uint256 distance = isRatio ? FixedMath.mulWadUp(best, trail) : trail;
        if (isBuy) return best + distance;
        return best > distance ? best - distance : 1;
    }

    /// @notice The stop that is reached first: the higher one of a sell, the lower one of a buy.
    function nearerStop(bool isBuy, uint256 a, uint256 b) internal pure returns (uint256) {
        if (a == 0 || b == 0) return a + b;
        return isBuy ? FixedMath.min(a, b) : FixedMath.max(a, b);
    }
}
