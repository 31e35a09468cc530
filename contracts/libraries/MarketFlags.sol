// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice The bits of `Carry.flags`: the breaker's level in the two lowest, and what else a market is in.
library MarketFlags {
    uint256 internal constant NORMAL = 0;
    uint256 internal constant ELEVATED = 1;
    uint256 internal constant HALTED = 2;

    /// @dev The guardian stopped new risk.
    uint8 internal constant GUARDED = 4;

    /// @dev A vault holds less than it owes.
    uint8 internal constant INSOLVENT = 8;

    /// @dev Users could not act for a time, and liquidations have not resumed.
    uint8 internal constant OUTAGE = 16;

    uint8 private constant LEVEL = 3;

    /// @notice The breaker's level.
    function levelOf(uint8 flags) internal pure returns (uint256) {
        return flags & LEVEL;
    }

    /// @notice The flags with another level; it is at most HALTED.
    function withLevel(uint8 flags, uint256 level) internal pure returns (uint8) {
        return (flags & ~LEVEL) | uint8(level);
    }

    /// @notice Whether positions can only shrink.
    function isReduceOnly(uint8 flags) internal pure returns (bool) {
        return flags & LEVEL >= HALTED || flags & (GUARDED | INSOLVENT) != 0;
    }
}
