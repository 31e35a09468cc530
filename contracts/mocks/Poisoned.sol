// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice A contract with one thing wrong: put in its place, this carries out its code, but fails where a call of `selector`
/// names `poison`, by a revert or with all gas.
contract Poisoned {
    address private immutable _original;
    bytes4 private immutable _selector;
    uint256 private immutable _poison;
    bool private immutable _burns;

    error Poison(uint256 value);

    constructor(address original, bytes4 selector, uint256 poison, bool burns) {
        (_original, _selector, _poison, _burns) = (original, selector, poison, burns);
    }

    /* solhint-disable no-complex-fallback */
    fallback() external payable {
        if (msg.sig == _selector) {
            for (uint256 at = 4; at + 32 <= msg.data.length; at += 32) {
                if (uint256(bytes32(msg.data[at:])) != _poison) continue;
                while (_burns) {}
                revert Poison(_poison);
            }
        }
        address original = _original;
        // Returns and reverts as the original does, and goes on nowhere.
        assembly ("memory-safe") {
            let data := mload(0x40)
            calldatacopy(data, 0, calldatasize())
            let succeeded := delegatecall(gas(), original, data, calldatasize(), 0, 0)
            returndatacopy(data, 0, returndatasize())
            switch succeeded
            case 0 {
                revert(data, returndatasize())
            }
            default {
                return(data, returndatasize())
            }
        }
    }
}
