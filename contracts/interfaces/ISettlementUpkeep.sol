// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AutomationCompatibleInterface} from "@chainlink/contracts/src/v0.8/automation/interfaces/AutomationCompatibleInterface.sol";
import {ILogAutomation} from "@chainlink/contracts/src/v0.8/automation/interfaces/ILogAutomation.sol";
import {IOrderBook} from "./IOrderBook.sol";
import {IUpkeep} from "./IUpkeep.sol";
import {Order} from "../types/Order.sol";

/// @notice What performData asks for.
/// - Settle: `abi.encode(task, bytes[] reports, bytes32[] orderIds, uint256[] proofs)`. A proof packs the three words that the
///   oracle takes, 80 bits each, the first one lowest; 0 for an order that is only to be cleared away.
/// - Enrol: `abi.encode(task, Order)`.
/// - Refresh: `abi.encode(task, bytes[] reports, bytes32 orderId)`.
enum UpkeepTask {
    Settle,
    Enrol,
    Refresh
}

/// @notice Settles market orders. The chain keeps the hash of an order only, so orders are watched: enrolled by a log
/// upkeep on OrderCommitted, or by anyone. A conditional upkeep works the list off: it settles what has a fixing, releases
/// what has expired without one, and strikes off what is done or pays nothing any more (its position has another owner).
/// The places of the list are dealt out to the shards in turn; a check begins at another one each block.
///
/// An order on its own can't hold up others: each is settled in a call of its own, and one that can't be is passed over.
/// Registries drop logs beyond a few per block; `watch` is the way for those. Of one position only so many orders are watched
/// at once, because one with no margin to spare pays no fees for orders that fail.
/// A report is paid for only with a settlement that brings in the least fee: an order with no margin to spare may pay none.
/// Where an order that opens a position is late, so that its own report is no fresh price any more, the newest report is
/// brought first, once for each such order: then the price is fresh when its own is there. One that adds to a position has
/// to wait for a report of somebody else's then.
/// The gas limit of a conditional upkeep is 1.5 million at least.
///
/// `performUpkeep` reverts: UpkeepCallerNotForwarder, UpkeepReportsUnexpected, UpkeepFeeUnfunded, UpkeepListMismatch,
/// UpkeepNothingDone, what the streams oracle refuses a report with; to enrol, as `watch`.
interface ISettlementUpkeep is IUpkeep, ILogAutomation {
    /// @notice An order is on the list, or no longer.
    event OrderWatched(bytes32 indexed orderId);
    event OrderUnwatched(bytes32 indexed orderId);

    /// @notice Orders with a smaller execution fee are not taken on, token units.
    event LeastFeeChanged(uint256 leastFee);

    function orderBook() external view returns (IOrderBook);

    /// @notice Execution fee from which on an order is taken on, and least income of a perform that pays for a report; token
    /// units.
    function leastFee() external view returns (uint256);

    /// @notice Owner only. Reverts: OwnableUnauthorizedAccount.
    function setLeastFee(uint256 fee) external;

    /// @notice Puts a live order on the list. Anyone.
    /// Reverts: OrderUnknown, UpkeepOrderWatched, UpkeepOrderWorthless, UpkeepPositionCrowded.
    function watch(Order calldata order) external;

    /// @notice Strikes an order off that is done or pays nothing any more. Anyone. Reverts: UpkeepNothingDone.
    function strike(bytes32 orderId) external;

    /// @inheritdoc AutomationCompatibleInterface
    function performUpkeep(
        bytes calldata performData
    ) external override(AutomationCompatibleInterface, ILogAutomation);

    /// @notice How many orders are watched.
    function watchedCount() external view returns (uint256);

    /// @notice The order at a place of the list, from 0.
    function watchedAt(uint256 place) external view returns (bytes32 orderId);

    /// @notice A watched order; zeros if it is not on the list.
    function watchedOrder(bytes32 orderId) external view returns (Order memory);

    /// @notice The packed proof of a watched order's price: on feeds, not found while there is none; on streams, with the
    /// report observed at `observedAt`, seconds.
    function findProof(bytes32 orderId, uint256 observedAt) external view returns (bool found, uint256 proof);
}
