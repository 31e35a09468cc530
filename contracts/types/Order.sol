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
/// @param epoch The oracle's epoch (phases of its feeds) at the commit.
/// @param slot Which of the owner's commitments it is; slots are used again once an order is done.
struct Order {
    uint256 positionId;
    address owner;
    int128 sizeDelta;
    uint256 acceptablePrice;
    uint128 executionFee;
    uint40 committedAt;
    uint40 deadline;
    uint48 epoch;
    uint32 slot;
}

/// @notice What a trader asks for with an order that waits for a price. At least one of `limitPrice`, `stopPrice` and
/// `trail` is set; with two, whichever is crossed first fills and ends the other (one cancels the other).
/// @param positionId The position to change; 0 opens a new one; `OrderBook.LAST_POSITION` is the one the same
/// transaction has just opened.
/// @param sizeDelta Signed base amount, 18 decimals; 0 closes the whole position.
/// @param collateral Token units paid in with the order.
/// @param acceptablePrice Worst fill price, wad, as in `OrderRequest`.
/// @param executionFee Token units the keeper earns, from the position's own balance.
/// @param deadline Time after which nothing triggers it any more, seconds.
/// @param limitPrice Wad: a buy triggers at or below it, a sell at or above it (limit, take-profit).
/// @param stopPrice Wad: a buy triggers at or above it, a sell at or below it (stop-entry, stop-loss).
/// @param trail Distance of a trailing stop from the best price since the order: wad ratio, or wad price.
/// @param trailIsRatio Whether `trail` is a ratio of the best price.
/// @param reduceOnly Never opens, grows or flips; dies with the position.
/// @param beyondLiquidation Accepts a stop that the position can't live to see.
struct RestingRequest {
    uint256 positionId;
    int128 sizeDelta;
    uint256 collateral;
    uint256 acceptablePrice;
    uint128 executionFee;
    uint40 deadline;
    uint128 limitPrice;
    uint128 stopPrice;
    uint128 trail;
    bool trailIsRatio;
    bool reduceOnly;
    bool beyondLiquidation;
}

/// @notice A resting order as hashed on-chain; who triggers it supplies it again.
/// @param owner Owner of the position when the order was placed.
/// @param placedAt Block timestamp, seconds.
struct RestingOrder {
    uint256 positionId;
    address owner;
    int128 sizeDelta;
    uint256 acceptablePrice;
    uint128 executionFee;
    uint40 placedAt;
    uint40 deadline;
    uint32 slot;
    uint128 limitPrice;
    uint128 stopPrice;
    uint128 trail;
    bool trailIsRatio;
    bool reduceOnly;
}

/// @notice What a trader asks for with an order in slices. Slice k settles at the fixing of start + k · interval.
/// @param sizeDelta Signed base amount of all slices together; the last one takes the remainder of the division.
/// @param executionFee Token units the settler of each slice earns.
/// @param interval Seconds between slices.
/// @param slices How many.
struct TwapRequest {
    uint256 positionId;
    int128 sizeDelta;
    uint256 collateral;
    uint256 acceptablePrice;
    uint128 executionFee;
    uint32 interval;
    uint16 slices;
    bool reduceOnly;
}

/// @notice An order in slices as hashed on-chain.
/// @param startedAt Block timestamp of its placing; slice k is as an order committed at startedAt + k · interval.
/// @param next The slice that settles next, from 0.
struct TwapOrder {
    uint256 positionId;
    address owner;
    int128 sizeDelta;
    uint256 acceptablePrice;
    uint128 executionFee;
    uint40 startedAt;
    uint32 interval;
    uint16 slices;
    uint16 next;
    uint48 epoch;
    uint32 slot;
    bool reduceOnly;
}

/// @notice What a trader asks for with an order that protects a position by its margin ratio: equity over notional, both
/// at the index price.
/// @param positionId The position; `OrderBook.LAST_POSITION` is the one the same transaction has just opened.
/// @param triggerRatio Wad: it acts once the margin ratio is at or below it.
/// @param targetRatio Wad: what it brings the ratio back to; leverage is its inverse.
/// @param topUpBudget Token units it may pull from the owner's wallet into the position in all, by the owner's approval
/// of the margin vault; 0 reduces the position instead.
/// @param executionFee Token units the keeper earns each time, from the position's own balance.
/// @param deadline Time after which it acts no more, seconds.
struct ProtectiveRequest {
    uint256 positionId;
    uint64 triggerRatio;
    uint64 targetRatio;
    uint128 topUpBudget;
    uint128 executionFee;
    uint40 deadline;
}

/// @notice A protective order as hashed on-chain; who executes it supplies it again.
/// @param topUpBudget What is left of the budget.
/// @param placedAt Block timestamp, seconds.
struct ProtectiveOrder {
    uint256 positionId;
    address owner;
    uint64 triggerRatio;
    uint64 targetRatio;
    uint128 topUpBudget;
    uint128 executionFee;
    uint40 placedAt;
    uint40 deadline;
    uint32 slot;
}

/// @notice An order with its price, as the market executes it.
/// @param price Fill price before impact: the fixing, or the fallback with its spread; wad.
/// @param indexPrice Latest price, used for carry and health; wad.
/// @param indexIsFresh False when the latest price is too old for new risk.
/// @param feeTo Receives the execution fee.
/// @param keepsReserved Whether a never-opened position outlives the failure, because more of the order is to come.
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
    bool keepsReserved;
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
    InsufficientMargin,
    ReduceOnly,
    PositionCap
}

/// @notice What a trade would do at given prices, or why it would fail. Token units, base wad.
/// @param sizeDelta Signed size that is traded, remainders too small to stay included.
/// @param impact Paid (+) or received (−) over the price.
/// @param pnl Realised by a decrease, before the haircut. @param realised After it. @param carry Settled with it.
/// @param newCollateral Of the position afterwards; for a close what its owner gets. Negative: what is missing.
struct TradePreview {
    Failure failure;
    int256 sizeDelta;
    int256 newSize;
    uint256 newEntryNotional;
    int256 impact;
    int256 pnl;
    int256 realised;
    int256 carry;
    uint256 fee;
    int256 newCollateral;
}
