// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AutomationCompatibleInterface} from "@chainlink/contracts/src/v0.8/automation/interfaces/AutomationCompatibleInterface.sol";
import {ILogAutomation, Log} from "@chainlink/contracts/src/v0.8/automation/interfaces/ILogAutomation.sol";
import {IOrderBook} from "../../interfaces/IOrderBook.sol";
import {IPerpMarket} from "../../interfaces/IPerpMarket.sol";
import {ISettlementUpkeep, UpkeepTask} from "../../interfaces/ISettlementUpkeep.sol";
import {Errors} from "../../libraries/Errors.sol";
import {Events} from "../../libraries/Events.sol";
import {Order} from "../../types/Order.sol";
import {UpkeepConfig, WatchedOrder} from "../../types/Upkeep.sol";
import {UpkeepBase} from "./UpkeepBase.sol";

/// @notice The orders that wait to be settled. Only live ones come in, so that each costs its sender an execution fee.
abstract contract WatchList is ISettlementUpkeep, UpkeepBase {
    /// @dev Orders of one position on the list at once.
    uint256 private constant MOST_PER_POSITION = 4;

    mapping(bytes32 orderId => WatchedOrder) internal _watched;
    mapping(uint256 positionId => uint256 orders) private _watchedOf;

    /// @dev In no order: the last one takes the place of one that goes.
    bytes32[] internal _list;

    /// @inheritdoc ISettlementUpkeep
    uint256 public leastFee;

    /// @inheritdoc ISettlementUpkeep
    IOrderBook public immutable orderBook;

    constructor(IPerpMarket market_, UpkeepConfig memory config) UpkeepBase(market_, config) {
        orderBook = IOrderBook(market_.orderBook());
    }

    /// @inheritdoc ISettlementUpkeep
    function setLeastFee(uint256 fee) external onlyOwner {
        leastFee = fee;
        emit LeastFeeChanged(fee);
    }

    /// @inheritdoc ISettlementUpkeep
    function watch(Order calldata order) external nonReentrant {
        _watch(order);
    }

    /// @inheritdoc ISettlementUpkeep
    function strike(bytes32 orderId) external nonReentrant {
        WatchedOrder memory order = _watched[orderId];
        if (order.place == 0 || !_isDead(orderId, order)) revert Errors.UpkeepNothingDone();
        _unwatch(orderId);
    }

    /// @inheritdoc ILogAutomation
    function checkLog(Log calldata log, bytes memory) external view returns (bool, bytes memory) {
        bool foreign = log.source != address(orderBook) || log.topics.length == 0;
        if (foreign || log.topics[0] != Events.OrderCommitted.selector) return (false, "");
        Order memory order = abi.decode(log.data, (Order));
        bytes32 orderId = keccak256(abi.encode(order));
        bool wanted = _watched[orderId].place == 0 && _isLive(order, orderId) && _pays(order);
        wanted = wanted && !_isCrowded(order.positionId);
        return (wanted, wanted ? abi.encode(UpkeepTask.Enrol, order) : bytes(""));
    }

    /// @inheritdoc ISettlementUpkeep
    function performUpkeep(
        bytes calldata performData
    ) external virtual override(AutomationCompatibleInterface, ISettlementUpkeep);

    /* VIEWS */

    /// @inheritdoc ISettlementUpkeep
    function watchedCount() external view returns (uint256) {
        return _list.length;
    }

    /// @inheritdoc ISettlementUpkeep
    function watchedAt(uint256 place) external view returns (bytes32 orderId) {
        return _list[place];
    }

    /// @inheritdoc ISettlementUpkeep
    function watchedOrder(bytes32 orderId) external view returns (Order memory) {
        return _orderOf(_watched[orderId]);
    }

    /* INTERNAL */

    function _watch(Order memory order) internal {
        bytes32 orderId = keccak256(abi.encode(order));
        if (!_isLive(order, orderId)) revert Errors.OrderUnknown(orderId);
        if (_watched[orderId].place != 0) revert Errors.UpkeepOrderWatched(orderId);
        if (!_pays(order)) revert Errors.UpkeepOrderWorthless(orderId);
        if (_watchedOf[order.positionId]++ == MOST_PER_POSITION)
            revert Errors.UpkeepPositionCrowded(order.positionId, MOST_PER_POSITION);
        _list.push(orderId);
        _watched[orderId] = WatchedOrder({
            owner: order.owner,
            committedAt: order.committedAt,
            deadline: order.deadline,
            epoch: order.epoch,
            slot: order.slot,
            // No chain has room for 2^64 entries.
            place: uint64(_list.length),
            refreshed: false,
            sizeDelta: order.sizeDelta,
            executionFee: order.executionFee,
            positionId: order.positionId,
            acceptablePrice: order.acceptablePrice
        });
        emit OrderWatched(orderId);
    }

    function _unwatch(bytes32 orderId) internal {
        uint64 place = _watched[orderId].place;
        bytes32 last = _list[_list.length - 1];
        if (last != orderId) {
            _list[place - 1] = last;
            _watched[last].place = place;
        }
        _list.pop();
        --_watchedOf[_watched[orderId].positionId];
        delete _watched[orderId];
        emit OrderUnwatched(orderId);
    }

    /// @dev Whether no further order of a position is taken on.
    function _isCrowded(uint256 positionId) internal view returns (bool) {
        return _watchedOf[positionId] >= MOST_PER_POSITION;
    }

    /// @dev Done by somebody else, or nothing to be earned with any more.
    function _isDead(bytes32 orderId, WatchedOrder memory w) internal view returns (bool) {
        Order memory order = _orderOf(w);
        return !_isLive(order, orderId) || !_pays(order);
    }

    function _isLive(Order memory order, bytes32 orderId) internal view returns (bool) {
        return orderBook.commitmentOf(order.owner, order.slot) == orderId;
    }

    /// @dev The fee of an order is paid while its position has the same owner, and not any more afterwards.
    function _pays(Order memory order) internal view returns (bool) {
        return order.executionFee >= leastFee && market.ownerOrZero(order.positionId) == order.owner;
    }

    function _orderOf(WatchedOrder memory w) internal pure returns (Order memory) {
        return
            Order({
                positionId: w.positionId,
                owner: w.owner,
                sizeDelta: w.sizeDelta,
                acceptablePrice: w.acceptablePrice,
                executionFee: w.executionFee,
                committedAt: w.committedAt,
                deadline: w.deadline,
                epoch: w.epoch,
                slot: w.slot
            });
    }
}
