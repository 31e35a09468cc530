// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IChainlinkFeeManager, IChainlinkVerifier} from "../interfaces/IChainlinkVerifier.sol";
import {IPriceOracle} from "../interfaces/IPriceOracle.sol";
import {IStreamsOracle} from "../interfaces/IStreamsOracle.sol";
import {Constants} from "../libraries/Constants.sol";
import {Errors} from "../libraries/Errors.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {OracleMath} from "../libraries/math/OracleMath.sol";
import {Fixing, FixingKind, FixingQuery, Observation} from "../types/Fixing.sol";
import {OracleSettings, StreamSettings} from "../types/OracleSettings.sol";
import {ReportV3} from "../types/Report.sol";
import {OracleBase} from "./OracleBase.sol";
import {SecondsMap} from "./SecondsMap.sol";

/// @title ChainlinkStreamsOracle
/// @notice Prices from a Chainlink Data Stream: reports that anyone brings, verified by Chainlink's VerifierProxy and
/// kept. The fixing of a moment is the report whose validity interval holds the second after it. No second is ever held
/// by two kept reports, so a moment has one price whoever brings what. A stream never rests: where the report of a moment
/// was made too late to be its price, none exists.
contract ChainlinkStreamsOracle is OracleBase, IStreamsOracle, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using SecondsMap for SecondsMap.Map;

    /// @dev Two slots. Prices wad, 0 if not positive or too large; times in seconds.
    struct Report {
        uint128 price;
        uint64 validFrom;
        uint128 bid;
        uint128 ask;
    }

    /// @dev First two bytes of the feed id of a stream of schema v3.
    uint256 private constant SCHEMA = 3;

    /// @dev Bytes of a report of schema v3.
    uint256 private constant REPORT_LENGTH = 288;

    /// @dev Seconds that a validity interval is cut to: a report after a longer outage is no price of its beginning.
    uint256 private constant LONGEST_INTERVAL = 1 hours;

    IChainlinkVerifier public immutable verifier;
    bytes32 public immutable streamId;
    uint256 public immutable maxAge;
    uint256 public immutable proofWindow;
    uint256 public immutable minPrice;
    uint256 public immutable maxPrice;

    mapping(uint256 observedAt => Report) private _reports;
    SecondsMap.Map private _covered;

    /// @dev Observation times of the latest report, and of the latest one that ended an outage.
    uint64 private _latestAt;
    uint64 private _resumedAt;

    /// @notice Reverts: OracleUnusable.
    constructor(StreamSettings memory stream, OracleSettings memory settings) OracleBase(settings) {
        bool usable = uint256(stream.streamId) >> 240 == SCHEMA && stream.verifier.code.length != 0;
        usable = usable && stream.maxAge != 0 && stream.maxAge <= 1 hours && stream.proofWindow <= 7 days;
        usable = usable && stream.minPrice != 0 && stream.minPrice < stream.maxPrice;
        if (!usable || stream.maxPrice > Constants.MAX_PRICE) revert Errors.OracleUnusable(stream.verifier);
        verifier = IChainlinkVerifier(stream.verifier);
        streamId = stream.streamId;
        maxAge = stream.maxAge;
        proofWindow = stream.proofWindow;
        minPrice = stream.minPrice;
        maxPrice = stream.maxPrice;
        _requireConvertible(stream.maxPrice);
    }

    /* REPORTS */

    /// @inheritdoc IStreamsOracle
    function submit(bytes[] calldata reports, address feeToken) external payable nonReentrant {
        (bytes[] memory wanted, uint256 fee) = _select(reports, feeToken);
        uint256 value;
        if (wanted.length != 0) {
            value = _provide(feeToken, fee);
            IChainlinkFeeManager manager = verifier.s_feeManager();
            bytes memory parameters = address(manager) == address(0) ? bytes("") : abi.encode(feeToken);
            bytes[] memory verified = verifier.verifyBulk{value: value}(wanted, parameters);
            for (uint256 i; i < verified.length; ++i) _keep(abi.decode(verified[i], (ReportV3)));
        }
        if (msg.value != value) Address.sendValue(payable(msg.sender), msg.value - value);
    }

    /// @inheritdoc IStreamsOracle
    function feeFor(bytes[] calldata reports, address feeToken) external view returns (uint256 fee) {
        (, fee) = _select(reports, feeToken);
    }

    /// @inheritdoc IStreamsOracle
    function reportIn(bytes calldata signedReport) external pure returns (ReportV3 memory) {
        return abi.decode(_dataOf(signedReport), (ReportV3));
    }

    /// @inheritdoc IStreamsOracle
    function reportAt(
        uint256 observedAt
    ) external view returns (uint256 validFrom, uint256 price, uint256 bid, uint256 ask) {
        Report memory r = _reports[observedAt];
        return (r.validFrom, r.price, r.bid, r.ask);
    }

    /// @inheritdoc IStreamsOracle
    function latestAt() external view returns (uint256) {
        return _latestAt;
    }

    /// @inheritdoc IStreamsOracle
    function isCovered(uint256 second) external view returns (bool) {
        return _covered.get(second);
    }

    /* LATEST */

    /// @inheritdoc IPriceOracle
    function latest() external view returns (uint256 price, uint256 observedAt) {
        _requireSequencer();
        observedAt = _latestAt;
        if (observedAt == 0) revert Errors.OracleReportMissing(0);
        Report memory r = _reports[observedAt];
        (price, , ) = _believed(r);
        if (price == 0)
            revert Errors.OracleAnswerOutOfBounds(
                address(verifier),
                int256(uint256(r.price)),
                minPrice,
                maxPrice
            );
        if (block.timestamp - observedAt > maxAge)
            revert Errors.OracleStale(address(verifier), observedAt, maxAge);
        _requireGraceOver(_resumedAt);
        price = OracleMath.toCollateralDown(price, _latestCollateral());
    }

    /// @inheritdoc IPriceOracle
    function peek() external view returns (uint256 price, uint256 observedAt, bool fresh) {
        return _index();
    }

    /// @inheritdoc IPriceOracle
    function band(uint256 price) external view returns (uint256 low, uint256 high) {
        uint256 half = FixedMath.mulWadUp(price, uncertainty);
        (low, high) = (price - half, price + half);
        (uint256 mid, uint256 bid, uint256 ask) = _believed(_reports[_latestAt]);
        (uint256 collateral, ) = _peekCollateral();
        if (mid == 0 || collateral == 0) return (low, high);
        low = FixedMath.min(low, OracleMath.toCollateralDown(bid, collateral));
        high = FixedMath.max(high, OracleMath.toCollateralUp(ask, collateral));
    }

    /// @inheritdoc IPriceOracle
    function outage() external pure returns (bool) {
        // Nobody brings reports that nobody needs. An outage of the stream shows in the next report's validity interval,
        // and `latest` has a grace period after it, as after one of the sequencer.
        return false;
    }

    /// @inheritdoc IPriceOracle
    function epoch() public view returns (uint48) {
        return _collateralEpoch();
    }

    /// @inheritdoc IPriceOracle
    function observation(bytes calldata proof) external view returns (Observation memory o) {
        uint256 at = _word(proof, 0);
        Report memory r = _kept(at);
        (o.id, o.observedAt) = (at, at);
        (o.price, o.bid, o.ask) = _terms(r, at, epoch(), true, uint80(_word(proof, 1)));
        if (o.price == 0)
            revert Errors.OracleAnswerOutOfBounds(
                address(verifier),
                int256(uint256(r.price)),
                minPrice,
                maxPrice
            );
        Report memory previous = _reports[r.validFrom - 1];
        if (previous.validFrom != 0) {
            o.previousIsKnown = true;
            uint256 nextId = _word(proof, 2);
            (o.previousPrice, , ) = _terms(previous, r.validFrom - 1, epoch(), true, uint80(nextId));
            if (o.previousPrice != 0) o.previousAt = r.validFrom - 1;
        }
        (o.indexPrice, o.indexIsFresh) = _indexOr(o.price);
    }

    /* FIXING */

    /// @inheritdoc IPriceOracle
    function fixing(
        FixingQuery calldata query,
        bytes calldata proof
    ) external view returns (Fixing memory f) {
        uint256 at = _word(proof, 0);
        Report memory r = _kept(at);
        if (at <= query.moment || r.validFrom > query.moment + 1)
            revert Errors.OracleReportNotOfMoment(r.validFrom, at, query.moment);
        (f.observationId, f.observedAt) = (at, at);
        if (at <= query.moment + query.fallbackDelay) {
            uint80 nextId = uint80(_word(proof, 1));
            if (address(collateralFeed) != address(0)) _requireLanded(at, query, nextId);
            (f.price, f.bid, f.ask) = _terms(r, at, query.epoch, _isExact(query), nextId);
        }
        f.kind = f.price == 0 ? FixingKind.Void : FixingKind.Observed;
        (f.indexPrice, f.indexIsFresh) = _indexOr(f.price);
    }

    /// @inheritdoc IPriceOracle
    function settleable(FixingQuery calldata query) external view returns (bool) {
        return
            block.timestamp <= query.moment + query.fallbackDelay + proofWindow ||
            _covered.get(query.moment + 1);
    }

    /* INTERNAL */

    /// @dev Those of `reports` that are not kept yet, and what their verification costs.
    function _select(
        bytes[] calldata reports,
        address feeToken
    ) private view returns (bytes[] memory wanted, uint256 fee) {
        IChainlinkFeeManager manager = verifier.s_feeManager();
        wanted = new bytes[](reports.length);
        uint256 count;
        for (uint256 i; i < reports.length; ++i) {
            bytes memory data = _tryDataOf(reports[i], i);
            uint256 observedAt = abi.decode(data, (ReportV3)).observationsTimestamp;
            if (_reports[observedAt].validFrom != 0) continue;
            wanted[count++] = reports[i];
            if (address(manager) == address(0)) continue;
            (IChainlinkFeeManager.Asset memory asset, , ) = manager.getFeeAndReward(
                address(this),
                data,
                feeToken
            );
            fee += asset.amount;
        }
        // Shorter than before.
        assembly ("memory-safe") {
            mstore(wanted, count)
        }
    }

    /// @dev Has the fee ready; returns the part of it that goes along with the call.
    function _provide(address feeToken, uint256 fee) private returns (uint256 value) {
        if (fee == 0) return 0;
        IChainlinkFeeManager manager = verifier.s_feeManager();
        if (feeToken == manager.i_nativeAddress()) {
            if (msg.value < fee) revert Errors.OracleFeeUnpaid(msg.value, fee);
            return fee;
        }
        IERC20(feeToken).safeTransferFrom(msg.sender, address(this), fee);
        IERC20(feeToken).forceApprove(manager.i_rewardManager(), fee);
    }

    /// @dev Keeps a verified report.
    function _keep(ReportV3 memory report) private {
        (uint256 from, uint256 at) = (report.validFromTimestamp, report.observationsTimestamp);
        if (report.feedId != streamId) revert Errors.OracleReportForeign(report.feedId, streamId);
        if (report.expiresAt < block.timestamp) revert Errors.OracleReportExpired(at, report.expiresAt);
        if (at > block.timestamp) revert Errors.OracleObservationFromFuture(at, block.timestamp);
        if (from == 0 || from > at) revert Errors.OracleReportMalformed(0);
        if (at - from > maxAge && at > _resumedAt) _resumedAt = uint64(at);
        from = FixedMath.max(from, at - FixedMath.min(at, LONGEST_INTERVAL));
        if (!_covered.trySet(from, at)) revert Errors.OracleReportOverlaps(from, at);

        Report memory r = Report(
            _clamped(report.price),
            uint64(from),
            _clamped(report.bid),
            _clamped(report.ask)
        );
        _reports[at] = r;
        if (at > _latestAt) _latestAt = uint64(at);
        emit ReportKept(at, from, r.price, r.bid, r.ask, msg.sender);
    }

    function _kept(uint256 observedAt) private view returns (Report memory r) {
        r = _reports[observedAt];
        if (r.validFrom == 0) revert Errors.OracleReportMissing(observedAt);
    }

    /// @dev A report's prices if they are to be believed, else zero. Of a bid above the price, or an ask below it, the price
    /// counts.
    function _believed(Report memory r) private view returns (uint256 price, uint256 bid, uint256 ask) {
        bid = FixedMath.min(r.bid, r.price);
        ask = FixedMath.max(r.ask, r.price);
        if (bid < minPrice || ask > maxPrice) return (0, 0, 0);
        return (r.price, bid, ask);
    }

    /// @dev A report's prices in collateral tokens; zero if there are none to be believed.
    function _terms(
        Report memory r,
        uint256 time,
        uint48 epoch_,
        bool exact,
        uint80 nextId
    ) private view returns (uint256 price, uint256 bid, uint256 ask) {
        (price, bid, ask) = _believed(r);
        uint256 collateral = price == 0 ? 0 : _collateralAt(time, nextId, epoch_, exact);
        if (collateral == 0) return (0, 0, 0);
        price = OracleMath.toCollateralDown(price, collateral);
        (bid, ask) = (
            OracleMath.toCollateralDown(bid, collateral),
            OracleMath.toCollateralUp(ask, collateral)
        );
    }

    function _index() private view returns (uint256 price, uint256 observedAt, bool fresh) {
        observedAt = _latestAt;
        (price, , ) = _believed(_reports[observedAt]);
        (uint256 collateral, bool collateralIsFresh) = _peekCollateral();
        if (price == 0 || collateral == 0) return (0, 0, false);
        fresh = block.timestamp - observedAt <= maxAge && collateralIsFresh;
        fresh = fresh && _isGraceOver(_resumedAt) && _isSequencerReady();
        price = OracleMath.toCollateralDown(price, collateral);
    }

    /// @dev The latest price and whether it is good for new risk; `other` if it is unusable.
    function _indexOr(uint256 other) private view returns (uint256, bool) {
        (uint256 price, , bool fresh) = _index();
        return price == 0 ? (other, false) : (price, fresh);
    }

    /// @dev Prices outside of what 128 bits hold are not to be believed either.
    function _clamped(int192 x) private pure returns (uint128) {
        return x <= 0 || x > int192(uint192(type(uint128).max)) ? 0 : uint128(uint192(x));
    }

    /// @dev The data of a signed report, of which nothing has been checked.
    function _tryDataOf(bytes calldata signedReport, uint256 index) private view returns (bytes memory) {
        // What is no encoding at all makes the decoder revert without a reason.
        try this.reportIn(signedReport) returns (ReportV3 memory report) {
            return abi.encode(report);
        } catch {
            revert Errors.OracleReportMalformed(index);
        }
    }

    function _dataOf(bytes calldata signedReport) private pure returns (bytes memory data) {
        (, data) = abi.decode(signedReport, (bytes32[3], bytes));
        if (data.length != REPORT_LENGTH) revert Errors.OracleReportMalformed(0);
    }
}
