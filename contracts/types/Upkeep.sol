// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What an upkeep of Chainlink Automation is set up with.
/// @param owner Sets forwarders and the receiver of rewards, and takes out what is kept for fees.
/// @param rewardTo Gets keeper rewards and execution fees, as claims in the margin vault.
/// @param streams The market's oracle if it is one of Data Streams, zero if it is one of Data Feeds.
/// @param feeToken What verification is paid in: LINK or the wrapped native token.
/// @param paysNative Whether `feeToken` is the wrapped native token; fees are then paid from the upkeep's native balance.
/// @param maxPerformData Bytes of performData that the registry lets through (`maxPerformDataSize`).
struct UpkeepConfig {
    address owner;
    address rewardTo;
    address streams;
    address feeToken;
    bool paysNative;
    uint256 maxPerformData;
}

/// @notice The part of the work that one registered upkeep does: its checkData.
/// @param shard Which part, from 0. @param shards How many there are.
/// @param limit Most positions or orders in one perform, by its gas limit.
struct Shard {
    uint256 shard;
    uint256 shards;
    uint256 limit;
}

/// @notice An order on the watch list, packed: five slots. The fields are those of `Order`.
/// @param place Its place in the list plus one; 0 if it is not on it.
/// @param refreshed Whether a report was paid for to have a fresh price for it beside its own.
struct WatchedOrder {
    address owner;
    uint40 committedAt;
    uint40 deadline;
    uint48 epoch;
    uint32 slot;
    uint64 place;
    bool refreshed;
    int128 sizeDelta;
    uint128 executionFee;
    uint256 positionId;
    uint256 acceptablePrice;
}
