// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOrderBook} from "../interfaces/IOrderBook.sol";
import {Errors} from "../libraries/Errors.sol";
import {Events} from "../libraries/Events.sol";
import {PricingMath} from "../libraries/math/PricingMath.sol";
import {Fixing, FixingKind, FixingQuery} from "../types/Fixing.sol";
import {Failure, Order, OrderRequest, Trade} from "../types/Order.sol";
import {OrderEntry} from "./OrderEntry.sol";

/// @notice Market orders: commit, then settle at the fixing.
abstract contract MarketOrders is OrderEntry, IOrderBook {
    /// @dev Gas that must be left before asking a feed whether it answers, so that a failure is the feed's own.
    uint256 private constant FEED_GAS = 500_000;

    /// @inheritdoc IOrderBook
    function commit(
        OrderRequest calldata request
    ) external nonReentrant returns (bytes32 orderId, uint256 positionId) {
        return _commit(msg.sender, request, request.executionFee);
    }

    /// @inheritdoc IOrderBook
    function settle(Order calldata order, bytes calldata proof, address feeTo) external nonReentrant {
        if (feeTo == address(0)) revert Errors.ZeroAddress();
        bytes32 orderId = _take(order);
        FixingQuery memory query = _queryAt(order.committedAt, order.epoch, order.committedAt);
        Fixing memory fixing = oracle.fixing(query, proof);
        if (fixing.kind == FixingKind.Void) {
            emit Events.OrderFailed(orderId, order.positionId, feeTo, Failure.NoPrice);
            // Another owner's money pays for nothing the previous one ordered.
            bool sameOwner = market.ownerOrZero(order.positionId) == order.owner;
            market.release(order.positionId, sameOwner ? order.executionFee : 0, feeTo, false);
            return;
        }
        uint256 price = fixing.price;
        if (fixing.kind == FixingKind.Fallback || fixing.bid != fixing.ask) {
            bool isBuy = _isBuy(order.sizeDelta, order.positionId);
            price = isBuy ? fixing.ask : fixing.bid;
            if (fixing.kind == FixingKind.Fallback) price = PricingMath.worsen(price, _fallbackSpread, isBuy);
        }

        Failure failure = market.execute(
            Trade({
                positionId: order.positionId,
                owner: order.owner,
                sizeDelta: order.sizeDelta,
                acceptablePrice: order.acceptablePrice,
                executionFee: order.executionFee,
                price: price,
                indexPrice: fixing.indexPrice,
                indexIsFresh: fixing.indexIsFresh,
                feeTo: feeTo,
                keepsReserved: false
            })
        );
        _requireNoPriceDue(orderId, failure, query);
        if (failure == Failure.None) {
            emit Events.OrderSettled(orderId, order.positionId, feeTo, fixing.observationId, price);
        } else {
            emit Events.OrderFailed(orderId, order.positionId, feeTo, failure);
        }
    }

    /// @inheritdoc IOrderBook
    function expire(Order calldata order) external nonReentrant {
        bytes32 orderId = _take(order);
        if (block.timestamp <= order.deadline) revert Errors.OrderNotExpired(orderId, order.deadline);
        // A caller who starves the call of gas must not make a live feed look dead.
        if (gasleft() < FEED_GAS) revert Errors.InsufficientGas(gasleft(), FEED_GAS);
        try oracle.settleable(_queryAt(order.committedAt, order.epoch, order.committedAt)) returns (
            bool yes
        ) {
            if (yes) revert Errors.OrderSettleable(orderId);
        } catch {
            // The feed does not answer: no price can be proven, so the order is released.
        }
        emit Events.OrderExpired(orderId, order.positionId);
        market.release(order.positionId, 0, address(0), false);
    }

    /* INTERNAL */

    /// @dev Consumes a commitment.
    function _take(Order calldata order) private returns (bytes32 orderId) {
        // As keccak256(abi.encode(order)), but for a field with stray high bits, which no id was made of.
        assembly ("memory-safe") {
            let size := 288
            let start := mload(0x40)
            calldatacopy(start, order, size)
            orderId := keccak256(start, size)
        }
        _requireLive(order.owner, order.slot, orderId);
        _free(order.owner, order.slot);
    }
}
