// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Constants} from "../../contracts/libraries/Constants.sol";
import {FixedMath} from "../../contracts/libraries/math/FixedMath.sol";
import {PositionMath} from "../../contracts/libraries/math/PositionMath.sol";
import {PricingMath} from "../../contracts/libraries/math/PricingMath.sol";
import {BaseTest} from "../shared/BaseTest.sol";

contract PricingMathTest is BaseTest {
    uint256 private constant SCALE = 1e30;
    uint256 private constant DEPTH = 50_000e18;
    uint256 private constant PREMIUM = 0.01e18;
    uint256 private constant PRICE = 2_000e18;

    function _impact(int256 skew, int256 delta) private pure returns (int256) {
        return PricingMath.impact(skew, delta, DEPTH, PREMIUM, PRICE, SCALE);
    }

    /// @notice Any way from one skew to another, back and forth included, costs at least the direct one.
    function testFuzz_impactDependsOnTheEndsOnly(
        int112 skew,
        int112[6] memory legs,
        uint112 depth,
        uint256 premium,
        uint256 price,
        uint256 decimals
    ) public pure {
        depth = uint112(bound(depth, 1e18, type(uint112).max));
        premium = bound(premium, 0, 0.2e18);
        price = bound(price, 0, Constants.MAX_PRICE);
        uint256 scale = 10 ** (36 - bound(decimals, 6, 18));
        (int256 x, int256 parts) = (skew, 0);
        for (uint256 i; i < legs.length; ++i) {
            parts += PricingMath.impact(x, legs[i], depth, premium, price, scale);
            x += legs[i];
        }
        int256 whole = PricingMath.impact(skew, x - skew, depth, premium, price, scale);
        assertGe(parts, whole);
        assertLe(parts, whole + int256(legs.length) - 1);
    }

    function testFuzz_aClosedLoopNeverEarns(int88 skew, int88 a, int88 b) public pure {
        int256 x = skew;
        int256 sum = _impact(x, a) + _impact(x + a, b) + _impact(x + a + b, -int256(a) - b);
        assertGe(sum, 0);
        assertLe(sum, 2);
    }

    function testFuzz_impactIsWithinTheClamp(
        int112 skew,
        int112 delta,
        uint112 depth,
        uint256 premium,
        uint256 price
    ) public pure {
        depth = uint112(bound(depth, 1e18, type(uint112).max));
        premium = bound(premium, 0, 0.2e18);
        price = bound(price, 0, Constants.MAX_PRICE);
        uint256 quote = PositionMath.quoteUp(FixedMath.abs(delta), price, SCALE);
        int256 limit = int256(FixedMath.mulWadUp(quote, premium));
        int256 impact = PricingMath.impact(skew, delta, depth, premium, price, SCALE);
        assertLe(impact, limit);
        assertGe(impact, -limit);
    }

    /// @notice Beyond the knee the whole trade pays the largest premium, to the unit.
    function testFuzz_beyondTheKneeThePremiumIsFlat(uint88 past, uint88 size) public pure {
        uint256 knee = PricingMath.knee(DEPTH, PREMIUM);
        int256 skew = int256(knee + past);
        int256 paid = _impact(skew, int256(uint256(size)));
        assertEq(uint256(paid), FixedMath.mulDivUp(uint256(size) * PREMIUM, PRICE, SCALE * 1e18));
        assertApproxEqAbs(_impact(skew + int256(uint256(size)), -int256(uint256(size))), -paid, 1);
    }

    /// @notice The marginal premium never falls along a trade: a later part of one size costs as much or more.
    function testFuzz_thePremiumGrowsWithTheSkew(int88 skew, uint80 further, uint80 size) public pure {
        int256 delta = int256(uint256(size));
        assertLe(_impact(skew, delta), _impact(int256(skew) + int256(uint256(further)), delta));
    }

    function testFuzz_buysAndSellsMirror(int88 skew, int88 delta) public pure {
        assertEq(_impact(skew, delta), _impact(-int256(skew), -int256(delta)));
    }

    function testFuzz_reducingTheSkewIsPaid(uint80 skew, uint256 part) public pure {
        part = bound(part, 0, skew);
        assertLe(_impact(int256(uint256(skew)), -int256(part)), 0);
        assertGe(_impact(int256(uint256(skew)), int256(part)), 0);
    }

    function testFuzz_noOverflowInsideTheLimits(
        int112 skew,
        int112 delta,
        uint256 price,
        uint112 depth
    ) public pure {
        depth = uint112(bound(depth, 1e18, type(uint112).max));
        price = bound(price, 0, Constants.MAX_PRICE);
        PricingMath.impact(skew, delta, depth, 0.2e18, price, 1e18);
    }

    function test_extremes() public pure {
        int256 far = int256(uint256(type(uint128).max));
        assertEq(PricingMath.impact(far, 0, DEPTH, PREMIUM, Constants.MAX_PRICE, 1e18), 0);
        assertEq(PricingMath.impact(0, 1, DEPTH, PREMIUM, PRICE, SCALE), 1);
        assertEq(PricingMath.impact(1, -1, DEPTH, PREMIUM, PRICE, SCALE), 0);
        assertEq(PricingMath.impact(far, far, DEPTH, 0, PRICE, SCALE), 0);
        assertLt(PricingMath.impact(far, (-2 * far) / 2, 1e18, 0.2e18, Constants.MAX_PRICE, 1e18), 0);
    }

    function testFuzz_aWorsenedPriceIsWorse(uint256 price, uint64 spread) public pure {
        price = bound(price, 0, Constants.MAX_PRICE);
        spread = uint64(bound(spread, 0, 0.05e18));
        uint256 up = PricingMath.worsen(price, spread, true);
        uint256 down = PricingMath.worsen(price, spread, false);
        assertEq(up, FixedMath.divUp(price * (1e18 + uint256(spread)), 1e18));
        assertEq(down, (price * (1e18 - uint256(spread))) / 1e18);
    }

    function test_aPublishedExample() public pure {
        // Skew 100 -> 200 of depth 1,000,000 at 2,000: fill 2,000.3 (Synthetix SIP-279).
        int256 impact = PricingMath.impact(100e18, 100e18, 1_000_000e18, 0.01e18, 2_000e18, 1e18);
        assertEq(impact, 100 * 0.3e18);
    }
}
