// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPriceOracle} from "./IPriceOracle.sol";
import {ReportV3} from "../types/Report.sol";

/// @notice A price oracle that reports are brought to: signed by Chainlink's Data Streams, verified by Chainlink's own
/// contracts, kept for whoever needs their price.
/// The proof of a fixing or an observation is `abi.encode(uint256 observedAt)` of a kept report, followed, if the oracle
/// has a collateral feed, by what ChainlinkFeedOracle takes for that one.
interface IStreamsOracle is IPriceOracle {
    /// @notice A report was verified and kept. Prices are wad; an unbelievable one is kept as reported up to 128 bits, or
    /// as 0.
    event ReportKept(
        uint256 indexed observedAt,
        uint256 validFrom,
        uint256 price,
        uint256 bid,
        uint256 ask,
        address indexed by
    );

    /// @notice Verifies signed reports and keeps them. Those of an observation time already kept are passed over and cost
    /// nothing, so whoever comes second loses nothing. The verification fee is `feeFor`: if `feeToken` is the wrapped
    /// native token it is taken from the value sent, and the rest of it returned; else it is pulled in LINK from the
    /// caller, who approved this contract. Anyone.
    /// Reverts: OracleReportMalformed, OracleReportForeign, OracleReportExpired, OracleReportOverlaps,
    /// OracleObservationFromFuture, OracleFeeUnpaid, and whatever Chainlink's verifier and fee manager revert with.
    function submit(bytes[] calldata reports, address feeToken) external payable;

    /// @notice What `submit` would cost now, in units of `feeToken`; 0 where verification is free.
    /// Reverts: OracleReportMalformed, the fee manager's errors.
    function feeFor(bytes[] calldata reports, address feeToken) external view returns (uint256);

    /// @notice The report that a signed report carries, unverified. Reverts: OracleReportMalformed, or without data where
    /// the bytes are no encoding at all.
    function reportIn(bytes calldata signedReport) external pure returns (ReportV3 memory);

    /// @notice The kept report observed at that second; `validFrom` is 0 if there is none. Prices wad, times in seconds.
    function reportAt(
        uint256 observedAt
    ) external view returns (uint256 validFrom, uint256 price, uint256 bid, uint256 ask);

    /// @notice When the latest kept report was observed, seconds; 0 before the first.
    function latestAt() external view returns (uint256);

    /// @notice Whether a kept report holds that second.
    function isCovered(uint256 second) external view returns (bool);

    /// @notice The stream's feed id.
    function streamId() external view returns (bytes32);
}
