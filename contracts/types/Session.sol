// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What a key may do for an owner, who signs it (EIP-712). The key trades; it never moves money out, and what it
/// trades is the owner's.
/// @param nonce One of the owner's nonces: cancelling it revokes the session.
/// @param maxLeverage Of a position after an order that opens or grows it, wad.
/// @param maxNotional Of a position after such an order, token units.
/// @param lossBudget Token units the key may put at stake in all: see `IOrderModule.commitBySession`.
/// @param expiresAt Last second in which it can be used.
/// @param reduceOnly Whether the key may only make positions smaller.
struct Session {
    address owner;
    address key;
    uint256 nonce;
    uint128 maxLeverage;
    uint128 maxNotional;
    uint128 lossBudget;
    uint40 expiresAt;
    bool reduceOnly;
}

/// @notice What a session has used up.
/// @param spent Of its loss budget, token units.
/// @param known Whether its signature has been checked.
struct SessionState {
    uint128 spent;
    bool known;
}

/// @notice What a session has at stake in one position.
/// @param amount Highest balance of the position that its orders put at stake, token units.
/// @param slot Slot of its last order that opens or grows the position.
/// @param orderId Id of that order; 0 for none.
struct Stake {
    uint128 amount;
    uint32 slot;
    bytes32 orderId;
}
