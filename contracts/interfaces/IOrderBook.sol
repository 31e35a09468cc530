// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {OrderParams} from "../types/MarketParams.sol";
import {Order, OrderRequest} from "../types/Order.sol";

/// @notice Market orders: commit, then settle at the fixing, the first observation made after
/// commit + settlementDelay. The price is a function of the commit time and the feed's history alone.
interface IOrderBook {
    /// @notice Id of the live order in one of an owner's slots: keccak256(abi.encode(order)). Zero if there is none.
    function commitmentOf(address owner, uint256 slot) external view returns (bytes32 orderId);

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
    /// of `feeTo`. An order that can't execute is closed with its reason. Reverts: OrderUnknown, ZeroAddress, the
    /// oracle's proof errors.
    function settle(Order calldata order, bytes calldata proof, address feeTo) external;

    /// @notice Releases an order whose deadline has passed and that the oracle can't price: a never-opened position
    /// is refunded. Anyone. Reverts: OrderUnknown, OrderNotExpired, OrderSettleable, InsufficientGas.
    function expire(Order calldata order) external;
}
