// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IChainlinkFeed} from "../interfaces/IChainlinkFeed.sol";
import {IPriceOracle} from "../interfaces/IPriceOracle.sol";
import {Constants} from "../libraries/Constants.sol";
import {Errors} from "../libraries/Errors.sol";
import {OracleMath} from "../libraries/math/OracleMath.sol";
import {FixingQuery} from "../types/Fixing.sol";
import {OracleSettings} from "../types/OracleSettings.sol";
import {Feed, FeedHistory, Round} from "./FeedHistory.sol";

/// @notice What both oracles have beside their source of prices: the chain's sequencer, and the price of the collateral
/// token itself.
abstract contract OracleBase is IPriceOracle {
    /// @dev Status changes of the sequencer looked back over: years of them.
    uint256 private constant STATUS_CHANGES = 32;

    /// @dev Where a feed's phase lies in an epoch.
    uint256 internal constant SECOND_EPOCH_SHIFT = 16;
    uint256 private constant COLLATERAL_EPOCH_SHIFT = 32;

    uint256 public immutable uncertainty;
    IChainlinkFeed public immutable sequencer;
    uint256 public immutable gracePeriod;
    IChainlinkFeed public immutable collateralFeed;
    uint256 public immutable collateralMaxAge;
    uint256 public immutable collateralMinPrice;
    uint256 public immutable collateralMaxPrice;
    uint256 private immutable _collateralMultiplier;

    constructor(OracleSettings memory s) {
        bool usable = s.uncertainty <= 0.1e18 && s.gracePeriod <= 1 days;
        if (!usable) revert Errors.OracleUnusable(address(this));
        uncertainty = s.uncertainty;
        sequencer = IChainlinkFeed(s.sequencer);
        gracePeriod = s.gracePeriod;
        collateralFeed = IChainlinkFeed(s.collateral.feed);
        collateralMaxAge = s.collateral.maxAge;
        collateralMinPrice = s.collateral.minPrice;
        collateralMaxPrice = s.collateral.maxPrice;
        _collateralMultiplier = s.collateral.feed == address(0) ? 0 : FeedHistory.check(s.collateral);
        if (s.sequencer != address(0)) sequencer.latestRoundData();
    }

    /* SEQUENCER */

    /// @dev Reverts while the sequencer is down, and until the grace period after it is over.
    function _requireSequencer() internal view {
        if (address(sequencer) == address(0)) return;
        (bool up, uint256 since) = _sequencerStatus();
        if (!up) revert Errors.OracleSequencerDown(since);
        _requireGraceOver(since);
    }

    /// @dev Reverts until the grace period after the end of an outage is over.
    function _requireGraceOver(uint256 resumedAt) internal view {
        if (_isGraceOver(resumedAt)) return;
        revert Errors.OracleGracePeriod(resumedAt, resumedAt + gracePeriod);
    }

    function _isGraceOver(uint256 resumedAt) internal view returns (bool) {
        return block.timestamp > resumedAt + gracePeriod;
    }

    /// @dev Whether the sequencer is up and its grace period over.
    function _isSequencerReady() internal view returns (bool) {
        if (address(sequencer) == address(0)) return true;
        (bool up, uint256 since) = _sequencerStatus();
        return up && _isGraceOver(since);
    }

    /// @dev Whether the sequencer is up, and since when. A feed that has no status is one that is down.
    function _sequencerStatus() private view returns (bool up, uint256 since) {
        try sequencer.latestRoundData() returns (uint80, int256 answer, uint256 startedAt, uint256, uint80) {
            return (answer == 0 && startedAt != 0, startedAt);
        } catch {
            return (false, 0);
        }
    }

    /// @dev Whether the sequencer was down at any time from `from` to `to`. A history that does not reach back so far counts
    /// as up before it began; one of more changes than are looked at, as down.
    function _wasDown(uint256 from, uint256 to) internal view returns (bool) {
        if (address(sequencer) == address(0)) return false;
        Round memory r = FeedHistory.latestRound(sequencer);
        for (uint256 i; i < STATUS_CHANGES; ++i) {
            // Status 1 from then on, up to the change looked at before.
            if (r.answer != 0 && r.observedAt <= to) return true;
            if (r.observedAt <= from) return false;
            uint16 phase = OracleMath.phaseOf(r.id);
            if (OracleMath.aggregatorRoundOf(r.id) > 1) r = FeedHistory.round(sequencer, r.id - 1);
            else if (phase > 1) r = FeedHistory.lastOf(sequencer, phase - 1);
            else return false;
        }
        return true;
    }

    /* COLLATERAL */

    /// @dev Latest price of the collateral token, wad. Reverts as FeedHistory#latest.
    function _latestCollateral() internal view returns (uint256 price) {
        if (address(collateralFeed) == address(0)) return Constants.WAD;
        (price, ) = FeedHistory.latest(_collateral());
    }

    /// @dev The same without its age check, 0 where there is none. Never reverts.
    function _peekCollateral() internal view returns (uint256 price, bool fresh) {
        if (address(collateralFeed) == address(0)) return (Constants.WAD, true);
        (price, , fresh) = FeedHistory.peek(_collateral());
    }

    /// @dev The price of the collateral token that was the latest at `moment`, proven by the round after it; 0 if it was
    /// stale then, or not to be believed.
    function _collateralAt(
        uint256 moment,
        uint80 nextId,
        uint48 epoch_,
        bool exact
    ) internal view returns (uint256) {
        if (address(collateralFeed) == address(0)) return Constants.WAD;
        uint16 phase = uint16(epoch_ >> COLLATERAL_EPOCH_SHIFT);
        return _priceAt(_collateral(), moment, nextId, phase, exact);
    }

    /// @dev A feed's price at a moment; 0 if it was stale then, or not to be believed.
    function _priceAt(
        Feed memory feed,
        uint256 moment,
        uint80 nextId,
        uint16 phase,
        bool exact
    ) internal view returns (uint256) {
        Round memory r = FeedHistory.upTo(feed.proxy, nextId, moment, phase, exact);
        bool live = r.observedAt != 0 && r.observedAt <= moment && moment - r.observedAt <= feed.maxAge;
        return live ? FeedHistory.priceOf(feed, r.answer) : 0;
    }

    /// @dev Whether a query's epoch is the one of its moment.
    function _isExact(FixingQuery calldata query) internal pure returns (bool) {
        return query.moment <= uint256(query.recordedAt) + query.inclusionDelay;
    }

    /// @dev Reverts while an observation of another feed made up to `time` may be under way to the chain: the next one
    /// shows that none is, or the time it may take. Otherwise who settles could choose whether it counts.
    function _requireLanded(uint256 time, FixingQuery calldata query, uint80 nextId) internal view {
        uint256 landedAt = time + query.inclusionDelay;
        if (nextId == 0 && block.timestamp <= landedAt)
            revert Errors.OracleFixingPending(query.moment, landedAt);
    }

    /// @dev The collateral feed's part of an epoch.
    function _collateralEpoch() internal view returns (uint48) {
        if (address(collateralFeed) == address(0)) return 0;
        return uint48(collateralFeed.phaseId()) << uint48(COLLATERAL_EPOCH_SHIFT);
    }

    /// @dev Reverts unless the highest price is one to be believed in units of the collateral token too.
    function _requireConvertible(uint256 maxPrice_) internal view {
        if (address(collateralFeed) == address(0)) return;
        if (OracleMath.toCollateralUp(maxPrice_, collateralMinPrice) > Constants.MAX_PRICE)
            revert Errors.OracleUnusable(address(collateralFeed));
    }

    function _collateral() private view returns (Feed memory) {
        return
            Feed(
                collateralFeed,
                _collateralMultiplier,
                collateralMaxAge,
                collateralMinPrice,
                collateralMaxPrice
            );
    }

    /* PROOFS */

    /// @dev A proof's word at an index, 0 where it ends before.
    function _word(bytes calldata proof, uint256 index) internal pure returns (uint256) {
        uint256 start = 32 * index;
        return proof.length < start + 32 ? 0 : uint256(bytes32(proof[start:start + 32]));
    }
}
