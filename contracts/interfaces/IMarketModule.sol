// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {LiquidationReceipt} from "../types/LiquidationReceipt.sol";

/// @notice The verbs of a market that its module carries out, on the market's own storage: call them on the market.
interface IMarketModule {
    /* EVENTS */

    /// @notice Collateral went to the owner.
    event CollateralRemoved(uint256 indexed positionId, address indexed owner, uint256 amount);

    /// @notice A position was liquidated: every term of the verdict, replayable against the feed.
    event PositionLiquidated(
        uint256 indexed positionId,
        address indexed owner,
        address indexed rewardTo,
        LiquidationReceipt receipt
    );

    /// @notice A winning position was reduced at the index price to bring its side's profit down; the receipt of it.
    /// @param pnl Result of the part closed, token units, of which `realised` was paid. @param carry Settled with it.
    /// @param sidePnl The side's profit afterwards, token units.
    event PositionDeleveraged(
        uint256 indexed positionId,
        address indexed owner,
        uint256 price,
        uint256 closedSize,
        int256 newSize,
        uint256 newEntryNotional,
        int256 pnl,
        int256 realised,
        int256 carry,
        int256 sidePnl
    );

    /* ORDERS */

    /// @notice Ends an order no price exists for: pays `executionFee` from the position to the claim of `feeTo`, as
    /// far as `execute` would on failure, and refunds and burns a position that was never opened, unless it is kept.
    /// Order book only. Reverts: Unauthorized.
    function release(uint256 positionId, uint256 executionFee, address feeTo, bool keepsReserved) external;

    /* COLLATERAL */

    /// @notice Sends `amount` of an open position's collateral to its owner. Owner or approved. Afterwards equity at
    /// the index price is at least the initial margin, as of new risk, and cash at least the liquidation reserve.
    /// Reverts: ZeroAmount, NotPositionOperator, PositionNotOpen, InsufficientMargin, InsufficientCash, oracle errors.
    function removeCollateral(uint256 positionId, uint256 amount) external;

    /* LIQUIDATION */

    /// @notice Liquidates every position of `positionIds` whose equity at the index price is below its maintenance
    /// margin: partly if that restores it, else whole. Others, repeated and unknown ids are skipped; all are while an
    /// outage or the grace period after it lasts. The reward is
    /// credited to the claim of `rewardTo`. Anyone. Returns how many were liquidated.
    /// Reverts: ZeroAddress, oracle errors.
    function liquidate(
        uint256[] calldata positionIds,
        address rewardTo
    ) external returns (uint256 liquidated);

    /// @notice What `liquidate` would do to a position at `price` now, without what insurance and pool add; zeros for an
    /// unknown id, and without a price.
    function previewLiquidation(
        uint256 positionId,
        uint256 price
    ) external view returns (bool liquidatable, LiquidationReceipt memory receipt);

    /* DELEVERAGING */

    /// @notice While a side's profit at the index price is beyond `adlTrigger` of the pool's assets, reduces positions of
    /// it, in the order given, until it is down to `adlTarget`, never past it. Only those whose return, profit over entry
    /// notional, is at least their side's are reduced; others, repeated and unknown ids are skipped. At the index price,
    /// without fee or impact; the profit goes into the position's balance, of a closed one to its owner. Anyone.
    /// Reverts: DeleverageNotDue, the oracle's errors.
    /// @return closed Size closed in all, base wad.
    function deleverage(bool isLong, uint256[] calldata positionIds) external returns (uint256 closed);

    /// @notice What `deleverage` would close of each position at `price` now, base wad, and the side's profit before and
    /// after, token units. `due` tells whether it would be let.
    function previewDeleverage(
        bool isLong,
        uint256[] calldata positionIds,
        uint256 price
    ) external view returns (bool due, uint256[] memory closed, int256 sidePnl, int256 newSidePnl);
}
