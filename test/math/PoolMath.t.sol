// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedMath} from "../../contracts/libraries/math/FixedMath.sol";
import {PoolMath} from "../../contracts/libraries/math/PoolMath.sol";
import {BaseTest} from "../shared/BaseTest.sol";

contract PoolMathTest is BaseTest {
    function testFuzz_aPayoutIsNeverMoreThanOwedNorThanItsShare(
        uint112 profit,
        int112 sidePnl,
        uint112 assets,
        uint64 share
    ) public pure {
        share = uint64(bound(share, 0, 1e18));
        uint256 paid = PoolMath.payout(profit, sidePnl, assets, share);
        assertLe(paid, profit);
        assertLe(paid, (uint256(assets) * share) / 1e18);
    }

    function testFuzz_aSidesPayoutsTogetherFit(uint96 a, uint96 b, uint96 assets) public pure {
        int256 side = int256(uint256(a) + b);
        uint256 paid = PoolMath.payout(a, side, assets, 0.8e18) + PoolMath.payout(b, side, assets, 0.8e18);
        assertLe(paid, (uint256(assets) * 0.8e18) / 1e18);
    }

    function testFuzz_withoutStressAProfitIsPaidWhole(uint96 profit) public pure {
        assertEq(PoolMath.payout(profit, int256(uint256(profit)), uint256(profit) * 2, 0.8e18), profit);
    }

    function testFuzz_valueCountsNoMoreDebtThanCollateral(
        uint112 assets,
        int112 pnl,
        int112 carry,
        uint112 collateral
    ) public pure {
        int256 nav = PoolMath.netAssetValue(assets, pnl, carry, collateral);
        assertLe(nav, int256(uint256(assets)) + int256(uint256(collateral)));
        assertLe(nav, int256(uint256(assets)) - pnl + carry);
    }

    function testFuzz_lockedAssetsCarryTheSide(uint112 notional, uint64 share) public pure {
        share = uint64(bound(share, 0.01e18, 1e18));
        uint256 locked = PoolMath.lockedAssets(notional, share);
        assertTrue(PoolMath.withinShare(notional, locked, share));
        if (locked > 0) assertFalse(PoolMath.withinShare(uint256(notional) + 2, locked - 1, share));
    }

    /// @notice A haircut side: the sum of any positions' payouts is at most what the side may claim.
    function testFuzz_anyNumberOfPayoutsFit(
        uint96[6] memory profits,
        uint112 assets,
        uint256 share
    ) public pure {
        share = bound(share, 0.1e18, 1e18);
        uint256 sidePnl;
        for (uint256 i; i < profits.length; ++i) sidePnl += profits[i];
        uint256 paid;
        for (uint256 i; i < profits.length; ++i) {
            paid += PoolMath.payout(profits[i], int256(sidePnl), assets, share);
        }
        assertLe(paid, FixedMath.mulWadDown(assets, share));
        if (sidePnl <= FixedMath.mulWadDown(assets, share)) assertEq(paid, sidePnl);
    }

    function testFuzz_moreProfitIsNeverPaidLess(
        uint112 a,
        uint112 b,
        int112 side,
        uint112 assets
    ) public pure {
        (uint256 low, uint256 high) = a < b ? (a, b) : (b, a);
        assertLe(PoolMath.payout(low, side, assets, 0.8e18), PoolMath.payout(high, side, assets, 0.8e18));
    }

    function testFuzz_valueIsExactUntilTradersOweMoreThanTheyHave(
        uint112 assets,
        int112 pnl,
        int112 carry,
        uint112 collateral
    ) public pure {
        int256 owed = int256(carry) - pnl;
        int256 nav = PoolMath.netAssetValue(assets, pnl, carry, collateral);
        int256 counted = owed < int256(uint256(collateral)) ? owed : int256(uint256(collateral));
        assertEq(nav, int256(uint256(assets)) + counted);
    }

    function test_extremes() public pure {
        uint128 max = type(uint128).max;
        assertEq(PoolMath.payout(max, int256(uint256(max)), max, 1e18), max);
        assertEq(PoolMath.payout(max, 1, 0, 1e18), 0);
        assertEq(PoolMath.payout(0, 0, 0, 0), 0);
        assertEq(PoolMath.lockedAssets(0, 0.01e18), 0);
        assertEq(PoolMath.netAssetValue(0, int256(uint256(max)), 0, 0), -int256(uint256(max)));
    }
}
