// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IOrderBook} from "../interfaces/IOrderBook.sol";
import {IPerpMarket} from "../interfaces/IPerpMarket.sol";
import {IPriceOracle} from "../interfaces/IPriceOracle.sol";
import {Constants} from "../libraries/Constants.sol";
import {Errors} from "../libraries/Errors.sol";
import {Events} from "../libraries/Events.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {PricingMath} from "../libraries/math/PricingMath.sol";
import {Fixing, FixingKind, FixingQuery} from "../types/Fixing.sol";
import {MarketConfig, MarketSet} from "../types/MarketConfig.sol";
import {OrderParams} from "../types/MarketParams.sol";
import {Failure, Order, OrderRequest, Trade} from "../types/Order.sol";

/// @title OrderBook
/// @notice Commit, then settle at the fixing. See IOrderBook.
contract OrderBook is IOrderBook, ReentrancyGuardTransient {
    /// @dev Gas that must be left before asking a feed whether it answers, so that a failure is the feed's own.
    uint256 private constant FEED_GAS = 500_000;

    bytes32 private constant FREE = bytes32(uint256(1));

    /* STORAGE */

    /// @dev Order ids by owner and slot. A slot whose order is done holds FREE rather than zero: the owner's next
    /// order then costs less.
    mapping(address owner => mapping(uint256 slot => bytes32)) private _commitments;

    IPerpMarket public immutable market;
    IPriceOracle public immutable oracle;
    uint32 private immutable _settlementDelay;
    uint32 private immutable _fallbackDelay;
    uint64 private immutable _fallbackSpread;
    uint128 private immutable _minExecutionFee;
    uint128 private immutable _maxExecutionFee;

    constructor(MarketConfig memory config, MarketSet memory set) {
        market = IPerpMarket(set.market);
        oracle = IPriceOracle(config.oracle);
        _settlementDelay = config.orderParams.settlementDelay;
        _fallbackDelay = config.orderParams.fallbackDelay;
        _fallbackSpread = config.orderParams.fallbackSpread;
        _minExecutionFee = config.orderParams.minExecutionFee;
        _maxExecutionFee = config.orderParams.maxExecutionFee;
    }

    /// @inheritdoc IOrderBook
    function orderParams() external view returns (OrderParams memory) {
        return
            OrderParams(
                _settlementDelay,
                _fallbackDelay,
                _fallbackSpread,
                _minExecutionFee,
                _maxExecutionFee
            );
    }

    /// @inheritdoc IOrderBook
    function commitmentOf(address owner, uint256 slot) external view returns (bytes32 orderId) {
        orderId = _commitments[owner][slot];
        if (orderId == FREE) orderId = 0;
    }

    /// @inheritdoc IOrderBook
    function earliestDeadline() public view returns (uint256) {
        return block.timestamp + 2 * uint256(_settlementDelay) + _fallbackDelay;
    }

    /* COMMIT */

    /// @inheritdoc IOrderBook
    function commit(
        OrderRequest calldata request
    ) external nonReentrant returns (bytes32 orderId, uint256 positionId) {
        _check(request);
        address owner;
        // Both pull the collateral first; a token that calls back finds this contract locked.
        if (request.positionId == 0) {
            owner = msg.sender;
            positionId = market.reserve(owner, msg.sender, request.collateral);
        } else {
            positionId = request.positionId;
            owner = _checkExisting(request);
            if (request.collateral != 0) market.depositFor(positionId, msg.sender, request.collateral);
        }

        Order memory order = Order({
            positionId: positionId,
            owner: owner,
            sizeDelta: request.sizeDelta,
            acceptablePrice: request.acceptablePrice,
            executionFee: request.executionFee,
            committedAt: uint40(block.timestamp),
            deadline: request.deadline,
            epoch: oracle.epoch(),
            slot: _freeSlot(owner)
        });
        orderId = keccak256(abi.encode(order));
        _commitments[owner][order.slot] = orderId;
        emit Events.OrderCommitted(orderId, positionId, owner, order);
    }

    /* SETTLE */

    /// @inheritdoc IOrderBook
    function settle(Order calldata order, bytes calldata proof, address feeTo) external nonReentrant {
        if (feeTo == address(0)) revert Errors.ZeroAddress();
        bytes32 orderId = _take(order);
        Fixing memory fixing = oracle.fixing(_query(order), proof);
        if (fixing.kind == FixingKind.Void) {
            emit Events.OrderFailed(orderId, order.positionId, feeTo, Failure.NoPrice);
            // Another owner's money pays for nothing the previous one ordered.
            bool sameOwner = market.ownerOrZero(order.positionId) == order.owner;
            market.release(order.positionId, sameOwner ? order.executionFee : 0, feeTo);
            return;
        }
        uint256 price = fixing.price;
        if (fixing.kind == FixingKind.Fallback)
            price = PricingMath.worsen(price, _fallbackSpread, _isBuy(order));

        Failure failure = market.execute(
            Trade({
                positionId: order.positionId,
                owner: order.owner,
                sizeDelta: order.sizeDelta,
                acceptablePrice: order.acceptablePrice,
                executionFee: order.executionFee,
                price: price,
                indexPrice: fixing.indexPrice,
                indexIsFresh: fixing.indexIsFresh,
                feeTo: feeTo
            })
        );
        if (failure == Failure.None) {
            emit Events.OrderSettled(orderId, order.positionId, feeTo, fixing.observationId, price);
        } else {
            emit Events.OrderFailed(orderId, order.positionId, feeTo, failure);
        }
    }

    /// @inheritdoc IOrderBook
    function expire(Order calldata order) external nonReentrant {
        bytes32 orderId = _take(order);
        if (block.timestamp <= order.deadline) revert Errors.OrderNotExpired(orderId, order.deadline);
        // A caller who starves the call of gas must not make a live feed look dead.
        if (gasleft() < FEED_GAS) revert Errors.InsufficientGas(gasleft(), FEED_GAS);
        try oracle.settleable(_query(order)) returns (bool yes) {
            if (yes) revert Errors.OrderSettleable(orderId);
        } catch {
            // The feed does not answer: no price can be proven, so the order is released.
        }
        emit Events.OrderExpired(orderId, order.positionId);
        market.release(order.positionId, 0, address(0));
    }

    /* INTERNAL */

    function _check(OrderRequest calldata request) private view {
        uint256 size = FixedMath.abs(request.sizeDelta);
        if (size > Constants.MAX_SIZE) revert Errors.OrderSizeTooLarge(size, Constants.MAX_SIZE);
        if (size == 0 && request.positionId == 0) revert Errors.OrderSizeZero();
        if (request.executionFee < _minExecutionFee || request.executionFee > _maxExecutionFee) {
            revert Errors.OrderExecutionFeeOutOfBounds(
                request.executionFee,
                _minExecutionFee,
                _maxExecutionFee
            );
        }
        uint256 earliest = earliestDeadline();
        if (request.deadline < earliest) revert Errors.OrderDeadlineTooEarly(request.deadline, earliest);
        if (request.positionId == 0 && request.collateral < request.executionFee) {
            revert Errors.OrderCollateralTooLow(request.collateral, request.executionFee);
        }
    }

    /// @dev Requires an open position the caller may act for; returns its owner.
    function _checkExisting(OrderRequest calldata request) private view returns (address owner) {
        uint256 positionId = request.positionId;
        int256 size;
        bool allowed;
        (owner, size, allowed) = market.orderTerms(positionId, msg.sender);
        if (size == 0) revert Errors.PositionNotOpen(positionId);
        if (!allowed) revert Errors.NotPositionOperator(positionId, msg.sender);
        bool increases = request.sizeDelta != 0 && (request.sizeDelta > 0) == (size > 0);
        if (!increases && request.collateral != 0)
            revert Errors.OrderCollateralUnexpected(request.collateral);
    }

    /// @dev An owner's first slot without a live order. Only they and those they trust fill them.
    function _freeSlot(address owner) private view returns (uint32 slot) {
        mapping(uint256 slot => bytes32) storage commitments = _commitments[owner];
        while (uint256(commitments[slot]) > uint256(FREE)) ++slot;
    }

    /// @dev Consumes a commitment.
    function _take(Order calldata order) private returns (bytes32 orderId) {
        // As keccak256(abi.encode(order)), but for a field with stray high bits, which no id was made of.
        assembly ("memory-safe") {
            let size := 288
            let start := mload(0x40)
            calldatacopy(start, order, size)
            orderId := keccak256(start, size)
        }
        if (_commitments[order.owner][order.slot] != orderId) revert Errors.OrderUnknown(orderId);
        _commitments[order.owner][order.slot] = FREE;
    }

    function _query(Order calldata order) private view returns (FixingQuery memory) {
        return
            FixingQuery({
                moment: uint256(order.committedAt) + _settlementDelay,
                epoch: order.epoch,
                fallbackDelay: _fallbackDelay,
                inclusionDelay: _settlementDelay
            });
    }

    function _isBuy(Order calldata order) private view returns (bool) {
        return order.sizeDelta == 0 ? market.position(order.positionId).size < 0 : order.sizeDelta > 0;
    }
}
