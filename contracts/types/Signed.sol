// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What goes with a signed request. The signature covers the request and all of this but itself.
/// @param owner Who signed: pays the collateral, and owns what is opened.
/// @param nonce Any number not used before; each is good once.
/// @param validUntil Time after which it can't be sent any more, seconds.
/// @param relayFee Token units of the request's execution fee that go to who sends it; the rest goes to the settler.
/// @param signature Of the EIP-712 digest: 65 bytes of an account, or what a contract accepts by ERC-1271.
struct Signed {
    address owner;
    uint256 nonce;
    uint256 validUntil;
    uint128 relayFee;
    bytes signature;
}

/// @notice An EIP-2612 permit of the collateral token for the margin vault; `value` 0 for none.
struct TokenPermit {
    uint256 value;
    uint256 deadline;
    uint8 v;
    bytes32 r;
    bytes32 s;
}
