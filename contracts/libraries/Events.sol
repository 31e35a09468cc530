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

    /// @notice A position was liquidated: every term of the verdict, replayable against the feed.
    event PositionLiquidated(
        uint256 indexed positionId,
        address indexed owner,
        address indexed rewardTo,
        Liquidation receipt
    );

    /// @param observedAt Time of the observation, seconds. @param price Index price, wad.
    /// @param collateral Balance before. @param pnl Unrealised PnL of the whole position. @param carry Carry owed.
    /// @param maintenanceMargin What equity = collateral + pnl − carry fell short of.
    /// @param closedSize Base size closed. @param newSize What remains. @param newEntryNotional Its entry notional.
    /// @param realised Result settled with the pool: pnl of the closed part after haircut, minus carry.
    /// @param premium Impact charged. @param insuranceFee To insurance. @param reward To the keeper.
    /// @param rewardFromInsurance Part of the reward the position could not pay, paid by insurance.
    /// @param rewardFromPool Part neither could pay, paid by the pool. @param badDebt Loss beyond the collateral.
    /// @param badDebtFromInsurance Part of it insurance paid; the pool bears the rest. @param newCollateral Balance after; a full close sends it
    /// to the owner.
    struct Liquidation {
        uint256 observedAt;
        uint256 price;
        uint256 collateral;
        int256 pnl;
        int256 carry;
        uint256 maintenanceMargin;
        uint256 closedSize;
        int256 newSize;
        uint256 newEntryNotional;
        int256 realised;
        uint256 premium;
        uint256 insuranceFee;
        uint256 reward;
        uint256 rewardFromInsurance;
        uint256 rewardFromPool;
        uint256 badDebt;
        uint256 badDebtFromInsurance;
        uint256 newCollateral;
    }

    /// @notice Collateral was paid in by anyone.
    event CollateralAdded(uint256 indexed positionId, address indexed payer, uint256 amount);

    /// @notice Collateral went to the owner.
    event CollateralRemoved(uint256 indexed positionId, address indexed owner, uint256 amount);

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
        address marginVault,
        address liquidityVault,
        address insuranceFund
    );
}
