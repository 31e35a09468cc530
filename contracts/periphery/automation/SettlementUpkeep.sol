// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AutomationCompatibleInterface} from "@chainlink/contracts/src/v0.8/automation/interfaces/AutomationCompatibleInterface.sol";
import {StreamsLookupCompatibleInterface} from "@chainlink/contracts/src/v0.8/automation/interfaces/StreamsLookupCompatibleInterface.sol";
import {IChainlinkFeed} from "../../interfaces/IChainlinkFeed.sol";
import {IMarginVault} from "../../interfaces/IMarginVault.sol";
import {IPerpMarket} from "../../interfaces/IPerpMarket.sol";
import {ISettlementUpkeep, UpkeepTask} from "../../interfaces/ISettlementUpkeep.sol";
import {Errors} from "../../libraries/Errors.sol";
import {FixedMath} from "../../libraries/math/FixedMath.sol";
import {ChainlinkFeedOracle} from "../../oracles/ChainlinkFeedOracle.sol";
import {ChainlinkStreamsOracle} from "../../oracles/ChainlinkStreamsOracle.sol";
import {FixingQuery} from "../../types/Fixing.sol";
import {OrderParams} from "../../types/MarketParams.sol";
import {Order} from "../../types/Order.sol";
import {Shard, UpkeepConfig, WatchedOrder} from "../../types/Upkeep.sol";
import {FixingFinder, ProofFeeds} from "./FixingFinder.sol";
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

    /// @dev performData without its items: the task, three offsets, three lengths. An item is an id and a proof.
    uint256 private constant HEAD = 7 * WORD;
    uint256 private constant ITEM = 2 * WORD;

    /// @dev What a walk looks for: fixings in a feed, the order to get a report for, the orders that a report fixes.
    enum Search {
        Fixings,
        Target,
        Report
    }

    /// @dev A walk over the list: what it goes by and what it has found. `crowd` tells of a dead order that keeps others of
    /// its position from the list; `next` is the first order without a report, `oldest` the oldest of them that opens a
    /// position with a report that is still a fresh price.
    struct Walk {
        Search search;
        StreamsPrice report;
        uint256 limit;
        bytes32[] ids;
        uint256[] proofs;
        uint256 count;
        bytes32[] dead;
        uint256 deadCount;
        bool crowd;
        bytes32 oldest;
        uint256 oldestAt;
        bytes32 next;
    }

    uint32 private immutable _settlementDelay;
    uint32 private immutable _fallbackDelay;

    /// @dev Seconds that a report is a fresh price for; 0 on feeds.
    uint256 private immutable _maxAge;

    /// @dev Zero on Data Streams.
    IChainlinkFeed private immutable _feed;
    IChainlinkFeed private immutable _secondFeed;

    IMarginVault private immutable _marginVault;

    constructor(IPerpMarket market_, UpkeepConfig memory config) WatchList(market_, config) {
        OrderParams memory params = orderBook.orderParams();
        _settlementDelay = params.settlementDelay;
        _fallbackDelay = params.fallbackDelay;
        _marginVault = market_.marginVault();
        if (_isOnStreams()) {
            _maxAge = ChainlinkStreamsOracle(address(_oracle)).maxAge();
        } else {
            _feed = ChainlinkFeedOracle(address(_oracle)).feed();
            _secondFeed = ChainlinkFeedOracle(address(_oracle)).secondFeed();
        }
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
        // Neither keeps the other from its turn: a report, and orders to be released.
        if (target != 0 && (w.count == 0 || block.number % 2 == 0)) {
            bool stale = _mayRefresh(_watched[target]);
            _lookUp(stale ? block.timestamp : _momentOf(_watched[target]) + 1, abi.encode(s, target));
        }
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
        if (w.count != 0) return _answer(w, values);
        bool refreshes = block.timestamp <= report.observedAt + _maxAge && _mayRefresh(_watched[target]);
        return refreshes ? (true, abi.encode(UpkeepTask.Refresh, values, target)) : (false, bytes(""));
    }

    /// @inheritdoc ISettlementUpkeep
    function findProof(
        bytes32 orderId,
        uint256 observedAt
    ) external view returns (bool found, uint256 proof) {
        WatchedOrder memory order = _watched[orderId];
        if (order.place == 0) return (false, 0);
        ProofFeeds memory feeds = ProofFeeds(_feed, _secondFeed, _collateralFeed);
        if (_isOnStreams()) return FixingFinder.findOfReport(feeds, observedAt, _queryOf(order));
        return FixingFinder.find(feeds, _queryOf(order));
    }

    /* PERFORM */

    /// @inheritdoc ISettlementUpkeep
    function performUpkeep(bytes calldata performData) external override nonReentrant onlyPerformer {
        UpkeepTask task = abi.decode(performData, (UpkeepTask));
        if (task == UpkeepTask.Settle) {
            _settle(performData);
        } else if (task == UpkeepTask.Enrol) {
            (, Order memory order) = abi.decode(performData, (UpkeepTask, Order));
            _watch(order);
        } else {
            (, bytes[] memory reports, bytes32 id) = abi.decode(performData, (UpkeepTask, bytes[], bytes32));
            _refresh(reports, id);
        }
    }

    function _settle(bytes calldata performData) private {
        (, bytes[] memory reports, bytes32[] memory ids, uint256[] memory proofs) = abi.decode(
            performData,
            (UpkeepTask, bytes[], bytes32[], uint256[])
        );
        if (ids.length != proofs.length) revert Errors.UpkeepListMismatch(ids.length, proofs.length);
        uint256 claim = reports.length == 0 ? 0 : _marginVault.claimOf(rewardTo);
        uint256 cost = _submit(reports);
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
        // Nothing less than a settlement that pays is worth the verification of a report.
        if ((reports.length == 0 ? cleared : settled) == 0) revert Errors.UpkeepNothingDone();
        if (cost != 0 && _marginVault.claimOf(rewardTo) < claim + FixedMath.max(leastFee, 1))
            revert Errors.UpkeepNothingDone();
    }

    /// @dev Brings the newest report for an order that opens later than at its moment, once for each.
    function _refresh(bytes[] memory reports, bytes32 id) private {
        WatchedOrder storage order = _watched[id];
        if (!_mayRefresh(order) || _isDead(id, order)) revert Errors.UpkeepNothingDone();
        order.refreshed = true;
        _submit(reports);
        (, , bool fresh) = _oracle.peek();
        if (!fresh) revert Errors.UpkeepNothingDone();
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

    /// @dev Where a walk begins: another place in each block. Windows a limit apart leave none out; of those without a
    /// report the first one is asked for every other block, so it is each one's turn.
    function _turn(Search search, uint256 limit, uint256 places) private view returns (uint256) {
        if (search == Search.Target) return (block.number / 2) % places;
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
            if (w.deadCount == w.limit) return;
            w.dead[w.deadCount++] = id;
            w.crowd = w.crowd || _isCrowded(order.positionId);
            return;
        }
        if (w.search == Search.Report) {
            uint256 second = _momentOf(entry) + 1;
            if (second < w.report.validFrom || w.report.observedAt < second) return;
            (bool known, uint256 word) = _find(id, w.report.observedAt);
            if (known) _add(w, id, word);
            return;
        }
        (bool found, uint256 proof) = w.search == Search.Fixings ? _find(id, 0) : (false, 0);
        if (found) _add(w, id, proof);
        else if (block.timestamp > order.deadline && !_isSettleable(order)) _add(w, id, 0);
        else if (w.search == Search.Target) _consider(w, id, order);
    }

    function _add(Walk memory w, bytes32 id, uint256 proof) private pure {
        w.ids[w.count] = id;
        w.proofs[w.count++] = proof;
    }

    function _consider(Walk memory w, bytes32 id, WatchedOrder memory order) private view {
        if (w.next == 0) w.next = id;
        bool late = block.timestamp > uint256(order.committedAt) + _settlementDelay + _maxAge;
        if (late || order.committedAt >= w.oldestAt || !_opens(order.positionId)) return;
        (w.oldest, w.oldestAt) = (id, order.committedAt);
    }

    /// @dev The oldest one that is sure to pay and not late; every other block another one, so that none holds up the others.
    function _targetOf(Walk memory w) private view returns (bytes32) {
        return w.oldest == 0 || block.number % 2 == 1 ? w.next : w.oldest;
    }

    /// @dev In a call of its own: a feed that makes one search long takes nothing from the others.
    function _find(bytes32 id, uint256 observedAt) private view returns (bool found, uint256 proof) {
        if (_isOnStreams() && address(_collateralFeed) == address(0)) return (true, observedAt);
        try this.findProof{gas: FIND_GAS}(id, observedAt) returns (bool found_, uint256 proof_) {
            return (found_, proof_);
        } catch {
            return (false, 0);
        }
    }

    /// @dev What was found, and in the room that is left what is to be struck off.
    function _answer(Walk memory w, bytes[] memory reports) private pure returns (bool, bytes memory) {
        if (w.count == 0 && w.deadCount < WORTH_CLEARING && !w.crowd) return (false, "");
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
        try orderBook.settle{gas: SETTLE_GAS}(order, FixingFinder.unpack(proof), rewardTo) {
            return true;
        } catch {
            return false;
        }
    }

    /// @dev Whether an order waits for a position that is still to be opened: such a one pays even if it fails.
    function _opens(uint256 positionId) private view returns (bool) {
        return market.position(positionId).size == 0;
    }

    /// @dev Whether an order may have a report brought beside its own: once, if it opens a position, while its own is too old
    /// for that and the order book waits for a fresh one.
    function _mayRefresh(WatchedOrder storage order) private view returns (bool) {
        if (order.place == 0 || order.refreshed || !_opens(order.positionId)) return false;
        uint256 moment = _momentOf(order);
        bool waits = block.timestamp <= moment + _fallbackDelay + _settlementDelay;
        if (!waits || block.timestamp <= moment + _maxAge) return false;
        (, , bool fresh) = _oracle.peek();
        return !fresh;
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
                inclusionDelay: _settlementDelay,
                recordedAt: order.committedAt
            });
    }
}
