// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Position} from "../../contracts/types/Position.sol";
import {Redeeming} from "./Redeeming.sol";

/// @notice The handler with the list of its actions and with the end of every run: all leave.
abstract contract Unwinder is Redeeming {
    /// @notice What a random run may call; actions that matter more stand there more than once.
    function actions() public view virtual returns (bytes4[] memory list) {
        bytes4[28] memory all = [
            this.open.selector,
            this.open.selector,
            this.open.selector,
            this.increase.selector,
            this.decrease.selector,
            this.close.selector,
            this.settle.selector,
            this.settle.selector,
            this.settle.selector,
            this.settle.selector,
            this.expire.selector,
            this.addCollateral.selector,
            this.removeCollateral.selector,
            this.transfer.selector,
            this.liquidate.selector,
            this.liquidate.selector,
            this.deposit.selector,
            this.requestRedeem.selector,
            this.insure.selector,
            this.housekeep.selector,
            this.claim.selector,
            this.setBlocked.selector,
            this.drift.selector,
            this.jump.selector,
            this.wait.selector,
            this.donate.selector,
            this.squeeze.selector,
            this.squeeze.selector
        ];
        list = new bytes4[](73);
        for (uint256 i; i < all.length; ++i) list[i] = all[i];
        list[28] = this.breakFeed.selector;
        list[29] = this.changePhase.selector;
        list[30] = this.accrueInSteps.selector;
        list[31] = this.placeEntry.selector;
        list[32] = this.placeExit.selector;
        list[33] = this.placeExit.selector;
        list[34] = this.trigger.selector;
        list[35] = this.trigger.selector;
        list[36] = this.cancelResting.selector;
        list[37] = this.placeTwap.selector;
        list[38] = this.slice.selector;
        list[39] = this.slice.selector;
        list[40] = this.cancelTwap.selector;
        list[41] = this.placeProtective.selector;
        list[42] = this.protect.selector;
        list[43] = this.protect.selector;
        list[44] = this.openSigned.selector;
        list[45] = this.tradeBySession.selector;
        list[46] = this.tradeBySession.selector;
        list[47] = this.openBracket.selector;
        list[48] = this.deleverage.selector;
        list[49] = this.pumpAndDeleverage.selector;
        list[50] = this.noteOutage.selector;
        list[51] = this.guard.selector;
        list[52] = this.guard.selector;
        list[53] = this.checkSolvency.selector;
        list[54] = this.releaseSurplus.selector;
        list[55] = this.pumpAndClose.selector;
        list[56] = this.jumpAndLiquidate.selector;
        list[57] = this.squeezeAndLiquidate.selector;
        list[58] = this.open.selector;
        list[59] = this.open.selector;
        list[60] = this.trigger.selector;
        list[61] = this.trigger.selector;
        list[62] = this.trigger.selector;
        list[63] = this.placeExit.selector;
        list[64] = this.protect.selector;
        list[65] = this.protect.selector;
        list[66] = this.placeProtective.selector;
        list[67] = this.cancelRedeem.selector;
        list[68] = this.fulfill.selector;
        list[69] = this.fulfill.selector;
        list[70] = this.fulfill.selector;
        list[71] = this.claimRedeemed.selector;
        list[72] = this.claimRedeemed.selector;
    }

    /// @notice Calls one of the actions with random inputs.
    function step(bytes4 action, bytes32 random) external {
        // solhint-disable-next-line avoid-low-level-calls
        (bool ok, bytes memory reason) = address(this).call(
            abi.encodePacked(
                action,
                keccak256(abi.encode(random, 1)),
                keccak256(abi.encode(random, 2)),
                keccak256(abi.encode(random, 3)),
                keccak256(abi.encode(random, 4)),
                keccak256(abi.encode(random, 5))
            )
        );
        if (ok) return;
        // Hands the reason on as it came.
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }

    /// @notice Every outcome a run can reach.
    function outcomes() external pure returns (bytes32[] memory list) {
        bytes32[61] memory all = [
            bytes32("opened"),
            "increased",
            "decreased",
            "closed with profit",
            "closed with loss",
            "closed with bad debt",
            "liquidated partly",
            "liquidated whole",
            "liquidated with bad debt",
            "insurance emptied",
            "reward from insurance",
            "reward from the pool",
            "haircut paid",
            "fallback",
            "failed: no price",
            "failed: position gone",
            "failed: owner changed",
            "failed: stale price",
            "failed: slippage",
            "failed: below minimum",
            "failed: open interest cap",
            "failed: insufficient margin",
            "expired",
            "collateral added",
            "collateral removed",
            "withdrawal refused",
            "push failed",
            "claimed after a failed push",
            "transferred",
            "deposited",
            "skimmed",
            "phase changed",
            "reentered",
            "placed",
            "triggered",
            "triggered late",
            "trailed",
            "slice traded",
            "slice failed",
            "waiting cancelled",
            "topped up",
            "reduction",
            "signed",
            "session traded",
            "session refused",
            "bracket",
            "failed: reduce only",
            "failed: position cap",
            "deleveraged partly",
            "deleveraged whole",
            "outage noted",
            "outage over",
            "surplus released",
            "liquidations paused",
            "opened while elevated",
            "redemption requested",
            "redemption cancelled",
            "batch redeemed",
            "batch redeemed partly",
            "batch moved on",
            "redemption claimed"
        ];
        list = new bytes32[](all.length);
        for (uint256 i; i < all.length; ++i) list[i] = all[i];
    }

    /// @notice I26: with a fresh price every order settles, every position closes, every LP and claimant is paid.
    function unwind() external {
        token.setBlocked(accounts[BLOCKABLE], false);
        _tick();
        _endWaiting();
        _endGuards();
        while (_pending.length != 0) _settleLast();
        while (_ids.length != 0) {
            (uint256 id, Position memory p) = _pickOpen(0);
            assertTrue(p.size != 0, "I26: a position neither open nor refunded");
            _place(market.ownerOf(id), _ask(id, 0, 0, 3));
            _tick();
            _settleLast();
            assertEq(market.ownerOrZero(id), address(0), "I26: a position could not be closed");
        }
        _redeemAll();
        for (uint256 i; i < accounts.length; ++i) {
            uint256 owed = vault.claimOf(accounts[i]);
            vm.prank(accounts[i]);
            vault.claim(accounts[i], owed);
        }
    }

    function _tick() private {
        vm.warp(block.timestamp + SETTLEMENT_DELAY + 1);
        _observe(int256(_lastAnswer()), 0, true);
    }

    function _settleLast() private {
        (bool exists, uint80 proof, , ) = _fixingOf(_pending[_pending.length - 1].order);
        assertTrue(exists, "an order without a fixing after a new round");
        _settleAt(_pending.length - 1, proof, keeper, false);
    }

    /// @dev With no positions left, one batch redeems all; what waited already may be in the batch before it.
    function _redeemAll() private {
        for (uint256 i; i < 2; ++i) {
            uint256 shares = pool.balanceOf(_providers[i]);
            vm.prank(_providers[i]);
            if (shares != 0) pool.requestRedeem(shares, _providers[i], _providers[i]);
        }
        // An outage, if there was one, ends a grace period later.
        market.accrue();
        vm.warp(vm.getBlockTimestamp() + _p.gracePeriod);
        _tick();
        market.accrue();
        for (uint256 i; i < 2; ++i) {
            if (pool.fulfillableFrom() >= vm.getBlockTimestamp()) vm.warp(pool.fulfillableFrom() + 1);
            _tick();
            if (!pool.isFulfillable()) continue;
            (, uint256 assets) = pool.fulfillRedeems();
            lpFlow -= int256(assets);
        }
        for (uint256 i; i < 2; ++i) {
            address provider = _providers[i];
            uint256 left = pool.pendingRedeemRequest(0, provider);
            assertTrue(left == 0 || pool.totalAssets() == 0, "I26: money still backs closed positions");
            uint256 shares = pool.maxRedeem(provider);
            vm.prank(provider);
            pool.redeem(shares, provider, provider);
        }
        assertEq(pool.reservedAssets(), 0, "I41: nothing is left over of what was set aside");
    }
}
