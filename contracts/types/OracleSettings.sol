// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice One Data Feed, and what is believed of it.
/// @param feed The feed's proxy; zero for none.
/// @param maxAge Seconds after which its latest observation is stale: heartbeat plus inclusion time.
/// @param minPrice Lowest price believed, wad.
/// @param maxPrice Highest price believed, wad.
struct FeedSettings {
    address feed;
    uint32 maxAge;
    uint128 minPrice;
    uint128 maxPrice;
}

/// @notice What both oracles have beside their source of prices.
/// @param collateral Feed of the collateral token in the currency of the price feed; without one the two count as equal.
/// @param sequencer Uptime feed of the chain's sequencer; zero on a chain that has none.
/// @param gracePeriod Seconds after the end of an outage that only the oracle sees in which there is no price.
/// @param uncertainty See IPriceOracle#uncertainty, wad; at most a tenth.
struct OracleSettings {
    FeedSettings collateral;
    address sequencer;
    uint32 gracePeriod;
    uint64 uncertainty;
}

/// @notice A second opinion on a price feed.
/// @param feed The feed.
/// @param maxDeviation How far it may be from the first, a ratio of the lower one, wad.
struct SecondFeedSettings {
    FeedSettings feed;
    uint64 maxDeviation;
}

/// @notice A stream of signed reports, and what is believed of it.
/// @param verifier Chainlink's VerifierProxy.
/// @param streamId The stream's feed id; its first two bytes are the schema, 3.
/// @param maxAge Seconds after which the latest report is stale; a validity interval longer than it is an outage.
/// @param proofWindow Seconds after the last moment a fixing can be of in which its report can still be brought.
/// @param minPrice Lowest price believed, wad.
/// @param maxPrice Highest price believed, wad.
struct StreamSettings {
    address verifier;
    bytes32 streamId;
    uint32 maxAge;
    uint32 proofWindow;
    uint128 minPrice;
    uint128 maxPrice;
}
