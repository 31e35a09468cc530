// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Errors} from "../../contracts/libraries/Errors.sol";
import {Risking} from "./Risking.sol";

/// @notice Leaving the pool: requests, cancellations, batches and claims.
abstract contract Redeeming is Risking {
    /// @notice Shares go into the vault's keeping; neither their number nor their worth changes.
    function requestRedeem(uint256 who, uint256 part) external {
        (address controller, address owner) = _pair(who);
        uint256 held = pool.balanceOf(owner);
        if (held == 0) return;
        // At times all, at times a unit.
        uint256 shares =
            part % 8 == 0
                ? held
                : part % 8 == 1
                    ? 1
                    : _bound(part, 1, held);
        Picture memory w = _take();
        uint256 pending = pool.pendingRedeemRequest(0, controller);
        vm.prank(owner);
        pool.requestRedeem(shares, controller, owner);
        assertEq(pool.pendingRedeemRequest(0, controller), pending + shares, "I41: requested");
        assertEq(pool.balanceOf(owner), held - shares, "I41: shares are taken");
        assertEq(pool.totalSupply(), w.shares, "I41: a request burns nothing");
        _reach("redemption requested");
        _checkShareValue(w);
        _checkOthers(w, new uint256[](0));
    }

    /// @notice All that is pending comes back, unless its price is known already.
    function cancelRedeem(uint256 who) external {
        address controller = _providers[who % 2];
        uint256 pending = pool.pendingRedeemRequest(0, controller);
        Picture memory w = _take();
        bool due = pool.isFulfillable();
        uint256 held = pool.balanceOf(controller);
        vm.prank(controller);
        try pool.cancelRedeemRequest(0, controller) {
            uint256 back = pool.claimableCancelRedeemRequest(0, controller);
            vm.prank(controller);
            pool.claimCancelRedeemRequest(0, controller, controller);
            // Of a part that was rounded for display the last to come gets a unit more or less.
            assertApproxEqAbs(back, pending, 2, "I41: cancelled");
            assertEq(pool.balanceOf(controller), held + back, "I41: shares come back");
            assertEq(pool.pendingRedeemRequest(0, controller), 0, "I41: nothing is pending");
            _reach("redemption cancelled");
            _checkShareValue(w);
        } catch (bytes memory reason) {
            assertTrue(pending == 0 || due, "I26: a request could not be cancelled");
            _requireError(
                reason,
                [Errors.NothingRequested.selector, Errors.RedeemBatchDue.selector, bytes4(0)]
            );
        }
        _checkOthers(w, new uint256[](0));
    }

    /// @notice The batch is redeemed when it is due and then only; at most for what backs no position, at a price that
    /// costs those who stay nothing; and of every request the same part.
    function fulfill(uint256 wait_, uint256 hooked) external {
        // At times only once it is due.
        uint256 from = pool.fulfillableFrom();
        if (wait_ % 4 != 0 && from >= vm.getBlockTimestamp() && from != 0) {
            vm.warp(from + 1);
            _observe(_nextAnswer(wait_), 0, true);
        }
        Picture memory w = _take();
        bool due = pool.isFulfillable();
        uint256[2] memory pending;
        uint256[2] memory claimable;
        uint256 reserved = pool.reservedAssets();
        for (uint256 i; i < 2; ++i) {
            pending[i] = pool.pendingRedeemRequest(0, _providers[i]);
            claimable[i] = pool.maxRedeem(_providers[i]);
        }
        uint256 locked = w.price == 0 ? 0 : market.lockedAssets(w.price);
        if (hooked % 4 == 0) _armAgainstPool();
        try pool.fulfillRedeems() returns (uint256 redeemed, uint256 assets) {
            assertTrue(due, "I41: fulfilled too early");
            assertEq(pool.totalSupply(), w.shares - redeemed, "I41: burned");
            assertEq(pool.poolAssets(), w.poolAssets - assets, "I41: paid by the pool");
            assertEq(pool.reservedAssets(), reserved + assets, "I41: set aside");
            if (assets != 0) assertLe(locked, w.poolAssets - assets, "I15: what backs positions stays");
            uint256 sum;
            for (uint256 i; i < 2; ++i) {
                uint256 now_ = pool.maxRedeem(_providers[i]) - claimable[i];
                assertLe(now_, pending[i], "I41: more than asked");
                sum += now_;
            }
            assertApproxEqAbs(sum, redeemed, 2, "I41: every redeemed share is somebody's");
            _reach(redeemed == 0 ? bytes32("batch moved on") : bytes32("batch redeemed"));
            if (pending[0] + pending[1] > redeemed + 2 && redeemed != 0) _reach("batch redeemed partly");
            _checkShareValue(w);
        } catch (bytes memory reason) {
            assertFalse(due, "I26: a batch that is due was not fulfilled");
            _requireError(reason, [Errors.RedeemBatchNotDue.selector, bytes4(0), bytes4(0)]);
        }
        _disarm();
        _checkOthers(w, new uint256[](0));
    }

    /// @notice A claim pays what was set aside for it, to the unit, whatever the market is in.
    function claimRedeemed(uint256 who, uint256 part, uint256 byAssets) external {
        address controller = _providers[who % 2];
        uint256 shares = pool.maxRedeem(controller);
        uint256 assets = pool.maxWithdraw(controller);
        if (shares == 0) return;
        Picture memory w = _take();
        uint256 reserved = pool.reservedAssets();
        uint256 before = token.balanceOf(controller);
        uint256 paid;
        vm.prank(controller);
        if (byAssets % 2 == 0) {
            paid = part % 2 == 0 ? assets : _bound(part, 0, assets);
            pool.withdraw(paid, controller, controller);
        } else {
            paid = pool.redeem(part % 2 == 0 ? shares : _bound(part, 0, shares), controller, controller);
        }
        assertEq(token.balanceOf(controller), before + paid, "I41: claimed");
        assertEq(pool.reservedAssets(), reserved - paid, "I41: paid from what is set aside");
        assertEq(pool.poolAssets(), w.poolAssets, "I41: a claim is no longer the pool's");
        if (part % 2 == 0) assertApproxEqAbs(paid, assets, 1, "I41: all of it");
        _reach("redemption claimed");
        _checkShareValue(w);
        _checkOthers(w, new uint256[](0));
    }

    /// @dev A provider's request for themselves, or for the other one.
    function _pair(uint256 who) private view returns (address controller, address owner) {
        owner = _providers[who % 2];
        controller = who % 8 < 6 ? owner : _providers[(who + 1) % 2];
    }
}
