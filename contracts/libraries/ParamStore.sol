// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MarketParams} from "../types/MarketParams.sol";
import {Errors} from "./Errors.sol";

/// @notice Market parameters as the code of a contract of their own: all of them are read for the price of one cold
/// account, where storage would take ten cold slots.
library ParamStore {
    /// @notice Writes the parameters; returns the address that holds them.
    function write(MarketParams memory params) internal returns (address store) {
        bytes memory data = abi.encode(params);
        // Creation code of 10 bytes: PUSH2 length, DUP1, PUSH1 10, PUSH0, CODECOPY, PUSH0, RETURN. The first byte it
        // returns is STOP, so that the store can't be run.
        bytes memory code = abi.encodePacked(hex"61", uint16(data.length + 1), hex"80600a5f395ff300", data);
        // Memory-safe: reads `code` only.
        assembly ("memory-safe") {
            store := create(0, add(code, 0x20), mload(code))
        }
        if (store == address(0)) revert Errors.ZeroAddress();
    }

    /// @notice Fills `params` with what `write` stored at `store`.
    function read(address store, MarketParams memory params) internal view {
        // Memory-safe: a struct without dynamic members lies in memory as abi.encode writes it, a word for each of
        // its 33 members, each cleaned when it was encoded. Byte 0 of the code is STOP.
        assembly ("memory-safe") {
            extcodecopy(store, params, 1, 1056)
        }
    }
}
