// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice A Data Streams report of schema v3, as Chainlink encodes it.
/// @param feedId The stream. @param validFromTimestamp First second the price holds for.
/// @param observationsTimestamp When it was observed: the last second it holds for.
/// @param nativeFee Verification fee, wei. @param linkFee The same in LINK's units.
/// @param expiresAt Last second at which it can be verified.
/// @param price Consensus price, 18 decimals. @param bid What a market sale would get. @param ask What a market purchase
/// would cost.
struct ReportV3 {
    bytes32 feedId;
    uint32 validFromTimestamp;
    uint32 observationsTimestamp;
    uint192 nativeFee;
    uint192 linkFee;
    uint32 expiresAt;
    int192 price;
    int192 bid;
    int192 ask;
}
