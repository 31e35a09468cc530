// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IChainlinkFeed} from "../../interfaces/IChainlinkFeed.sol";
import {OracleMath} from "../../libraries/math/OracleMath.sol";
import {FeedHistory, Round as FeedRound} from "../../oracles/FeedHistory.sol";
import {FixingQuery} from "../../types/Fixing.sol";

/// @notice Finds the round that proves a fixing, as the sdk's `findFixing` does, in views: O(log n) rounds of each phase.
/// Rounds without data, or that repeat an earlier answer, are stepped over.
library FixingFinder {
    /// @dev Rounds without data in a row beyond which a phase is taken to begin above them.
    uint80 private constant LONGEST_GAP = 32;

    /// @param observedAt `startedAt`, 0 if it is no observation.
    struct Round {
        uint80 id;
        uint256 observedAt;
    }

    /// @notice Not found while there is none, or while the feed's latest round is no observation.
    function find(
        IChainlinkFeed feed,
        FixingQuery memory query
    ) internal view returns (bool found, uint80 roundId) {
        Round memory last = _latest(feed);
        if (last.observedAt == 0) return (false, 0);
        if (last.observedAt <= query.moment) {
            uint256 fallbackAt = query.moment + query.fallbackDelay + query.inclusionDelay;
            return block.timestamp > fallbackAt ? (true, last.id) : (false, 0);
        }
        uint256 lastPhase = OracleMath.phaseOf(last.id);
        for (uint256 phase = uint16(query.epoch); phase <= lastPhase; ++phase) {
            // At most `lastPhase`, which is 16 bits.
            Round memory end = phase == lastPhase ? last : _lastOf(feed, uint16(phase));
            if (end.observedAt > query.moment) return (true, _firstAfter(feed, end, query.moment));
        }
        return (false, 0);
    }

    /// @dev The first observation after `moment` in the phase of `end`, which is one: in growing steps back from it, then
    /// by halves.
    function _firstAfter(
        IChainlinkFeed feed,
        Round memory end,
        uint256 moment
    ) private view returns (uint80) {
        // An observation after the moment, and below it an id from which on down none is.
        uint80 high = end.id;
        uint80 low = OracleMath.roundIdOf(OracleMath.phaseOf(end.id), 0);
        uint80 floor = low;
        for (uint80 step = 1; step < high - floor; step *= 2) {
            uint80 probe = high - step;
            bool near = probe - floor <= LONGEST_GAP;
            Round memory round = _atOrBelow(feed, probe, near ? floor : probe - LONGEST_GAP);
            if (round.observedAt <= moment) {
                low = probe;
                break;
            }
            high = round.id;
        }
        while (high - low > 1) {
            uint80 middle = low + (high - low) / 2;
            Round memory round = _atOrBelow(feed, middle, low);
            if (round.observedAt > moment) high = round.id;
            else low = middle;
        }
        return high;
    }

    /// @dev The nearest observation at or below `id`, above `floor`; empty if there is none.
    function _atOrBelow(
        IChainlinkFeed feed,
        uint80 id,
        uint80 floor
    ) private view returns (Round memory round) {
        for (; id > floor; --id) {
            round = _round(feed, id);
            if (round.observedAt != 0) return round;
        }
        return Round(0, 0);
    }

    /// @dev Last observation of an earlier phase, empty if it has none.
    function _lastOf(IChainlinkFeed feed, uint16 phase) private view returns (Round memory) {
        FeedRound memory last = FeedHistory.lastOf(feed, phase);
        return Round(last.id, last.observedAt);
    }

    function _latest(IChainlinkFeed feed) private view returns (Round memory) {
        // A new aggregator without a round makes the proxy revert.
        try feed.latestRoundData() returns (
            uint80 id,
            int256,
            uint256 startedAt,
            uint256 updatedAt,
            uint80 answeredIn
        ) {
            return _asObservation(id, startedAt, updatedAt, answeredIn);
        } catch {
            return Round(0, 0);
        }
    }

    function _round(IChainlinkFeed feed, uint80 roundId) private view returns (Round memory) {
        // Proxies and aggregators revert for rounds without data.
        try feed.getRoundData(roundId) returns (
            uint80 id,
            int256,
            uint256 startedAt,
            uint256 updatedAt,
            uint80 answeredIn
        ) {
            return _asObservation(id, startedAt, updatedAt, answeredIn);
        } catch {
            return Round(0, 0);
        }
    }

    function _asObservation(
        uint80 id,
        uint256 startedAt,
        uint256 updatedAt,
        uint80 answeredIn
    ) private pure returns (Round memory) {
        return updatedAt == 0 || answeredIn < id ? Round(id, 0) : Round(id, startedAt);
    }
}
