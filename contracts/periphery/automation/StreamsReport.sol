// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What a report of Data Streams (schema v3) says, before it is verified.
/// @param validFrom First second it holds for. @param observedAt Last one. @param price 18 decimals.
struct StreamsPrice {
    bytes32 feedId;
    uint32 validFrom;
    uint32 observedAt;
    int192 price;
}

/// @notice Reads signed reports for decisions off-chain. Nothing here is proven.
library StreamsReport {
    /// @notice Reverts without a reason if it is no report.
    function read(bytes memory signedReport) internal pure returns (StreamsPrice memory p) {
        // The signatures that follow are the verifier's business.
        (, bytes memory data) = abi.decode(signedReport, (bytes32[3], bytes));
        // Then: nativeFee, linkFee, expiresAt; after the price: bid, ask.
        (p.feedId, p.validFrom, p.observedAt, , , , p.price) = abi.decode(
            data,
            (bytes32, uint32, uint32, uint192, uint192, uint32, int192)
        );
    }
}
