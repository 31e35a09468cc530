// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Errors} from "../../contracts/libraries/Errors.sol";
import {MarketParams} from "../../contracts/types/MarketParams.sol";
import {PoolStates} from "../properties/PoolStates.sol";

/// @notice Whatever is requested, cancelled, fulfilled and claimed in whatever order: along every way that a request
/// takes shares and money are conserved.
contract RedemptionLifeTest is PoolStates {
    /// @notice Along any sequence of steps shares and money are conserved, each request only becomes what it may, and
    /// when all is claimed nothing is left over.
    function testFuzz_sharesAndMoneyAreConserved(uint256 seed) public {
        _enter(seed);
        for (uint256 i; i < 12; ++i) {
            _step();
            _checkSums();
        }
        // Once nothing is locked all gets out.
        uint256 rounds;
        while (pool.pendingRedeemRequest(0, _lp) + _pendingOfOthers() != 0 && ++rounds < 4) {
            _await(PRICE);
            pool.fulfillRedeems();
        }
        address[3] memory all = [_lp, _bob, _carol];
        for (uint256 i; i < 3; ++i) {
            vm.startPrank(all[i]);
            pool.withdraw(pool.maxWithdraw(all[i]), all[i], all[i]);
            vm.stopPrank();
        }
        if (pool.pendingRedeemRequest(0, _lp) + _pendingOfOthers() == 0)
            assertEq(pool.reservedAssets(), 0, "the last one to claim gets the rest");
    }

    function _step() private {
        address[3] memory all = [_lp, _bob, _carol];
        address owner = all[_pick(3)];
        address controller = all[_pick(3)];
        uint256 kind = _pick(7);
        uint256 held = pool.balanceOf(owner);
        if (kind < 2 && held != 0) _requestRedeem(owner, controller, 1 + _pick(held));
        if (kind == 2) _tryCancel(controller);
        if (kind == 3 && pool.claimableCancelRedeemRequest(0, controller) != 0) {
            vm.prank(controller);
            pool.claimCancelRedeemRequest(0, owner, controller);
        }
        if (kind == 4) _fulfilAndCompare(all);
        if (kind == 5) {
            uint256 part = _pick(pool.maxRedeem(controller) + 1);
            vm.prank(controller);
            pool.redeem(part, owner, controller);
        }
        if (kind == 6) {
            uint256 part = _pick(pool.maxWithdraw(controller) + 1);
            vm.prank(controller);
            pool.withdraw(part, owner, controller);
        }
    }

    /// @dev Of each controller's shares what is no longer pending is claimable.
    function _fulfilAndCompare(address[3] memory all) private {
        _await(1_500e18 + _pick(1_000e18));
        if (!pool.isFulfillable()) return;
        uint256[3] memory requested;
        uint256[3] memory claimable;
        for (uint256 i; i < 3; ++i) {
            requested[i] = pool.pendingRedeemRequest(0, all[i]) + pool.maxRedeem(all[i]);
            claimable[i] = pool.maxRedeem(all[i]);
        }
        uint256 batch = pool.currentBatch();
        pool.fulfillRedeems();
        assertEq(pool.currentBatch(), batch + 1);
        for (uint256 i; i < 3; ++i) {
            assertEq(pool.pendingRedeemRequest(0, all[i]) + pool.maxRedeem(all[i]), requested[i]);
            assertGe(pool.maxRedeem(all[i]), claimable[i]);
        }
    }

    function _tryCancel(address controller) private {
        uint256 pending = pool.pendingRedeemRequest(0, controller);
        uint256 cancelled = pool.claimableCancelRedeemRequest(0, controller);
        bool due = pool.isFulfillable();
        vm.prank(controller);
        try pool.cancelRedeemRequest(0, controller) {
            cancelled += pending;
            pending = 0;
        } catch {
            assertTrue(pending == 0 || due, "what is not due can be cancelled");
        }
        assertEq(pool.pendingRedeemRequest(0, controller), pending);
        assertEq(pool.claimableCancelRedeemRequest(0, controller), cancelled);
    }

    function _checkSums() private view {
        address[3] memory all = [_lp, _bob, _carol];
        uint256 waiting;
        uint256 free;
        uint256 owed;
        for (uint256 i; i < 3; ++i) {
            waiting += pool.pendingRedeemRequest(0, all[i]) + pool.claimableCancelRedeemRequest(0, all[i]);
            free += pool.balanceOf(all[i]);
            owed += pool.maxWithdraw(all[i]);
        }
        // A part that a batch could not redeem is rounded for each controller until they take it up.
        assertApproxEqAbs(pool.balanceOf(address(pool)), waiting, 3 * pool.currentBatch(), "waiting");
        assertApproxEqAbs(pool.totalSupply(), free + waiting, 3 * pool.currentBatch(), "supply");
        assertLe(owed, pool.reservedAssets(), "never more claims than money");
        assertGe(token.balanceOf(address(pool)), pool.cash() + pool.reservedAssets());
    }

    function _pendingOfOthers() private view returns (uint256) {
        return pool.pendingRedeemRequest(0, _bob) + pool.pendingRedeemRequest(0, _carol);
    }
}

/// @notice In and out again, in a market whose price stands still and where time costs nothing: nobody gains.
contract VaultRoundTripTest is PoolStates {
    function testFuzz_depositAndRedemptionGainNothing(uint256 seed, uint256 assets) public {
        _enter(seed);
        assets = bound(assets, 0, pool.maxDeposit(_carol));
        if (assets == 0 || pool.previewDeposit(assets) == 0) return;
        uint256 claimed = pool.maxWithdraw(_carol);
        if (!_cancelAll()) return;
        uint256 shares = _deposit(_carol, assets);
        _requestRedeem(_carol, _carol, shares);
        fulfillAll();
        assertLe(pool.maxWithdraw(_carol) - claimed, assets);
        if (pool.pendingRedeemRequest(0, _carol) == 0) _claimAll();
    }

    function testFuzz_mintAndRedemptionGainNothing(uint256 seed, uint256 shares) public {
        _enter(seed);
        shares = bound(shares, 0, pool.maxMint(_carol));
        if (shares == 0) return;
        uint256 claimed = pool.maxWithdraw(_carol);
        if (!_cancelAll()) return;
        uint256 assets = pool.previewMint(shares);
        _fund(_carol, assets);
        vm.prank(_carol);
        pool.mint(shares, _carol);
        _requestRedeem(_carol, _carol, shares);
        fulfillAll();
        assertLe(pool.maxWithdraw(_carol) - claimed, assets);
    }

    /// @notice Redeemed and deposited again it is no more shares than before.
    function testFuzz_redemptionAndDepositGainNothing(uint256 seed, uint256 shares) public {
        _enter(seed);
        if (pool.balanceOf(_lp) == 0) return;
        shares = bound(shares, 1, pool.balanceOf(_lp));
        _requestRedeem(_lp, _lp, shares);
        fulfillAll();
        (shares, seed) = (pool.maxRedeem(_lp), pool.maxWithdraw(_lp));
        vm.prank(_lp);
        pool.redeem(shares, _lp, _lp);
        if (seed == 0 || seed > pool.maxDeposit(_lp) || pool.previewDeposit(seed) == 0) return;
        assertLe(_deposit(_lp, seed), shares);
    }

    function _claimAll() private {
        uint256 owed = pool.maxWithdraw(_carol);
        uint256 before = token.balanceOf(_carol);
        vm.startPrank(_carol);
        pool.redeem(pool.maxRedeem(_carol), _carol, _carol);
        vm.stopPrank();
        assertEq(token.balanceOf(_carol), before + owed);
    }

    /// @dev Leaves only the request to come. False where that is not possible any more.
    function _cancelAll() private returns (bool) {
        vm.prank(_carol);
        try pool.cancelRedeemRequest(0, _carol) {} catch (bytes memory reason) {
            bytes4 named = bytes4(reason);
            assertTrue(named == Errors.NothingRequested.selector || named == Errors.RedeemBatchDue.selector);
        }
        return pool.pendingRedeemRequest(0, _carol) == 0;
    }

    function _params() internal view override returns (MarketParams memory params) {
        params = super._params();
        (params.maxBorrowRate, params.maxFundingRate, params.maxFundingVelocity) = (0, 0, 0);
    }
}
