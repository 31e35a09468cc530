// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedMath} from "../../contracts/libraries/math/FixedMath.sol";
import {BaseTest} from "../shared/BaseTest.sol";

contract FixedMathTest is BaseTest {
    function testFuzz_mulDivBracketsTheExactQuotient(uint128 a, uint128 b, uint128 d) public pure {
        vm.assume(d != 0);
        uint256 product = uint256(a) * b;
        uint256 down = FixedMath.mulDivDown(a, b, d);
        uint256 up = FixedMath.mulDivUp(a, b, d);
        assertLe(down * d, product);
        assertGt((down + 1) * d, product);
        assertEq(up, product % d == 0 ? down : down + 1);
    }

    function testFuzz_aFullProductDividesLikeAnExactOne(uint128 a, uint128 b, uint128 d) public pure {
        vm.assume(d != 0);
        assertEq(FixedMath.fullMulDivDown(a, b, d), FixedMath.mulDivDown(a, b, d));
        assertEq(FixedMath.fullMulDivUp(a, b, d), FixedMath.mulDivUp(a, b, d));
    }

    function testFuzz_aFullProductNeedsMoreThanAWord(uint256 a, uint256 b, uint256 d) public pure {
        d = bound(d, 1, type(uint256).max);
        a = bound(a, 0, d);
        // a / d <= 1, so the quotient fits whatever the product.
        uint256 down = FixedMath.fullMulDivDown(a, b, d);
        assertLe(down, b);
        uint256 remainder = mulmod(a, b, d);
        unchecked {
            // Equal modulo 2^256, with the remainder of the exact product.
            assertEq(down * d + remainder, a * b);
        }
        assertEq(FixedMath.fullMulDivUp(a, b, d), remainder == 0 ? down : down + 1);
    }

    function testFuzz_divUpIsTheLeastThatCovers(uint256 a, uint256 d) public pure {
        d = bound(d, 1, type(uint256).max);
        uint256 up = FixedMath.divUp(a, d);
        assertEq(up, a / d + (a % d == 0 ? 0 : 1));
    }

    function testFuzz_signedRoundingsMirrorEachOther(int256 a, uint256 d) public pure {
        d = bound(d, 1, type(uint256).max);
        vm.assume(a != type(int256).min);
        assertEq(FixedMath.divCeil(a, d), -FixedMath.divFloor(-a, d));
        uint256 apart = uint256(FixedMath.divCeil(a, d) - FixedMath.divFloor(a, d));
        assertEq(apart, FixedMath.abs(a) % d == 0 ? 0 : 1);
    }

    function testFuzz_mulWadIsMulDivByOneWad(uint128 a, uint128 b) public pure {
        assertEq(FixedMath.mulWadDown(a, b), FixedMath.mulDivDown(a, b, 1e18));
        assertEq(FixedMath.mulWadUp(a, b), FixedMath.mulDivUp(a, b, 1e18));
    }

    function testFuzz_signedDivisionRoundsByName(int128 a, uint128 d) public pure {
        vm.assume(d != 0);
        int256 floor = FixedMath.divFloor(a, d);
        int256 ceil = FixedMath.divCeil(a, d);
        assertLe(floor * int256(uint256(d)), a);
        assertGt((floor + 1) * int256(uint256(d)), a);
        assertGe(ceil * int256(uint256(d)), a);
        assertLt((ceil - 1) * int256(uint256(d)), a);
    }

    function testFuzz_clampStaysInside(uint256 x, uint256 low, uint256 high) public pure {
        vm.assume(low <= high);
        uint256 y = FixedMath.clamp(x, low, high);
        assertTrue(y >= low && y <= high);
        if (x >= low && x <= high) assertEq(y, x);
    }

    function test_zeroDivisorReverts() public {
        vm.expectRevert();
        this.mulDivUp(1, 1, 0);
    }

    function test_overflowReverts() public {
        vm.expectRevert();
        this.mulDivUp(type(uint256).max, 2, 2);
    }

    function test_extremes() public pure {
        assertEq(FixedMath.divUp(0, 7), 0);
        assertEq(FixedMath.divUp(type(uint256).max, 1), type(uint256).max);
        assertEq(FixedMath.abs(type(int256).min + 1), uint256(type(int256).max));
        assertEq(FixedMath.min(1, 2), 1);
        assertEq(FixedMath.max(1, 2), 2);
    }

    function mulDivUp(uint256 a, uint256 b, uint256 d) external pure returns (uint256) {
        return FixedMath.mulDivUp(a, b, d);
    }
}
