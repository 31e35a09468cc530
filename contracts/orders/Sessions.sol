// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOrderModule} from "../interfaces/IOrderModule.sol";
import {Errors} from "../libraries/Errors.sol";
import {RequestHash} from "../libraries/RequestHash.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {PositionMath} from "../libraries/math/PositionMath.sol";
import {OrderRequest, RestingOrder, RestingRequest} from "../types/Order.sol";
import {Session, SessionState, Stake} from "../types/Session.sol";
import {OrderEntry} from "./OrderEntry.sol";

/// @notice Orders by a key that its owner lets trade within bounds.
abstract contract Sessions is OrderEntry, IOrderModule {
    /// @dev An order as its bounds see it.
    struct Intent {
        uint256 positionId;
        int256 sizeDelta;
        uint256 collateral;
        uint256 executionFee;
        uint256 highestPrice;
        bool reduces;
    }

    /// @inheritdoc IOrderModule
    function commitBySession(
        Session calldata session,
        bytes calldata signature,
        OrderRequest calldata request
    ) external nonReentrant returns (bytes32 orderId, uint256 positionId) {
        bytes32 sessionId = _requireSession(session, signature);
        Intent memory intent = Intent({
            positionId: request.positionId,
            sizeDelta: request.sizeDelta,
            collateral: request.collateral,
            executionFee: request.executionFee,
            highestPrice: 0,
            reduces: false
        });
        uint32 slot = _freeSlot(session.owner);
        uint256 stake = _checkBounds(session, sessionId, intent);
        (orderId, positionId) = _commit(session.owner, request, request.executionFee);
        _spend(session, sessionId, positionId, orderId, slot, intent, stake);
    }

    /// @inheritdoc IOrderModule
    function placeBySession(
        Session calldata session,
        bytes calldata signature,
        RestingRequest calldata request
    ) external nonReentrant returns (bytes32 orderId, uint256 positionId) {
        bytes32 sessionId = _requireSession(session, signature);
        Intent memory intent = Intent({
            positionId: _named(request.positionId),
            sizeDelta: request.sizeDelta,
            collateral: request.collateral,
            executionFee: request.executionFee,
            highestPrice: FixedMath.max(request.limitPrice, request.stopPrice),
            reduces: request.reduceOnly
        });
        uint32 slot = _freeSlot(session.owner);
        uint256 stake = _checkBounds(session, sessionId, intent);
        (orderId, positionId) = _place(session.owner, request, request.executionFee);
        _sessionOf[orderId] = sessionId;
        _spend(session, sessionId, positionId, orderId, slot, intent, stake);
    }

    /// @inheritdoc IOrderModule
    function cancelBySession(
        Session calldata session,
        bytes calldata signature,
        RestingOrder calldata order
    ) external nonReentrant {
        bytes32 sessionId = _requireSession(session, signature);
        bytes32 orderId = keccak256(abi.encode(order));
        if (_sessionOf[orderId] != sessionId) revert Errors.SessionOrderForeign(orderId);
        _requireLive(order.owner, order.slot, orderId);
        _end(orderId, order.owner, order.slot, order.positionId);
        if (!order.reduceOnly) _refundUnopened(order.positionId);
    }

    /* INTERNAL */

    /// @dev Reverts unless the caller is the key of a session that its owner signed and has not revoked.
    function _requireSession(
        Session calldata session,
        bytes calldata signature
    ) private returns (bytes32 sessionId) {
        if (msg.sender != session.key) revert Errors.SessionKeyMismatch(msg.sender, session.key);
        if (block.timestamp > session.expiresAt) revert Errors.SessionExpired(session.expiresAt);
        if (_isNonceUsed(session.owner, session.nonce))
            revert Errors.SessionRevoked(session.owner, session.nonce);
        sessionId = RequestHash.session(session);
        if (_sessions[sessionId].known) return sessionId;
        _requireSignature(session.owner, sessionId, signature);
        _sessions[sessionId].known = true;
    }

    /// @dev Checks an order before anything moves. Returns the balance that it puts at stake; 0 if it reduces.
    function _checkBounds(
        Session calldata session,
        bytes32 sessionId,
        Intent memory intent
    ) private view returns (uint256 stake) {
        int256 size;
        if (intent.positionId != 0) {
            address owner;
            (owner, size, , ) = market.tenure(intent.positionId);
            if (owner != session.owner) revert Errors.SessionPositionForeign(intent.positionId, owner);
            if (size != 0 && _reduces(intent.sizeDelta, size)) intent.reduces = true;
        }
        if (intent.reduces) return 0;
        if (session.reduceOnly) revert Errors.SessionReduceOnly();
        _requireNonePending(session.owner, _stakes[sessionId][intent.positionId], intent.positionId);

        (uint256 price, ) = oracle.latest();
        int256 equity;
        if (size != 0) {
            (, equity, ) = _health(intent.positionId, price);
            stake = market.marginVault().balanceOf(intent.positionId);
        }
        stake += intent.collateral;
        equity += int256(intent.collateral) - int256(intent.executionFee);
        uint256 notional = PositionMath.quoteUp(
            FixedMath.abs(size + intent.sizeDelta),
            FixedMath.max(price, intent.highestPrice),
            _quoteScale
        );
        if (notional > session.maxNotional)
            revert Errors.SessionNotionalTooHigh(notional, session.maxNotional);
        uint256 allowed = equity > 0 ? FixedMath.mulWadDown(uint256(equity), session.maxLeverage) : 0;
        if (notional > allowed) revert Errors.SessionLeverageTooHigh(notional, allowed);
    }

    /// @dev Of several orders at once each would be within the bounds, and all together not. The order may have been
    /// triggered since, which gave it another id.
    function _requireNonePending(address owner, Stake storage stake, uint256 positionId) private view {
        bytes32 last = stake.orderId;
        if (last == 0) return;
        bytes32 live = _liveOrder(owner, stake.slot);
        if (live == last || (live != 0 && _triggeredFrom[live] == last))
            revert Errors.SessionOrderPending(positionId);
    }

    /// @dev Takes an order's stake from the loss budget. A balance that was at stake before is not spent again.
    function _spend(
        Session calldata session,
        bytes32 sessionId,
        uint256 positionId,
        bytes32 orderId,
        uint32 slot,
        Intent memory intent,
        uint256 staked
    ) private {
        Stake storage stake = _stakes[sessionId][positionId];
        uint256 added;
        if (intent.reduces) {
            // However much is at stake: the owner may add to the position while the order waits.
            added = intent.executionFee;
        } else {
            (stake.slot, stake.orderId) = (slot, orderId);
            if (staked > stake.amount) {
                added = staked - stake.amount;
                stake.amount = uint128(staked);
            }
        }
        SessionState storage state = _sessions[sessionId];
        uint256 spent = state.spent + added;
        if (spent > session.lossBudget) revert Errors.SessionLossBudgetExceeded(spent, session.lossBudget);
        state.spent = uint128(spent);
        emit SessionUsed(sessionId, positionId, session.owner, orderId, spent);
    }
}
