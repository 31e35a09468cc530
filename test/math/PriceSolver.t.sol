// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Constants} from "../../contracts/libraries/Constants.sol";
import {FixedMath} from "../../contracts/libraries/math/FixedMath.sol";
import {MarginMath} from "../../contracts/libraries/math/MarginMath.sol";
import {PriceSolver} from "../../contracts/libraries/math/PriceSolver.sol";
import {BaseTest} from "../shared/BaseTest.sol";

contract PriceSolverTest is BaseTest {
    /// @dev Two searches of about a hundred steps each, measured and rounded up.
    uint256 private constant MAX_GAS = 1_000_000;

    function _terms(
        bool isLong,
        uint256 size,
        uint256 entryPrice,
        uint256 leverage,
        uint256 decimals
    ) private pure returns (PriceSolver.Terms memory t) {
        uint256 scale = 10 ** (36 - bound(decimals, 6, 18));
        size = bound(size, 1, 1e27);
        uint256 entry = (size * bound(entryPrice, 1e6, 1e27)) / scale;
        t = PriceSolver.Terms({
            size: isLong ? int256(size) : -int256(size),
            entryNotional: entry,
            collateral: int256(entry / bound(leverage, 1, 50)),
            gap: 0,
            // From a day of the greatest rate received to one owed; none on dust, which a unit of rounding decides.
            integral: bound(leverage, 1, 50) == 1 || entry < 1e6
                ? int256(0)
                : int256(leverage % 60_000) * 1e12 - 30_000e12,
            maintenanceRatio: 0.01e18,
            liquidationFee: 0.005e18,
            minKeeperReward: 2 * 10 ** (bound(decimals, 6, 18)),
            scale: scale
        });
    }

    function _checkThreshold(PriceSolver.Terms memory t, uint256 price, bool maintenance) private pure {
        bool isLong = t.size > 0;
        if (isLong) {
            if (price != 0) assertTrue(PriceSolver.isBeyond(t, price, maintenance));
            if (price < PriceSolver.MAX_PRICE) assertFalse(PriceSolver.isBeyond(t, price + 1, maintenance));
        } else if (price == type(uint256).max) {
            assertFalse(PriceSolver.isBeyond(t, PriceSolver.MAX_PRICE, maintenance));
        } else {
            assertTrue(PriceSolver.isBeyond(t, price, maintenance));
            if (price != 0) assertFalse(PriceSolver.isBeyond(t, price - 1, maintenance));
        }
    }

    function testFuzz_liquidationPriceIsExact(
        bool isLong,
        uint256 size,
        uint256 entryPrice,
        uint256 leverage,
        uint256 decimals
    ) public pure {
        PriceSolver.Terms memory t = _terms(isLong, size, entryPrice, leverage, decimals);
        _checkThreshold(t, PriceSolver.liquidationPrice(t), true);
    }

    function testFuzz_bankruptcyPriceIsExactAndBehind(
        bool isLong,
        uint256 size,
        uint256 entryPrice,
        uint256 leverage,
        uint256 decimals
    ) public pure {
        PriceSolver.Terms memory t = _terms(isLong, size, entryPrice, leverage, decimals);
        uint256 bankruptcy = PriceSolver.bankruptcyPrice(t);
        _checkThreshold(t, bankruptcy, false);
        uint256 liquidation = PriceSolver.liquidationPrice(t);
        if (isLong) assertLe(bankruptcy, liquidation);
        else assertGe(bankruptcy, liquidation);
    }

    function testFuzz_oddCashIsSolvedToo(bool isLong, uint256 size, int112 cash) public pure {
        PriceSolver.Terms memory t = _terms(isLong, size, 2_000e18, 10, 6);
        t.collateral = cash;
        _checkThreshold(t, PriceSolver.liquidationPrice(t), true);
        _checkThreshold(t, PriceSolver.bankruptcyPrice(t), false);
    }

    function testFuzz_nothingWithinTheLimitsReverts(
        int112 size,
        uint128 entry,
        int128 cash,
        uint256 slope,
        uint112 depth,
        uint256 fee,
        uint96 reward,
        uint256 decimals
    ) public pure {
        vm.assume(size != 0);
        depth = uint112(bound(depth, 1e18, type(uint112).max));
        slope = bound(slope, 0.5e18, 10e18);
        uint256 ratio = MarginMath.ratio(FixedMath.abs(size), 0.2e18, slope, depth);
        uint256 scale = 10 ** (36 - bound(decimals, 6, 18));
        fee = bound(fee, 0, 0.05e18);
        PriceSolver.Terms memory t = PriceSolver.Terms(size, entry, cash, 0, 0, ratio, fee, reward, scale);
        _checkThreshold(t, PriceSolver.liquidationPrice(t), true);
        _checkThreshold(t, PriceSolver.bankruptcyPrice(t), false);
    }

    /// @notice Well away from the threshold the verdict is the one that the price says. Rounding alone can turn it within
    /// a few token units of notional.
    function testFuzz_theVerdictIsThePricesOnBothSides(
        bool isLong,
        uint256 size,
        uint256 entryPrice,
        uint256 leverage,
        uint256 decimals,
        uint256 other
    ) public pure {
        PriceSolver.Terms memory t = _terms(isLong, size, entryPrice, leverage, decimals);
        uint256 price = PriceSolver.liquidationPrice(t);
        vm.assume(price != 0 && price < PriceSolver.MAX_PRICE);
        other = bound(other, 0, PriceSolver.MAX_PRICE);
        uint256 near = (16 * t.scale) / FixedMath.abs(t.size) + 16;
        vm.assume(other > price + near || other + near < price);
        assertEq(PriceSolver.isBeyond(t, other, true), (other < price) == isLong);
    }

    /// @notice Each search is bounded: it widens by fours and halves what it found.
    function testFuzz_theSearchIsBounded(
        int112 size,
        uint128 entry,
        int128 cash,
        uint256 ratio,
        uint256 decimals
    ) public view {
        vm.assume(size != 0);
        uint256 scale = 10 ** (36 - bound(decimals, 6, 18));
        PriceSolver.Terms memory t = PriceSolver.Terms(
            size,
            entry,
            cash,
            0,
            0,
            bound(ratio, 0, 2e18),
            0.005e18,
            2e6,
            scale
        );
        uint256 gas = gasleft();
        PriceSolver.liquidationPrice(t);
        PriceSolver.bankruptcyPrice(t);
        assertLt(gas - gasleft(), MAX_GAS);
    }

    function test_oneWeiIsSolved() public view {
        PriceSolver.Terms memory t = PriceSolver.Terms(1, 1, 1, 0, 0, 0.01e18, 0.005e18, 2e6, 1e30);
        uint256 gas = gasleft();
        _checkThreshold(t, PriceSolver.liquidationPrice(t), true);
        _checkThreshold(t, PriceSolver.bankruptcyPrice(t), false);
        t.size = -1;
        _checkThreshold(t, PriceSolver.liquidationPrice(t), true);
        _checkThreshold(t, PriceSolver.bankruptcyPrice(t), false);
        assertLt(gas - gasleft(), 2 * MAX_GAS);
    }

    function test_theLargestPositionIsSolvedInTheShallowestMarket() public pure {
        uint256 ratio = MarginMath.ratio(Constants.MAX_SIZE, 0.2e18, 10e18, 1e18);
        int256 size = int256(Constants.MAX_SIZE);
        uint128 entry = type(uint128).max;
        PriceSolver.Terms memory t = PriceSolver.Terms(size, entry, 0, 0, 0, ratio, 0.05e18, 0, 1e18);
        assertEq(PriceSolver.liquidationPrice(t), PriceSolver.MAX_PRICE);
        t.size = -size;
        t.collateral = int256(uint256(entry));
        uint256 price = PriceSolver.liquidationPrice(t);
        _checkThreshold(t, price, true);
        assertLt(price, PriceSolver.MAX_PRICE);
    }

    /// @notice A long whose requirement grows faster than its equity is liquidatable above a price, not below it.
    function test_aLongThatNeedsMoreThanItsNotionalIsLiquidatableAbove() public pure {
        PriceSolver.Terms memory t = PriceSolver.Terms(
            1e18,
            1_000e6,
            2_000e6,
            0,
            0,
            1.5e18,
            0.005e18,
            0,
            1e30
        );
        assertFalse(PriceSolver.isBeyond(t, 0, true));
        assertFalse(PriceSolver.isBeyond(t, 1_900e18, true));
        assertTrue(PriceSolver.isBeyond(t, 2_000e18, true));
        assertEq(PriceSolver.liquidationPrice(t), PriceSolver.MAX_PRICE);
    }

    function test_atItsThresholdAPositionIsNotYetBeyond() public pure {
        PriceSolver.Terms memory t = PriceSolver.Terms(1e18, 1_000e6, 100e6, 0, 0, 0.1e18, 0, 0, 1e30);
        // Equity 0 at 900, equity 100 against 10 % of 1,000 at 1,000.
        assertEq(PriceSolver.bankruptcyPrice(t), 900e18 - 1);
        assertEq(PriceSolver.liquidationPrice(t), 1_000e18 - 1);
        t.size = -1e18;
        assertEq(PriceSolver.bankruptcyPrice(t), 1_100e18 + 1);
        // 1,100 − P = 10 % of P at 1,000.
        assertEq(PriceSolver.liquidationPrice(t), 1_000e18 + 1);
    }

    function test_publishedExamples() public pure {
        // dYdX: short 3 at 3,000 with 1,000, maintenance 5 % of the current notional: 3,174.60.
        PriceSolver.Terms memory t = PriceSolver.Terms(-3e18, 9_000e6, 1_000e6, 0, 0, 0.05e18, 0, 0, 1e30);
        assertApproxEqAbs(PriceSolver.liquidationPrice(t), 3_174.603e18, 0.001e18);
        // HyperionX: long 0.117 at 42,704 with 1,000, maintenance 0.5 % and fee 0.08 %: 34,356.26.
        t = PriceSolver.Terms(0.117e18, 4_996.368e6, 1_000e6, 0, 0, 0.005e18, 0.0008e18, 0, 1e30);
        assertApproxEqAbs(PriceSolver.liquidationPrice(t), 34_356.26e18, 0.01e18);
        // KuCoin: 10x long at 10,000 with 500 is bankrupt at 9,000.
        t = PriceSolver.Terms(0.5e18, 5_000e6, 500e6, 0, 0, 0, 0, 0, 1e30);
        assertApproxEqAbs(PriceSolver.bankruptcyPrice(t), 9_000e18, 1e13);
    }
}
