// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Money leaving a position's compartment for claims, token units.
/// @param toPool To the liquidity vault.
/// @param toInsurance To the insurance fund.
/// @param toTreasury To the treasury.
/// @param toKeeper To `keeper`, who settled or liquidated.
struct Payment {
    uint256 toPool;
    uint256 toInsurance;
    uint256 toTreasury;
    uint256 toKeeper;
    address keeper;
}
