// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice The numbers of the pool's counters; see PoolYield. Each block is written together.
library Flow {
    uint256 internal constant FEES = 0;
    uint256 internal constant BORROW = 1;
    uint256 internal constant FUNDING_RECEIVED = 2;
    uint256 internal constant FUNDING_PAID = 3;

    uint256 internal constant PNL_RECEIVED = 4;
    uint256 internal constant PNL_PAID = 5;
    uint256 internal constant CARRY_RECEIVED = 6;
    uint256 internal constant CARRY_PAID = 7;

    uint256 internal constant BAD_DEBT = 8;
    uint256 internal constant INSURED = 9;
    uint256 internal constant REWARDS = 10;
}
