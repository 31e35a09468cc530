// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Constants} from "../../contracts/libraries/Constants.sol";
import {CarryMath} from "../../contracts/libraries/math/CarryMath.sol";
import {FixedMath} from "../../contracts/libraries/math/FixedMath.sol";
import {PositionMath} from "../../contracts/libraries/math/PositionMath.sol";
import {BaseTest} from "../shared/BaseTest.sol";

contract CarryMathTest is BaseTest {
    uint256 private constant SCALE = 1e30;
    uint256 private constant MAX_RATE = 4e18 / uint256(365 days);
    uint256 private constant MAX_VELOCITY = 9e18 / uint256(365 days) / 1 days;

    function _terms(int64 rate, int64 velocity) private pure returns (int256, int256) {
        int256 limit = int256(MAX_RATE);
        return (bound(rate, -limit, limit), bound(velocity, -int256(MAX_VELOCITY), int256(MAX_VELOCITY)));
    }

    function testFuzz_theRateStaysWithinItsBounds(int64 rate_, int64 velocity_, uint40 elapsed) public pure {
        (int256 rate, int256 velocity) = _terms(rate_, velocity_);
        (int256 newRate, int256 integral) = CarryMath.integrateFunding(rate, velocity, MAX_RATE, elapsed);
        assertLe(FixedMath.abs(newRate), MAX_RATE);
        assertLe(FixedMath.abs(integral), MAX_RATE * elapsed);
    }

    function testFuzz_integratingInTwoStepsIsTheSame(
        int64 rate_,
        int64 velocity_,
        uint32 first,
        uint32 second
    ) public pure {
        (int256 rate, int256 velocity) = _terms(rate_, velocity_);
        (int256 r1, int256 i1) = CarryMath.integrateFunding(rate, velocity, MAX_RATE, first);
        (int256 r2, int256 i2) = CarryMath.integrateFunding(r1, velocity, MAX_RATE, second);
        (int256 r, int256 i) = CarryMath.integrateFunding(rate, velocity, MAX_RATE, uint256(first) + second);
        assertEq(r2, r);
        assertApproxEqAbs(i1 + i2, i, 3);
    }

    /// @notice However often a market is touched, its rate is the same, and its integral to half a unit a touch.
    function testFuzz_integratingInManyStepsIsTheSame(
        int64 rate_,
        int64 velocity_,
        uint32[8] memory steps
    ) public pure {
        (int256 rate, int256 velocity) = _terms(rate_, velocity_);
        (int256 r, int256 sum, uint256 elapsed) = (rate, 0, 0);
        for (uint256 i; i < steps.length; ++i) {
            int256 integral;
            (r, integral) = CarryMath.integrateFunding(r, velocity, MAX_RATE, steps[i]);
            sum += integral;
            elapsed += steps[i];
        }
        (int256 newRate, int256 whole) = CarryMath.integrateFunding(rate, velocity, MAX_RATE, elapsed);
        assertEq(r, newRate);
        assertApproxEqAbs(sum, whole, steps.length + 1);
    }

    /// @notice The integral lies between those of its least and its greatest rate.
    function testFuzz_theIntegralIsThatOfAMeanRate(int64 rate_, int64 velocity_, uint40 elapsed) public pure {
        (int256 rate, int256 velocity) = _terms(rate_, velocity_);
        (int256 newRate, int256 integral) = CarryMath.integrateFunding(rate, velocity, MAX_RATE, elapsed);
        (int256 low, int256 high) = rate < newRate ? (rate, newRate) : (newRate, rate);
        int256 t = int256(uint256(elapsed));
        assertGe(integral, low * t);
        assertLe(integral, high * t);
    }

    function testFuzz_velocityMirrorsAndGrowsWithTheSkew(int128 a, int128 b, uint112 depth) public pure {
        vm.assume(depth != 0);
        int256 va = CarryMath.velocity(a, depth, MAX_VELOCITY);
        int256 vb = CarryMath.velocity(b, depth, MAX_VELOCITY);
        assertEq(CarryMath.velocity(-int256(a), depth, MAX_VELOCITY), -va);
        assertTrue(a <= b ? va <= vb : va >= vb);
    }

    function testFuzz_borrowRateCoversItsShare(uint128 notional, uint128 assets, uint64 maxRate) public pure {
        uint256 rate = CarryMath.borrowRate(notional, assets, maxRate);
        assertLe(rate, maxRate);
        if (notional < assets) assertGe(rate * assets, uint256(maxRate) * notional);
        if (notional != 0) assertLe(CarryMath.borrowRate(notional, uint256(assets) + 1, maxRate), rate);
    }

    function testFuzz_anIndexGrowsByNoLessThanItsIntegral(int128 integral, uint256 price) public pure {
        price = bound(price, 0, Constants.MAX_PRICE);
        int256 exact = int256(integral) * int256(price);
        int256 delta = CarryMath.indexDelta(integral, price);
        assertGe(delta * 1e18, exact);
        assertLt((delta - 1) * 1e18, exact);
    }

    /// @notice The pool counts no carry that positions don't owe, and at most a unit each less.
    function testFuzz_theSumOfPositionsIsItsSide(
        uint112[6] memory sizes,
        int112[6] memory entries,
        int112 index,
        uint256 decimals
    ) public pure {
        uint256 scale = 10 ** (36 - bound(decimals, 6, 18));
        (uint256 openInterest, int256 carrySum, int256 each) = (0, 0, 0);
        for (uint256 i; i < sizes.length; ++i) {
            openInterest += sizes[i];
            carrySum += int256(uint256(sizes[i])) * entries[i];
            each += PositionMath.carryOwed(sizes[i], index, entries[i], scale);
        }
        int256 side = CarryMath.sideCarry(openInterest, index, carrySum, scale);
        assertGe(each, side);
        assertLe(each, side + int256(sizes.length));
        int256 exact = int256(openInterest) * index - carrySum;
        assertLe(side * int256(scale), exact);
        assertGt((side + 1) * int256(scale), exact);
    }

    function testFuzz_sidesMirror(int64 rate_, int64 velocity_, uint32 elapsed) public pure {
        (int256 rate, int256 velocity) = _terms(rate_, velocity_);
        (int256 r1, int256 i1) = CarryMath.integrateFunding(rate, velocity, MAX_RATE, elapsed);
        (int256 r2, int256 i2) = CarryMath.integrateFunding(-rate, -velocity, MAX_RATE, elapsed);
        assertEq(r1, -r2);
        assertEq(i1, -i2);
    }

    function testFuzz_withoutSkewTheRateStands(int64 rate_, uint32 elapsed) public pure {
        (int256 rate, ) = _terms(rate_, 0);
        (int256 r, int256 i) = CarryMath.integrateFunding(rate, 0, MAX_RATE, elapsed);
        assertEq(r, rate);
        assertEq(i, rate * int256(uint256(elapsed)));
    }

    function testFuzz_velocityIsClamped(int128 skew, uint112 depth) public pure {
        vm.assume(depth != 0);
        int256 v = CarryMath.velocity(skew, depth, MAX_VELOCITY);
        assertLe(FixedMath.abs(v), MAX_VELOCITY);
        assertTrue(v == 0 || (v > 0) == (skew > 0));
    }

    function testFuzz_borrowRateGrowsWithUse(uint128 a, uint128 b, uint128 assets) public pure {
        uint256 low = CarryMath.borrowRate(FixedMath.min(a, b), assets, 1e10);
        uint256 high = CarryMath.borrowRate(FixedMath.max(a, b), assets, 1e10);
        assertLe(low, high);
        assertLe(high, 1e10);
        assertEq(CarryMath.borrowRate(0, assets, 1e10), 0);
    }

    function testFuzz_aSideOwesNoMoreThanItsPositions(
        uint96 a,
        uint96 b,
        int96 ia,
        int96 ib,
        int96 index
    ) public pure {
        int256 sum = int256(uint256(a)) * ia + int256(uint256(b)) * ib;
        int256 side = CarryMath.sideCarry(uint256(a) + b, index, sum, SCALE);
        int256 each =
            PositionMath.carryOwed(a, index, ia, SCALE) + PositionMath.carryOwed(b, index, ib, SCALE);
        assertGe(each, side);
        assertLe(each, side + 2);
    }

    function testFuzz_bothSidesIndicesFavourThePool(int64 integral, uint256 price) public pure {
        price = bound(price, 0, Constants.MAX_PRICE);
        int256 sum = CarryMath.indexDelta(integral, price) + CarryMath.indexDelta(-int256(integral), price);
        assertTrue(sum == 0 || sum == 1);
    }

    function test_aYearOfIdleTimeAtTheExtremes() public pure {
        (int256 r, int256 i) = CarryMath.integrateFunding(
            -int256(MAX_RATE),
            int256(MAX_VELOCITY),
            MAX_RATE,
            365 days
        );
        assertEq(r, int256(MAX_RATE));
        assertGt(CarryMath.indexDelta(i, Constants.MAX_PRICE), 0);
    }

    function test_aCenturyOfIdleTimeAtTheHardBounds() public pure {
        uint256 maxRate = 10e18 / uint256(365 days);
        int256 velocity = int256(uint256(100e18) / 365 days / 1 days);
        uint256 century = 100 * 365 days;
        (int256 r, int256 i) = CarryMath.integrateFunding(-int256(maxRate), -velocity, maxRate, century);
        assertEq(r, -int256(maxRate));
        assertEq(i, -int256(maxRate * century));
        // At 10^9 tokens for a unit of base, a year at the hard bound takes a quarter of the range of an index.
        assertGt(CarryMath.indexDelta(i / 100, 1e27), type(int96).min / 2);
    }

    function testFuzz_anIndexStopsAtItsBound(int96 index, int128 integral, uint256 price) public pure {
        price = bound(price, 0, Constants.MAX_PRICE);
        int256 exact = index + CarryMath.indexDelta(integral, price);
        int256 moved = CarryMath.moveIndex(index, integral, price);
        if (exact > type(int96).max) assertEq(moved, type(int96).max);
        else if (exact < type(int96).min) assertEq(moved, type(int96).min);
        else assertEq(moved, exact);
    }

    /// @notice Borrow and funding together are the move of the index, and funding is its own integral's to one unit.
    function testFuzz_borrowAndFundingAreTheMove(
        int88 index,
        int64 funding,
        uint64 borrow,
        uint96 price
    ) public pure {
        int96 moved = CarryMath.moveIndex(index, int256(funding) + int256(uint256(borrow)), price);
        vm.assume(moved != type(int96).max && moved != type(int96).min);
        (uint256 ofBorrow, int256 ofFunding) = CarryMath.splitMove(index, moved, borrow, price);
        assertEq(int256(ofBorrow) + ofFunding, int256(moved) - index);
        assertApproxEqAbs(ofFunding, CarryMath.indexDelta(funding, price), 1);
        if (funding == 0) assertEq(ofFunding, 0);
    }

    /// @notice What the bound cuts off counts as funding that the side is paid.
    function test_aMoveThatIsCutOff() public pure {
        int96 end = type(int96).max;
        (uint256 borrow, int256 funding) = CarryMath.splitMove(end - 2, end, 5e18, 1);
        assertEq(borrow, 5);
        assertEq(funding, -3);
    }

    function test_extremes() public pure {
        (int256 r, int256 i) = CarryMath.integrateFunding(0, 0, 0, 0);
        assertTrue(r == 0 && i == 0);
        (r, i) = CarryMath.integrateFunding(0, 1, 0, type(uint40).max);
        assertTrue(r == 0 && i == 0);
        assertEq(CarryMath.borrowRate(0, 0, 1e10), 0);
        assertEq(CarryMath.borrowRate(1, 0, 1e10), 1e10);
        assertEq(CarryMath.sideCarry(0, type(int128).max, 0, SCALE), 0);
    }

    function test_aPublishedExample() public pure {
        // Velocity 0.0003 a day for one day on 200,000: 30 accrued (Synthetix SIP-279). In wad per second.
        int256 velocity = int256(uint256(0.0003e18)) / 1 days / 1 days;
        (, int256 integral) = CarryMath.integrateFunding(0, velocity, type(uint64).max, 1 days);
        assertApproxEqRel(uint256(integral) * 200_000, 30e18, 0.01e18);
    }
}
