// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IChainlinkFeed, IChainlinkAggregator} from "../interfaces/IChainlinkFeed.sol";
import {Constants} from "../libraries/Constants.sol";
import {Errors} from "../libraries/Errors.sol";
import {OracleMath} from "../libraries/math/OracleMath.sol";
import {FeedSettings} from "../types/OracleSettings.sol";

/// @notice A Data Feed and what is believed of it; `multiplier` brings its answers to 18 decimals.
struct Feed {
    IChainlinkFeed proxy;
    uint256 multiplier;
    uint256 maxAge;
    uint256 minPrice;
    uint256 maxPrice;
}

/// @param id Proxy round id. @param answer As reported. @param observedAt `startedAt`, 0 if no observation.
struct Round {
    uint80 id;
    int256 answer;
    uint256 observedAt;
}

/// @notice Reads the rounds of a Chainlink Data Feed behind its proxy. The observation time of a round is its
/// `startedAt`. Rounds without data and rounds that repeat an earlier answer are no observations.
library FeedHistory {
    uint256 private constant LONGEST_AGE = 7 days;

    /// @dev Reverts with OracleUnusable unless a feed can serve under its settings. Returns the multiplier.
    function check(FeedSettings memory s) internal view returns (uint256 multiplier) {
        uint8 decimals = IChainlinkFeed(s.feed).decimals();
        bool usable = decimals <= 18 && s.maxAge != 0 && s.maxAge <= LONGEST_AGE;
        usable = usable && s.minPrice != 0 && s.minPrice < s.maxPrice && s.maxPrice <= Constants.MAX_PRICE;
        if (!usable) revert Errors.OracleUnusable(s.feed);
        return 10 ** (18 - decimals);
    }

    /* LATEST */

    /// @dev The latest price. Reverts with a named error if it is unfinished, carried over, from the future, not to be
    /// believed or stale.
    function latest(Feed memory feed) internal view returns (uint256 price, uint256 observedAt) {
        (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredIn) = feed
            .proxy
            .latestRoundData();
        if (startedAt == 0 || updatedAt == 0 || answeredIn < id)
            revert Errors.OracleRoundIncomplete(address(feed.proxy), id);
        if (startedAt > block.timestamp)
            revert Errors.OracleObservationFromFuture(startedAt, block.timestamp);
        price = priceOf(feed, answer);
        if (price == 0)
            revert Errors.OracleAnswerOutOfBounds(address(feed.proxy), answer, feed.minPrice, feed.maxPrice);
        if (block.timestamp - startedAt > feed.maxAge)
            revert Errors.OracleStale(address(feed.proxy), startedAt, feed.maxAge);
        return (price, startedAt);
    }

    /// @dev The latest price without its age check; zero where there is none to be believed. Never reverts.
    function peek(Feed memory feed) internal view returns (uint256 price, uint256 observedAt, bool fresh) {
        // A new aggregator without a round makes the proxy revert. For want of gas it can't be made to: see `round`.
        try feed.proxy.latestRoundData() returns (
            uint80 id,
            int256 answer,
            uint256 startedAt,
            uint256 updatedAt,
            uint80 answeredIn
        ) {
            bool complete = startedAt != 0 && updatedAt != 0 && answeredIn >= id;
            return complete ? peekAt(feed, Round(id, answer, startedAt)) : (0, 0, false);
        } catch {
            return (0, 0, false);
        }
    }

    /// @dev The same of a round that was read already.
    function peekAt(
        Feed memory feed,
        Round memory last
    ) internal view returns (uint256 price, uint256 observedAt, bool fresh) {
        price = last.observedAt == 0 ? 0 : priceOf(feed, last.answer);
        if (price == 0) return (0, 0, false);
        observedAt = last.observedAt;
        fresh = observedAt <= block.timestamp && block.timestamp - observedAt <= feed.maxAge;
    }

    /// @dev An answer as a price, wad; zero if it is not to be believed.
    function priceOf(Feed memory feed, int256 answer) internal pure returns (uint256) {
        if (answer <= 0 || uint256(answer) > Constants.MAX_PRICE) return 0;
        uint256 price = OracleMath.toPrice(answer, feed.multiplier);
        return price < feed.minPrice || price > feed.maxPrice ? 0 : price;
    }

    /* ROUNDS */

    /// @dev The latest round, whatever it is. Reverts if the feed does not answer.
    function latestRound(IChainlinkFeed proxy) internal view returns (Round memory) {
        (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredIn) = proxy
            .latestRoundData();
        return Round(id, answer, updatedAt == 0 || answeredIn < id ? 0 : startedAt);
    }

    /// @dev The same, but no observation where the feed does not answer: a new aggregator may have no round yet. Starving
    /// the call of gas does not fake that: see `round`.
    function newest(IChainlinkFeed proxy) internal view returns (Round memory) {
        try proxy.latestRoundData() returns (
            uint80 id,
            int256 answer,
            uint256 startedAt,
            uint256 updatedAt,
            uint80 answeredIn
        ) {
            return Round(id, answer, updatedAt == 0 || answeredIn < id ? 0 : startedAt);
        } catch {
            return Round(OracleMath.roundIdOf(proxy.phaseId(), 0), 0, 0);
        }
    }

    /// @dev A round by id; `observedAt` is 0 where it has no data or repeats an earlier answer.
    function round(IChainlinkFeed proxy, uint80 roundId) internal view returns (Round memory r) {
        r.id = roundId;
        // Proxies and aggregators revert for rounds without data. A caller can't fake that by starving the call of
        // gas: the 1/64 left over would not suffice to finish.
        try proxy.getRoundData(roundId) returns (
            uint80 id,
            int256 answer,
            uint256 startedAt,
            uint256 updatedAt,
            uint80 answeredIn
        ) {
            if (updatedAt != 0 && answeredIn >= id) (r.answer, r.observedAt) = (answer, startedAt);
        } catch {
            // No observation.
        }
    }

    /// @dev A round that must be an observation, and not one of the future.
    function observation(
        IChainlinkFeed proxy,
        uint80 roundId,
        Round memory last
    ) internal view returns (Round memory r) {
        r = roundId == last.id ? last : round(proxy, roundId);
        if (r.observedAt == 0) revert Errors.OracleRoundIncomplete(address(proxy), roundId);
        if (r.observedAt > block.timestamp)
            revert Errors.OracleObservationFromFuture(r.observedAt, block.timestamp);
    }

    /// @dev The observation of a phase with this number or the nearest one below it, empty if there is none.
    function atOrBefore(
        IChainlinkFeed proxy,
        uint16 phase,
        uint64 number
    ) internal view returns (Round memory r) {
        for (; number != 0; --number) {
            r = round(proxy, OracleMath.roundIdOf(phase, number));
            if (r.observedAt != 0) return r;
        }
        return Round(0, 0, 0);
    }

    /// @dev The observation before a round in its own phase, empty if there is none.
    function before(IChainlinkFeed proxy, uint80 roundId) internal view returns (Round memory) {
        uint64 number = OracleMath.aggregatorRoundOf(roundId);
        if (number == 0) return Round(0, 0, 0);
        return atOrBefore(proxy, OracleMath.phaseOf(roundId), number - 1);
    }

    /// @dev Last observation of a phase, empty if it has none. Its last round may be none.
    function lastOf(IChainlinkFeed proxy, uint16 phase) internal view returns (Round memory) {
        address aggregator = proxy.phaseAggregators(phase);
        if (aggregator.code.length == 0) return Round(0, 0, 0);
        uint64 last;
        // Chainlink's aggregators answer no contract but their proxy, which asks the present one only.
        try IChainlinkAggregator(aggregator).latestRound() returns (uint256 number) {
            last = uint64(number);
        } catch {
            last = lastNumber(proxy, phase);
        }
        return atOrBefore(proxy, phase, last);
    }

    /// @dev Number of a phase's last round, as the proxy tells it: these aggregators number theirs from 1 without gaps.
    function lastNumber(IChainlinkFeed proxy, uint16 phase) internal view returns (uint64 last) {
        uint64 end = 1;
        for (; hasData(proxy, phase, end); end *= 2) last = end;
        while (end - last > 1) {
            uint64 middle = last + (end - last) / 2;
            if (hasData(proxy, phase, middle)) last = middle;
            else end = middle;
        }
    }

    /// @dev Whether a round has an answer, be it its own or one carried over.
    function hasData(IChainlinkFeed proxy, uint16 phase, uint64 number) internal view returns (bool) {
        try proxy.getRoundData(OracleMath.roundIdOf(phase, number)) returns (
            uint80,
            int256,
            uint256,
            uint256 updatedAt,
            uint80
        ) {
            return updatedAt != 0;
        } catch {
            return false;
        }
    }

    /* MOMENTS */

    /// @dev Requires a known phase from `epoch` on, and no observation after the moment in the phases before it. Returns the
    /// observation of these that counts as the last one up to the moment, empty if there is none: see `prefer`.
    function requireLast(
        IChainlinkFeed proxy,
        uint80 roundId,
        uint256 moment,
        uint16 epoch,
        bool exact
    ) internal view returns (Round memory earlier) {
        uint16 phase = OracleMath.phaseOf(roundId);
        if (phase == epoch) return Round(0, 0, 0);
        uint16 current = proxy.phaseId();
        if (phase < epoch || phase > current) revert Errors.OracleWrongPhase(phase, epoch, current);
        for (uint16 p = epoch; p < phase; ++p) {
            Round memory end = lastOf(proxy, p);
            if (end.observedAt > moment) revert Errors.OracleNotFirstRound(roundId, end.id, moment);
            earlier = prefer(earlier, end, exact);
        }
    }

    /// @dev Requires that no observation after the moment comes before `roundId`, in its phase or an earlier one from
    /// `epoch` on. Returns the last observation up to the moment.
    function requireFirst(
        IChainlinkFeed proxy,
        uint80 roundId,
        uint256 moment,
        uint16 epoch,
        bool exact
    ) internal view returns (Round memory previous) {
        Round memory earlier = requireLast(proxy, roundId, moment, epoch, exact);
        previous = before(proxy, roundId);
        if (previous.observedAt > moment) revert Errors.OracleNotFirstRound(roundId, previous.id, moment);
        return prefer(earlier, previous, exact);
    }

    /// @dev The last observation up to a moment, from the phase of `epoch` on; empty if there is none. `nextId` proves it:
    /// the first observation after the moment, or 0 while there is none.
    function upTo(
        IChainlinkFeed proxy,
        uint80 nextId,
        uint256 moment,
        uint16 epoch,
        bool exact
    ) internal view returns (Round memory r) {
        Round memory last = newest(proxy);
        if (nextId != 0) {
            r = observation(proxy, nextId, last);
            if (r.observedAt <= moment) revert Errors.OracleNotFirstRound(nextId, last.id, moment);
            return requireFirst(proxy, nextId, moment, epoch, exact);
        }
        Round memory earlier = requireLast(proxy, last.id, moment, epoch, exact);
        if (last.observedAt == 0) last = before(proxy, last.id);
        if (last.observedAt > moment) revert Errors.OracleNotFirstRound(nextId, last.id, moment);
        return prefer(earlier, last, exact);
    }

    /// @dev Which of two observations up to a moment, of an earlier phase and a later one, is the last. The earlier phase's
    /// if the epoch is that of the moment: what an aggregator observed before it took over changes nothing. Else, when the
    /// phase may have been over for long, the newer one, of equally new ones the earlier phase's.
    function prefer(
        Round memory earlier,
        Round memory later,
        bool exact
    ) internal pure returns (Round memory) {
        if (exact) return earlier.observedAt != 0 ? earlier : later;
        return later.observedAt > earlier.observedAt ? later : earlier;
    }
}
