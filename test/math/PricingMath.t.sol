// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Constants} from "../../contracts/libraries/Constants.sol";
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

    function testFuzz_aSplitTradePaysTheSameToTwoUnits(int88 skew, int88 a, int88 b) public pure {
        int256 whole = _impact(skew, int256(a) + b);
        int256 parts = _impact(skew, a) + _impact(int256(skew) + a, b);
        assertGe(parts, whole - 1);
        assertLe(parts, whole + 2);
    }

    function testFuzz_aClosedLoopNeverEarns(int88 skew, int88 a, int88 b) public pure {
        int256 x = skew;
        int256 sum = _impact(x, a) + _impact(x + a, b) + _impact(x + a + b, -int256(a) - b);
        assertGe(sum, 0);
        assertLe(sum, 3);
    }

    function testFuzz_impactIsWithinTheClamp(int88 skew, int88 delta) public pure {
        uint256 size = uint256(int256(delta) < 0 ? -int256(delta) : int256(delta));
        int256 limit = int256((PositionMath.quoteUp(size, PRICE, SCALE) * PREMIUM) / 1e18) + 2;
        int256 impact = _impact(skew, delta);
        assertLe(impact, limit);
        assertGe(impact, -limit);
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

    function testFuzz_aWorsenedPriceIsWorse(uint256 price, uint64 spread) public pure {
        price = bound(price, 0, Constants.MAX_PRICE);
        spread = uint64(bound(spread, 0, 0.05e18));
        assertGe(PricingMath.worsen(price, spread, true), price);
        assertLe(PricingMath.worsen(price, spread, false), price);
    }

    function test_aPublishedExample() public pure {
        // Skew 100 -> 200 of depth 1,000,000 at 2,000: fill 2,000.3 (Synthetix SIP-279).
        int256 impact = PricingMath.impact(100e18, 100e18, 1_000_000e18, 0.01e18, 2_000e18, 1e18);
        assertEq(impact, 100 * 0.3e18);
    }
}
