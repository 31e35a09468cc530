// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Constants} from "../../contracts/libraries/Constants.sol";
import {FeeMath} from "../../contracts/libraries/math/FeeMath.sol";
import {FixedMath} from "../../contracts/libraries/math/FixedMath.sol";
import {PositionMath} from "../../contracts/libraries/math/PositionMath.sol";
import {BaseTest} from "../shared/BaseTest.sol";

contract FeeMathTest is BaseTest {
    uint256 private constant SCALE = 1e30;
    uint256 private constant PRICE = 2_000e18;

    function testFuzz_theSplitBySkewIsExact(int112 skew, int112 delta) public pure {
        (uint256 increasing, uint256 reducing) = FeeMath.splitBySkew(skew, delta);
        assertEq(increasing + reducing, FixedMath.abs(delta));
        uint256 before = FixedMath.abs(skew);
        uint256 later = FixedMath.abs(int256(skew) + delta);
        assertEq(later, before - reducing + increasing);
    }

    function testFuzz_aFeeIsSplitWithoutALoss(
        uint128 fee,
        uint256 poolShare,
        uint256 insuranceShare
    ) public pure {
        poolShare = bound(poolShare, 0, 1e18);
        insuranceShare = bound(insuranceShare, 0, 1e18 - poolShare);
        (uint256 pool, uint256 insurance, uint256 treasury) = FeeMath.splitFee(
            fee,
            poolShare,
            insuranceShare
        );
        assertEq(pool + insurance + treasury, fee);
        assertGe(pool, FixedMath.mulWadDown(fee, poolShare));
        assertLe(pool, FixedMath.mulWadDown(fee, poolShare) + 2);
    }

    function testFuzz_theFeeIsBetweenMakerAndTaker(int96 skew, int96 delta) public pure {
        uint256 fee = FeeMath.tradeFee(skew, delta, PRICE, SCALE, 0.0005e18, 0.0002e18);
        uint256 maker = FeeMath.tradeFee(skew, delta, PRICE, SCALE, 0.0002e18, 0.0002e18);
        uint256 taker = FeeMath.tradeFee(skew, delta, PRICE, SCALE, 0.0005e18, 0.0005e18);
        assertTrue(fee >= maker && fee <= taker);
    }

    function testFuzz_splittingATradeNeverSavesFees(int96 skew, int96 a, int96 b) public pure {
        vm.assume((a > 0) == (b > 0) && a != 0 && b != 0);
        uint256 whole = FeeMath.tradeFee(skew, int256(a) + b, PRICE, SCALE, 0.0005e18, 0.0002e18);
        uint256 parts =
            FeeMath.tradeFee(skew, a, PRICE, SCALE, 0.0005e18, 0.0002e18) +
                FeeMath.tradeFee(int256(skew) + a, b, PRICE, SCALE, 0.0005e18, 0.0002e18);
        assertGe(parts, whole);
    }

    /// @notice A trade across zero skew pays maker on the way to it and taker on the way from it, each rounded up.
    function testFuzz_aTradeAcrossZeroPaysBoth(
        uint96 skew,
        uint96 past,
        uint256 price,
        bool isLong
    ) public pure {
        vm.assume(skew != 0);
        price = bound(price, 0, Constants.MAX_PRICE);
        int256 delta = int256(uint256(skew) + past);
        (int256 x, int256 d) = isLong ? (-int256(uint256(skew)), delta) : (int256(uint256(skew)), -delta);
        uint256 maker = FixedMath.mulWadUp(PositionMath.quoteUp(skew, price, SCALE), 0.0002e18);
        uint256 taker = FixedMath.mulWadUp(PositionMath.quoteUp(past, price, SCALE), 0.0005e18);
        assertEq(FeeMath.tradeFee(x, d, price, SCALE, 0.0005e18, 0.0002e18), maker + taker);
    }

    function testFuzz_theFeeCoversItsRate(int96 skew, int96 delta, uint256 price) public pure {
        price = bound(price, 0, Constants.MAX_PRICE);
        (uint256 increasing, uint256 reducing) = FeeMath.splitBySkew(skew, delta);
        uint256 fee = FeeMath.tradeFee(skew, delta, price, SCALE, 0.0005e18, 0.0002e18);
        assertGe(fee * SCALE * 1e4, (increasing * 5 + reducing * 2) * price);
    }

    function test_extremes() public pure {
        int256 max = int256(Constants.MAX_SIZE);
        assertGt(FeeMath.tradeFee(-max, max, Constants.MAX_PRICE, 1e18, 0.01e18, 0.01e18), 0);
        assertEq(FeeMath.tradeFee(0, 1, 1, SCALE, 0.01e18, 0), 1);
        (uint256 pool, uint256 insurance, uint256 treasury) = FeeMath.splitFee(1, 0, 0.5e18);
        assertEq(pool, 1);
        assertEq(insurance + treasury, 0);
    }

    function test_zeroTradeIsFree() public pure {
        assertEq(FeeMath.tradeFee(5, 0, PRICE, SCALE, 0.0005e18, 0.0002e18), 0);
    }
}
