// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    Failure,
    OrderRequest,
    ProtectiveOrder,
    ProtectiveRequest,
    RestingOrder,
    RestingRequest,
    TwapOrder,
    TwapRequest
} from "../types/Order.sol";
import {Session} from "../types/Session.sol";

/// @notice The verbs of an order book that its module carries out, on the book's own storage: call them on the book.
interface IOrderModule {
    /* EVENTS */

    /// @notice An order in slices was placed; `orderId` is its hash, and that of `order` with `next` raised by one after
    /// each slice.
    event TwapPlaced(
        bytes32 indexed orderId,
        uint256 indexed positionId,
        address indexed owner,
        TwapOrder order
    );

    /// @notice Slice `number` of the order `orderId` (its id before the slice) traded, or failed for `reason`.
    event SliceSettled(
        bytes32 indexed orderId,
        uint256 indexed positionId,
        address indexed keeper,
        uint256 number,
        uint256 observationId,
        Failure reason
    );

    /// @notice A protective order was placed; `orderId` is its hash, and that of `order` with the budget that is left after
    /// each top-up.
    event ProtectivePlaced(
        bytes32 indexed orderId,
        uint256 indexed positionId,
        address indexed owner,
        ProtectiveOrder order
    );

    /// @notice A protective order (its id before it) pulled `amount` from its owner; `budget` is left, and it goes on as
    /// `nextId`, zero if it is used up.
    event ToppedUp(
        bytes32 indexed orderId,
        uint256 indexed positionId,
        address indexed keeper,
        uint256 amount,
        uint256 budget,
        bytes32 nextId
    );

    /// @notice A protective order became the market order `nextId`, which reduces the position.
    event ReductionCommitted(
        bytes32 indexed orderId,
        uint256 indexed positionId,
        address indexed keeper,
        bytes32 nextId
    );

    /// @notice A session's key gave an order; `spent` of its loss budget is used up.
    event SessionUsed(
        bytes32 indexed sessionId,
        uint256 indexed positionId,
        address indexed owner,
        bytes32 orderId,
        uint256 spent
    );

    /* ORDERS IN SLICES */

    /// @notice Places an order in slices. Opening or growing takes its collateral at once.
    /// Reverts: OrderSlicesOutOfBounds, OrderIntervalOutOfBounds, OrderNotReducing, and as `commit`.
    function placeTwap(TwapRequest calldata request) external returns (bytes32 orderId, uint256 positionId);

    /// @notice Settles the next slice at its fixing. A slice that can't trade is passed over for a reason; the execution
    /// fee is credited as in `settle`. Anyone. Reverts: OrderVoid, and as `settle`.
    function settleSlice(TwapOrder calldata order, bytes calldata proof, address feeTo) external;

    /// @notice Cancels the slices that are left, unless the next one has its fixing; a position that never opened is
    /// refunded. Owner or whoever may act for the position. Reverts: OrderUnknown, NotPositionOperator, OrderSettleable.
    function cancelTwap(TwapOrder calldata order) external;

    /* PROTECTIVE ORDERS */

    /// @notice Has a position topped up or reduced when its margin ratio, equity / notional at the index price, falls to
    /// `triggerRatio`. Owner only. Reverts: ProtectionNotByOwner, ProtectionRatioOutOfBounds if not
    /// maintenance < trigger < target < 100 %, ProtectionBudgetTooLow, OrderDeadlineTooEarly,
    /// OrderExecutionFeeOutOfBounds, PositionNotOpen.
    function placeProtective(
        ProtectiveRequest calldata request
    ) external returns (bytes32 orderId, uint256 positionId);

    /// @notice Executes a protective order whose margin ratio is at or below the trigger at the latest price. With a
    /// budget it pulls what brings the ratio to the target, at most the budget, and goes on with the rest of it. Without,
    /// it becomes a market order committed now that closes what brings the ratio to the target, and settles at its
    /// fixing: nobody knows that price yet. The execution fee is credited to the claim of `feeTo`, of a reduction by
    /// its settlement. Anyone. Reverts: OrderUnknown, ZeroAddress, OrderExpired, OrderVoid, PositionNotOpen,
    /// ProtectionNotDue, the oracle's errors, those of the owner's token.
    function protect(ProtectiveOrder calldata order, address feeTo) external;

    /// @notice Cancels a protective order. Owner or whoever may act for the position, and after the deadline anyone.
    /// Reverts: OrderUnknown, NotPositionOperator.
    function cancelProtective(ProtectiveOrder calldata order) external;

    /* SESSIONS */

    /// @notice As `commit` for the owner of a session, by its key. `signature` is the owner's, of the session; empty once
    /// it has been used. An order that opens or grows a position must leave it, at the latest price, within the session's
    /// notional and leverage, and not before the session's last such order for it is done. It spends of the loss budget
    /// by how much it raises the highest balance the session has put at stake in the position; an order that reduces one
    /// spends its execution fee. So the key can lose the owner no more of the money paid in than the budget, plus the cost
    /// of closing once.
    /// Reverts: SessionKeyMismatch, SessionExpired, SessionRevoked, SessionPositionForeign, SessionReduceOnly,
    /// SessionOrderPending, SessionNotionalTooHigh, SessionLeverageTooHigh, SessionLossBudgetExceeded,
    /// SignatureMalformed, SignatureOfAnother, SignatureRefused, the oracle's errors for an order that opens or grows,
    /// and as `commit`.
    function commitBySession(
        Session calldata session,
        bytes calldata signature,
        OrderRequest calldata request
    ) external returns (bytes32 orderId, uint256 positionId);

    /// @notice As `place` for the owner of a session, by its key; else as `commitBySession`.
    function placeBySession(
        Session calldata session,
        bytes calldata signature,
        RestingRequest calldata request
    ) external returns (bytes32 orderId, uint256 positionId);

    /// @notice Cancels a resting order that the session placed. Reverts: SessionOrderForeign, OrderUnknown, and as
    /// `commitBySession`.
    function cancelBySession(
        Session calldata session,
        bytes calldata signature,
        RestingOrder calldata order
    ) external;

    /* EXECUTION FEE */

    /// @notice Reads the native token's price, which the least execution fee is figured with. Anyone. Does nothing where
    /// no price is usable.
    function updateNativePrice() external;
}
