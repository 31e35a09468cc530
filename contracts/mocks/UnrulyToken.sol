// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TestToken} from "./TestToken.sol";

/// @notice A token whose misbehaviours, each known from real tokens, can be switched on: blocklist, transfer fee, and
/// a hook that calls out in the middle of a transfer.
contract UnrulyToken is TestToken {
    mapping(address account => bool) public blocked;
    uint256 public transferFeeBps;
    address public hookTarget;
    bytes public hookData;
    /// @notice Whether the last hook call succeeded.
    bool public hookSucceeded;
    bytes public hookResult;

    error Blocked(address account);

    constructor(
        string memory name_,
        string memory symbol_,
        uint8 decimals_
    ) TestToken(name_, symbol_, decimals_) {}

    function setBlocked(address account, bool value) external {
        blocked[account] = value;
    }

    function setTransferFee(uint256 bps) external {
        transferFeeBps = bps;
    }

    /// @notice Makes every transfer call `target` with `data`, as an ERC-777 receiver would.
    function setHook(address target, bytes calldata data) external {
        (hookTarget, hookData) = (target, data);
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (blocked[from]) revert Blocked(from);
        if (blocked[to]) revert Blocked(to);
        if (from != address(0) && to != address(0) && transferFeeBps != 0) {
            uint256 fee = (amount * transferFeeBps) / 10_000;
            super._update(from, address(0), fee);
            amount -= fee;
        }
        super._update(from, to, amount);
        address target = hookTarget;
        if (target != address(0)) {
            hookTarget = address(0);
            // A hook calls whatever the test says.
            // solhint-disable-next-line avoid-low-level-calls
            (hookSucceeded, hookResult) = target.call(hookData);
            hookTarget = target;
        }
    }
}
