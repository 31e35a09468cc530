// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedMath} from "../../contracts/libraries/math/FixedMath.sol";
import {LiquidationMath} from "../../contracts/libraries/math/LiquidationMath.sol";
import {BaseTest} from "../shared/BaseTest.sol";

contract LiquidationMathTest is BaseTest {
    function testFuzz_whatRemainsStandsAtItsTarget(
        uint112 notional,
        uint256 equity,
        uint256 target,
        uint256 cost,
        uint64 flat
    ) public pure {
        target = bound(target, 0.01e18, 0.9e18);
        cost = bound(cost, 0, target - 1);
        // Closing can help where equity is between cost and target.
        uint256 low = FixedMath.mulWadDown(notional, cost);
        equity = bound(equity, low, FixedMath.mulWadUp(notional, target) + flat);
        uint256 closed = LiquidationMath.notionalToClose(notional, int256(equity), target, cost, flat);
        assertLe(closed, notional);
        if (closed == notional) return;
        int256 left = int256(equity * 1e18) - int256(cost * closed) - int256(uint256(flat) * 1e18);
        assertGe(left, int256(target * (notional - closed)));
    }

    function testFuzz_itClosesNearlyTheLeastThatDoes(
        uint96 notional,
        uint96 equity_,
        uint64 flat
    ) public pure {
        notional = uint96(bound(notional, 1e6, type(uint96).max));
        (uint256 target, uint256 cost) = (0.03e18, 0.01e18);
        // Between needing all of it closed and needing nothing closed.
        int256 equity = int256(
            bound(equity_, notional / 100 + flat + 1, (uint256(notional) * 3) / 100 + flat - 10)
        );
        uint256 closed = LiquidationMath.notionalToClose(notional, equity, target, cost, flat);
        uint256 less = closed - 100;
        int256 left = equity * 1e18 - int256(cost * less) - int256(uint256(flat) * 1e18);
        assertLt(left, int256(target * (notional - less)));
    }

    function testFuzz_itClosesNothingExactlyWhenNothingIsNeeded(
        uint112 notional,
        uint112 equity,
        uint256 target,
        uint64 flat
    ) public pure {
        target = bound(target, 0.01e18, 0.9e18);
        vm.assume(equity != 0 && notional != 0);
        uint256 closed = LiquidationMath.notionalToClose(notional, int256(uint256(equity)), target, 0, flat);
        uint256 needed = uint256(notional) * target + uint256(flat) * 1e18;
        if (uint256(equity) * 1e18 < needed)
            assertGt(closed, 0);
            // The requirement is rounded up, so one unit more than the exact one can be asked for.
        else if ((uint256(equity) - 1) * 1e18 >= needed) assertEq(closed, 0);
    }

    function testFuzz_lessEquityNeverClosesLess(
        uint112 notional,
        int112 a,
        int112 b,
        uint256 target,
        uint256 cost
    ) public pure {
        target = bound(target, 0.01e18, 100e18);
        cost = bound(cost, 0, target);
        (int256 low, int256 high) = a < b ? (a, b) : (b, a);
        assertGe(
            LiquidationMath.notionalToClose(notional, low, target, cost, 2e6),
            LiquidationMath.notionalToClose(notional, high, target, cost, 2e6)
        );
    }

    function testFuzz_theRewardIsWithinItsBounds(
        uint128 closed,
        uint64 share,
        uint128 a,
        uint128 b
    ) public pure {
        (uint256 low, uint256 high) = a < b ? (a, b) : (b, a);
        uint256 reward = LiquidationMath.keeperReward(closed, share, low, high);
        assertTrue(reward >= low && reward <= high);
    }

    function test_theLastUnitCounts() public pure {
        // 0.5 · 3 rounds up to 2 needed, (2 − 1) / 0.5 = 2 closed; with 1 closed 1 would stand against 0.5 · 2 = 1.
        assertEq(LiquidationMath.notionalToClose(3, 1, 0.5e18, 0, 0), 2);
        // (5 − 4) / 0.3 = 3.33 rounds up.
        assertEq(LiquidationMath.notionalToClose(10, 4, 0.5e18, 0.2e18, 0), 4);
    }

    function test_extremes() public pure {
        assertEq(LiquidationMath.notionalToClose(100, 0, 0.03e18, 0.01e18, 0), 100);
        assertEq(LiquidationMath.notionalToClose(100, -5, 0.03e18, 0.01e18, 0), 100);
        assertEq(LiquidationMath.notionalToClose(100, 50, 0.03e18, 0.03e18, 0), 100);
        assertEq(LiquidationMath.notionalToClose(100, 50, 0.03e18, 0.01e18, 0), 0);
        assertEq(LiquidationMath.notionalToClose(0, 50, 0.03e18, 0.01e18, 0), 0);
    }
}
