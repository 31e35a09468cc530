// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {VmSafe} from "@layerzerolabs/toolbox-foundry/lib/forge-std/Vm.sol";
import {MathHarness} from "./MathHarness.sol";

/// @notice Compares the math libraries with outcomes worked out elsewhere, hundreds of thousands at a time.
/// @dev Runs in Hardhat's runner of Solidity tests, which records no trace of every step as `eth_call` does there, and so
/// takes a tenth of the time. `test/parity/runner.ts` starts it, in a folder that has the file.
contract MathParity is MathHarness {
    /// @notice A function did something else than expected.
    /// @param index The case, from 0 for the first of the file.
    /// @param returned Whether the function returned, or reverted.
    /// @param result What it returned, encoded.
    error MathParity_Different(uint256 index, bool returned, bytes result);

    /// @notice Thrown when cases are not all of the same length.
    error MathParity_BrokenCases(uint256 length, uint256 caseLength);

    /// @dev Calls of this contract, one a line, hexadecimal.
    string private constant FILE = "cases.txt";
    /// @dev The address of cheat codes: the last 160 bits of keccak256("hevm cheat code").
    VmSafe private constant VM = VmSafe(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    /// @notice Makes every call of the file.
    function testCases() external view {
        while (this.next()) {}
    }

    /// @notice Makes the call that the next line holds.
    /// @dev Called from outside, so that its memory is freed.
    /// @return Whether there was a line.
    function next() external view returns (bool) {
        string memory line = VM.readLine(FILE);
        if (bytes(line).length == 0) return false;
        (bool succeeded, bytes memory result) = address(this).staticcall(VM.parseBytes(line));
        if (succeeded) return true;
        // Memory-safe: reads only, from the revert data that `result` holds.
        assembly ("memory-safe") {
            revert(add(result, 32), mload(result))
        }
    }

    /// @notice Calls one function on many argument lists and reverts at the first outcome that is not the expected one.
    /// @param selector The function.
    /// @param inputs Words of an argument list; all arguments are static, so all lists have the same length.
    /// @param outputs Words that the function returns.
    /// @param first Index of the first case.
    /// @param cases For each case its arguments, a word that is 1 if the call returns and 0 if it reverts, and the words
    /// it returns, or zeros.
    function compare(
        bytes4 selector,
        uint256 inputs,
        uint256 outputs,
        uint256 first,
        bytes calldata cases
    ) external view {
        uint256 length = 32 * (inputs + 1 + outputs);
        if (cases.length % length != 0) revert MathParity_BrokenCases(cases.length, length);
        for (uint256 at; at < cases.length; at += length) {
            bytes calldata expected = cases[at + 32 * inputs:at + length];
            (bool returned, bytes memory result) = address(this).staticcall(
                bytes.concat(selector, cases[at:at + 32 * inputs])
            );
            bytes memory found = abi.encodePacked(
                returned ? uint256(1) : 0,
                returned ? result : new bytes(32 * outputs)
            );
            if (keccak256(found) != keccak256(expected)) {
                revert MathParity_Different(first + at / length, returned, result);
            }
        }
    }
}
