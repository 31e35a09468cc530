// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOrderModule} from "../interfaces/IOrderModule.sol";
import {Errors} from "../libraries/Errors.sol";
import {PricingMath} from "../libraries/math/PricingMath.sol";
import {Fixing, FixingKind, FixingQuery} from "../types/Fixing.sol";
import {Failure, Trade, TwapOrder, TwapRequest} from "../types/Order.sol";
import {OrderEntry} from "./OrderEntry.sol";

/// @notice Orders in slices: slice k is a market order committed at the start plus k intervals.
abstract contract TwapOrders is OrderEntry, IOrderModule {
    uint256 private constant MAX_SLICES = 1_000;
    uint256 private constant MAX_INTERVAL = 7 days;

    /// @inheritdoc IOrderModule
    function placeTwap(
        TwapRequest calldata request
    ) external nonReentrant returns (bytes32 orderId, uint256 positionId) {
        return _placeTwap(msg.sender, request);
    }

    /// @inheritdoc IOrderModule
    function settleSlice(
        TwapOrder calldata order,
        bytes calldata proof,
        address feeTo
    ) external nonReentrant {
        if (feeTo == address(0)) revert Errors.ZeroAddress();
        bytes32 orderId = keccak256(abi.encode(order));
        _requireLive(order.owner, order.slot, orderId);
        (bool isVoid, int256 size) = _stateOf(order);
        if (isVoid) revert Errors.OrderVoid(orderId);
        FixingQuery memory query = _sliceQuery(order);
        Fixing memory fixing = oracle.fixing(query, proof);
        bool isLast = order.next + 1 == order.slices;
        _advance(order, isLast);
        Failure failure = _settleSlice(order, fixing, feeTo, isLast, size);
        _requireNoPriceDue(orderId, failure, query);
        emit SliceSettled(orderId, order.positionId, feeTo, order.next, fixing.observationId, failure);
    }

    /// @inheritdoc IOrderModule
    function cancelTwap(TwapOrder calldata order) external nonReentrant {
        bytes32 orderId = keccak256(abi.encode(order));
        _requireLive(order.owner, order.slot, orderId);
        _requireOwnerOrOperator(order.owner, order.positionId);
        // A slice that has its fixing can only be settled: leaving it would be a free option. A void one can't be.
        (bool isVoid, ) = _stateOf(order);
        bool due = !isVoid && block.timestamp > _sliceQuery(order).moment;
        if (due && oracle.settleable(_sliceQuery(order))) revert Errors.OrderSettleable(orderId);
        _end(orderId, order.owner, order.slot, order.positionId);
        if (!order.reduceOnly) _refundUnopened(order.positionId);
    }

    /* INTERNAL */

    function _placeTwap(
        address actor,
        TwapRequest calldata request
    ) internal returns (bytes32 orderId, uint256 positionId) {
        _checkSize(request.sizeDelta);
        _checkExecutionFee(request.executionFee);
        if (request.slices < 2 || request.slices > MAX_SLICES)
            revert Errors.OrderSlicesOutOfBounds(request.slices, 2, MAX_SLICES);
        if (request.interval == 0 || request.interval > MAX_INTERVAL)
            revert Errors.OrderIntervalOutOfBounds(request.interval, 1, MAX_INTERVAL);
        if (request.sizeDelta / int256(uint256(request.slices)) == 0) revert Errors.OrderSizeZero();
        address owner = actor;
        positionId = request.positionId;
        if (positionId == 0) {
            if (request.reduceOnly) revert Errors.OrderNotReducing(0, request.sizeDelta);
            positionId = _openPosition(
                actor,
                request.sizeDelta,
                request.collateral,
                request.executionFee,
                request.acceptablePrice,
                0
            );
        } else {
            owner = _useOpenPosition(actor, positionId, request.sizeDelta, request.collateral);
            bool reduces = _reduces(request.sizeDelta, market.position(positionId).size);
            if (request.reduceOnly && !reduces) revert Errors.OrderNotReducing(positionId, request.sizeDelta);
        }
        TwapOrder memory order = TwapOrder({
            positionId: positionId,
            owner: owner,
            sizeDelta: request.sizeDelta,
            acceptablePrice: request.acceptablePrice,
            executionFee: request.executionFee,
            startedAt: uint40(block.timestamp),
            interval: request.interval,
            slices: request.slices,
            next: 0,
            epoch: oracle.epoch(),
            slot: _freeSlot(owner),
            reduceOnly: request.reduceOnly
        });
        orderId = keccak256(abi.encode(order));
        _store(owner, order.slot, orderId);
        emit TwapPlaced(orderId, positionId, owner, order);
    }

    /// @dev Whether the position is gone or has changed hands since, and its size.
    function _stateOf(TwapOrder calldata order) private view returns (bool isVoid, int256 size) {
        address owner;
        uint256 transferredAt;
        (owner, size, , transferredAt) = market.tenure(order.positionId);
        isVoid = owner != order.owner || order.startedAt <= transferredAt;
    }

    /// @dev The next slice's commitment takes this one's place.
    function _advance(TwapOrder memory order, bool isLast) private {
        if (isLast) return _free(order.owner, order.slot);
        ++order.next;
        _store(order.owner, order.slot, keccak256(abi.encode(order)));
    }

    function _settleSlice(
        TwapOrder calldata order,
        Fixing memory fixing,
        address feeTo,
        bool isLast,
        int256 size
    ) private returns (Failure) {
        int128 slice = _sliceSize(order);
        if (fixing.kind == FixingKind.Void) {
            if (isLast && size == 0) market.release(order.positionId, 0, address(0), false);
            return Failure.NoPrice;
        }
        uint256 price = slice > 0 ? fixing.ask : fixing.bid;
        if (fixing.kind == FixingKind.Fallback) price = PricingMath.worsen(price, _fallbackSpread, slice > 0);
        return
            market.execute(
                Trade({
                    positionId: order.positionId,
                    owner: order.owner,
                    sizeDelta: slice,
                    acceptablePrice: order.acceptablePrice,
                    executionFee: order.executionFee,
                    price: price,
                    indexPrice: fixing.indexPrice,
                    indexIsFresh: fixing.indexIsFresh,
                    feeTo: feeTo,
                    keepsReserved: !isLast
                })
            );
    }

    /// @dev Signed base size of the next slice; the last one takes what division left.
    function _sliceSize(TwapOrder calldata order) private pure returns (int128) {
        int128 slices = int128(uint128(order.slices));
        int128 part = order.sizeDelta / slices;
        return order.next + 1 == order.slices ? order.sizeDelta - part * (slices - 1) : part;
    }

    function _sliceQuery(TwapOrder calldata order) private view returns (FixingQuery memory) {
        uint256 committedAt = uint256(order.startedAt) + uint256(order.next) * order.interval;
        return _queryAt(committedAt, order.epoch, order.startedAt);
    }
}
