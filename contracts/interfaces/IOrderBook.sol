// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOrderModule} from "./IOrderModule.sol";
import {OrderParams} from "../types/MarketParams.sol";
import {SessionState, Stake} from "../types/Session.sol";
import {Signed, TokenPermit} from "../types/Signed.sol";
import {Order, OrderRequest, RestingOrder, RestingRequest} from "../types/Order.sol";

/// @notice Every order of a market, each at a price that is a function of its times and the feed's history alone.
/// - Market orders: commit, then settle at the fixing, the first observation made after commit + settlementDelay.
/// - Resting orders: place, then trigger with the observation that crosses. Young enough, it is the price; else the
///   order is committed as a market order at the moment of the trigger.
/// - Orders in slices: slice k is a market order committed at start + k · interval.
/// - Protective orders: by the position's own margin ratio, top it up or commit a market order that reduces it.
/// What is in IOrderModule is part of it.
interface IOrderBook is IOrderModule {
    /// @notice An owner took nonces out of use: bit i of `mask` is nonce 256 · word + i.
    event NoncesCancelled(address indexed owner, uint256 indexed word, uint256 mask);

    /// @notice Call `index` of a batch reverted with `reason` and was passed over; nothing of it was done.
    event CallSkipped(uint256 index, bytes reason);

    /// @notice Stands in a request for the position opened last in the same transaction.
    function LAST_POSITION() external view returns (uint256);

    /// @notice Id of the live order in one of an owner's slots: keccak256(abi.encode(order)). Zero if there is none.
    function commitmentOf(address owner, uint256 slot) external view returns (bytes32 orderId);

    /// @notice Contract that carries out the verbs of IOrderModule on this book's storage.
    function module() external view returns (address);

    /// @notice What a session has used up. @param sessionId EIP-712 struct hash of the session.
    function sessionState(bytes32 sessionId) external view returns (SessionState memory);

    /// @notice What a session has at stake in a position.
    function stakeOf(bytes32 sessionId, uint256 positionId) external view returns (Stake memory);

    /// @notice Least and greatest execution fee of an order given in this block, token units: the cost of
    /// `executionGas` at the base fee and the native token's price, within the bounds of `orderParams`.
    function executionFeeBounds() external view returns (uint256 least, uint256 greatest);

    /// @notice Collateral tokens for one native token as last read, wad; 0 before the first reading.
    function nativePrice() external view returns (uint256);

    /// @notice Timing and fee bounds.
    function orderParams() external view returns (OrderParams memory);

    /// @notice Earliest deadline a commit made now may have, seconds.
    function earliestDeadline() external view returns (uint256);

    /// @notice Commits an order. A new position is minted at once and its collateral rests in its own balance.
    /// Collateral is pulled from the caller, who approved the margin vault. Owner or approved for existing positions.
    /// Reverts: OrderSizeZero, OrderSizeTooLarge, OrderExecutionFeeOutOfBounds, OrderDeadlineTooEarly,
    /// OrderCollateralUnexpected, OrderCollateralTooLow, NotPositionOperator, PositionNotOpen, the vault's errors.
    function commit(OrderRequest calldata request) external returns (bytes32 orderId, uint256 positionId);

    /// @notice Settles an order at its fixing, proven by `proof`. Anyone; the execution fee is credited to the claim
    /// of `feeTo`. An order that can't execute is closed with its reason. Reverts: OrderUnknown, ZeroAddress, OrderPriceDue,
    /// the oracle's proof errors.
    function settle(Order calldata order, bytes calldata proof, address feeTo) external;

    /// @notice Releases an order whose deadline has passed and that the oracle can't price: a never-opened position
    /// is refunded. Anyone. Reverts: OrderUnknown, OrderNotExpired, OrderSettleable, InsufficientGas.
    function expire(Order calldata order) external;

    /// @notice Places a resting order. A new position is minted at once and its collateral rests in its own balance; a
    /// reduce-only order may be attached to a position that is not open yet.
    /// Reverts: OrderTriggerMissing, OrderTriggerOutOfBounds, OrderNotReducing, OrderStopBeyondLiquidation,
    /// OrderDeadlineTooEarly if the deadline is not in the future, and as `commit`.
    function place(RestingRequest calldata request) external returns (bytes32 orderId, uint256 positionId);

    /// @notice Cancels a resting order; a position it was to open is refunded. Owner, whoever may act for the position,
    /// and after the deadline anyone. Reverts: OrderUnknown, NotPositionOperator.
    function cancel(RestingOrder calldata order) external;

    /// @notice Triggers a resting order with the observation that crosses, `proof`: made more than settlementDelay after
    /// the order was placed (for an exit also after its position was opened), beyond a trigger, and the first in a row
    /// that is. A trailing stop needs `peakProof` too, any live observation before the crossing; empty for others.
    /// At most `freshness` old the order fills at it, and the execution fee is credited to the claim of `feeTo`; older,
    /// the order becomes a market order committed now. Anyone.
    /// Reverts: OrderUnknown, ZeroAddress, OrderExpired, OrderVoid, PositionNotOpen, OrderNotReducing,
    /// OrderObservationTooOld, OrderNotCrossed, OrderNotFirstCrossing, OrderPeakAfterCrossing, OrderNotFillable if it
    /// can't trade now (it goes on resting), the oracle's errors.
    function trigger(
        RestingOrder calldata order,
        bytes calldata proof,
        bytes calldata peakProof,
        address feeTo
    ) external;

    /// @notice As `commit` for `by.owner`, who signed. `permit` is used for the collateral if it has a value. Of the
    /// request's execution fee `by.relayFee` is credited to the claim of the caller at once, from the position's own
    /// balance as far as it can spare it; the rest is the order's fee. Anyone.
    /// Reverts: SignatureExpired, NonceUsed, SignatureMalformed, SignatureOfAnother, SignatureRefused, RelayFeeTooHigh,
    /// and as `commit`.
    function commitSigned(
        OrderRequest calldata request,
        Signed calldata by,
        TokenPermit calldata permit
    ) external returns (bytes32 orderId, uint256 positionId);

    /// @notice As `place` for `by.owner`, who signed; else as `commitSigned`.
    function placeSigned(
        RestingRequest calldata request,
        Signed calldata by,
        TokenPermit calldata permit
    ) external returns (bytes32 orderId, uint256 positionId);

    /// @notice Takes the caller's nonces 256 · word + i, for each bit i of `mask`, out of use: what they signed with one of
    /// them is void, a session too.
    function cancelNonces(uint256 word, uint256 mask) external;

    /// @notice Whether a nonce was used or cancelled.
    function isNonceUsed(address owner, uint256 nonce) external view returns (bool);

    /// @notice EIP-712 domain separator: "Bulkhead", version 1, this chain, this contract.
    function domainSeparator() external view returns (bytes32);

    /// @notice Calls of this contract one after the other, as the caller; one that reverts undoes itself alone and is
    /// passed over with an event. For keepers: many settlements, slices and triggers in one transaction.
    /// @param calls Encoded calls. @return done Which of them went through.
    function attemptMany(bytes[] calldata calls) external returns (bool[] memory done);
}
