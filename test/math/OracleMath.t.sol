// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {OracleMath} from "../../contracts/libraries/math/OracleMath.sol";
import {BaseTest} from "../shared/BaseTest.sol";

contract OracleMathTest is BaseTest {
    function testFuzz_roundIdsRoundTrip(uint16 phase, uint64 number) public pure {
        uint80 id = OracleMath.roundIdOf(phase, number);
        assertEq(OracleMath.phaseOf(id), phase);
        assertEq(OracleMath.aggregatorRoundOf(id), number);
    }

    function testFuzz_answersScaleExactly(uint96 answer, uint8 decimals) public pure {
        uint256 multiplier = 10 ** (18 - bound(decimals, 0, 18));
        assertEq(OracleMath.toPrice(int256(uint256(answer)), multiplier) / multiplier, answer);
    }

    /// @notice Ids are ordered by phase, then by round.
    function testFuzz_idsAreOrdered(uint16 phaseA, uint64 roundA, uint16 phaseB, uint64 roundB) public pure {
        bool before = phaseA < phaseB || (phaseA == phaseB && roundA < roundB);
        assertEq(OracleMath.roundIdOf(phaseA, roundA) < OracleMath.roundIdOf(phaseB, roundB), before);
    }

    function test_extremes() public pure {
        assertEq(OracleMath.roundIdOf(type(uint16).max, type(uint64).max), type(uint80).max);
        assertEq(OracleMath.roundIdOf(0, 0), 0);
        assertEq(OracleMath.toPrice(0, 1e10), 0);
        assertEq(OracleMath.toPrice(1, 1e18), 1e18);
    }

    function test_aRealRoundId() public pure {
        assertEq(OracleMath.phaseOf(110680464442257314136), 6);
        assertEq(
            OracleMath.aggregatorRoundOf(110680464442257314136),
            110680464442257314136 - (uint256(6) << 64)
        );
    }
}
