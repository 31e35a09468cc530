// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice A trader that is a contract without an ERC-721 receiver, and that tries calls of its own in the middle of
/// token transfers.
contract Reenterer {
    address[] private _targets;
    bytes[] private _calls;

    /// @notice Calls tried, and those that went through.
    uint256 public tried;
    uint256 public breaches;

    function plan(address[] calldata targets, bytes[] calldata calls) external {
        (_targets, _calls) = (targets, calls);
    }

    function strike() external {
        for (uint256 i; i < _targets.length; ++i) {
            ++tried;
            // solhint-disable-next-line avoid-low-level-calls
            (bool ok, ) = _targets[i].call(_calls[i]);
            if (ok) ++breaches;
        }
    }
}
