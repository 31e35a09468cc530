// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IChainlinkFeed} from "../interfaces/IChainlinkFeed.sol";
import {IPriceOracle} from "../interfaces/IPriceOracle.sol";
import {Constants} from "../libraries/Constants.sol";
import {Errors} from "../libraries/Errors.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {OracleMath} from "../libraries/math/OracleMath.sol";
import {Fixing, FixingKind, FixingQuery, Observation} from "../types/Fixing.sol";
import {FeedSettings, OracleSettings, SecondFeedSettings} from "../types/OracleSettings.sol";
import {Feed, FeedHistory, Round} from "./FeedHistory.sol";
import {OracleBase} from "./OracleBase.sol";

/// @title ChainlinkFeedOracle
/// @notice Prices from a Chainlink Data Feed behind its proxy, if wanted beside a second one. While the two are further
/// apart than they may be there is no price for new risk, liquidations and liquidity; orders trade at the one that is
/// worse for them. A second feed without a price has no say.
/// The words of a proof are round ids, uint80 each: of the price feed; of the first observation of the second feed and of
/// the collateral feed after the price feed's (of a fallback: after the moment), 0 while there is none; for an
/// observation also of the collateral feed's first one after the observation before. A fixing with a 0 holds once what
/// may still be under way to the chain has landed.
contract ChainlinkFeedOracle is OracleBase {
    IChainlinkFeed public immutable feed;
    uint256 public immutable maxAge;
    uint256 public immutable minPrice;
    uint256 public immutable maxPrice;
    uint256 private immutable _multiplier;

    IChainlinkFeed public immutable secondFeed;
    uint256 public immutable secondMaxAge;
    uint256 public immutable maxDeviation;
    uint256 private immutable _secondMinPrice;
    uint256 private immutable _secondMaxPrice;
    uint256 private immutable _secondMultiplier;

    /// @dev Whether the price feed is all there is.
    bool private immutable _isAlone;

    /// @notice Reverts: OracleUnusable.
    constructor(
        FeedSettings memory feed_,
        SecondFeedSettings memory second,
        OracleSettings memory settings
    ) OracleBase(settings) {
        feed = IChainlinkFeed(feed_.feed);
        maxAge = feed_.maxAge;
        minPrice = feed_.minPrice;
        maxPrice = feed_.maxPrice;
        _multiplier = FeedHistory.check(feed_);
        _requireConvertible(feed_.maxPrice);

        secondFeed = IChainlinkFeed(second.feed.feed);
        secondMaxAge = second.feed.maxAge;
        maxDeviation = second.maxDeviation;
        _secondMinPrice = second.feed.minPrice;
        _secondMaxPrice = second.feed.maxPrice;
        _isAlone =
            second.feed.feed == address(0) &&
            settings.collateral.feed == address(0) &&
            settings.sequencer == address(0);
        if (second.feed.feed == address(0)) return;
        _secondMultiplier = FeedHistory.check(second.feed);
        _requireConvertible(second.feed.maxPrice);
        if (second.maxDeviation == 0 || second.maxDeviation > Constants.WAD)
            revert Errors.OracleUnusable(second.feed.feed);
    }

    /* LATEST */

    /// @inheritdoc IPriceOracle
    function latest() external view returns (uint256 price, uint256 observedAt) {
        _requireSequencer();
        (price, observedAt) = FeedHistory.latest(_first());
        if (address(secondFeed) != address(0)) {
            (uint256 other, , bool fresh) = FeedHistory.peek(_second());
            if (fresh && !OracleMath.agree(price, other, maxDeviation))
                revert Errors.OracleFeedsDisagree(price, other, maxDeviation);
        }
        price = OracleMath.toCollateralDown(price, _latestCollateral());
    }

    /// @inheritdoc IPriceOracle
    function peek() external view returns (uint256 price, uint256 observedAt, bool fresh) {
        return _index();
    }

    /// @inheritdoc IPriceOracle
    function band(uint256 price) external view returns (uint256 low, uint256 high) {
        uint256 half = FixedMath.mulWadUp(price, uncertainty);
        return (price - half, price + half);
    }

    /// @inheritdoc IPriceOracle
    function outage() external view returns (bool) {
        (, , bool fresh) = _index();
        // The sequencer's outage is followed by the grace period of `latest`.
        return !fresh && _isSequencerReady();
    }

    /// @inheritdoc IPriceOracle
    function epoch() public view returns (uint48) {
        uint48 second = address(secondFeed) == address(0) ? 0 : secondFeed.phaseId();
        return feed.phaseId() | (second << uint48(SECOND_EPOCH_SHIFT)) | _collateralEpoch();
    }

    /// @inheritdoc IPriceOracle
    function observation(bytes calldata proof) external view returns (Observation memory o) {
        uint80 roundId = uint80(_word(proof, 0));
        Round memory last = FeedHistory.latestRound(feed);
        uint16 phase = OracleMath.phaseOf(last.id);
        if (OracleMath.phaseOf(roundId) != phase)
            revert Errors.OracleWrongPhase(OracleMath.phaseOf(roundId), phase, phase);
        Feed memory first = _first();
        Round memory round = FeedHistory.observation(feed, roundId, last);
        uint256 price = FeedHistory.priceOf(first, round.answer);
        if (price == 0)
            revert Errors.OracleAnswerOutOfBounds(address(feed), round.answer, minPrice, maxPrice);
        (o.id, o.observedAt) = (roundId, round.observedAt);

        uint48 current = epoch();
        (o.price, o.bid, o.ask) = _terms(price, round.observedAt, current, true, proof);
        if (o.price == 0) revert Errors.OracleCollateralUnusable(address(collateralFeed), round.observedAt);
        Round memory previous = FeedHistory.before(feed, roundId);
        o.previousAt = previous.observedAt;
        o.previousIsKnown = true;
        if (previous.observedAt != 0) {
            uint256 collateral = _collateralAt(previous.observedAt, uint80(_word(proof, 3)), current, true);
            price = FeedHistory.priceOf(first, previous.answer);
            if (price != 0 && collateral != 0)
                o.previousPrice = OracleMath.toCollateralDown(price, collateral);
            else o.previousAt = 0;
        }
        (o.indexPrice, o.indexIsFresh) = _indexOr(last, o.price);
    }

    /* FIXING */

    /// @inheritdoc IPriceOracle
    function fixing(
        FixingQuery calldata query,
        bytes calldata proof
    ) external view returns (Fixing memory f) {
        uint80 roundId = uint80(_word(proof, 0));
        Round memory last = FeedHistory.latestRound(feed);
        Round memory round = FeedHistory.observation(feed, roundId, last);
        // The price feed's part of the epoch.
        uint16 phase = uint16(query.epoch);
        bool exact = _isExact(query);

        if (round.observedAt > query.moment) {
            Round memory previous = FeedHistory.requireFirst(feed, roundId, query.moment, phase, exact);
            if (round.observedAt <= query.moment + query.fallbackDelay) _observe(f, round, query, proof);
            else _fallBack(f, previous, query, proof);
        } else {
            uint256 fallbackAt = query.moment + query.fallbackDelay + query.inclusionDelay;
            if (roundId != last.id) revert Errors.OracleNotFirstRound(roundId, last.id, query.moment);
            if (block.timestamp <= fallbackAt) revert Errors.OracleFixingPending(query.moment, fallbackAt);
            Round memory earlier = FeedHistory.requireLast(feed, roundId, query.moment, phase, exact);
            _fallBack(f, FeedHistory.prefer(earlier, round, exact), query, proof);
        }

        (f.indexPrice, f.indexIsFresh) = _indexOr(last, f.price);
    }

    /// @inheritdoc IPriceOracle
    function settleable(FixingQuery calldata query) external view returns (bool) {
        // Without a status of the sequencer there may be no fixing for good.
        if (address(sequencer) != address(0)) sequencer.latestRoundData();
        Round memory last = FeedHistory.latestRound(feed);
        if (last.observedAt > query.moment) return true;
        // A latest round that is no observation takes nothing back from the ones before it.
        if (last.observedAt == 0) return _hasLater(query, OracleMath.phaseOf(last.id));
        return block.timestamp > query.moment + query.fallbackDelay + query.inclusionDelay;
    }

    /* INTERNAL */

    /// @dev Whether a phase from the query's epoch up to `phase` has an observation after the moment.
    function _hasLater(FixingQuery calldata query, uint16 phase) private view returns (bool) {
        for (uint16 p = uint16(query.epoch); p <= phase; ++p) {
            if (FeedHistory.lastOf(feed, p).observedAt > query.moment) return true;
        }
        return false;
    }

    function _index() private view returns (uint256 price, uint256 observedAt, bool fresh) {
        (price, observedAt, fresh) = FeedHistory.peek(_first());
        return _inIndexUnits(price, observedAt, fresh);
    }

    /// @dev The latest price and whether it is good for new risk; `other` if it is unusable.
    function _indexOr(Round memory last, uint256 other) private view returns (uint256, bool) {
        (uint256 price, uint256 observedAt, bool fresh) = FeedHistory.peekAt(_first(), last);
        if (observedAt > block.timestamp) return (other, false);
        (price, , fresh) = _inIndexUnits(price, observedAt, fresh);
        return price == 0 ? (other, false) : (price, fresh);
    }

    /// @dev A latest price in collateral tokens, with all that takes its freshness.
    function _inIndexUnits(
        uint256 price,
        uint256 observedAt,
        bool fresh
    ) private view returns (uint256, uint256, bool) {
        if (_isAlone) return (price, observedAt, fresh);
        (uint256 collateral, bool collateralIsFresh) = _peekCollateral();
        if (price == 0 || collateral == 0) return (0, 0, false);
        fresh = fresh && collateralIsFresh && _isSequencerReady();
        if (fresh && address(secondFeed) != address(0)) {
            (uint256 other, , bool counts) = FeedHistory.peek(_second());
            fresh = !counts || OracleMath.agree(price, other, maxDeviation);
        }
        return (OracleMath.toCollateralDown(price, collateral), observedAt, fresh);
    }

    /// @dev The first observation after the moment, if it is a price to be believed.
    function _observe(
        Fixing memory f,
        Round memory round,
        FixingQuery calldata query,
        bytes calldata proof
    ) private view {
        uint256 price = FeedHistory.priceOf(_first(), round.answer);
        _fix(f, FixingKind.Observed, round, price, round.observedAt, query, proof);
    }

    /// @dev The last observation before a quiet time, unless it was stale or unbelievable even then, or the sequencer was
    /// down: then nobody can tell that the time was quiet. An aggregator replaced before the commit may have gone on
    /// observing after the moment: that is none.
    function _fallBack(
        Fixing memory f,
        Round memory round,
        FixingQuery calldata query,
        bytes calldata proof
    ) private view {
        bool inTime = round.observedAt <= query.moment && query.moment - round.observedAt <= maxAge;
        bool usable = inTime && round.observedAt != 0;
        usable = usable && !_wasDown(query.moment, query.moment + query.fallbackDelay);
        uint256 price = usable ? FeedHistory.priceOf(_first(), round.answer) : 0;
        _fix(f, FixingKind.Fallback, round, price, query.moment, query, proof);
    }

    /// @dev Fills a fixing of a round whose price counts as of `time`; void without one.
    function _fix(
        Fixing memory f,
        FixingKind kind,
        Round memory round,
        uint256 price,
        uint256 time,
        FixingQuery calldata query,
        bytes calldata proof
    ) private view {
        if (price != 0) {
            if (address(secondFeed) != address(0)) _requireLanded(time, query, uint80(_word(proof, 1)));
            if (address(collateralFeed) != address(0)) _requireLanded(time, query, uint80(_word(proof, 2)));
            (f.price, f.bid, f.ask) = _terms(price, time, query.epoch, _isExact(query), proof);
        }
        f.kind = f.price == 0 ? FixingKind.Void : kind;
        f.observationId = round.id;
        f.observedAt = round.observedAt;
    }

    /// @dev What a price of the first feed is in collateral tokens, for sellers and for buyers; the worse of two feeds that
    /// disagree. Zero where the collateral had no price.
    function _terms(
        uint256 price,
        uint256 time,
        uint48 epoch_,
        bool exact,
        bytes calldata proof
    ) private view returns (uint256 mid, uint256 bid, uint256 ask) {
        (mid, bid, ask) = (price, price, price);
        if (_isAlone) return (mid, bid, ask);
        if (address(secondFeed) != address(0)) {
            uint16 phase = uint16(epoch_ >> SECOND_EPOCH_SHIFT);
            uint256 other = _priceAt(_second(), time, uint80(_word(proof, 1)), phase, exact);
            if (other != 0 && !OracleMath.agree(price, other, maxDeviation))
                (bid, ask) = (FixedMath.min(price, other), FixedMath.max(price, other));
        }
        uint256 collateral = _collateralAt(time, uint80(_word(proof, 2)), epoch_, exact);
        if (collateral == 0) return (0, 0, 0);
        mid = OracleMath.toCollateralDown(price, collateral);
        (bid, ask) = (
            OracleMath.toCollateralDown(bid, collateral),
            OracleMath.toCollateralUp(ask, collateral)
        );
    }

    function _first() private view returns (Feed memory) {
        return Feed(feed, _multiplier, maxAge, minPrice, maxPrice);
    }

    function _second() private view returns (Feed memory) {
        return Feed(secondFeed, _secondMultiplier, secondMaxAge, _secondMinPrice, _secondMaxPrice);
    }
}
