// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOrderModule} from "../interfaces/IOrderModule.sol";
import {Errors} from "../libraries/Errors.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {MarginMath} from "../libraries/math/MarginMath.sol";
import {PositionMath} from "../libraries/math/PositionMath.sol";
import {ProtectionMath} from "../libraries/math/ProtectionMath.sol";
import {MarketParams} from "../types/MarketParams.sol";
import {Order, ProtectiveOrder, ProtectiveRequest} from "../types/Order.sol";
import {OrderEntry} from "./OrderEntry.sol";

/// @notice Orders that keep a position from being liquidated, by its own margin ratio: auto-top-up and auto-reduce.
abstract contract ProtectiveOrders is OrderEntry, IOrderModule {
    /// @inheritdoc IOrderModule
    function placeProtective(
        ProtectiveRequest calldata request
    ) external nonReentrant returns (bytes32 orderId, uint256 positionId) {
        _checkExecutionFee(request.executionFee);
        if (request.deadline <= block.timestamp)
            revert Errors.OrderDeadlineTooEarly(request.deadline, block.timestamp + 1);
        positionId = _named(request.positionId);
        (address owner, int256 size, , ) = market.tenure(positionId);
        if (size == 0 && _isLast(positionId)) size = _lastSize;
        if (owner == address(0)) revert Errors.PositionNotOpen(positionId);
        if (owner != msg.sender) revert Errors.ProtectionNotByOwner(positionId, msg.sender);
        _checkRatios(request, size);
        ProtectiveOrder memory order = ProtectiveOrder({
            positionId: positionId,
            owner: owner,
            triggerRatio: request.triggerRatio,
            targetRatio: request.targetRatio,
            topUpBudget: request.topUpBudget,
            executionFee: request.executionFee,
            placedAt: uint40(block.timestamp),
            deadline: request.deadline,
            slot: _freeSlot(owner)
        });
        orderId = keccak256(abi.encode(order));
        _store(owner, order.slot, orderId);
        emit ProtectivePlaced(orderId, positionId, owner, order);
    }

    /// @inheritdoc IOrderModule
    function protect(ProtectiveOrder calldata order, address feeTo) external nonReentrant {
        if (feeTo == address(0)) revert Errors.ZeroAddress();
        bytes32 orderId = keccak256(abi.encode(order));
        _requireLive(order.owner, order.slot, orderId);
        if (block.timestamp > order.deadline) revert Errors.OrderExpired(orderId, order.deadline);
        (address owner, int256 held, , uint256 transferredAt) = market.tenure(order.positionId);
        if (owner != order.owner || order.placedAt <= transferredAt) revert Errors.OrderVoid(orderId);
        if (held == 0) revert Errors.PositionNotOpen(order.positionId);

        (uint256 price, ) = oracle.latest();
        (int256 size, int256 equity, uint256 notional) = _health(order.positionId, price);
        if (!ProtectionMath.isDue(equity, notional, order.triggerRatio))
            revert Errors.ProtectionNotDue(orderId, equity, notional);
        if (order.topUpBudget != 0) _topUp(orderId, order, feeTo, equity, notional);
        else _reduce(orderId, order, feeTo, size, equity, notional, price);
    }

    /// @inheritdoc IOrderModule
    function cancelProtective(ProtectiveOrder calldata order) external nonReentrant {
        bytes32 orderId = keccak256(abi.encode(order));
        _requireLive(order.owner, order.slot, orderId);
        // After the deadline anyone may.
        if (block.timestamp <= order.deadline) _requireOwnerOrOperator(order.owner, order.positionId);
        _end(orderId, order.owner, order.slot, order.positionId);
    }

    /* INTERNAL */

    /// @dev A trigger that the position can't live to see protects from nothing; a target within reach of the fee for
    /// getting there is none.
    function _checkRatios(ProtectiveRequest calldata request, int256 size) private view {
        MarketParams memory params = market.params();
        uint256 abs = FixedMath.abs(size);
        uint256 maintenance =
            params.liquidationFee +
                MarginMath.ratio(abs, params.maintenanceBase, params.maintenanceSlope, params.depth);
        if (request.triggerRatio <= maintenance || request.triggerRatio >= FixedMath.WAD)
            revert Errors.ProtectionRatioOutOfBounds(request.triggerRatio, maintenance, FixedMath.WAD);
        if (request.targetRatio <= request.triggerRatio || request.targetRatio >= FixedMath.WAD)
            revert Errors.ProtectionRatioOutOfBounds(
                request.targetRatio,
                request.triggerRatio,
                FixedMath.WAD
            );
        if (request.topUpBudget != 0 && request.topUpBudget <= request.executionFee)
            revert Errors.ProtectionBudgetTooLow(request.topUpBudget, request.executionFee);
    }

    /// @dev The order goes on with what is left of its budget, if that pays another execution. State first: the owner's
    /// token is called.
    function _topUp(
        bytes32 orderId,
        ProtectiveOrder calldata order,
        address feeTo,
        int256 equity,
        uint256 notional
    ) private {
        uint256 amount = FixedMath.min(
            ProtectionMath.topUp(equity, notional, order.targetRatio, order.executionFee),
            order.topUpBudget
        );
        uint256 left = order.topUpBudget - amount;
        bytes32 nextId;
        if (left > order.executionFee) {
            ProtectiveOrder memory next = order;
            next.topUpBudget = uint128(left);
            nextId = keccak256(abi.encode(next));
            _store(order.owner, order.slot, nextId);
        } else {
            _free(order.owner, order.slot);
        }
        market.depositFor(order.positionId, order.owner, amount);
        market.release(order.positionId, order.executionFee, feeTo, true);
        emit ToppedUp(orderId, order.positionId, feeTo, amount, left, nextId);
    }

    /// @dev A market order like any other from here on, in the slot of this one.
    function _reduce(
        bytes32 orderId,
        ProtectiveOrder calldata order,
        address feeTo,
        int256 size,
        int256 equity,
        uint256 notional,
        uint256 price
    ) private {
        MarketParams memory params = market.params();
        uint256 abs = FixedMath.abs(size);
        uint256 closed = ProtectionMath.reduction(
            abs,
            equity,
            notional,
            order.targetRatio,
            order.executionFee,
            params.takerFee
        );
        // Zero closes the whole: what is left would be too small to stand alone.
        bool whole = PositionMath.quoteUp(abs - closed, price, _quoteScale) < params.minNotional;
        int256 delta = whole ? int256(0) : (size > 0 ? -int256(closed) : int256(closed));
        bytes32 nextId = _commitOrder(
            Order({
                positionId: order.positionId,
                owner: order.owner,
                sizeDelta: int128(delta),
                acceptablePrice: size > 0 ? 0 : type(uint256).max,
                executionFee: order.executionFee,
                committedAt: uint40(block.timestamp),
                deadline: uint40(_earliestDeadline()),
                epoch: oracle.epoch(),
                slot: order.slot
            })
        );
        emit ReductionCommitted(orderId, order.positionId, feeTo, nextId);
    }
}
