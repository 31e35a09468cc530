// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {Vm} from "@layerzerolabs/toolbox-foundry/lib/forge-std/Vm.sol";
import {IGovernanceModule} from "../../contracts/interfaces/IGovernanceModule.sol";
import {IMarketModule} from "../../contracts/interfaces/IMarketModule.sol";
import {IPerpMarket} from "../../contracts/interfaces/IPerpMarket.sol";
import {ILiquidityVault} from "../../contracts/interfaces/ILiquidityVault.sol";
import {IOrderBook} from "../../contracts/interfaces/IOrderBook.sol";
import {Errors} from "../../contracts/libraries/Errors.sol";
import {Events} from "../../contracts/libraries/Events.sol";
import {FixedMath} from "../../contracts/libraries/math/FixedMath.sol";
import {FixingKind} from "../../contracts/types/Fixing.sol";
import {Failure, Order, OrderRequest} from "../../contracts/types/Order.sol";
import {Position} from "../../contracts/types/Position.sol";
import {LiquidationReceipt} from "../../contracts/types/LiquidationReceipt.sol";
import {Surroundings} from "./Surroundings.sol";

/// @notice What actors do, with inputs bounded to what they would try. Each action checks its own effects; an action
/// whose preconditions hold must succeed, and one whose don't must revert by name.
abstract contract Handler is Surroundings {
    /* ORDERS */

    function open(uint256 who, uint256 side, uint256 worth, uint256 leverage, uint256 terms) external {
        address trader = accounts[who % TRADERS];
        if (_ids.length >= MAX_LIVE || token.blocked(trader)) return;
        uint256 size = _sizeFor(worth);
        uint256 collateral = _collateralFor(size, leverage);
        OrderRequest memory request = _ask(
            0,
            side % 2 == 0 ? int256(size) : -int256(size),
            collateral,
            terms
        );
        if (request.collateral < request.executionFee) request.collateral = request.executionFee;
        _fund(trader, request.collateral);
        Picture memory w = _take();
        uint256 id = _place(trader, request);
        assertEq(id, w.nextPositionId, "I14: ids are given in order");
        _ids.push(id);
        _checkOthers(w, _only(id));
        _checkShareValue(w);
        _settleSoon(terms);
    }

    function increase(uint256 which, uint256 worth, uint256 leverage, uint256 terms) external {
        (uint256 id, Position memory p) = _pickOpen(which);
        if (p.size == 0) return;
        address owner = market.ownerOf(id);
        if (token.blocked(owner)) return;
        uint256 size = worth % 16 == 0 ? 1 + (worth % 1e6) : _sizeFor(worth);
        uint256 collateral = leverage % 4 == 0 ? 0 : _collateralFor(size, leverage);
        _fund(owner, collateral);
        Picture memory w = _take();
        _place(owner, _ask(id, p.size > 0 ? int256(size) : -int256(size), collateral, terms));
        _checkOthers(w, _only(id));
        _checkShareValue(w);
        _settleSoon(terms);
    }

    function decrease(uint256 which, uint256 share, uint256 terms) external {
        (uint256 id, Position memory p) = _pickOpen(which);
        if (p.size == 0) return;
        uint256 size = FixedMath.abs(p.size);
        // A tenth to the whole of it, at times a unit or more than there is.
        size =
            share % 16 == 0
                ? 1
                : share % 16 == 1
                    ? 2 * size
                    : (size * _bound(share, 1, 10)) / 10;
        _place(market.ownerOf(id), _ask(id, p.size > 0 ? -int256(size) : int256(size), 0, terms));
        _settleSoon(terms);
    }

    function close(uint256 which, uint256 terms) external {
        (uint256 id, Position memory p) = _pickOpen(which);
        if (p.size == 0) return;
        _place(market.ownerOf(id), _ask(id, 0, 0, terms));
        _settleSoon(terms);
    }

    /// @notice Settles an order that has its fixing; if none has, the next round makes one.
    function settle(uint256 which, uint256 move, uint256 who, uint256 hooked) external {
        if (_pending.length == 0) return;
        uint256 index = which % _pending.length;
        for (uint256 i; i < _pending.length; ++i) {
            (bool exists, uint80 proof, , ) = _fixingOf(_pending[index].order);
            if (exists) return _settleAt(index, proof, _feeReceiver(who, index), hooked % 4 == 0);
            index = (index + 1) % _pending.length;
        }
        vm.warp(block.timestamp + SETTLEMENT_DELAY + 1);
        _observe(_nextAnswer(move), 0, true);
        (, uint80 next, , ) = _fixingOf(_pending[index].order);
        _settleAt(index, next, _feeReceiver(who, index), hooked % 4 == 0);
    }

    /// @notice Releases an order: only after its deadline, and only if it has no fixing and gets none from the feed as
    /// it stands; at times after the feed has died.
    function expire(uint256 which, uint256 dead) external {
        if (_pending.length == 0) return;
        uint256 index = which % _pending.length;
        Pending memory pending = _pending[index];
        if (dead % 2 == 0) {
            vm.warp(FixedMath.max(block.timestamp, uint256(pending.order.deadline) + 1));
            _observe(int256(_lastAnswer()), 0, false);
        }
        bool late = block.timestamp > pending.order.deadline;
        (bool settleable, , , ) = _fixingOf(pending.order);
        Picture memory w = _take();
        Snapshot memory s = _find(w, pending.order.positionId);
        try book.expire(pending.order) {
            assertTrue(late && !settleable, "A14: an order was released that has its fixing");
            _reach("expired");
            _dropPending(index);
            if (s.id != 0 && s.record.size == 0) _checkGone(s.id);
            if (s.record.size != 0) assertEq(vault.balanceOf(s.id), s.balance, "releasing costs nothing");
        } catch (bytes memory reason) {
            assertTrue(!late || settleable, "I26: an order could not be released");
            _requireError(
                reason,
                [Errors.OrderNotExpired.selector, Errors.OrderSettleable.selector, bytes4(0)]
            );
        }
        _checkOthers(w, _only(pending.order.positionId));
        _checkShareValue(w);
    }

    /* COLLATERAL */

    function addCollateral(uint256 which, uint256 who, uint256 amount, uint256 hooked) external {
        if (_ids.length == 0) return;
        uint256 id = _ids[which % _ids.length];
        address payer = accounts[who % accounts.length];
        if (token.blocked(payer)) return;
        amount = _bound(amount, 1, 20_000 * unit);
        _fund(payer, amount);
        Picture memory w = _take();
        if (hooked % 4 == 0) _armAgainstMarket(id);
        vm.prank(payer);
        market.addCollateral(id, amount);
        _disarm();
        _reach("collateral added");
        assertEq(vault.balanceOf(id), _find(w, id).balance + amount, "the whole amount arrives");
        _checkOthers(w, _only(id));
        _checkShareValue(w);
    }

    /// @notice Withdraws up to what is allowed, at times more: then it must be refused.
    function removeCollateral(uint256 which, uint256 amount, uint256 hooked) external {
        (uint256 id, Position memory p) = _pickOpen(which);
        if (p.size == 0) return;
        Picture memory w = _take();
        uint256 max = w.fresh ? _removable(id, w.price) : 0;
        amount =
            amount % 4 == 0
                ? max + 1
                : amount % 4 == 1
                    ? max
                    : _bound(amount, 1, max + 1);
        if (amount == 0) return;
        address owner = market.ownerOf(id);
        if (hooked % 4 == 0) _armAgainstMarket(id);
        vm.prank(owner);
        try market.removeCollateral(id, amount) {
            assertTrue(w.fresh && amount <= max, "I10: too much was withdrawn");
            assertEq(_worthNow(owner), _worthOf(w, owner) + amount, "withdrawn to the owner");
            assertGe(
                equityOf(id, w.price),
                int256(initialOf(id, w.price)),
                "I10: withdrawn below the margin"
            );
            _reach("collateral removed");
            if (token.blocked(owner)) _reach("push failed");
        } catch (bytes memory reason) {
            assertTrue(!w.fresh || amount > max, "I26: a permitted withdrawal failed");
            if (!w.fresh) _requireOracleError(reason);
            else
                _requireError(
                    reason,
                    [Errors.InsufficientMargin.selector, Errors.InsufficientCash.selector, bytes4(0)]
                );
            _reach("withdrawal refused");
        }
        _disarm();
        _checkOthers(w, _only(id));
    }

    function transfer(uint256 which, uint256 to) external {
        if (_ids.length == 0) return;
        uint256 id = _ids[which % _ids.length];
        if (to % 4 != 0 && market.position(id).size == 0) return;
        address owner = market.ownerOf(id);
        Picture memory w = _take();
        vm.prank(owner);
        market.transferFrom(owner, accounts[(to >> 8) % TRADERS], id);
        _reach("transferred");
        _checkOthers(w, new uint256[](0));
        _checkShareValue(w);
    }

    /* LIQUIDATIONS */

    /// @notice A batch of known, repeated and unknown ids. Exactly the liquidatable ones are liquidated, once each.
    function liquidate(uint256 seed, uint256 who, uint256 hooked) external {
        uint256[] memory batch = _batch(seed);
        Picture memory w = _take();
        uint256[] memory due = _dueOf(w, batch);
        if (w.fresh && due.length != 0 && _isPaused(w)) {
            due = new uint256[](0);
            _reach("liquidations paused");
        }
        address rewardTo = who % 4 == 0 ? accounts[who % TRADERS] : keeper;
        if (hooked % 4 == 0) _armAgainstMarket(batch[0]);
        vm.recordLogs();
        vm.prank(rewardTo);
        try market.liquidate(batch, rewardTo) returns (uint256 count) {
            assertTrue(w.fresh, "liquidated without a fresh price");
            assertEq(count, due.length, "I11/I12: liquidated are exactly the liquidatable");
        } catch (bytes memory reason) {
            assertFalse(w.fresh, string.concat("I11: liquidation failed ", vm.toString(reason)));
            _requireOracleError(reason);
            due = new uint256[](0);
        }
        _disarm();
        _checkLiquidations(w, vm.getRecordedLogs(), due, rewardTo);
        if (due.length != 0) _checkRates(w);
        _checkWallets(w);
        _checkOthers(w, due);
    }

    /* INTERNAL */

    /// @dev Settles the order just placed at the next round, mostly.
    function _settleSoon(uint256 terms) private {
        if ((terms >> 16) % 2 == 0) return;
        vm.warp(block.timestamp + SETTLEMENT_DELAY + 1);
        _observe(_nextAnswer(terms >> 32), 0, true);
        uint256 last = _pending.length - 1;
        (, uint80 proof, , ) = _fixingOf(_pending[last].order);
        _settleAt(last, proof, _feeReceiver(terms >> 64, last), false);
    }

    function _settleAt(uint256 index, uint80 proof, address feeTo, bool hooked) internal {
        Pending memory pending = _pending[index];
        uint256 id = pending.order.positionId;
        (, , FixingKind kind, uint256 price) = _fixingOf(pending.order);
        address owner = market.ownerOrZero(id);
        Picture memory w = _take();
        Snapshot memory s = _find(w, id);
        if (hooked) _armAgainstMarket(id);
        vm.recordLogs();
        _settle(pending.order, proof, feeTo);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        _disarm();
        _dropPending(index);
        // I24: an order is settled once.
        try book.settle(pending.order, abi.encode(proof), feeTo) {
            assertTrue(false, "I24: settled twice");
        } catch (bytes memory reason) {
            _requireError(reason, [Errors.OrderUnknown.selector, bytes4(0), bytes4(0)]);
        }
        if (kind == FixingKind.Fallback) _reach("fallback");
        if (owner != address(0)) _checkTrade(w, s, logs, kind, price, owner, feeTo);
        else _checkNothingLeft(w, logs);
        _checkWallets(w);
        _checkOthers(w, _only(id));
    }

    function _checkTrade(
        Picture memory w,
        Snapshot memory s,
        Vm.Log[] memory logs,
        FixingKind kind,
        uint256 price,
        address owner,
        address feeTo
    ) internal {
        if (token.blocked(owner) && market.ownerOrZero(s.id) == address(0)) _reach("push failed");
        (bool found, bytes memory data) = _logWith(logs, Events.PositionIncreased.selector);
        if (found) {
            Increase memory e = abi.decode(data, (Increase));
            _checkPrice(kind, price, e.price, e.sizeDelta > 0);
            return _checkIncrease(w, s, e);
        }
        (found, data) = _logWith(logs, Events.PositionDecreased.selector);
        if (found) {
            Decrease memory e = abi.decode(data, (Decrease));
            _checkPrice(kind, price, e.price, e.sizeDelta > 0);
            return _checkDecrease(w, s, e, owner, feeTo);
        }
        (found, data) = _logWith(logs, Events.OrderFailed.selector);
        assertTrue(found, "an order neither executed nor failed");
        _checkFailure(w, s, abi.decode(data, (Failure)));
    }

    /// @dev I22: the price is a function of the commit time and the feed's history.
    function _checkPrice(FixingKind kind, uint256 price, uint256 used, bool isBuy) private pure {
        assertTrue(kind != FixingKind.Void, "I22: traded without a price");
        if (kind == FixingKind.Observed) return assertEq(used, price, "I22: not the fixing");
        uint256 worse = isBuy ? (price * 1_005 + 999) / 1_000 : (price * 995) / 1_000;
        assertEq(used, worse, "I22: not the fallback");
    }

    function _checkNothingLeft(Picture memory w, Vm.Log[] memory logs) private {
        (bool found, bytes memory data) = _logWith(logs, Events.OrderFailed.selector);
        Failure reason = found ? abi.decode(data, (Failure)) : Failure.None;
        assertTrue(reason == Failure.PositionGone || reason == Failure.NoPrice, "I13: acted on a dead id");
        if (reason == Failure.PositionGone) _reach("failed: position gone");
        assertEq(_tradersWorth(_take()), _tradersWorth(w), "I13: money moved for a dead id");
    }

    function _checkLiquidations(
        Picture memory w,
        Vm.Log[] memory logs,
        uint256[] memory due,
        address rewardTo
    ) private {
        uint256 available = w.insurance;
        uint256 expected = _tradersWorth(w);
        uint256 count;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != IMarketModule.PositionLiquidated.selector) continue;
            ++count;
            uint256 id = uint256(logs[i].topics[1]);
            assertTrue(_contains(due, id), "I12: liquidated although healthy");
            LiquidationReceipt memory r = abi.decode(logs[i].data, (LiquidationReceipt));
            uint256 remainder;
            (available, remainder) = _checkLiquidation(_find(w, id), r, available, w.price);
            expected += remainder;
            if (rewardTo == keeper) continue;
            expected += _rewardPaid(r);
        }
        assertEq(count, due.length, "I11: each liquidatable one once");
        assertEq(insurance.available(), available, "I29: insurance draws for bad debt and rewards only");
        assertEq(_tradersWorth(_take()), expected, "I03: owners get what is left, to the unit");
    }

    function _rewardPaid(LiquidationReceipt memory r) private pure returns (uint256) {
        int256 money = int256(r.collateral) + r.realised;
        uint256 left = money > 0 ? uint256(money) : 0;
        return FixedMath.min(r.reward, left) + r.rewardFromInsurance + r.rewardFromPool;
    }

    function _place(address trader, OrderRequest memory request) internal returns (uint256 id) {
        (bytes32 orderId, Order memory order) = _commit(trader, request);
        _pending.push(Pending(orderId, order));
        return order.positionId;
    }

    function _dropPending(uint256 index) internal {
        _pending[index] = _pending[_pending.length - 1];
        _pending.pop();
    }

    /// @dev Mostly the easiest terms; at times a price limit near the index or the greatest fee.
    function _ask(
        uint256 id,
        int256 sizeDelta,
        uint256 collateral,
        uint256 terms
    ) internal view returns (OrderRequest memory request) {
        request = _request(id, sizeDelta, collateral);
        if (terms % 8 == 0) request.acceptablePrice = _lastAnswer() * 1e10;
        if (terms % 8 == 1) request.executionFee = book.orderParams().maxExecutionFee;
        if (terms % 8 == 2) request.deadline += uint40(terms % 1 days);
    }

    /// @dev Base size for a notional from under the minimum to beyond the cap.
    function _sizeFor(uint256 worth) internal view returns (uint256) {
        uint256 cap = FixedMath.max((pool.poolAssets() * 8) / 10, 1_000 * unit);
        uint256 kind = worth % 8;
        uint256 notional;
        if (kind == 0) notional = _bound(worth, 1, 60 * unit);
        else if (kind <= 3) notional = _bound(worth, 50 * unit, 5_000 * unit);
        else if (kind <= 6) notional = _bound(worth, 5_000 * unit, cap / 4 + 5_000 * unit);
        else notional = _bound(worth, cap / 2, (cap * 11) / 10);
        return (notional * 1e30) / (_lastAnswer() * 1e10) + 1;
    }

    /// @dev Margin for 1 to 50 times leverage, with money for fees and the liquidation reserve.
    function _collateralFor(uint256 size, uint256 leverage) internal view returns (uint256) {
        uint256 notional = (size * _lastAnswer() * 1e10) / 1e30;
        return notional / _bound(leverage, 1, 50) + notional / 150 + 4 * unit;
    }

    function _removable(uint256 id, uint256 price) internal view returns (uint256) {
        int256 excess = equityOf(id, price) - int256(initialOf(id, price));
        uint256 reserve = reserveOf(id, price);
        uint256 balance = vault.balanceOf(id);
        if (excess <= 0 || balance <= reserve) return 0;
        return FixedMath.min(uint256(excess), balance - reserve);
    }

    function _batch(uint256 seed) private view returns (uint256[] memory batch) {
        if (seed % 4 == 0) {
            batch = new uint256[](_ids.length + 2);
            for (uint256 i; i < _ids.length; ++i) batch[i] = _ids[i];
        } else batch = new uint256[](2 + (seed % 4));
        for (uint256 i; i < batch.length; ++i) {
            if (batch[i] == 0 && _ids.length != 0) batch[i] = _ids[(seed >> (8 * (i % 31))) % _ids.length];
        }
        batch[batch.length - 1] = seed % 5 == 0 ? batch[0] : seed;
    }

    /// @dev The liquidatable ids of a batch, each once.
    function _dueOf(Picture memory w, uint256[] memory batch) private pure returns (uint256[] memory due) {
        due = new uint256[](w.positions.length);
        uint256 count;
        for (uint256 i; i < w.positions.length; ++i) {
            Snapshot memory s = w.positions[i];
            if (s.liquidatable && _contains(batch, s.id)) due[count++] = s.id;
        }
        // count is at most the length.
        assembly ("memory-safe") {
            mstore(due, count)
        }
    }

    function _feeReceiver(uint256 who, uint256 index) internal view returns (address) {
        address owner = _pending[index].order.owner;
        return who % 4 == 0 ? owner : keeper;
    }

    function _armAgainstMarket(uint256 id) private {
        address[] memory targets = new address[](8);
        bytes[] memory attempts = new bytes[](8);
        for (uint256 i; i < 4; ++i) targets[i] = address(market);
        attempts[0] = abi.encodeCall(IGovernanceModule.accrue, ());
        attempts[1] = abi.encodeCall(IMarketModule.liquidate, (_only(id), address(reenterer)));
        attempts[2] = abi.encodeCall(IPerpMarket.addCollateral, (id, 1));
        attempts[3] = abi.encodeCall(IMarketModule.removeCollateral, (id, 1));
        targets[4] = targets[5] = address(pool);
        attempts[4] = abi.encodeCall(IERC4626.deposit, (1e6, address(reenterer)));
        attempts[5] = abi.encodeCall(IERC4626.redeem, (1e6, address(reenterer), address(reenterer)));
        targets[6] = address(book);
        attempts[6] = abi.encodeCall(IOrderBook.commit, (_request(0, 1e18, 1_000 * unit)));
        // The market keeps the pool's cash while it works.
        targets[7] = address(pool);
        attempts[7] = abi.encodeCall(ILiquidityVault.collect, ());
        _arm(targets, attempts);
    }
}
