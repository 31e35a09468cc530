// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Money leaving a position's compartment for an account's claim.
/// @param to The account credited.
/// @param amount Token units.
struct Payment {
    address to;
    uint256 amount;
}
