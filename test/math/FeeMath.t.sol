// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FeeMath} from "../../contracts/libraries/math/FeeMath.sol";
import {FixedMath} from "../../contracts/libraries/math/FixedMath.sol";
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

    function test_zeroTradeIsFree() public pure {
        assertEq(FeeMath.tradeFee(5, 0, PRICE, SCALE, 0.0005e18, 0.0002e18), 0);
    }
}
