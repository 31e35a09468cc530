// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IChainlinkFeed} from "../../interfaces/IChainlinkFeed.sol";
import {OracleMath} from "../../libraries/math/OracleMath.sol";
import {FeedHistory, Round} from "../../oracles/FeedHistory.sol";
import {FixingQuery} from "../../types/Fixing.sol";

/// @notice The feeds that the proofs of an oracle name rounds of; zero where it has none.
struct ProofFeeds {
    IChainlinkFeed price;
    IChainlinkFeed second;
    IChainlinkFeed collateral;
}

/// @notice Finds the rounds that prove a fixing, as the sdk's `findFixing` does, in views: O(log n) rounds of each phase.
/// Rounds without data, or that repeat an earlier answer, are stepped over. A proof packs three words of 80 bits, the
/// oracle's first one lowest.
library FixingFinder {
    /// @dev Rounds in a row without data that are stepped over: some 5,000 gas each. Where there are more, the phase is
    /// taken to begin above them, though the sdk looks further. What is found may be too late then: the oracle refuses it,
    /// and the order waits for a keeper off-chain.
    uint80 private constant LONGEST_GAP = 96;

    /// @dev Bits of a word in a packed proof, and of a feed's phase in an epoch.
    uint256 private constant WORD_BITS = 80;
    uint256 private constant PHASE_BITS = 16;

    /// @notice The packed proof of a feed oracle's fixing. Not found while there is none, or the price feed does not
    /// answer.
    function find(
        ProofFeeds memory feeds,
        FixingQuery memory query
    ) internal view returns (bool found, uint256 proof) {
        Round memory last = FeedHistory.newest(feeds.price);
        if (OracleMath.aggregatorRoundOf(last.id) == 0) return (false, 0);
        Round memory round = _firstFrom(feeds.price, last, query.moment, uint16(query.epoch));
        uint256 end = query.moment + query.fallbackDelay;
        uint256 time = round.observedAt;
        if (round.id == 0) {
            // In a quiet time the latest round proves that there is none.
            if (last.observedAt == 0 || block.timestamp <= end + query.inclusionDelay) return (false, 0);
            round = last;
        }
        if (time == 0 || time > end) time = query.moment;
        uint256 second = firstAfter(feeds.second, time, uint16(query.epoch >> PHASE_BITS));
        uint256 collateral = firstAfter(feeds.collateral, time, uint16(query.epoch >> (2 * PHASE_BITS)));
        // Without a next observation, one made up to that time may still be under way.
        bool open = address(feeds.second) != address(0) && second == 0;
        open = open || (address(feeds.collateral) != address(0) && collateral == 0);
        if (open && block.timestamp <= time + query.inclusionDelay) return (false, 0);
        return (true, round.id | (second << WORD_BITS) | (collateral << (2 * WORD_BITS)));
    }

    /// @notice The packed proof of a streams oracle's fixing by the report of `observedAt`. Not found while an observation
    /// of the collateral's feed may be under way.
    function findOfReport(
        ProofFeeds memory feeds,
        uint256 observedAt,
        FixingQuery memory query
    ) internal view returns (bool found, uint256 proof) {
        uint256 next = firstAfter(feeds.collateral, observedAt, uint16(query.epoch >> (2 * PHASE_BITS)));
        bool open = address(feeds.collateral) != address(0) && next == 0;
        if (open && block.timestamp <= observedAt + query.inclusionDelay) return (false, 0);
        return (true, observedAt | (next << WORD_BITS));
    }

    /// @notice What the oracle takes of a packed proof.
    function unpack(uint256 proof) internal pure returns (bytes memory) {
        // Three words of 80 bits by definition.
        return abi.encode(uint80(proof), uint80(proof >> WORD_BITS), uint80(proof >> (2 * WORD_BITS)));
    }

    /// @notice The first observation of a feed after `time`, in the lowest phase from `phase` on that has one; 0 while there
    /// is none, or no feed.
    function firstAfter(IChainlinkFeed feed, uint256 time, uint16 phase) internal view returns (uint80) {
        if (address(feed) == address(0)) return 0;
        return _firstFrom(feed, FeedHistory.newest(feed), time, phase).id;
    }

    /// @dev The same, empty while there is none. `last` is the feed's latest round.
    function _firstFrom(
        IChainlinkFeed feed,
        Round memory last,
        uint256 time,
        uint16 start
    ) private view returns (Round memory) {
        uint256 lastPhase = OracleMath.phaseOf(last.id);
        for (uint256 phase = start; phase <= lastPhase; ++phase) {
            bool isLast = phase == lastPhase && last.observedAt != 0;
            // At most `lastPhase`, which is 16 bits.
            Round memory end = isLast ? last : FeedHistory.lastOf(feed, uint16(phase));
            if (end.observedAt > time) return _firstUpTo(feed, end, time);
        }
        return Round(0, 0, 0);
    }

    /// @dev The first observation after `moment` in the phase of `end`, which is one: in growing steps back from it, then
    /// by halves.
    function _firstUpTo(
        IChainlinkFeed feed,
        Round memory end,
        uint256 moment
    ) private view returns (Round memory) {
        // An observation after the moment, and below it an id from which on down none is.
        Round memory high = end;
        uint80 low = OracleMath.roundIdOf(OracleMath.phaseOf(end.id), 0);
        uint80 floor = low;
        for (uint80 step = 1; step < high.id - floor; step *= 2) {
            uint80 probe = high.id - step;
            bool near = probe - floor <= LONGEST_GAP;
            Round memory round = _atOrBelow(feed, probe, near ? floor : probe - LONGEST_GAP);
            if (round.observedAt <= moment) {
                low = probe;
                break;
            }
            high = round;
        }
        while (high.id - low > 1) {
            uint80 middle = low + (high.id - low) / 2;
            Round memory round = _atOrBelow(feed, middle, low);
            if (round.observedAt > moment) high = round;
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
            round = FeedHistory.round(feed, id);
            if (round.observedAt != 0) return round;
        }
        return Round(0, 0, 0);
    }
}
