// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What a trader asks for.
/// @param positionId The position to change; 0 opens a new one.
/// @param sizeDelta Signed base amount, 18 decimals; 0 closes the whole position. A delta against the position's
/// sign reduces it and never flips it.
/// @param collateral Token units paid in with the order.
/// @param acceptablePrice Worst fill price, wad: highest for buys, lowest for sells. Buys without a limit pass
/// `type(uint256).max`, sells 0.
/// @param executionFee Token units the settler earns, from the position's own balance.
/// @param deadline Time after which an order that no price can ever reach is released, seconds.
struct OrderRequest {
    uint256 positionId;
    int128 sizeDelta;
    uint256 collateral;
    uint256 acceptablePrice;
    uint128 executionFee;
    uint40 deadline;
}

/// @notice A committed order as hashed on-chain; the settler supplies it again.
/// @param owner Owner of the position at the commit.
/// @param committedAt Block timestamp of the commit, seconds.
/// @param epoch The oracle's epoch (feed phase) at the commit.
/// @param slot Which of the owner's commitments it is; slots are used again once an order is done.
struct Order {
    uint256 positionId;
    address owner;
    int128 sizeDelta;
    uint256 acceptablePrice;
    uint128 executionFee;
    uint40 committedAt;
    uint40 deadline;
    uint16 epoch;
    uint32 slot;
}

/// @notice An order with its price, as the market executes it.
/// @param price Fill price before impact: the fixing, or the fallback with its spread; wad.
/// @param indexPrice Latest price, used for carry and health; wad.
/// @param indexIsFresh False when the latest price is too old for new risk.
/// @param feeTo Receives the execution fee.
struct Trade {
    uint256 positionId;
    address owner;
    int128 sizeDelta;
    uint256 acceptablePrice;
    uint128 executionFee;
    uint256 price;
    uint256 indexPrice;
    bool indexIsFresh;
    address feeTo;
}

/// @notice Why an order did not execute.
enum Failure {
    None,
    NoPrice,
    PositionGone,
    OwnerChanged,
    StalePrice,
    Slippage,
    BelowMinimum,
    OpenInterestCap,
    InsufficientMargin
}
