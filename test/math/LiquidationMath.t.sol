// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedMath} from "../../contracts/libraries/math/FixedMath.sol";
import {LiquidationMath} from "../../contracts/libraries/math/LiquidationMath.sol";
import {MarginMath} from "../../contracts/libraries/math/MarginMath.sol";
import {PositionMath} from "../../contracts/libraries/math/PositionMath.sol";
import {BaseTest} from "../shared/BaseTest.sol";

contract LiquidationMathTest is BaseTest {
    uint256 private constant SCALE = 1e30;
    uint256 private constant DEPTH = 50_000e18;
    uint256 private constant MAINTENANCE = 0.01e18;
    uint256 private constant SLOPE = 1e18;

    /// @notice What a partial liquidation leaves stands at its target, and is not liquidatable at that price.
    function testFuzz_whatRemainsIsRestored(
        uint256 size,
        uint256 price,
        uint256 equity,
        int256 skew,
        uint256 shape
    ) public pure {
        LiquidationMath.Terms memory t = _terms(size, price, equity, skew, shape);
        uint256 closed = LiquidationMath.sizeToClose(t);
        size = FixedMath.abs(t.size);
        if (closed == size) return;
        assertLt(closed, size);
        assertGe(LiquidationMath.surplusAfter(t, closed), 0);
        assertGe(PositionMath.quoteUp(size - closed, t.price, SCALE), t.minNotional);
    }

    /// @notice It closes at most 1 % more than the least that does, which a search of all sizes finds; and it closes the
    /// whole only where no smaller size does.
    function testFuzz_itClosesNearlyTheLeastThatDoes(
        uint256 size,
        uint256 price,
        uint256 equity,
        int256 skew,
        uint256 shape
    ) public pure {
        LiquidationMath.Terms memory t = _terms(size, price, equity, skew, shape);
        uint256 closed = LiquidationMath.sizeToClose(t);
        size = FixedMath.abs(t.size);
        (bool found, uint256 least) = _leastThatDoes(t);
        bool leaves = found && PositionMath.quoteUp(size - least, t.price, SCALE) >= t.minNotional;
        if (closed == size) {
            // A size within 1 % of the least can be the first that leaves too little.
            uint256 more = least + least / 100 + 1;
            bool nearly =
                leaves && more < size && PositionMath.quoteUp(size - more, t.price, SCALE) >= t.minNotional;
            assertFalse(nearly, "closed whole although a part would do");
            return;
        }
        assertTrue(found, "nothing does");
        // A millionth of a base unit is the smallest size anyone trades.
        assertLe(closed, least + least / 100 + 1e12, "more than 1 % above the least");
    }

    /// @notice The tests above mean something: many positions are closed in part, at either skew, small and large.
    function test_partsAreCommon() public pure {
        uint256 parts;
        uint256 adverse;
        for (uint256 i; i < 500; ++i) {
            uint256 random = uint256(keccak256(abi.encode(i)));
            LiquidationMath.Terms memory t = _terms(
                random,
                random >> 40,
                random >> 80,
                int256(random >> 130),
                random >> 200
            );
            uint256 closed = LiquidationMath.sizeToClose(t);
            if (closed == FixedMath.abs(t.size)) continue;
            ++parts;
            uint256 premium = LiquidationMath.premium(
                t.size,
                closed,
                t.skew,
                t.depth,
                t.maxPremium,
                t.price,
                t.scale
            );
            if (premium != 0) ++adverse;
        }
        assertGt(parts, 150);
        assertGt(adverse, 30);
    }

    /// @notice The fee a liquidation takes and the reserve kept for it are one formula: the reward is never more.
    function testFuzz_theFeeIsNoLessThanTheReward(
        uint96 closed,
        uint256 fee,
        uint256 share,
        uint96 a,
        uint96 b
    ) public pure {
        fee = bound(fee, 0, 0.05e18);
        share = bound(share, 0, fee);
        (uint256 low, uint256 high) = a < b ? (a, b) : (b, a);
        uint256 reward = LiquidationMath.keeperReward(closed, share, low, high);
        uint256 reserve = MarginMath.liquidationReserve(closed, fee, low);
        assertEq(FixedMath.max(FixedMath.mulWadUp(closed, fee), reward), reserve);
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

    /// @notice A favourable impact is not paid out.
    function test_aFavourablePremiumIsNothing() public pure {
        assertEq(LiquidationMath.premium(10e18, 5e18, 100e18, DEPTH, 0.01e18, 2_000e18, SCALE), 0);
        assertGt(LiquidationMath.premium(10e18, 5e18, -100e18, DEPTH, 0.01e18, 2_000e18, SCALE), 0);
    }

    /// @notice By hand: 10 ETH at 2,000, depth without end, equity 150: u · 0.025 = 150 / 20,000 − 0.005 = 0.0025, so a
    /// tenth remains.
    function test_byHand() public pure {
        LiquidationMath.Terms memory t = _plain();
        assertApproxEqRel(LiquidationMath.sizeToClose(t), 9e18, 0.0001e18);
        t.collateral = 99e6;
        assertEq(LiquidationMath.sizeToClose(t), 10e18);
    }

    function _plain() private pure returns (LiquidationMath.Terms memory t) {
        t.size = 10e18;
        t.entryNotional = 20_000e6;
        t.collateral = 150e6;
        t.price = 2_000e18;
        t.scale = SCALE;
        t.assets = 20_000_000e6;
        t.maxPayoutShare = 0.8e18;
        t.depth = type(uint112).max;
        t.maxPremium = 0.01e18;
        t.initialBase = 0.02e18;
        t.initialSlope = 2e18;
        t.liquidationFee = 0.005e18;
        t.liquidationBuffer = 0.005e18;
        t.minKeeperReward = 2e6;
        t.minNotional = 50e6;
    }

    /// @dev A position between bankrupt and liquidatable: from a hundredth of a unit to a third of the depth, in a market
    /// of any skew, at a loss or a profit.
    function _terms(
        uint256 size,
        uint256 price,
        uint256 equity,
        int256 skew,
        uint256 shape
    ) private pure returns (LiquidationMath.Terms memory t) {
        t = _plain();
        t.depth = DEPTH;
        price = bound(price, 20e18, 100_000e18);
        // As many small ones as large ones.
        uint256 decade = 10 ** bound(shape % 7, 0, 6);
        size = bound(
            size,
            (0.03e18 * 2_000e18) / price + 1,
            0.015e18 * decade + (0.03e18 * 2_000e18) / price + 1
        );
        bool isLong = shape % 2 == 0;
        t.size = isLong ? int256(size) : -int256(size);
        t.price = price;
        t.skew = t.size + bound(skew, -int256(DEPTH) / 2, int256(DEPTH) / 2);
        uint256 notional = PositionMath.quoteUp(size, price, SCALE);
        uint256 ratio = MarginMath.ratio(size, MAINTENANCE, SLOPE, DEPTH);
        uint256 maintenance = MarginMath.requirement(
            notional,
            ratio,
            MarginMath.liquidationReserve(notional, t.liquidationFee, t.minKeeperReward)
        );
        // Some worth less than their fee, most somewhere a part may do.
        equity = bound(
            equity,
            shape % 5 == 0 ? 0 : FixedMath.min((notional * 7) / 1_000, maintenance - 1),
            maintenance - 1
        );
        // Where it stands is a loss on more collateral, or a profit on next to none.
        uint256 loss = (notional * (shape % 50)) / 100;
        bool wins = (shape >> 8) % 8 == 0;
        uint256 gap = wins ? FixedMath.min(equity / 2, notional / 2) : loss;
        bool addsToEntry = isLong != wins;
        t.entryNotional = addsToEntry ? notional + gap : notional - gap;
        int256 pnl = PositionMath.pnl(t.size, t.entryNotional, price, SCALE);
        int256 collateral = int256(equity) - pnl;
        t.collateral = collateral > 0 ? uint256(collateral) : 0;
    }

    /// @dev The least size that restores, by halving: more closed is never worse, as long as something remains.
    function _leastThatDoes(LiquidationMath.Terms memory t) private pure returns (bool found, uint256 high) {
        high = FixedMath.abs(t.size) - 1;
        uint256 low;
        // The fixed fees make the end worse than what comes before it, so the right end is looked for first.
        uint256 steps;
        while (LiquidationMath.surplusAfter(t, high) < 0) {
            high -= high / 64 + 1;
            if (++steps > 400 || high == 0) return (false, 0);
        }
        while (high - low > 1) {
            uint256 middle = (low + high) / 2;
            if (LiquidationMath.surplusAfter(t, middle) < 0) low = middle;
            else high = middle;
        }
        found = true;
    }
}
