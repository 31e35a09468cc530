// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AutomationCompatibleInterface} from "@chainlink/contracts/src/v0.8/automation/interfaces/AutomationCompatibleInterface.sol";
import {StreamsLookupCompatibleInterface} from "@chainlink/contracts/src/v0.8/automation/interfaces/StreamsLookupCompatibleInterface.sol";
import {IChainlinkFeed} from "../../interfaces/IChainlinkFeed.sol";
import {IPerpMarket} from "../../interfaces/IPerpMarket.sol";
import {ISettlementUpkeep, UpkeepTask} from "../../interfaces/ISettlementUpkeep.sol";
import {Errors} from "../../libraries/Errors.sol";
import {ChainlinkFeedOracle} from "../../oracles/ChainlinkFeedOracle.sol";
import {FixingQuery} from "../../types/Fixing.sol";
import {OrderParams} from "../../types/MarketParams.sol";
import {Order} from "../../types/Order.sol";
import {Shard, UpkeepConfig, WatchedOrder} from "../../types/Upkeep.sol";
import {FixingFinder} from "./FixingFinder.sol";
import {StreamsPrice, StreamsReport} from "./StreamsReport.sol";
import {WatchList} from "./WatchList.sol";

/// @title SettlementUpkeep
/// @notice Settlement of market orders by Chainlink Automation. See ISettlementUpkeep.
contract SettlementUpkeep is WatchList {
    /// @dev Gas for the search of one fixing, and gas that must be left to look at another order.
    uint256 private constant FIND_GAS = 1_500_000;
    uint256 private constant VISIT_GAS = 2_200_000;

    /// @dev Gas for the settlement of one order, and gas that must be left to try one: 1/64 stays behind.
    uint256 private constant SETTLE_GAS = 1_000_000;
    uint256 private constant TRY_GAS = 1_100_000;

    /// @dev Entries to be struck off that make it worth a transaction of its own.
    uint256 private constant WORTH_CLEARING = 8;

    /// @dev Seconds after which an order whose report is missing no longer comes first, and one in how many blocks it is
    /// asked for nevertheless.
    uint256 private constant PATIENCE = 5 minutes;
    uint256 private constant LATE_TURN = 4;

    /// @dev performData without its items: the task, three offsets, three lengths. An item is an id and a proof.
    uint256 private constant HEAD = 7 * WORD;
    uint256 private constant ITEM = 2 * WORD;

    /// @dev What a walk looks for: fixings in a feed, the order to get a report for, the orders that a report fixes.
    enum Search {
        Fixings,
        Target,
        Report
    }

    /// @dev A walk over the list: what it goes by and what it has found. `late` is an order past patience, `oldest` the
    /// oldest one of the others.
    struct Walk {
        Search search;
        StreamsPrice report;
        uint256 limit;
        bytes32[] ids;
        uint256[] proofs;
        uint256 count;
        bytes32[] dead;
        uint256 deadCount;
        bytes32 oldest;
        uint256 oldestAt;
        bytes32 late;
    }

    uint32 private immutable _settlementDelay;
    uint32 private immutable _fallbackDelay;

    /// @dev Zero on Data Streams.
    IChainlinkFeed private immutable _feed;

    constructor(IPerpMarket market_, UpkeepConfig memory config) WatchList(market_, config) {
        OrderParams memory params = orderBook.orderParams();
        _settlementDelay = params.settlementDelay;
        _fallbackDelay = params.fallbackDelay;
        _feed = _isOnStreams() ? IChainlinkFeed(address(0)) : ChainlinkFeedOracle(address(_oracle)).feed();
    }

    /* CHECKS */

    /// @inheritdoc AutomationCompatibleInterface
    function checkUpkeep(bytes calldata checkData) external view returns (bool, bytes memory) {
        Shard memory s = _shardOf(checkData);
        bytes[] memory none = new bytes[](0);
        Walk memory w = _start(_isOnStreams() ? Search.Target : Search.Fixings, s, none);
        uint256 places = _placesOf(s);
        if (places != 0) _walk(w, s, _turn(w.search, s.limit, places), places);
        bytes32 target = _targetOf(w);
        if (w.count == 0 && target != 0) _lookUp(_momentOf(_watched[target]) + 1, abi.encode(s, target));
        return _answer(w, none);
    }

    /// @inheritdoc StreamsLookupCompatibleInterface
    function checkCallback(
        bytes[] memory values,
        bytes memory extraData
    ) external view returns (bool, bytes memory) {
        (Shard memory s, bytes32 target) = abi.decode(extraData, (Shard, bytes32));
        StreamsPrice memory report = StreamsReport.read(values[0]);
        uint256 place = _watched[target].place;
        if (place == 0 || !_usable(values, report.feedId)) return (false, "");
        Walk memory w = _start(Search.Report, s, values);
        w.report = report;
        _walk(w, s, (place - 1) / s.shards, _placesOf(s));
        return w.count == 0 ? (false, bytes("")) : _answer(w, values);
    }

    /// @inheritdoc ISettlementUpkeep
    function findFixing(bytes32 orderId) external view returns (bool found, uint80 roundId) {
        WatchedOrder memory order = _watched[orderId];
        if (order.place == 0 || _isOnStreams()) return (false, 0);
        return FixingFinder.find(_feed, _queryOf(order));
    }

    /* PERFORM */

    /// @inheritdoc ISettlementUpkeep
    function performUpkeep(bytes calldata performData) external override nonReentrant onlyPerformer {
        if (abi.decode(performData, (UpkeepTask)) == UpkeepTask.Enrol) {
            (, Order memory order) = abi.decode(performData, (UpkeepTask, Order));
            _watch(order);
            return;
        }
        (, bytes[] memory reports, bytes32[] memory ids, uint256[] memory proofs) = abi.decode(
            performData,
            (UpkeepTask, bytes[], bytes32[], uint256[])
        );
        if (ids.length != proofs.length) revert Errors.UpkeepListMismatch(ids.length, proofs.length);
        _submit(reports);
        uint256 settled;
        uint256 cleared;
        for (uint256 i; i < ids.length && gasleft() >= TRY_GAS; ++i) {
            WatchedOrder memory order = _watched[ids[i]];
            // Named twice, or done by another upkeep.
            if (order.place == 0) continue;
            if (!_isDead(ids[i], order)) {
                if (!_finish(order, proofs[i])) continue;
                if (proofs[i] != 0) ++settled;
            }
            ++cleared;
            _unwatch(ids[i]);
        }
        // Nothing less than a settlement pays for the verification of a report.
        if ((reports.length == 0 ? cleared : settled) == 0) revert Errors.UpkeepNothingDone();
    }

    /* INTERNAL: checks */

    function _start(
        Search search,
        Shard memory s,
        bytes[] memory reports
    ) private view returns (Walk memory w) {
        w.search = search;
        w.limit = _room(HEAD, ITEM, reports, s.limit);
        w.ids = new bytes32[](w.limit);
        w.proofs = new uint256[](w.limit);
        w.dead = new bytes32[](w.limit);
        w.oldestAt = type(uint256).max;
    }

    /// @dev Places of the list that are a shard's.
    function _placesOf(Shard memory s) private view returns (uint256) {
        uint256 count = _list.length;
        return count > s.shard ? (count - s.shard - 1) / s.shards + 1 : 0;
    }

    /// @dev Where a walk begins: another place in each block. Windows a limit apart leave none out; of those past patience
    /// the first one is asked for, so it is each one's turn.
    function _turn(Search search, uint256 limit, uint256 places) private view returns (uint256) {
        if (search == Search.Target) return (block.number / LATE_TURN) % places;
        return ((block.number % places) * (limit % places)) % places;
    }

    /// @dev From the `first` of the shard's places on, around, until the limit is reached or the gas gone.
    function _walk(Walk memory w, Shard memory s, uint256 first, uint256 places) private view {
        for (uint256 i; i < places && w.count < w.limit && gasleft() >= VISIT_GAS; ++i) {
            _visit(w, _list[((first + i) % places) * s.shards + s.shard]);
        }
    }

    function _visit(Walk memory w, bytes32 id) private view {
        WatchedOrder storage entry = _watched[id];
        // One slot tells of most that it is too early.
        if (block.timestamp <= _momentOf(entry)) return;
        WatchedOrder memory order = entry;
        if (_isDead(id, order)) {
            if (w.deadCount < w.limit) w.dead[w.deadCount++] = id;
            return;
        }
        if (w.search == Search.Report) {
            uint256 second = _momentOf(entry) + 1;
            bool held = w.report.validFrom <= second && second <= w.report.observedAt;
            if (held) _add(w, id, w.report.observedAt);
            return;
        }
        (bool found, uint80 roundId) = w.search == Search.Fixings ? _find(id) : (false, 0);
        if (found) _add(w, id, roundId);
        else if (block.timestamp > order.deadline && !_isSettleable(order)) _add(w, id, 0);
        else if (w.search == Search.Target) _consider(w, id, order.committedAt);
    }

    function _add(Walk memory w, bytes32 id, uint256 proof) private pure {
        w.ids[w.count] = id;
        w.proofs[w.count++] = proof;
    }

    function _consider(Walk memory w, bytes32 id, uint256 committedAt) private view {
        if (block.timestamp - committedAt > PATIENCE + _settlementDelay) {
            if (w.late == 0) w.late = id;
        } else if (committedAt < w.oldestAt) {
            (w.oldest, w.oldestAt) = (id, committedAt);
        }
    }

    /// @dev The oldest one; now and then one that has been waiting for long, another one each time.
    function _targetOf(Walk memory w) private view returns (bytes32) {
        bool lateComes = w.oldest == 0 || block.number % LATE_TURN == 0;
        return w.late != 0 && lateComes ? w.late : w.oldest;
    }

    /// @dev In a call of its own: a feed that makes one search long takes nothing from the others.
    function _find(bytes32 id) private view returns (bool found, uint80 roundId) {
        try this.findFixing{gas: FIND_GAS}(id) returns (bool found_, uint80 roundId_) {
            return (found_, roundId_);
        } catch {
            return (false, 0);
        }
    }

    /// @dev What was found, and in the room that is left what is to be struck off.
    function _answer(Walk memory w, bytes[] memory reports) private pure returns (bool, bytes memory) {
        if (w.count == 0 && w.deadCount < WORTH_CLEARING) return (false, "");
        for (uint256 i; i < w.deadCount && w.count < w.limit; ++i) _add(w, w.dead[i], 0);
        bytes32[] memory ids = new bytes32[](w.count);
        uint256[] memory proofs = new uint256[](w.count);
        for (uint256 i; i < w.count; ++i) (ids[i], proofs[i]) = (w.ids[i], w.proofs[i]);
        return (true, abi.encode(UpkeepTask.Settle, reports, ids, proofs));
    }

    /* INTERNAL */

    /// @dev Settles an order, or releases it where there is no proof. Whatever goes wrong is its own affair.
    function _finish(WatchedOrder memory w, uint256 proof) private returns (bool) {
        Order memory order = _orderOf(w);
        if (proof == 0) {
            try orderBook.expire{gas: SETTLE_GAS}(order) {
                return true;
            } catch {
                return false;
            }
        }
        try orderBook.settle{gas: SETTLE_GAS}(order, abi.encode(proof), rewardTo) {
            return true;
        } catch {
            return false;
        }
    }

    function _isSettleable(WatchedOrder memory order) private view returns (bool) {
        try _oracle.settleable{gas: FIND_GAS}(_queryOf(order)) returns (bool yes) {
            return yes;
        } catch {
            return false;
        }
    }

    function _momentOf(WatchedOrder storage order) private view returns (uint256) {
        return uint256(order.committedAt) + _settlementDelay;
    }

    function _queryOf(WatchedOrder memory order) private view returns (FixingQuery memory) {
        return
            FixingQuery({
                moment: uint256(order.committedAt) + _settlementDelay,
                epoch: order.epoch,
                fallbackDelay: _fallbackDelay,
                inclusionDelay: _settlementDelay
            });
    }
}
