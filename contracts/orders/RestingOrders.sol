// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOrderBook} from "../interfaces/IOrderBook.sol";
import {Errors} from "../libraries/Errors.sol";
import {Events} from "../libraries/Events.sol";
import {TriggerMath} from "../libraries/math/TriggerMath.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {Observation} from "../types/Fixing.sol";
import {Failure, Order, RestingOrder, RestingRequest, Trade} from "../types/Order.sol";
import {MarketOrders} from "./MarketOrders.sol";

/// @notice Orders that wait for a price: limit, stop, take-profit, stop-loss, trailing stop, and pairs of them.
abstract contract RestingOrders is MarketOrders {
    /// @inheritdoc IOrderBook
    function place(
        RestingRequest calldata request
    ) external nonReentrant returns (bytes32 orderId, uint256 positionId) {
        return _place(msg.sender, request, request.executionFee);
    }

    /// @inheritdoc IOrderBook
    function cancel(RestingOrder calldata order) external nonReentrant {
        bytes32 orderId = keccak256(abi.encode(order));
        _requireLive(order.owner, order.slot, orderId);
        // After the deadline anyone may.
        if (block.timestamp <= order.deadline) _requireOwnerOrOperator(order.owner, order.positionId);
        _end(orderId, order.owner, order.slot, order.positionId);
        if (!order.reduceOnly) _refundUnopened(order.positionId);
    }

    /// @inheritdoc IOrderBook
    function trigger(
        RestingOrder calldata order,
        bytes calldata proof,
        bytes calldata peakProof,
        address feeTo
    ) external nonReentrant {
        if (feeTo == address(0)) revert Errors.ZeroAddress();
        bytes32 orderId = keccak256(abi.encode(order));
        _requireLive(order.owner, order.slot, orderId);
        if (block.timestamp > order.deadline) revert Errors.OrderExpired(orderId, order.deadline);
        (bool isBuy, uint256 liveFrom) = _liveTerms(orderId, order);
        Observation memory crossing = _requireCrossing(orderId, order, isBuy, liveFrom, proof, peakProof);
        // Of an observation that may not be the first beyond the level, who triggers could choose among several.
        if (crossing.previousIsKnown && block.timestamp - crossing.observedAt <= _freshness) {
            _free(order.owner, order.slot);
            _fill(orderId, order, crossing, isBuy ? crossing.ask : crossing.bid, feeTo);
        } else {
            // Or too long ago to be a price of now: from here on it is a market order like any other.
            bytes32 nextId = _commitOrder(
                Order({
                    positionId: order.positionId,
                    owner: order.owner,
                    sizeDelta: order.sizeDelta,
                    acceptablePrice: order.acceptablePrice,
                    executionFee: order.executionFee,
                    committedAt: uint40(block.timestamp),
                    deadline: uint40(_earliestDeadline()),
                    epoch: oracle.epoch(),
                    slot: order.slot
                })
            );
            if (_sessionOf[orderId] != 0) _triggeredFrom[nextId] = orderId;
            emit Events.OrderTriggered(orderId, order.positionId, feeTo, crossing.id, nextId);
        }
    }

    /* INTERNAL */

    /// @dev Which way the order trades, and the time after which an observation may trigger it: the settlement delay
    /// after it was placed, and for an exit not before its position was opened.
    function _liveTerms(
        bytes32 orderId,
        RestingOrder calldata order
    ) private view returns (bool isBuy, uint256 liveFrom) {
        (address owner, int256 size, uint256 openedAt, uint256 transferredAt) = market.tenure(
            order.positionId
        );
        if (owner != order.owner || order.placedAt <= transferredAt) revert Errors.OrderVoid(orderId);
        isBuy = order.sizeDelta > 0;
        liveFrom = uint256(order.placedAt) + _settlementDelay;
        if (order.reduceOnly) {
            if (size == 0) revert Errors.PositionNotOpen(order.positionId);
            if (!_reduces(order.sizeDelta, size))
                revert Errors.OrderNotReducing(order.positionId, order.sizeDelta);
            isBuy = size < 0;
            liveFrom = FixedMath.max(liveFrom, openedAt);
        } else if (order.sizeDelta == 0) {
            isBuy = size < 0;
        }
    }

    /// @dev The observation with which the price crossed: live, beyond a trigger, and the one before it was not.
    function _requireCrossing(
        bytes32 orderId,
        RestingOrder calldata order,
        bool isBuy,
        uint256 liveFrom,
        bytes calldata proof,
        bytes calldata peakProof
    ) private view returns (Observation memory o) {
        o = oracle.observation(proof);
        if (o.observedAt <= liveFrom) revert Errors.OrderObservationTooOld(orderId, o.observedAt, liveFrom);
        uint256 stop = order.stopPrice;
        if (peakProof.length != 0 && order.trail != 0) {
            Observation memory peak = oracle.observation(peakProof);
            if (peak.observedAt <= liveFrom)
                revert Errors.OrderObservationTooOld(orderId, peak.observedAt, liveFrom);
            if (peak.id >= o.id) revert Errors.OrderPeakAfterCrossing(orderId, peak.id, o.id);
            uint256 trailing = TriggerMath.trailingStop(isBuy, peak.price, order.trail, order.trailIsRatio);
            stop = TriggerMath.nearerStop(isBuy, stop, trailing);
        }
        if (!TriggerMath.isCrossed(isBuy, order.limitPrice, stop, o.price))
            revert Errors.OrderNotCrossed(orderId, o.price);
        bool before =
            o.previousAt > liveFrom && TriggerMath.isCrossed(isBuy, order.limitPrice, stop, o.previousPrice);
        if (before) revert Errors.OrderNotFirstCrossing(orderId, o.id);
    }

    /// @dev Trades at the crossing. What can't be filled now goes on resting.
    function _fill(
        bytes32 orderId,
        RestingOrder calldata order,
        Observation memory crossing,
        uint256 price,
        address feeTo
    ) private {
        Failure failure = market.execute(
            Trade({
                positionId: order.positionId,
                owner: order.owner,
                sizeDelta: order.sizeDelta,
                acceptablePrice: order.acceptablePrice,
                executionFee: order.executionFee,
                price: price,
                indexPrice: crossing.indexPrice,
                indexIsFresh: crossing.indexIsFresh,
                feeTo: feeTo,
                keepsReserved: false
            })
        );
        if (failure != Failure.None) revert Errors.OrderNotFillable(orderId, failure);
        emit Events.OrderSettled(orderId, order.positionId, feeTo, crossing.id, price);
    }
}
