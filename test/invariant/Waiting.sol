// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Vm} from "@layerzerolabs/toolbox-foundry/lib/forge-std/Vm.sol";
import {IOrderModule} from "../../contracts/interfaces/IOrderModule.sol";
import {Errors} from "../../contracts/libraries/Errors.sol";
import {Events} from "../../contracts/libraries/Events.sol";
import {FixedMath} from "../../contracts/libraries/math/FixedMath.sol";
import {TriggerMath} from "../../contracts/libraries/math/TriggerMath.sol";
import {FixingKind} from "../../contracts/types/Fixing.sol";
import {
    Failure,
    Order,
    RestingOrder,
    RestingRequest,
    TwapOrder,
    TwapRequest
} from "../../contracts/types/Order.sol";
import {Handler} from "./Handler.sol";

/// @notice Actors whose orders wait: for a price, or for their next slice.
abstract contract Waiting is Handler {
    uint256 private constant MAX_WAITING = 8;
    uint256 private constant FRESHNESS = 60;

    RestingOrder[] internal _resting;
    TwapOrder[] internal _twaps;

    /* RESTING ORDERS */

    /// @notice An entry that waits: a limit, a stop, or both.
    function placeEntry(uint256 who, uint256 side, uint256 worth, uint256 leverage, uint256 level) external {
        address trader = accounts[who % TRADERS];
        bool full = _ids.length >= MAX_LIVE || _resting.length >= MAX_WAITING;
        if (full || token.blocked(trader)) return;
        uint256 size = _sizeFor(worth);
        uint256 collateral = _collateralFor(size, leverage);
        _fund(trader, collateral);
        Picture memory w = _take();
        int256 delta = side % 2 == 0 ? int256(size) : -int256(size);
        uint256 id = _placeResting(trader, _wish(0, delta, collateral, level));
        _ids.push(id);
        _checkOthers(w, _only(id));
        _checkShareValue(w);
    }

    /// @notice An exit of a position, open or not yet: take-profit, stop-loss, trailing stop, or several at once.
    function placeExit(uint256 which, uint256 part, uint256 level, uint256 trail) external {
        if (_ids.length == 0) return;
        if (_resting.length >= MAX_WAITING) return this.cancelResting(which);
        uint256 id = _ids[which % _ids.length];
        int256 size = market.position(id).size;
        int256 delta = size == 0 || part % 2 == 0 ? int256(0) : -size / int256(1 + (part % 4));
        RestingRequest memory request = _wish(id, delta, 0, level);
        request.reduceOnly = true;
        request.beyondLiquidation = true;
        if (trail % 2 == 0) {
            request.trailIsRatio = trail % 4 == 0;
            request.trail = uint128(
                request.trailIsRatio ? _bound(trail, 1, 0.2e18) : _bound(trail, 1, _lastAnswer() * 1e9)
            );
        }
        Picture memory w = _take();
        _placeResting(market.ownerOf(id), request);
        _checkOthers(w, new uint256[](0));
        _checkShareValue(w);
    }

    /// @notice I23, A18: the next round triggers an order if and only if the rule says so, and then at its price; one
    /// triggered late becomes a market order.
    function trigger(uint256 which, uint256 move, uint256 peak, uint256 late) external {
        if (_resting.length == 0) return;
        uint256 index = peak % 2 == 0 ? _pickTrailing(which) : which % _resting.length;
        RestingOrder memory order = _resting[index];
        vm.warp(vm.getBlockTimestamp() + SETTLEMENT_DELAY + 1);
        if (order.trail != 0 && peak % 2 == 0) _observePullback(order);
        else _observe(_towards(order, move), 0, true);
        Observation memory last = _history[_history.length - 1];
        (bytes memory peakProof, uint256 best) = _peakFor(order, peak);
        bool expected = _isDue(order, last, best);
        if (late % 3 == 0) vm.warp(vm.getBlockTimestamp() + FRESHNESS + 1);
        Picture memory w = _take();
        vm.recordLogs();
        try book.trigger(order, abi.encode(last.roundId), peakProof, keeper) {
            assertTrue(expected, "I23: triggered against the rule");
            _dropResting(index);
            if (order.trail != 0 && best != 0) _reach("trailed");
            _checkTriggered(w, order, last, vm.getRecordedLogs(), late % 3 == 0);
        } catch (bytes memory reason) {
            bool unfillable = bytes4(reason) == Errors.OrderNotFillable.selector;
            assertTrue(!expected || unfillable, "I23: not triggered although due");
            if (!unfillable) _requireRefusal(reason);
            _checkOthers(w, new uint256[](0));
        }
        _checkWallets(w);
    }

    /// @notice Cancelling an entry gives back every unit; cancelling an exit changes nothing.
    function cancelResting(uint256 which) external {
        if (_resting.length == 0) return;
        uint256 index = which % _resting.length;
        RestingOrder memory order = _resting[index];
        Picture memory w = _take();
        _cancelRestingAt(index);
        uint256 id = order.positionId;
        Snapshot memory s = _find(w, id);
        bool refunds = s.id != 0 && s.record.size == 0 && !order.reduceOnly;
        if (refunds) _checkGone(id);
        assertEq(_tradersWorth(_take()), _tradersWorth(w) + (refunds ? s.balance : 0), "refund");
        _reach("waiting cancelled");
        _checkOthers(w, _only(id));
        _checkShareValue(w);
    }

    /* SLICES */

    function placeTwap(uint256 who, uint256 side, uint256 worth, uint256 leverage, uint256 terms) external {
        address trader = accounts[who % TRADERS];
        bool full = _ids.length >= MAX_LIVE || _twaps.length >= MAX_WAITING;
        if (full || token.blocked(trader)) return;
        uint256 size = _sizeFor(worth);
        uint256 slices = 2 + (terms % 3);
        if (size < slices) return;
        TwapRequest memory request = TwapRequest({
            positionId: 0,
            sizeDelta: int128(side % 2 == 0 ? int256(size) : -int256(size)),
            collateral: _collateralFor(size, leverage),
            acceptablePrice: terms % 8 == 0 ? _lastAnswer() * 1e10 : (side % 2 == 0 ? type(uint256).max : 0),
            executionFee: book.orderParams().minExecutionFee,
            interval: uint32(_bound(terms >> 8, 1, 30 minutes)),
            slices: uint16(slices),
            reduceOnly: false
        });
        _fund(trader, request.collateral);
        Picture memory w = _take();
        vm.recordLogs();
        vm.prank(trader);
        book.placeTwap(request);
        (, bytes memory data) = _logWith(vm.getRecordedLogs(), IOrderModule.TwapPlaced.selector);
        TwapOrder memory order = abi.decode(data, (TwapOrder));
        _twaps.push(order);
        _ids.push(order.positionId);
        _checkOthers(w, _only(order.positionId));
        _checkShareValue(w);
    }

    /// @notice Settles the next slice of an order, waiting for its fixing.
    function slice(uint256 which, uint256 move) external {
        if (_twaps.length == 0) return;
        uint256 index = which % _twaps.length;
        uint256 moment = _asOrder(_twaps[index]).committedAt + SETTLEMENT_DELAY;
        vm.warp(FixedMath.max(vm.getBlockTimestamp(), moment + 1));
        _observe(_nextAnswer(move), 0, true);
        _settleSliceAt(index);
    }

    function cancelTwap(uint256 which) external {
        if (_twaps.length == 0) return;
        uint256 index = which % _twaps.length;
        uint256 id = _twaps[index].positionId;
        Picture memory w = _take();
        Snapshot memory s = _find(w, id);
        if (!_tryCancelTwap(index)) return;
        _reach("waiting cancelled");
        if (s.id != 0 && s.record.size == 0) _checkGone(id);
        _checkOthers(w, _only(id));
        _checkShareValue(w);
    }

    /* END OF A RUN */

    /// @dev I26: whatever waits can be ended by its owner.
    function _endWaiting() internal {
        while (_resting.length != 0) _cancelRestingAt(_resting.length - 1);
        while (_twaps.length != 0) {
            if (!_tryCancelTwap(_twaps.length - 1)) _settleSliceAt(_twaps.length - 1);
        }
        // Positions that were refunded are gone.
        _checkOthers(_take(), new uint256[](0));
    }

    /* INTERNAL */

    /// @dev A limit, a stop or both, within a tenth of the price.
    function _wish(
        uint256 id,
        int256 delta,
        uint256 collateral,
        uint256 level
    ) private view returns (RestingRequest memory) {
        bool buys = delta == 0 ? market.position(id).size < 0 : delta > 0;
        return _levels(id, delta, collateral, buys, level);
    }

    function _levels(
        uint256 id,
        int256 delta,
        uint256 collateral,
        bool buys,
        uint256 level
    ) private view returns (RestingRequest memory request) {
        uint256 price = _lastAnswer() * 1e10;
        request.positionId = id;
        request.sizeDelta = int128(delta);
        request.collateral = collateral;
        request.acceptablePrice = buys ? type(uint256).max : 0;
        request.executionFee = book.orderParams().minExecutionFee;
        request.deadline = type(uint40).max;
        uint256 distance = (price * ((level >> 8) % 100)) / 1_000;
        uint256 kind = level % 3;
        if (kind != 0) request.limitPrice = uint128(buys ? price - distance : price + distance);
        if (kind != 1) request.stopPrice = uint128(buys ? price + distance : price - distance);
    }

    function _placeResting(address actor, RestingRequest memory request) private returns (uint256) {
        vm.recordLogs();
        vm.prank(actor);
        book.place(request);
        return _pushPlaced(vm.getRecordedLogs());
    }

    function _pushPlaced(Vm.Log[] memory logs) internal returns (uint256 positionId) {
        (, bytes memory data) = _logWith(logs, Events.OrderPlaced.selector);
        RestingOrder memory order = abi.decode(data, (RestingOrder));
        _resting.push(order);
        _reach("placed");
        return order.positionId;
    }

    /// @dev A take-profit or stop-loss of the whole position, within a tenth of the price.
    function _exitOf(
        uint256 id,
        bool buys,
        uint256 level
    ) internal view returns (RestingRequest memory request) {
        request = _levels(id, 0, 0, buys, level);
        (request.reduceOnly, request.beyondLiquidation) = (true, true);
    }

    function _cancelRestingAt(uint256 index) private {
        RestingOrder memory order = _resting[index];
        vm.prank(order.owner);
        book.cancel(order);
        _dropResting(index);
    }

    function _dropResting(uint256 index) private {
        _resting[index] = _resting[_resting.length - 1];
        _resting.pop();
    }

    /// @dev An answer at a level of the order, beyond one, or anywhere near.
    function _towards(RestingOrder memory order, uint256 move) private view returns (int256) {
        uint256 level =
            order.stopPrice != 0 && (order.limitPrice == 0 || move % 2 == 0)
                ? order.stopPrice
                : order.limitPrice;
        if (move % 3 == 0) return _nextAnswer(move);
        uint256 answer = level / 1e10 + (move % 5 == 0 ? 1 : 0);
        if (move % 7 == 0) answer = (answer * 99) / 100;
        return int256(_clampAnswer(answer));
    }

    /// @dev A trailing stop of an open position, if there is one.
    function _pickTrailing(uint256 which) private view returns (uint256 index) {
        for (uint256 i; i < _resting.length; ++i) {
            index = ((which % _resting.length) + i) % _resting.length;
            if (_resting[index].trail != 0 && market.position(_resting[index].positionId).size != 0)
                return index;
        }
    }

    /// @dev A better price for the position, and then the return to where a stop that trails it stands.
    function _observePullback(RestingOrder memory order) private {
        (, int256 size, , ) = market.tenure(order.positionId);
        bool isBuy = size < 0;
        uint256 best = _clampAnswer((_lastAnswer() * (isBuy ? 99 : 101)) / 100);
        _observe(int256(best), 0, true);
        vm.warp(vm.getBlockTimestamp() + SETTLEMENT_DELAY + 1);
        uint256 stop = TriggerMath.trailingStop(isBuy, best * 1e10, order.trail, order.trailIsRatio);
        _observe(int256(_clampAnswer(isBuy ? stop / 1e10 + 1 : stop / 1e10)), 0, true);
    }

    /// @dev An earlier observation for a trailing stop to trail, if the order is of that kind; at times none.
    function _peakFor(
        RestingOrder memory order,
        uint256 seed
    ) private view returns (bytes memory proof, uint256 best) {
        if (order.trail == 0 || seed % 4 == 0) return ("", 0);
        uint256 liveFrom = _liveFrom(order);
        uint16 phase = feed.phaseId();
        // From the newest but one back, as far as they count; the first that the seed likes.
        for (uint256 i = _history.length - 1; i > 0; --i) {
            Observation memory o = _history[i - 1];
            if (uint16(o.roundId >> 64) != phase || o.observedAt <= liveFrom) break;
            if (!o.counts || !_believed(o.answer)) continue;
            (proof, best) = (abi.encode(o.roundId), uint256(o.answer) * 1e10);
            if ((seed >> (i % 64)) % 2 == 0) break;
        }
    }

    function _liveFrom(RestingOrder memory order) private view returns (uint256 liveFrom) {
        (, , uint256 openedAt, ) = market.tenure(order.positionId);
        liveFrom = order.placedAt + SETTLEMENT_DELAY;
        if (order.reduceOnly) liveFrom = FixedMath.max(liveFrom, openedAt);
    }

    /// @dev The rule, from the whole history of the feed.
    function _isDue(
        RestingOrder memory order,
        Observation memory last,
        uint256 best
    ) private view returns (bool) {
        (address owner, int256 size, , uint256 transferredAt) = market.tenure(order.positionId);
        if (owner != order.owner || order.placedAt <= transferredAt) return false;
        if (order.reduceOnly && (size == 0 || (order.sizeDelta != 0 && (order.sizeDelta > 0) == (size > 0))))
            return false;
        uint256 liveFrom = _liveFrom(order);
        if (last.observedAt <= liveFrom || !_believed(last.answer)) return false;
        bool isBuy = order.sizeDelta == 0 || order.reduceOnly ? size < 0 : order.sizeDelta > 0;
        uint256 stop = order.stopPrice;
        if (best != 0) {
            uint256 trailing = TriggerMath.trailingStop(isBuy, best, order.trail, order.trailIsRatio);
            stop = TriggerMath.nearerStop(isBuy, stop, trailing);
        }
        if (!TriggerMath.isCrossed(isBuy, order.limitPrice, stop, uint256(last.answer) * 1e10)) return false;
        Observation memory previous = _previousInPhase();
        if (previous.observedAt <= liveFrom || !_believed(previous.answer)) return true;
        return !TriggerMath.isCrossed(isBuy, order.limitPrice, stop, uint256(previous.answer) * 1e10);
    }

    /// @dev The observation before the last one in its phase; empty if there is none.
    function _previousInPhase() private view returns (Observation memory o) {
        uint16 phase = feed.phaseId();
        for (uint256 i = _history.length - 1; i > 0; --i) {
            o = _history[i - 1];
            if (uint16(o.roundId >> 64) != phase) break;
            if (o.counts) return o;
        }
        return Observation(0, 0, 0, false);
    }

    function _checkTriggered(
        Picture memory w,
        RestingOrder memory order,
        Observation memory last,
        Vm.Log[] memory logs,
        bool late
    ) private {
        uint256 id = order.positionId;
        if (late) {
            _reach("triggered late");
            (bool found, bytes memory data) = _logWith(logs, Events.OrderCommitted.selector);
            assertTrue(found, "O13: late, yet not committed");
            Order memory next = abi.decode(data, (Order));
            assertEq(next.committedAt, vm.getBlockTimestamp(), "O13: committed at the trigger");
            _pending.push(Pending(keccak256(abi.encode(next)), next));
            _checkOthers(w, new uint256[](0));
            return;
        }
        _reach("triggered");
        Snapshot memory s = _find(w, id);
        _checkTrade(w, s, logs, FixingKind.Observed, uint256(last.answer) * 1e10, order.owner, keeper);
        // I25: an exit never opens, grows or flips.
        if (order.reduceOnly) {
            int256 size = market.position(id).size;
            bool smaller = FixedMath.abs(size) < FixedMath.abs(s.record.size);
            assertTrue(smaller && (size == 0 || (size > 0) == (s.record.size > 0)), "I25: not reduced");
        }
        _checkOthers(w, _only(id));
    }

    function _requireRefusal(bytes memory reason) private pure {
        _requireOneOf(
            reason,
            [
                Errors.OrderNotCrossed.selector,
                Errors.OrderNotFirstCrossing.selector,
                Errors.OrderVoid.selector,
                Errors.OrderObservationTooOld.selector,
                Errors.OrderNotReducing.selector,
                Errors.PositionNotOpen.selector,
                Errors.OracleAnswerOutOfBounds.selector,
                bytes4(0),
                bytes4(0)
            ]
        );
    }

    /// @dev A slice as the market order it is.
    function _asOrder(TwapOrder memory order) private pure returns (Order memory) {
        uint40 committedAt = order.startedAt + uint40(uint256(order.next) * order.interval);
        return
            Order({
                positionId: order.positionId,
                owner: order.owner,
                sizeDelta: order.sizeDelta,
                acceptablePrice: order.acceptablePrice,
                executionFee: order.executionFee,
                committedAt: committedAt,
                deadline: 0,
                epoch: order.epoch,
                slot: order.slot
            });
    }

    function _settleSliceAt(uint256 index) private {
        TwapOrder memory order = _twaps[index];
        (bool exists, uint80 proof, FixingKind kind, uint256 price) = _fixingOf(
            _asOrder(order),
            order.startedAt
        );
        if (!exists) return;
        uint256 id = order.positionId;
        (address owner, , , uint256 transferredAt) = market.tenure(id);
        bool isVoid = owner != order.owner || order.startedAt <= transferredAt;
        Picture memory w = _take();
        Snapshot memory s = _find(w, id);
        vm.recordLogs();
        try book.settleSlice(order, abi.encode(proof), keeper) {
            assertFalse(isVoid, "A20: a void slice was settled");
            Vm.Log[] memory logs = vm.getRecordedLogs();
            (, bytes memory data) = _logWith(logs, IOrderModule.SliceSettled.selector);
            (, , Failure reason) = abi.decode(data, (uint256, uint256, Failure));
            if (reason == Failure.None) {
                _reach("slice traded");
                _checkTrade(w, s, logs, kind, price, owner, keeper);
            } else {
                _reach("slice failed");
                assertEq(pool.poolAssets(), w.poolAssets, "a failed slice moved the pool");
            }
            _advanceTwap(index);
            _checkOthers(w, _only(id));
        } catch (bytes memory reason) {
            assertTrue(isVoid, "I26: a slice with its fixing could not be settled");
            _requireError(reason, [Errors.OrderVoid.selector, bytes4(0), bytes4(0)]);
            _checkOthers(w, new uint256[](0));
        }
        _checkWallets(w);
    }

    function _advanceTwap(uint256 index) private {
        TwapOrder storage order = _twaps[index];
        if (++order.next == order.slices) _dropTwap(index);
    }

    /// @dev False if the next slice has its fixing and must be settled.
    function _tryCancelTwap(uint256 index) private returns (bool) {
        TwapOrder memory order = _twaps[index];
        vm.prank(order.owner);
        try book.cancelTwap(order) {
            _dropTwap(index);
            return true;
        } catch (bytes memory reason) {
            (bool exists, , , ) = _fixingOf(_asOrder(order), order.startedAt);
            assertTrue(exists, "I26: slices could not be cancelled");
            _requireError(reason, [Errors.OrderSettleable.selector, bytes4(0), bytes4(0)]);
            return false;
        }
    }

    function _dropTwap(uint256 index) private {
        _twaps[index] = _twaps[_twaps.length - 1];
        _twaps.pop();
    }
}
