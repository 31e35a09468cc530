// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Running a call with the code of a module, on the storage of the contract that was called.
library ModuleCall {
    /// @notice Hands the whole call to `code` by delegatecall, and ends it with what that returns or reverts with.
    function forward(address code) internal {
        // Memory-safe: writes beyond the free memory pointer only, and ends the call.
        assembly ("memory-safe") {
            let start := mload(0x40)
            calldatacopy(start, 0, calldatasize())
            let done := delegatecall(gas(), code, start, calldatasize(), 0, 0)
            returndatacopy(start, 0, returndatasize())
            if iszero(done) {
                revert(start, returndatasize())
            }
            return(start, returndatasize())
        }
    }

    /// @notice The same for views: in a static call the module can't write either.
    function forwardView(address code) internal view {
        function(address) write = forward;
        function(address) view read;
        assembly ("memory-safe") {
            read := write
        }
        read(code);
        // Never comes here, which the compiler can't see.
        assembly ("memory-safe") {
            invalid()
        }
    }
}
