// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Vm} from "@layerzerolabs/toolbox-foundry/lib/forge-std/Vm.sol";
import {IOrderModule} from "../../contracts/interfaces/IOrderModule.sol";
import {IOrderBook} from "../../contracts/interfaces/IOrderBook.sol";
import {Errors} from "../../contracts/libraries/Errors.sol";
import {Events} from "../../contracts/libraries/Events.sol";
import {RequestHash} from "../../contracts/libraries/RequestHash.sol";
import {FixedMath} from "../../contracts/libraries/math/FixedMath.sol";
import {MarginMath} from "../../contracts/libraries/math/MarginMath.sol";
import {Order, OrderRequest, ProtectiveOrder, ProtectiveRequest} from "../../contracts/types/Order.sol";
import {Position} from "../../contracts/types/Position.sol";
import {Session} from "../../contracts/types/Session.sol";
import {Signed, TokenPermit} from "../../contracts/types/Signed.sol";
import {Waiting} from "./Waiting.sol";

/// @notice Actors who have their positions protected, sign their orders, or let a key trade for them.
abstract contract Guarding is Waiting {
    uint256 private constant MAX_GUARDS = 6;
    uint256 private constant SIGNERS = 4;

    ProtectiveOrder[] internal _guards;
    uint256 private _nonce;

    /* PROTECTIVE ORDERS */

    function placeProtective(uint256 which, uint256 trigger, uint256 target, uint256 budget) external {
        if (_ids.length == 0 || _guards.length >= MAX_GUARDS) return;
        uint256 id = _ids[which % _ids.length];
        uint256 size = FixedMath.abs(market.position(id).size);
        // A run is one transaction, in which the entry of a position not yet open may count for its size.
        if (size == 0) return;
        uint256 least =
            _p.liquidationFee + MarginMath.ratio(size, _p.maintenanceBase, _p.maintenanceSlope, _p.depth);
        if (least > 0.5e18) return;
        ProtectiveRequest memory request;
        request.positionId = id;
        request.triggerRatio = uint64(_bound(trigger, least + 1, least + 0.2e18));
        request.targetRatio = uint64(_bound(target, request.triggerRatio + 1e12, 0.9e18));
        request.executionFee = book.orderParams().minExecutionFee;
        request.topUpBudget = budget % 2 == 0 ? 0 : uint128(_bound(budget, unit, 20_000 * unit));
        request.deadline = type(uint40).max;
        Picture memory w = _take();
        vm.recordLogs();
        vm.prank(market.ownerOf(id));
        book.placeProtective(request);
        (, bytes memory data) = _logWith(vm.getRecordedLogs(), IOrderModule.ProtectivePlaced.selector);
        _guards.push(abi.decode(data, (ProtectiveOrder)));
        _checkOthers(w, new uint256[](0));
        _checkShareValue(w);
    }

    /// @notice I36: a protective order acts if and only if its position has come down to the trigger at a fresh price.
    function protect(uint256 which, uint256 move) external {
        if (_guards.length == 0) return;
        uint256 index = which % _guards.length;
        ProtectiveOrder memory order = _guards[index];
        if (move % 2 == 0) {
            vm.warp(vm.getBlockTimestamp() + 1 + (move % 600));
            _observe(_nextAnswer(move >> 8), 0, true);
        }
        if (order.topUpBudget != 0 && !token.blocked(order.owner)) _fund(order.owner, order.topUpBudget);
        Picture memory w = _take();
        Snapshot memory s = _find(w, order.positionId);
        bool due = _isGuardDue(w, s, order);
        vm.recordLogs();
        try book.protect(order, keeper) {
            assertTrue(due, "I36: protected against the rule");
            Vm.Log[] memory logs = vm.getRecordedLogs();
            if (order.topUpBudget != 0) _checkTopUp(w, s, order, index, logs);
            else _checkReduction(w, s, index, logs);
        } catch (bytes memory reason) {
            bool payable_ = order.topUpBudget == 0 || !token.blocked(order.owner);
            assertTrue(!due || !payable_, "I36: not protected although due");
            if (due) return;
            _requireOneOf(
                reason,
                [
                    Errors.ProtectionNotDue.selector,
                    Errors.OrderVoid.selector,
                    Errors.PositionNotOpen.selector,
                    Errors.OracleStale.selector,
                    Errors.OracleRoundIncomplete.selector,
                    Errors.OracleAnswerOutOfBounds.selector,
                    bytes4(0),
                    bytes4(0),
                    bytes4(0)
                ]
            );
            // Its owner takes back what will never act again.
            if (bytes4(reason) == Errors.OrderVoid.selector) _cancelGuard(index);
            _checkOthers(w, new uint256[](0));
        }
    }

    /* SIGNED ORDERS */

    /// @notice A15, I24: a signed order is committed once, for its owner, and its sender is paid by the position alone.
    function openSigned(
        uint256 who,
        uint256 side,
        uint256 worth,
        uint256 leverage,
        uint256 relayFee
    ) external {
        (address trader, uint256 key) = _signer(who);
        if (_ids.length >= MAX_LIVE) return;
        uint256 size = _sizeFor(worth);
        OrderRequest memory request = _request(
            0,
            side % 2 == 0 ? int256(size) : -int256(size),
            _collateralFor(size, leverage) + 20 * unit
        );
        relayFee = _bound(relayFee, 0, 10 * unit);
        request.executionFee += uint128(relayFee);
        Signed memory by = Signed(trader, ++_nonce, type(uint256).max, uint128(relayFee), "");
        by.signature = _sign(key, this.hashOf(request, by));
        _fund(trader, request.collateral);
        Picture memory w = _take();
        uint256 claim = vault.claimOf(keeper);
        TokenPermit memory none;
        vm.recordLogs();
        vm.prank(keeper);
        book.commitSigned(request, by, none);
        Order memory order = _pushCommitted(vm.getRecordedLogs());
        _ids.push(order.positionId);
        assertEq(order.owner, trader, "a signed order is its owner's");
        assertEq(vault.claimOf(keeper), claim + relayFee, "the sender is paid");
        assertEq(vault.balanceOf(order.positionId), request.collateral - relayFee, "by the position");
        _reach("signed");
        _checkOthers(w, _only(order.positionId));
        _checkShareValue(w);
        try book.commitSigned(request, by, none) {
            assertTrue(false, "A15: committed twice");
        } catch (bytes memory reason) {
            _requireError(reason, [Errors.NonceUsed.selector, bytes4(0), bytes4(0)]);
        }
    }

    /* SESSIONS */

    /// @notice I37: a key stays within its session: what it takes from its owner is at most the budget, and goes nowhere
    /// but into the owner's own positions.
    function tradeBySession(uint256 who, uint256 which, uint256 side, uint256 worth, uint256 terms) external {
        (address owner, uint256 key) = _signer(who);
        Session memory session = Session({
            owner: owner,
            key: makeAddr("key"),
            nonce: (1 << 128) + (terms % 4),
            maxLeverage: uint128(1e18 * (2 + (terms % 3) * 10)),
            maxNotional: uint128(100_000 * unit),
            lossBudget: uint128(50_000 * unit),
            expiresAt: type(uint40).max,
            reduceOnly: terms % 4 == 3
        });
        bytes32 sessionId = this.idOf(session);
        OrderRequest memory request = _sessionRequest(which, side, worth, terms);
        if (request.positionId == 0 && _ids.length >= MAX_LIVE) return;
        _fund(owner, request.collateral);
        Picture memory w = _take();
        uint256 spent = book.sessionState(sessionId).spent;
        uint256 wallet = token.balanceOf(owner);
        bytes memory signature = _sign(key, sessionId);
        vm.recordLogs();
        vm.prank(session.key);
        try book.commitBySession(session, signature, request) {
            Order memory order = _pushCommitted(vm.getRecordedLogs());
            if (request.positionId == 0) _ids.push(order.positionId);
            assertEq(market.ownerOf(order.positionId), owner, "I37: somebody else's position");
            assertEq(token.balanceOf(owner), wallet - request.collateral, "I37: took more than it said");
            uint256 balance = vault.balanceOf(order.positionId);
            assertEq(balance, _find(w, order.positionId).balance + request.collateral, "I37: went elsewhere");
            uint256 now_ = book.sessionState(sessionId).spent;
            assertLe(now_, session.lossBudget, "I37: beyond the budget");
            uint256 least = _reducesNow(order) ? uint256(request.executionFee) : request.collateral;
            assertGe(now_, spent + least, "I37: not spent");
            if (!_reducesNow(order)) _checkSessionBounds(w, session, order, balance);
            _reach("session traded");
            _checkOthers(w, _only(order.positionId));
        } catch (bytes memory reason) {
            _requireSessionError(reason);
            _reach("session refused");
            _checkOthers(w, new uint256[](0));
        }
        _checkShareValue(w);
    }

    /* BATCHES */

    /// @notice An entry with its exit and its protection in one transaction.
    function openBracket(uint256 who, uint256 side, uint256 worth, uint256 leverage) external {
        address trader = accounts[who % TRADERS];
        bool full = _ids.length >= MAX_LIVE || _guards.length >= MAX_GUARDS;
        if (full || token.blocked(trader)) return;
        uint256 size = _sizeFor(worth);
        bool buys = side % 2 == 0;
        OrderRequest memory request = _request(
            0,
            buys ? int256(size) : -int256(size),
            _collateralFor(size, leverage)
        );
        bytes[] memory batch = new bytes[](3);
        batch[0] = abi.encodeCall(IOrderBook.commit, (request));
        batch[1] = abi.encodeCall(IOrderBook.place, (_exitOf(book.LAST_POSITION(), !buys, worth)));
        ProtectiveRequest memory guard;
        guard.positionId = book.LAST_POSITION();
        guard.triggerRatio = 0.6e18;
        guard.targetRatio = 0.7e18;
        guard.executionFee = request.executionFee;
        guard.deadline = type(uint40).max;
        batch[2] = abi.encodeCall(IOrderModule.placeProtective, (guard));
        _fund(trader, request.collateral);
        Picture memory w = _take();
        vm.recordLogs();
        vm.prank(trader);
        try book.multicall(batch) {
            Vm.Log[] memory logs = vm.getRecordedLogs();
            Order memory order = _pushCommitted(logs);
            _ids.push(order.positionId);
            _pushPlaced(logs);
            (, bytes memory data) = _logWith(logs, IOrderModule.ProtectivePlaced.selector);
            _guards.push(abi.decode(data, (ProtectiveOrder)));
            assertEq(
                _guards[_guards.length - 1].positionId,
                order.positionId,
                "a batch is about one position"
            );
            _reach("bracket");
            _checkOthers(w, _only(order.positionId));
        } catch (bytes memory reason) {
            // All or nothing: the size's maintenance ratio may be beyond the trigger.
            _requireError(reason, [Errors.ProtectionRatioOutOfBounds.selector, bytes4(0), bytes4(0)]);
            assertEq(market.nextPositionId(), w.nextPositionId, "half a batch was done");
            _checkOthers(w, new uint256[](0));
        }
        _checkShareValue(w);
    }

    /* HASHES: external, for their calldata */

    function hashOf(OrderRequest calldata request, Signed calldata by) external pure returns (bytes32) {
        return RequestHash.commit(request, by);
    }

    function idOf(Session calldata session) external pure returns (bytes32) {
        return RequestHash.session(session);
    }

    /* END OF A RUN */

    /// @dev I26: whatever guards can be ended by its owner.
    function _endGuards() internal {
        while (_guards.length != 0) _cancelGuard(_guards.length - 1);
    }

    /* INTERNAL */

    function _isGuardDue(
        Picture memory w,
        Snapshot memory s,
        ProtectiveOrder memory order
    ) private view returns (bool) {
        (address owner, int256 size, , uint256 transferredAt) = market.tenure(order.positionId);
        if (owner != order.owner || order.placedAt <= transferredAt || size == 0 || !w.fresh) return false;
        uint256 notional = notionalOf(order.positionId, w.price);
        return s.equity * 1e18 <= int256(notional * order.triggerRatio);
    }

    /// @dev I36: it takes what is missing, at most the budget, from its owner alone, and all but the fee is there.
    function _checkTopUp(
        Picture memory w,
        Snapshot memory s,
        ProtectiveOrder memory order,
        uint256 index,
        Vm.Log[] memory logs
    ) private {
        (, bytes memory data) = _logWith(logs, IOrderModule.ToppedUp.selector);
        (uint256 amount, uint256 left, bytes32 nextId) = abi.decode(data, (uint256, uint256, bytes32));
        assertEq(amount + left, order.topUpBudget, "I36: budget");
        for (uint256 i; i < accounts.length; ++i) {
            uint256 taken = accounts[i] == order.owner ? amount : 0;
            assertEq(token.balanceOf(accounts[i]), w.wallets[i] - taken, "I36: wallet");
        }
        uint256 paid = s.balance + amount - vault.balanceOf(s.id);
        assertLe(paid, order.executionFee, "I36: fee");
        int256 equity = equityOf(s.id, w.price);
        assertEq(equity, s.equity + int256(amount) - int256(paid), "I36: equity");
        uint256 notional = notionalOf(s.id, w.price);
        if (left != 0) assertGe(equity * 1e18, int256(notional * order.targetRatio), "I36: target");
        assertEq(
            keccak256(abi.encode(market.position(s.id))),
            keccak256(abi.encode(s.record)),
            "I36: a top-up changed the position"
        );
        if (nextId == 0) _dropGuard(index);
        else _guards[index].topUpBudget = uint128(left);
        _reach("topped up");
        _checkOthers(w, _only(s.id));
        _checkShareValue(w);
    }

    /// @dev I36: nothing moves before the fixing; the order committed makes the position smaller.
    function _checkReduction(
        Picture memory w,
        Snapshot memory s,
        uint256 index,
        Vm.Log[] memory logs
    ) private {
        Order memory order = _pushCommitted(logs);
        assertEq(order.positionId, s.id, "I36: another position");
        assertTrue(order.sizeDelta == 0 || (order.sizeDelta > 0) != (s.record.size > 0), "I36: grows");
        assertLe(FixedMath.abs(order.sizeDelta), FixedMath.abs(s.record.size), "I36: more than there is");
        assertEq(order.committedAt, vm.getBlockTimestamp(), "I36: committed when it was due");
        _dropGuard(index);
        _reach("reduction");
        _checkOthers(w, new uint256[](0));
        _checkShareValue(w);
    }

    function _cancelGuard(uint256 index) private {
        vm.prank(_guards[index].owner);
        book.cancelProtective(_guards[index]);
        _dropGuard(index);
    }

    function _dropGuard(uint256 index) private {
        _guards[index] = _guards[_guards.length - 1];
        _guards.pop();
    }

    function _pushCommitted(Vm.Log[] memory logs) private returns (Order memory order) {
        (bool found, bytes memory data) = _logWith(logs, Events.OrderCommitted.selector);
        assertTrue(found, "nothing was committed");
        order = abi.decode(data, (Order));
        _pending.push(Pending(keccak256(abi.encode(order)), order));
    }

    function _signer(uint256 who) private returns (address trader, uint256 key) {
        string[4] memory names = ["ann", "ben", "cat", "dan"];
        return makeAddrAndKey(names[who % SIGNERS]);
    }

    function _sign(uint256 key, bytes32 structHash) private view returns (bytes memory) {
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", book.domainSeparator(), structHash));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev An opening, or a change of any position there is, whoever's.
    function _sessionRequest(
        uint256 which,
        uint256 side,
        uint256 worth,
        uint256 terms
    ) private view returns (OrderRequest memory) {
        uint256 size = _sizeFor(worth);
        int256 delta = side % 2 == 0 ? int256(size) : -int256(size);
        (uint256 id, Position memory p) = _ids.length == 0 ? (0, market.position(0)) : _pickOpen(which);
        if (p.size == 0 || terms % 3 == 0) return _request(0, delta, _collateralFor(size, terms % 40));
        if (terms % 8 == 0) delta = 0;
        bool reduces = delta == 0 || (delta > 0) != (p.size > 0);
        return _request(id, delta, reduces ? 0 : _collateralFor(size, 10));
    }

    function _reducesNow(Order memory order) private view returns (bool) {
        int256 size = market.position(order.positionId).size;
        return size != 0 && (order.sizeDelta == 0 || (order.sizeDelta > 0) != (size > 0));
    }

    function _checkSessionBounds(
        Picture memory w,
        Session memory session,
        Order memory order,
        uint256 balance
    ) private view {
        assertFalse(session.reduceOnly, "I37: grew");
        Position memory p = market.position(order.positionId);
        uint256 size = FixedMath.abs(int256(p.size) + order.sizeDelta);
        uint256 notional = FixedMath.mulDivUp(size, w.price, market.quoteScale());
        assertLe(notional, session.maxNotional, "I37: notional");
        int256 equity = p.size == 0 ? int256(balance) : equityOf(order.positionId, w.price);
        equity -= int256(uint256(order.executionFee));
        assertLe(int256(notional * 1e18), equity * int256(uint256(session.maxLeverage)), "I37: leverage");
    }

    function _requireSessionError(bytes memory reason) private pure {
        _requireOneOf(
            reason,
            [
                Errors.SessionPositionForeign.selector,
                Errors.SessionReduceOnly.selector,
                Errors.SessionOrderPending.selector,
                Errors.SessionNotionalTooHigh.selector,
                Errors.SessionLeverageTooHigh.selector,
                Errors.SessionLossBudgetExceeded.selector,
                Errors.OracleStale.selector,
                Errors.OracleRoundIncomplete.selector,
                Errors.OracleAnswerOutOfBounds.selector
            ]
        );
    }
}
