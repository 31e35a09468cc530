// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Failure, Order, RestingOrder} from "../types/Order.sol";

/// @notice Every event of the engine and the order book. With the vaults' own events an outsider can rebuild every
/// balance. Units as in the structs; money in token units.
library Events {
    /* POSITIONS */

    /// @notice A never-opened position was closed and its collateral returned.
    event PositionReleased(uint256 indexed positionId, address indexed owner, uint256 refund);

    /// @notice A position was opened or grew.
    /// @param price Price before impact, wad. @param impact Paid (+) or received (−) over the quote, token units.
    /// @param fee Trading fee. @param carry Carry paid (+) or received (−).
    event PositionIncreased(
        uint256 indexed positionId,
        int256 sizeDelta,
        int256 newSize,
        uint256 newEntryNotional,
        uint256 price,
        int256 impact,
        uint256 fee,
        int256 carry,
        uint256 executionFee
    );

    /// @notice A position shrank or was closed by its owner.
    /// @param pnl Result at the fill price before haircut. @param realised The part of it that was settled: all of a
    /// loss, a profit after haircut.
    /// @param badDebt Loss beyond the collateral.
    event PositionDecreased(
        uint256 indexed positionId,
        int256 sizeDelta,
        int256 newSize,
        uint256 newEntryNotional,
        uint256 price,
        int256 impact,
        int256 pnl,
        int256 realised,
        uint256 fee,
        int256 carry,
        uint256 executionFee,
        uint256 badDebt
    );

    /// @notice Collateral was paid in by anyone.
    event CollateralAdded(uint256 indexed positionId, address indexed payer, uint256 amount);

    /// @notice A loss exceeded a position's collateral; insurance paid first, the pool bore the rest.
    event BadDebtRealised(
        uint256 indexed positionId,
        uint256 badDebt,
        uint256 fromInsurance,
        uint256 fromPool
    );

    /* ORDERS */

    /// @notice An order was committed; `orderId` is its hash. The settler passes `order` back.
    event OrderCommitted(
        bytes32 indexed orderId,
        uint256 indexed positionId,
        address indexed owner,
        Order order
    );

    /// @notice A resting order was placed; `orderId` is its hash. Who triggers or cancels it passes `order` back.
    event OrderPlaced(
        bytes32 indexed orderId,
        uint256 indexed positionId,
        address indexed owner,
        RestingOrder order
    );

    /// @notice A resting order was crossed too long ago to fill at that price and became the market order `nextId`.
    event OrderTriggered(
        bytes32 indexed orderId,
        uint256 indexed positionId,
        address indexed keeper,
        uint256 observationId,
        bytes32 nextId
    );

    /// @notice A resting order or what is left of an order in slices was cancelled, or its deadline passed.
    event OrderCancelled(bytes32 indexed orderId, uint256 indexed positionId);

    /// @notice An order executed at the observation.
    event OrderSettled(
        bytes32 indexed orderId,
        uint256 indexed positionId,
        address indexed keeper,
        uint256 observationId,
        uint256 price
    );

    /// @notice An order was closed without executing.
    event OrderFailed(
        bytes32 indexed orderId,
        uint256 indexed positionId,
        address indexed keeper,
        Failure reason
    );

    /// @notice An order no price can reach any more was released.
    event OrderExpired(bytes32 indexed orderId, uint256 indexed positionId);

    /* FACTORY */

    /// @notice A market's set of contracts was deployed and registered.
    event MarketCreated(
        bytes32 indexed marketId,
        string symbol,
        address token,
        address oracle,
        address market,
        address orderBook,
        address orderModule,
        address marketModule,
        address governanceModule,
        address marginVault,
        address liquidityVault,
        address insuranceFund
    );
}
