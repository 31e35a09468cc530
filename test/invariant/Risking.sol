// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Vm} from "@layerzerolabs/toolbox-foundry/lib/forge-std/Vm.sol";
import {IMarketModule} from "../../contracts/interfaces/IMarketModule.sol";
import {Errors} from "../../contracts/libraries/Errors.sol";
import {MarketFlags} from "../../contracts/libraries/MarketFlags.sol";
import {FixedMath} from "../../contracts/libraries/math/FixedMath.sol";
import {PositionMath} from "../../contracts/libraries/math/PositionMath.sol";
import {Position, Side} from "../../contracts/types/Position.sol";
import {Guarding} from "./Guarding.sol";

/// @notice What keeps a stressed market solvent: deleveraging, outages, the guardian, surplus insurance.
abstract contract Risking is Guarding {
    /// @dev As in IMarketModule.PositionDeleveraged, without its indexed parts.
    struct Deleveraged {
        uint256 price;
        uint256 closedSize;
        int256 newSize;
        uint256 newEntryNotional;
        int256 pnl;
        int256 realised;
        int256 carry;
        int256 sidePnl;
    }

    /// @notice Deleverages some positions of a side, in any order: it is let exactly when the side's profit is above the
    /// trigger, and each that is reduced returns at least as much as its side.
    function deleverage(uint256 seed, uint256 side) external {
        _deleverage(seed, side % 2 == 0);
    }

    function _deleverage(uint256 seed, bool isLong) private {
        uint256[] memory batch = new uint256[](_ids.length + 1);
        for (uint256 i; i < _ids.length; ++i) batch[i] = _ids[((seed % _ids.length) + i) % _ids.length];
        batch[_ids.length] = seed;
        Picture memory w = _take();
        int256 sidePnl = _sidePnl(isLong, w.price);
        bool due = w.fresh && sidePnl > int256(FixedMath.mulWadDown(w.poolAssets, _p.adlTrigger));
        (bool said, uint256[] memory promised, , int256 promisedPnl) = lens.deleveragePreview(
            market,
            isLong,
            batch
        );
        vm.recordLogs();
        try market.deleverage(isLong, batch) returns (uint256 closed) {
            assertTrue(due && said, "deleveraged without need");
            uint256 sum;
            for (uint256 i; i < promised.length; ++i) sum += promised[i];
            assertEq(closed, sum, "the preview is exact");
            assertEq(_sidePnl(isLong, w.price), promisedPnl, "the preview's profit is exact");
            _checkDeleveraged(w, isLong, vm.getRecordedLogs());
        } catch (bytes memory reason) {
            assertFalse(due, string.concat("I26: deleveraging failed ", vm.toString(reason)));
            if (!w.fresh) _requireOracleError(reason);
            else _requireError(reason, [Errors.DeleverageNotDue.selector, bytes4(0), bytes4(0)]);
            vm.getRecordedLogs();
        }
        _checkWallets(w);
    }

    /// @notice Makes one side's profit large enough, then deleverages it.
    function pumpAndDeleverage(uint256 seed, uint256 move) external {
        bool isLong = market.side(true).openInterest > market.side(false).openInterest;
        if (market.side(isLong).openInterest == 0) return;
        uint256 before = _lastAnswer();
        _observe(_answerFor(isLong, _p.adlTrigger, move), 0, true);
        _deleverage(seed, isLong);
        _coolDown(before);
    }

    /// @notice Liquidates everyone after a jump that may leave them nothing.
    function jumpAndLiquidate(uint256 move, uint256 up, uint256 who) external {
        uint256 before = _lastAnswer();
        this.jump(move - (move % 4), up);
        this.liquidate(0, who, 1);
        _coolDown(before);
    }

    /// @notice Liquidates everyone where one position has just come to its liquidation price.
    function squeezeAndLiquidate(uint256 which, uint256 beyond, uint256 who) external {
        this.squeeze(which, beyond);
        this.liquidate(0, who, 1);
    }

    /// @notice Closes a position at a price at which its side's profit is more than the pool pays.
    function pumpAndClose(uint256 which, uint256 move) external {
        (uint256 id, Position memory p) = _pickOpen(which);
        if (p.size == 0) return;
        uint256 before = _lastAnswer();
        _place(market.ownerOf(id), _ask(id, 0, 0, 3));
        vm.warp(vm.getBlockTimestamp() + SETTLEMENT_DELAY + 1);
        _observe(_answerFor(p.size > 0, _p.maxPayoutShare, move), 0, true);
        uint256 last = _pending.length - 1;
        (, uint80 proof, , ) = _fixingOf(_pending[last].order);
        _settleAt(last, proof, keeper, false);
        _coolDown(before);
    }

    /// @dev The price comes back and the breaker's alarm passes, so that there is new risk again.
    function _coolDown(uint256 before) private {
        vm.warp(vm.getBlockTimestamp() + _p.coolDown + 1);
        _observe(int256(before), 0, true);
    }

    /// @dev The answer at which a side's profit is a share of the pool's assets, and a little more of it.
    function _answerFor(bool isLong, uint256 share, uint256 more) private view returns (int256) {
        Side memory s = market.side(isLong);
        uint256 wanted = FixedMath.mulWadDown(pool.poolAssets(), share);
        wanted += wanted / _bound(more, 2, 50);
        uint256 worth =
            isLong ? s.entryNotional + wanted : s.entryNotional - FixedMath.min(wanted, s.entryNotional);
        uint256 price = (worth * market.quoteScale()) / s.openInterest;
        return int256(_clampAnswer(price / 1e10));
    }

    /// @notice Notes an outage, or that it is over: possible exactly without a fresh price, or after one was noted.
    function noteOutage(uint256 silence) external {
        if (silence % 2 == 0) vm.warp(block.timestamp + MAX_AGE + 1);
        Picture memory w = _take();
        bool noted = w.carry.flags & MarketFlags.OUTAGE != 0;
        try market.noteOutage() {
            assertTrue(!w.fresh || noted, "an outage was noted that is none");
            _reach(w.fresh ? bytes32("outage over") : bytes32("outage noted"));
        } catch (bytes memory reason) {
            assertTrue(w.fresh && !noted, "I26: an outage could not be noted");
            _requireError(reason, [Errors.NoOutage.selector, bytes4(0), bytes4(0)]);
        }
        _checkOthers(w, new uint256[](0));
        if (silence % 4 == 0) _observe(int256(_lastAnswer()), 0, true);
    }

    function guard(uint256 stop) external {
        Picture memory w = _take();
        if (stop % 3 == 0) market.stopNewRisk();
        else market.resumeNewRisk();
        assertEq(market.carry().flags & MarketFlags.GUARDED != 0, stop % 3 == 0, "the guardian's flag");
        _checkOthers(w, new uint256[](0));
        _checkShareValue(w);
    }

    /// @notice Nothing is missing, however often it is looked at: donations cover nothing up.
    function checkSolvency() external {
        Picture memory w = _take();
        assertTrue(market.checkSolvency(), "I01: a vault holds less than it owes");
        _checkOthers(w, new uint256[](0));
    }

    function releaseSurplus(uint256 amount) external {
        if (amount % 4 == 0 && insurance.available() < _p.insuranceTarget) {
            amount = _p.insuranceTarget + _bound(amount, 1, 10_000 * unit);
            _fund(_donor, amount);
            vm.prank(_donor);
            insurance.donate(amount);
        }
        Picture memory w = _take();
        uint256 surplus = w.insurance > _p.insuranceTarget ? w.insurance - _p.insuranceTarget : 0;
        assertEq(insurance.releaseSurplus(), surplus, "I29: the surplus and nothing else");
        assertEq(pool.poolAssets(), w.poolAssets + surplus, "the surplus goes to the pool");
        assertEq(insurance.available(), w.insurance - surplus, "I29: what the target keeps");
        creditedToPool += surplus;
        if (surplus != 0) _reach("surplus released");
        if (amount > _p.insuranceTarget) {
            // Spent again, as the market spends it, so that insurance is not too rich ever to be emptied.
            vm.prank(address(market));
            insurance.cover(_donor, _p.insuranceTarget);
        }
        if (amount % 4 == 1) _giveToPool(_bound(amount, 1, 10 * unit));
        _checkOthers(w, new uint256[](0));
        _checkShareValue(w);
    }

    /// @dev A gift to the pool, straight to its claim.
    function _giveToPool(uint256 amount) private {
        _fund(_donor, amount);
        vm.prank(_donor);
        vault.fund(address(pool), amount);
        creditedToPool += amount;
    }

    /// @dev I34: of each reduction: fair when it was made, at the index price, and the side's profit never below its
    /// target; the side is either at the target to one unit of size of the last, or no fair position was left.
    function _checkDeleveraged(Picture memory w, bool isLong, Vm.Log[] memory logs) private {
        uint256[] memory touched = new uint256[](w.positions.length);
        uint256 count;
        int256 sidePnl = _sidePnlIn(w, isLong);
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != IMarketModule.PositionDeleveraged.selector) continue;
            Snapshot memory s = _find(w, uint256(logs[i].topics[1]));
            Deleveraged memory e = abi.decode(logs[i].data, (Deleveraged));
            touched[count++] = s.id;
            assertEq(e.price, w.price, "I34: not at the index price");
            assertEq(s.record.size > 0, isLong, "I34: another side");
            assertLt(FixedMath.abs(e.newSize), FixedMath.abs(s.record.size), "I34: not smaller");
            assertGt(e.pnl, 0, "I34: a loser was reduced");
            assertLt(e.sidePnl, sidePnl, "I34: the side's profit did not fall");
            sidePnl = e.sidePnl;
            if (e.newSize == 0) _checkGone(s.id);
            else assertGe(notionalOf(s.id, w.price), _p.minNotional, "I34: left below the minimum");
            _reach(e.newSize == 0 ? bytes32("deleveraged whole") : bytes32("deleveraged partly"));
        }
        assembly ("memory-safe") {
            mstore(touched, count)
        }
        uint256 target = FixedMath.mulWadDown(pool.poolAssets(), _p.adlTarget);
        if (count != 0) assertGe(sidePnl, int256(target) - 2, "I34: deleveraged past the target");
        _checkOthers(w, touched);
    }

    function _sidePnl(bool isLong, uint256 price) private view returns (int256) {
        Side memory s = market.side(isLong);
        int256 size = int256(uint256(s.openInterest));
        return PositionMath.pnl(isLong ? size : -size, s.entryNotional, price, market.quoteScale());
    }

    function _sidePnlIn(Picture memory w, bool isLong) private view returns (int256) {
        uint256 size;
        uint256 entry;
        for (uint256 i; i < w.positions.length; ++i) {
            Position memory p = w.positions[i].record;
            if (p.size == 0 || (p.size > 0) != isLong) continue;
            size += FixedMath.abs(p.size);
            entry += p.entryNotional;
        }
        return PositionMath.pnl(isLong ? int256(size) : -int256(size), entry, w.price, market.quoteScale());
    }
}
