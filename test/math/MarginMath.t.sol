// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Constants} from "../../contracts/libraries/Constants.sol";
import {MarginMath} from "../../contracts/libraries/math/MarginMath.sol";
import {BaseTest} from "../shared/BaseTest.sol";

contract MarginMathTest is BaseTest {
    function testFuzz_theRatioGrowsWithSize(uint112 a, uint112 b, uint112 depth) public pure {
        vm.assume(depth != 0);
        (uint256 low, uint256 high) = a < b ? (a, b) : (b, a);
        assertLe(MarginMath.ratio(low, 0.01e18, 1e18, depth), MarginMath.ratio(high, 0.01e18, 1e18, depth));
        assertGe(MarginMath.ratio(low, 0.01e18, 1e18, depth), 0.01e18);
    }

    function testFuzz_theReserveIsAtLeastTheLeastReward(
        uint128 notional,
        uint64 fee,
        uint128 reward
    ) public pure {
        fee = uint64(bound(fee, 0, 0.05e18));
        uint256 reserve = MarginMath.liquidationReserve(notional, fee, reward);
        assertGe(reserve, reward);
        assertGe(reserve * 1e18, uint256(notional) * fee);
    }

    function testFuzz_initialIsAboveMaintenance(uint112 size, uint112 depth, uint256 price) public pure {
        depth = uint112(bound(depth, 1e18, type(uint112).max));
        price = bound(price, 0, Constants.MAX_PRICE);
        uint256 notional = (uint256(size) * price) / 1e30;
        uint256 reserve = MarginMath.liquidationReserve(notional, 0.005e18, 2e6);
        uint256 m = MarginMath.requirement(notional, MarginMath.ratio(size, 0.01e18, 1e18, depth), reserve);
        uint256 i = MarginMath.requirement(notional, MarginMath.ratio(size, 0.02e18, 2e18, depth), reserve);
        assertGe(i, m);
        assertGe(m, reserve);
    }

    function testFuzz_allRoundingsAreUp(
        uint112 size,
        uint64 slope,
        uint112 depth,
        uint112 notional
    ) public pure {
        vm.assume(depth != 0);
        uint256 ratio = MarginMath.ratio(size, 0.01e18, slope, depth);
        assertGe((ratio - 0.01e18) * depth, uint256(slope) * size);
        uint256 share = bound(ratio, 0, 1e18);
        uint256 required = MarginMath.requirement(notional, share, 0);
        assertGe(required * 1e18, uint256(notional) * share);
        assertLe(required, uint256(notional));
    }

    function testFuzz_theRequirementGrowsWithTheNotional(
        uint112 a,
        uint112 b,
        uint128 ratio,
        uint64 fee,
        uint96 reward
    ) public pure {
        (uint256 low, uint256 high) = a < b ? (a, b) : (b, a);
        uint256 less = MarginMath.requirement(low, ratio, MarginMath.liquidationReserve(low, fee, reward));
        uint256 more = MarginMath.requirement(high, ratio, MarginMath.liquidationReserve(high, fee, reward));
        assertLe(less, more);
    }

    function test_extremes() public pure {
        assertEq(MarginMath.requirement(0, 0.01e18, 2e6), 2e6);
        assertEq(MarginMath.ratio(0, 0.01e18, 1e18, 1), 0.01e18);
        assertGt(MarginMath.ratio(Constants.MAX_SIZE, 0.01e18, 18e18, 1e18), 0);
    }
}
