// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPriceOracle} from "../interfaces/IPriceOracle.sol";
import {IChainlinkFeed, IChainlinkAggregator} from "../interfaces/IChainlinkFeed.sol";
import {Constants} from "../libraries/Constants.sol";
import {Errors} from "../libraries/Errors.sol";
import {OracleMath} from "../libraries/math/OracleMath.sol";
import {Fixing, FixingKind, FixingQuery, Observation} from "../types/Fixing.sol";

/// @title ChainlinkFeedOracle
/// @notice Prices from a Chainlink Data Feed behind its proxy. The observation time of a round is its `startedAt`.
/// Rounds without data and rounds that repeat an earlier answer are no observations.
contract ChainlinkFeedOracle is IPriceOracle {
    /// @param id Proxy round id. @param answer As reported. @param observedAt `startedAt`, 0 if no observation.
    struct Round {
        uint80 id;
        int256 answer;
        uint256 observedAt;
    }

    IChainlinkFeed public immutable feed;
    uint256 public immutable uncertainty;
    uint256 public immutable maxAge;
    uint256 public immutable minPrice;
    uint256 public immutable maxPrice;
    uint256 private immutable _multiplier;

    /// @param feed_ Proxy of the Data Feed.
    /// @param maxAge_ Seconds after which the latest observation is stale: heartbeat plus inclusion time.
    /// @param uncertainty_ See IPriceOracle#uncertainty; at most a tenth.
    /// @param minPrice_ Lowest price believed, wad. @param maxPrice_ Highest price believed, wad.
    constructor(
        IChainlinkFeed feed_,
        uint256 maxAge_,
        uint256 uncertainty_,
        uint256 minPrice_,
        uint256 maxPrice_
    ) {
        uint8 decimals = feed_.decimals();
        bool usable = decimals <= 18 && maxAge_ != 0 && maxAge_ <= 7 days && uncertainty_ <= 0.1e18;
        usable = usable && minPrice_ != 0 && minPrice_ < maxPrice_ && maxPrice_ <= Constants.MAX_PRICE;
        if (!usable) revert Errors.OracleUnusable(address(feed_));
        feed = feed_;
        maxAge = maxAge_;
        uncertainty = uncertainty_;
        minPrice = minPrice_;
        maxPrice = maxPrice_;
        _multiplier = 10 ** (18 - decimals);
    }

    /* LATEST */

    /// @inheritdoc IPriceOracle
    function latest() external view returns (uint256 price, uint256 observedAt) {
        (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredIn) = feed
            .latestRoundData();
        if (startedAt == 0 || updatedAt == 0 || answeredIn < id) revert Errors.OracleRoundIncomplete(id);
        if (startedAt > block.timestamp)
            revert Errors.OracleObservationFromFuture(startedAt, block.timestamp);
        if (!_believed(answer)) revert Errors.OracleAnswerOutOfBounds(answer, minPrice, maxPrice);
        if (block.timestamp - startedAt > maxAge) revert Errors.OracleStale(startedAt, maxAge);
        return (OracleMath.toPrice(answer, _multiplier), startedAt);
    }

    /// @inheritdoc IPriceOracle
    function peek() external view returns (uint256 price, uint256 observedAt, bool fresh) {
        // A new aggregator without a round makes the proxy revert. For want of gas it can't be made to: see `_round`.
        try feed.latestRoundData() returns (
            uint80 id,
            int256 answer,
            uint256 startedAt,
            uint256 updatedAt,
            uint80 answeredIn
        ) {
            bool complete = startedAt != 0 && updatedAt != 0 && answeredIn >= id;
            if (!complete || !_believed(answer)) return (0, 0, false);
            return (OracleMath.toPrice(answer, _multiplier), startedAt, _fresh(startedAt));
        } catch {
            return (0, 0, false);
        }
    }

    /// @inheritdoc IPriceOracle
    function epoch() external view returns (uint16) {
        return feed.phaseId();
    }

    /// @inheritdoc IPriceOracle
    function observation(bytes calldata proof) external view returns (Observation memory o) {
        uint80 roundId = abi.decode(proof, (uint80));
        Round memory last = _latestRound();
        uint16 phase = OracleMath.phaseOf(last.id);
        if (OracleMath.phaseOf(roundId) != phase)
            revert Errors.OracleWrongPhase(OracleMath.phaseOf(roundId), phase, phase);
        Round memory round = roundId == last.id ? last : _round(roundId);
        if (round.observedAt == 0) revert Errors.OracleRoundIncomplete(roundId);
        if (round.observedAt > block.timestamp)
            revert Errors.OracleObservationFromFuture(round.observedAt, block.timestamp);
        if (!_believed(round.answer)) revert Errors.OracleAnswerOutOfBounds(round.answer, minPrice, maxPrice);
        Round memory previous = _before(roundId, phase);

        (o.id, o.observedAt) = (roundId, round.observedAt);
        o.price = OracleMath.toPrice(round.answer, _multiplier);
        if (_believed(previous.answer)) {
            o.previousPrice = OracleMath.toPrice(previous.answer, _multiplier);
            o.previousAt = previous.observedAt;
        }
        (o.indexPrice, o.indexIsFresh) = _indexOr(last, o.price);
    }

    /* FIXING */

    /// @inheritdoc IPriceOracle
    function fixing(
        FixingQuery calldata query,
        bytes calldata proof
    ) external view returns (Fixing memory f) {
        uint80 roundId = abi.decode(proof, (uint80));
        Round memory last = _latestRound();
        Round memory round = roundId == last.id ? last : _round(roundId);
        if (round.observedAt == 0) revert Errors.OracleRoundIncomplete(roundId);
        if (round.observedAt > block.timestamp) {
            revert Errors.OracleObservationFromFuture(round.observedAt, block.timestamp);
        }

        if (round.observedAt > query.moment) {
            Round memory previous = _requireFirst(round.id, query);
            if (round.observedAt <= query.moment + query.fallbackDelay) _observe(f, round);
            else _fallBack(f, previous, query);
        } else {
            uint256 fallbackAt = query.moment + query.fallbackDelay + query.inclusionDelay;
            if (roundId != last.id) revert Errors.OracleNotFirstRound(roundId, last.id, query.moment);
            if (block.timestamp <= fallbackAt) revert Errors.OracleFixingPending(query.moment, fallbackAt);
            _requireLast(round.id, query);
            _fallBack(f, round, query);
        }

        (f.indexPrice, f.indexIsFresh) = _indexOr(last, f.price);
    }

    /// @inheritdoc IPriceOracle
    function settleable(FixingQuery calldata query) external view returns (bool) {
        Round memory last = _latestRound();
        if (last.observedAt > query.moment) return true;
        // A latest round that is no observation takes nothing back from the ones before it.
        if (last.observedAt == 0) return _before(last.id, query.epoch).observedAt > query.moment;
        return block.timestamp > query.moment + query.fallbackDelay + query.inclusionDelay;
    }

    /* INTERNAL */

    /// @dev The latest price and whether it is good for new risk; `other` if it is unusable.
    function _indexOr(Round memory last, uint256 other) private view returns (uint256, bool) {
        bool usable = last.observedAt != 0 && last.observedAt <= block.timestamp && _believed(last.answer);
        return
            usable ? (OracleMath.toPrice(last.answer, _multiplier), _fresh(last.observedAt)) : (other, false);
    }

    /// @dev The first observation after the moment, if it is a price to be believed.
    function _observe(Fixing memory f, Round memory round) private view {
        bool believed = _believed(round.answer);
        f.kind = believed ? FixingKind.Observed : FixingKind.Void;
        f.price = believed ? OracleMath.toPrice(round.answer, _multiplier) : 0;
        f.observationId = round.id;
        f.observedAt = round.observedAt;
    }

    /// @dev The last observation before a quiet time, unless it was stale or unbelievable even then. An aggregator
    /// replaced before the commit may have gone on observing after the moment: that is none.
    function _fallBack(Fixing memory f, Round memory round, FixingQuery calldata query) private view {
        bool inTime = round.observedAt <= query.moment && query.moment - round.observedAt <= maxAge;
        bool usable = inTime && round.observedAt != 0 && _believed(round.answer);
        f.kind = usable ? FixingKind.Fallback : FixingKind.Void;
        f.price = usable ? OracleMath.toPrice(round.answer, _multiplier) : 0;
        f.observationId = round.id;
        f.observedAt = round.observedAt;
    }

    /// @dev Requires that no observation after the moment comes before `roundId`, in its phase or an earlier one
    /// from the query's epoch on. Returns the observation before it, empty if there is none.
    function _requireFirst(
        uint80 roundId,
        FixingQuery calldata query
    ) private view returns (Round memory previous) {
        _requireLast(roundId, query);
        previous = _before(roundId, query.epoch);
        bool samePhase = OracleMath.phaseOf(previous.id) == OracleMath.phaseOf(roundId);
        if (samePhase && previous.observedAt > query.moment) {
            revert Errors.OracleNotFirstRound(roundId, previous.id, query.moment);
        }
    }

    /// @dev The observation before a round, in its phase or an earlier one from `epoch_` on; empty if there is none.
    function _before(uint80 roundId, uint16 epoch_) private view returns (Round memory previous) {
        uint16 phase = OracleMath.phaseOf(roundId);
        uint64 number = OracleMath.aggregatorRoundOf(roundId);
        if (number != 0) previous = _atOrBefore(phase, number - 1);
        if (previous.observedAt != 0) return previous;
        // First observation of its phase: the one before it is the last of an earlier phase, none of which has one
        // after the moment. Not of a phase before the epoch: its aggregator may go on, and that changes nothing.
        while (phase > epoch_) {
            previous = _lastOf(--phase);
            if (previous.observedAt != 0) return previous;
        }
        return Round(0, 0, 0);
    }

    /// @dev Requires a known phase from the query's epoch on, and no observation after the moment in the phases
    /// between them.
    function _requireLast(uint80 roundId, FixingQuery calldata query) private view {
        uint16 phase = OracleMath.phaseOf(roundId);
        if (phase == query.epoch) return;
        uint16 current = feed.phaseId();
        if (phase < query.epoch || phase > current)
            revert Errors.OracleWrongPhase(phase, query.epoch, current);
        for (uint16 p = query.epoch; p < phase; ++p) {
            Round memory end = _lastOf(p);
            if (end.observedAt > query.moment)
                revert Errors.OracleNotFirstRound(roundId, end.id, query.moment);
        }
    }

    /// @dev Last observation of a phase, empty if it has none. Its last round may be none.
    function _lastOf(uint16 phase) private view returns (Round memory) {
        IChainlinkAggregator aggregator = IChainlinkAggregator(feed.phaseAggregators(phase));
        if (address(aggregator) == address(0)) return Round(0, 0, 0);
        return _atOrBefore(phase, uint64(aggregator.latestRound()));
    }

    /// @dev The observation of a phase with this number or the nearest one below it, empty if there is none.
    function _atOrBefore(uint16 phase, uint64 number) private view returns (Round memory round) {
        for (; number != 0; --number) {
            round = _round(OracleMath.roundIdOf(phase, number));
            if (round.observedAt != 0) return round;
        }
        return Round(0, 0, 0);
    }

    function _latestRound() private view returns (Round memory) {
        (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredIn) = feed
            .latestRoundData();
        return Round(id, answer, updatedAt == 0 || answeredIn < id ? 0 : startedAt);
    }

    /// @dev A round by id; `observedAt` is 0 where it has no data or repeats an earlier answer.
    function _round(uint80 roundId) private view returns (Round memory round) {
        round.id = roundId;
        // Proxies and aggregators revert for rounds without data. A caller can't fake that by starving the call of
        // gas: the 1/64 left over would not suffice to finish.
        try feed.getRoundData(roundId) returns (
            uint80 id,
            int256 answer,
            uint256 startedAt,
            uint256 updatedAt,
            uint80 answeredIn
        ) {
            if (updatedAt != 0 && answeredIn >= id) (round.answer, round.observedAt) = (answer, startedAt);
        } catch {
            // No observation.
        }
    }

    function _believed(int256 answer) private view returns (bool) {
        if (answer <= 0 || uint256(answer) > Constants.MAX_PRICE) return false;
        uint256 price = OracleMath.toPrice(answer, _multiplier);
        return price >= minPrice && price <= maxPrice;
    }

    function _fresh(uint256 observedAt) private view returns (bool) {
        return observedAt <= block.timestamp && block.timestamp - observedAt <= maxAge;
    }
}
