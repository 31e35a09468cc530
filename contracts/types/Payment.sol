// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Money that enters and leaves a position's compartment at once, token units.
/// @param fromPool Paid in from the pool's claim, before anything else.
/// @param toPool To the pool's claim.
/// @param toInsurance To the insurance fund's claim.
/// @param toTreasury To the treasury's claim.
/// @param toKeeper To the claim of `keeper`, who settled or liquidated.
struct Payment {
    uint256 fromPool;
    uint256 toPool;
    uint256 toInsurance;
    uint256 toTreasury;
    uint256 toKeeper;
    address keeper;
}
