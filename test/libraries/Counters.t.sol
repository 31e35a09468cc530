// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Counters, CounterSet} from "../../contracts/libraries/Counters.sol";
import {FixedMath} from "../../contracts/libraries/math/FixedMath.sol";
import {BaseTest} from "../shared/BaseTest.sol";

contract CountersTest is BaseTest {
    uint256 private constant MAX = type(uint128).max;

    CounterSet private _set;
    uint256[12] private _plain;

    /// @notice However amounts come, large and small, each counter is their sum, or 2^128 − 1 where that is more.
    function testFuzz_countersAreSums(uint256[12][4] memory amounts, uint256 kinds) public {
        for (uint256 i; i < amounts.length; ++i) {
            for (uint256 k; k < 12; ++k) {
                amounts[i][k] = _sized(amounts[i][k], kinds);
                kinds = uint256(keccak256(abi.encode(kinds)));
            }
            _add(amounts[i]);
        }
    }

    /// @notice Amounts near the ends of a limb, where one runs over.
    function testFuzz_limbsRunOver(uint8[12] memory below, uint8[12] memory steps) public {
        uint256[12] memory amounts;
        for (uint256 k; k < 12; ++k) amounts[k] = type(uint64).max - (below[k] % 4);
        _add(amounts);
        for (uint256 i; i < 3; ++i) {
            for (uint256 k; k < 12; ++k) amounts[k] = (steps[k] >> (2 * i)) % 4;
            _add(amounts);
        }
    }

    /// @notice At its end a counter stays, whatever is added, and its neighbours go on.
    function test_oneAtItsEndStays() public {
        for (uint256 k; k < 12; ++k) {
            uint256[12] memory amounts;
            amounts[k] = MAX - 1;
            _add(amounts);
            amounts[k] = 1;
            _add(amounts);
            amounts[(k + 1) % 12] = 5;
            _add(amounts);
            amounts[k] = type(uint256).max;
            _add(amounts);
        }
    }

    /// @notice One slot is written for a group that grows, none for one that does not, two where a limb runs over.
    function test_onlyWhatGrowsIsWritten() public {
        uint256[12] memory amounts;
        assertEq(_writes(amounts), 0, "nothing");
        (amounts[0], amounts[1], amounts[3]) = (1, type(uint64).max, 7);
        assertEq(_writes(amounts), 1, "one group");
        amounts[10] = 1;
        assertEq(_writes(amounts), 3, "two groups, one of which runs over");
        amounts[1] = 0;
        assertEq(_writes(amounts), 2, "two groups");
    }

    function _add(uint256[12] memory amounts) private {
        Counters.add(_set, amounts);
        for (uint256 k; k < 12; ++k) {
            _plain[k] = FixedMath.min(_plain[k] + FixedMath.min(amounts[k], MAX), MAX);
            assertEq(Counters.read(_set, k), _plain[k]);
        }
    }

    function _writes(uint256[12] memory amounts) private returns (uint256) {
        vm.record();
        Counters.add(_set, amounts);
        (, bytes32[] memory writes) = vm.accesses(address(this));
        return writes.length;
    }

    /// @dev A quarter each: zero, within a limb, about a limb or two, anything.
    function _sized(uint256 amount, uint256 kind) private pure returns (uint256) {
        kind %= 4;
        if (kind == 0) return 0;
        if (kind == 1) return amount >> 192;
        return kind == 2 ? amount >> 127 : amount;
    }
}
