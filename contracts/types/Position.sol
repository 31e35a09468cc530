// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice One trader's position. Its collateral is `MarginVault.balanceOf(id)`.
/// @param size Base asset, 18 decimals; long > 0, short < 0, reserved but not yet opened = 0.
/// @param entryNotional Token units paid (long) or received (short) for the size held.
/// @param openedAt Block timestamp of the first fill, seconds.
/// @param carryIndex The side's carry index when carry was last settled; wad price units.
struct Position {
    int112 size;
    uint112 entryNotional;
    uint32 openedAt;
    int96 carryIndex;
}

/// @notice A position as stored: one slot. Its carry index is the extra data of its token, in the owner's slot.
struct Holding {
    int112 size;
    uint112 entryNotional;
    uint32 openedAt;
}

/// @notice Sums over all positions of one side, exact to the unit.
/// @param openInterest Σ |size|, base asset, 18 decimals.
/// @param entryNotional Σ entryNotional, token units.
/// @param carrySum Σ |size| · carryIndex, wad × wad.
struct Side {
    uint128 openInterest;
    uint128 entryNotional;
    int256 carrySum;
}

/// @notice Funding and borrow state of a market, with the pool's cash, on which utilisation depends.
/// @param longIndex Carry owed by one unit of long base since the market began; wad price units.
/// @param shortIndex Same for shorts.
/// @param updatedAt Block timestamp of the last accrual, seconds.
/// @param anchor Price that the breaker measures moves from; see BreakerMath.
/// @param paramVersion Which of the market's parameter stores is in force; the highest bit: a tightening of the
/// maintenance terms is announced or under way.
/// @param fundingRate Funding rate r, wad per second; positive: longs pay.
/// @param longBorrowRate Borrow rate of the long side, wad per second.
/// @param shortBorrowRate Borrow rate of the short side, wad per second.
/// @param poolCash Tokens the liquidity vault holds for the market, token units. Kept here, where every trade reads it.
/// @param anchorAt When the anchor was taken, or the breaker's level last rose, seconds.
/// @param flags Breaker level and what else the market is in; see `MarketFlags`.
struct Carry {
    int96 longIndex;
    int96 shortIndex;
    uint32 updatedAt;
    uint24 anchor;
    uint8 paramVersion;
    // slot
    int40 fundingRate;
    uint40 longBorrowRate;
    uint40 shortBorrowRate;
    uint96 poolCash;
    uint32 anchorAt;
    uint8 flags;
}
