// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice A set of seconds, 256 to a word, filled by intervals that must not overlap.
library SecondsMap {
    struct Map {
        mapping(uint256 word => uint256) words;
    }

    /// @dev Whether a second is in the set.
    function get(Map storage map, uint256 second) internal view returns (bool) {
        return (map.words[second >> 8] >> (second & 255)) & 1 == 1;
    }

    /// @dev Adds all seconds from `from` to `to`, both included; false, with nothing to be relied on, if one of them was
    /// there already. Requires from ≤ to. One word in 256 seconds.
    function trySet(Map storage map, uint256 from, uint256 to) internal returns (bool) {
        for (uint256 word = from >> 8; word <= to >> 8; ++word) {
            uint256 mask = type(uint256).max;
            if (word == from >> 8) mask <<= from & 255;
            if (word == to >> 8) mask &= type(uint256).max >> (255 - (to & 255));
            uint256 bits = map.words[word];
            if (bits & mask != 0) return false;
            map.words[word] = bits | mask;
        }
        return true;
    }
}
