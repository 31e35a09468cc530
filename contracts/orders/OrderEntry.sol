// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Constants} from "../libraries/Constants.sol";
import {Errors} from "../libraries/Errors.sol";
import {Events} from "../libraries/Events.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {PositionMath} from "../libraries/math/PositionMath.sol";
import {Order, OrderRequest, RestingOrder, RestingRequest} from "../types/Order.sol";
import {Carry, Position} from "../types/Position.sol";
import {OrderStorage} from "./OrderStorage.sol";

/// @notice How orders come in, whoever brings them: checks a request, takes its collateral, commits or places it.
abstract contract OrderEntry is OrderStorage {
    /* MARKET ORDERS */

    /// @dev Commits for `actor`, who pays, with a fee for the settler. Collateral is pulled first; a token that calls
    /// back finds this contract locked.
    function _commit(
        address actor,
        OrderRequest calldata request,
        uint128 executionFee
    ) internal returns (bytes32 orderId, uint256 positionId) {
        _checkSize(request.sizeDelta);
        _checkExecutionFee(executionFee);
        uint256 earliest = _earliestDeadline();
        if (request.deadline < earliest) revert Errors.OrderDeadlineTooEarly(request.deadline, earliest);
        address owner = actor;
        positionId = request.positionId;
        if (positionId == 0)
            positionId = _openPosition(
                actor,
                request.sizeDelta,
                request.collateral,
                request.executionFee,
                request.acceptablePrice,
                0
            );
        else owner = _useOpenPosition(actor, positionId, request.sizeDelta, request.collateral);

        orderId = _commitOrder(
            Order({
                positionId: positionId,
                owner: owner,
                sizeDelta: request.sizeDelta,
                acceptablePrice: request.acceptablePrice,
                executionFee: executionFee,
                committedAt: uint40(block.timestamp),
                deadline: request.deadline,
                epoch: oracle.epoch(),
                slot: _freeSlot(owner)
            })
        );
    }

    function _commitOrder(Order memory order) internal returns (bytes32 orderId) {
        orderId = keccak256(abi.encode(order));
        _store(order.owner, order.slot, orderId);
        emit Events.OrderCommitted(orderId, order.positionId, order.owner, order);
    }

    function _isBuy(int256 sizeDelta, uint256 positionId) internal view returns (bool) {
        return sizeDelta == 0 ? market.position(positionId).size < 0 : sizeDelta > 0;
    }

    function _earliestDeadline() internal view returns (uint256) {
        return block.timestamp + 2 * uint256(_settlementDelay) + _fallbackDelay;
    }

    /* RESTING ORDERS */

    function _place(
        address actor,
        RestingRequest calldata request,
        uint128 executionFee
    ) internal returns (bytes32 orderId, uint256 positionId) {
        _checkExecutionFee(executionFee);
        _checkRequest(request);
        address owner = actor;
        positionId = _named(request.positionId);
        if (positionId == 0) {
            if (request.reduceOnly) revert Errors.OrderNotReducing(0, request.sizeDelta);
            positionId = _openPosition(
                actor,
                request.sizeDelta,
                request.collateral,
                request.executionFee,
                request.acceptablePrice,
                request.limitPrice != 0 ? request.limitPrice : request.stopPrice
            );
        } else if (request.reduceOnly) {
            owner = _useForExit(actor, positionId, request);
        } else {
            owner = _useOpenPosition(actor, positionId, request.sizeDelta, request.collateral);
        }
        RestingOrder memory order = RestingOrder({
            positionId: positionId,
            owner: owner,
            sizeDelta: request.sizeDelta,
            acceptablePrice: request.acceptablePrice,
            executionFee: executionFee,
            placedAt: uint40(block.timestamp),
            deadline: request.deadline,
            slot: _freeSlot(owner),
            limitPrice: request.limitPrice,
            stopPrice: request.stopPrice,
            trail: request.trail,
            trailIsRatio: request.trailIsRatio,
            reduceOnly: request.reduceOnly
        });
        orderId = keccak256(abi.encode(order));
        _store(owner, order.slot, orderId);
        emit Events.OrderPlaced(orderId, positionId, owner, order);
    }

    function _checkRequest(RestingRequest calldata request) private view {
        _checkSize(request.sizeDelta);
        if (request.deadline <= block.timestamp)
            revert Errors.OrderDeadlineTooEarly(request.deadline, block.timestamp + 1);
        bool hasTrigger = request.limitPrice != 0 || request.stopPrice != 0 || request.trail != 0;
        if (!hasTrigger) revert Errors.OrderTriggerMissing();
        uint256 highest = FixedMath.max(request.limitPrice, request.stopPrice);
        if (highest > Constants.MAX_PRICE)
            revert Errors.OrderTriggerOutOfBounds(highest, Constants.MAX_PRICE);
        uint256 longest = request.trailIsRatio ? FixedMath.WAD - 1 : Constants.MAX_PRICE;
        if (request.trail > longest) revert Errors.OrderTriggerOutOfBounds(request.trail, longest);
    }

    /// @dev A reduce-only order may be attached before its position is open, and takes no collateral. A stop that
    /// the position can't live to see protects from nothing: refused, unless the owner knows.
    function _useForExit(
        address actor,
        uint256 positionId,
        RestingRequest calldata request
    ) private view returns (address owner) {
        int256 size;
        bool allowed;
        (owner, size, allowed) = market.orderTerms(positionId, actor);
        if (owner == address(0)) revert Errors.PositionNotOpen(positionId);
        if (!allowed) revert Errors.NotPositionOperator(positionId, actor);
        if (request.collateral != 0) revert Errors.OrderCollateralUnexpected(request.collateral);
        int256 held = size;
        if (size == 0) {
            // A position that waits for an entry of another transaction: nothing is known of it yet.
            if (!_isLast(positionId)) return owner;
            held = _lastSize;
        }
        if (!_reduces(request.sizeDelta, held)) revert Errors.OrderNotReducing(positionId, request.sizeDelta);
        if (request.stopPrice == 0 || request.beyondLiquidation) return owner;
        bool useless =
            size == 0
                ? _isEntryLiquidatableAt(request.stopPrice)
                : _isLiquidatableAt(positionId, request.stopPrice);
        if (useless) revert Errors.OrderStopBeyondLiquidation(positionId, request.stopPrice);
    }

    /// @dev Whether an open position would be liquidatable now if the index price were `price`.
    function _isLiquidatableAt(uint256 positionId, uint256 price) private view returns (bool) {
        (int256 size, int256 equity, uint256 notional) = _health(positionId, price);
        return equity < int256(market.maintenanceMargin(FixedMath.abs(size), notional));
    }

    /// @dev The same for the position that the entry of this transaction is to open: not at the worst price the entry
    /// accepts, or else at the one it waits for, or the latest.
    function _isEntryLiquidatableAt(uint256 price) private view returns (bool) {
        int256 size = _lastSize;
        uint256 abs = FixedMath.abs(size);
        uint256 notional = PositionMath.quoteUp(abs, price, _quoteScale);
        int256 least = int256(market.maintenanceMargin(abs, notional)) - int256(_lastCash);
        uint256 worst = _lastWorstPrice;
        if (worst != 0 && worst <= Constants.MAX_PRICE && _pnlFrom(size, abs, worst, price) >= least)
            return false;
        uint256 expected = _lastPrice;
        if (expected == 0) (expected, , ) = oracle.peek();
        return _pnlFrom(size, abs, expected, price) < least;
    }

    function _pnlFrom(int256 size, uint256 abs, uint256 entry, uint256 price) private view returns (int256) {
        return PositionMath.pnl(size, PositionMath.quoteUp(abs, entry, _quoteScale), price, _quoteScale);
    }

    /// @dev Size, equity and notional of a position now if the index price were `price`.
    function _health(
        uint256 positionId,
        uint256 price
    ) internal view returns (int256 size, int256 equity, uint256 notional) {
        Position memory p = market.position(positionId);
        Carry memory carry = market.carryAt(price);
        size = p.size;
        uint256 abs = FixedMath.abs(size);
        equity = PositionMath.equity(
            market.marginVault().balanceOf(positionId),
            PositionMath.pnl(size, p.entryNotional, price, _quoteScale),
            PositionMath.carryOwed(
                abs,
                size > 0 ? carry.longIndex : carry.shortIndex,
                p.carryIndex,
                _quoteScale
            )
        );
        notional = PositionMath.quoteUp(abs, price, _quoteScale);
    }

    /* CANCELLING */

    /// @dev Reverts unless the caller gave the order or may act for its position.
    function _requireOwnerOrOperator(address owner, uint256 positionId) internal view {
        if (msg.sender != owner && !market.isOperator(positionId, msg.sender))
            revert Errors.NotPositionOperator(positionId, msg.sender);
    }

    function _end(bytes32 orderId, address owner, uint32 slot, uint256 positionId) internal {
        _free(owner, slot);
        emit Events.OrderCancelled(orderId, positionId);
    }

    /// @dev Closes a position whose entry will never come.
    function _refundUnopened(uint256 positionId) internal {
        (address owner, int256 size, , ) = market.tenure(positionId);
        if (owner != address(0) && size == 0) market.release(positionId, 0, address(0), false);
    }
}
