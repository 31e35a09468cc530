// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice How the fixing of a moment was found.
/// - Observed: the first observation made after the moment.
/// - Fallback: none was made in time; the last one before the moment counts, worse by the spread.
/// - Void: no usable price exists for the moment, and none ever will.
enum FixingKind {
    Observed,
    Fallback,
    Void
}

/// @notice The window in which a fixing is looked for.
/// @param moment The fixing is the first observation made after this time, seconds.
/// @param epoch The oracle's epoch when the order was committed.
/// @param fallbackDelay Seconds after `moment` within which the observation must be made.
/// @param inclusionDelay Seconds an observation may take to reach the chain.
/// @param recordedAt When `epoch` was the oracle's, seconds: of a later slice of an order, long before the moment.
struct FixingQuery {
    uint256 moment;
    uint48 epoch;
    uint32 fallbackDelay;
    uint32 inclusionDelay;
    uint40 recordedAt;
}

/// @notice One observation, the one before it in the same epoch, and the latest price. Prices are wad.
/// @param id The oracle's id of the observation (Chainlink round id, or a report's observation time).
/// @param price Always to be believed.
/// @param bid What a seller gets. @param ask What a buyer pays.
/// @param observedAt When it was made, seconds.
/// @param previousIsKnown Whether the proof tells which observation was before it, or that there is none.
/// @param previousPrice 0 if there is none in the epoch, none known, or none to be believed.
/// @param previousAt When that one was made, seconds.
/// @param indexPrice Latest usable price; `price` if the latest one is unusable.
/// @param indexIsFresh Whether the latest price is usable and young enough for new risk.
struct Observation {
    uint256 id;
    uint256 price;
    uint256 bid;
    uint256 ask;
    uint256 observedAt;
    bool previousIsKnown;
    uint256 previousPrice;
    uint256 previousAt;
    uint256 indexPrice;
    bool indexIsFresh;
}

/// @notice The price of a moment together with the latest one. Prices are wad.
/// @param kind How it was found.
/// @param price 0 if void.
/// @param bid What a seller gets; 0 if void. @param ask What a buyer pays; 0 if void.
/// @param observationId The oracle's id of the observation (Chainlink round id, or a report's observation time).
/// @param observedAt When the observation was made, seconds.
/// @param indexPrice Latest usable price; `price` if the latest one is unusable.
/// @param indexIsFresh Whether the latest price is usable and young enough for new risk.
struct Fixing {
    FixingKind kind;
    uint256 price;
    uint256 bid;
    uint256 ask;
    uint256 observationId;
    uint256 observedAt;
    uint256 indexPrice;
    bool indexIsFresh;
}
