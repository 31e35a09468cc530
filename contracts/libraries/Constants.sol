// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Units and hard limits shared by all contracts.
library Constants {
    /// @dev 100 % as a ratio, one unit of base asset, one unit of price.
    uint256 internal constant WAD = 1e18;

    /// @dev Highest price accepted anywhere, wad: 10^12 tokens for one unit of base asset.
    uint256 internal constant MAX_PRICE = 1e30;

    /// @dev Largest size of one position, base units: an int112 holds it either way.
    uint256 internal constant MAX_SIZE = uint256(int256(type(int112).max));

    /// @dev Largest entry notional of one position, token units.
    uint256 internal constant MAX_ENTRY_NOTIONAL = type(uint112).max;

    /// @dev Fewest and most decimals of a collateral token.
    uint256 internal constant MIN_TOKEN_DECIMALS = 6;
    uint256 internal constant MAX_TOKEN_DECIMALS = 18;

    /// @dev Gas given to a token transfer to an owner. A transfer that needs more becomes a claim.
    uint256 internal constant PUSH_GAS = 200_000;
}
