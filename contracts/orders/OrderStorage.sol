// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IOrderBook} from "../interfaces/IOrderBook.sol";
import {IPerpMarket} from "../interfaces/IPerpMarket.sol";
import {IPriceOracle} from "../interfaces/IPriceOracle.sol";
import {Errors} from "../libraries/Errors.sol";
import {Constants} from "../libraries/Constants.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {FixingQuery} from "../types/Fixing.sol";
import {MarketConfig, MarketSet} from "../types/MarketConfig.sol";
import {OrderParams} from "../types/MarketParams.sol";

/// @notice All state of an order book and what its verbs share.
abstract contract OrderStorage is IOrderBook, ReentrancyGuardTransient {
    /// @inheritdoc IOrderBook
    uint256 public constant LAST_POSITION = type(uint256).max;

    bytes32 private constant FREE = bytes32(uint256(1));

    /* STORAGE */

    /// @dev Order ids by owner and slot. A slot whose order is done holds FREE rather than zero: the owner's next
    /// order then costs less.
    mapping(address owner => mapping(uint256 slot => bytes32)) private _commitments;

    /// @dev The position opened last in this transaction.
    uint256 private transient _lastPosition;

    IPerpMarket public immutable market;
    IPriceOracle public immutable oracle;
    uint32 internal immutable _settlementDelay;
    uint32 internal immutable _fallbackDelay;
    uint64 internal immutable _fallbackSpread;
    uint32 internal immutable _freshness;
    uint128 private immutable _minExecutionFee;
    uint128 private immutable _maxExecutionFee;

    constructor(MarketConfig memory config, MarketSet memory set) {
        market = IPerpMarket(set.market);
        oracle = IPriceOracle(config.oracle);
        _settlementDelay = config.orderParams.settlementDelay;
        _fallbackDelay = config.orderParams.fallbackDelay;
        _fallbackSpread = config.orderParams.fallbackSpread;
        _freshness = config.orderParams.freshness;
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
                _freshness,
                _minExecutionFee,
                _maxExecutionFee
            );
    }

    /// @inheritdoc IOrderBook
    function commitmentOf(address owner, uint256 slot) external view returns (bytes32 orderId) {
        orderId = _commitments[owner][slot];
        if (orderId == FREE) orderId = 0;
    }

    /* COMMITMENTS */

    /// @dev An owner's first slot without a live order. Only they and those they trust fill them.
    function _freeSlot(address owner) internal view returns (uint32 slot) {
        mapping(uint256 slot => bytes32) storage commitments = _commitments[owner];
        while (uint256(commitments[slot]) > uint256(FREE)) ++slot;
    }

    function _store(address owner, uint32 slot, bytes32 orderId) internal {
        _commitments[owner][slot] = orderId;
    }

    /// @dev Reverts unless the order is live.
    function _requireLive(address owner, uint32 slot, bytes32 orderId) internal view {
        if (_commitments[owner][slot] != orderId) revert Errors.OrderUnknown(orderId);
    }

    /// @dev Ends an order.
    function _free(address owner, uint32 slot) internal {
        _commitments[owner][slot] = FREE;
    }

    /* CHECKS */

    function _checkSize(int256 sizeDelta) internal pure {
        uint256 size = FixedMath.abs(sizeDelta);
        if (size > Constants.MAX_SIZE) revert Errors.OrderSizeTooLarge(size, Constants.MAX_SIZE);
    }

    function _checkExecutionFee(uint256 fee) internal view {
        if (fee < _minExecutionFee || fee > _maxExecutionFee)
            revert Errors.OrderExecutionFeeOutOfBounds(fee, _minExecutionFee, _maxExecutionFee);
    }

    /// @dev A new position for `actor`, who pays its collateral and is its owner.
    function _openPosition(
        address actor,
        int256 sizeDelta,
        uint256 collateral,
        uint256 executionFee
    ) internal returns (uint256 positionId) {
        if (sizeDelta == 0) revert Errors.OrderSizeZero();
        if (collateral < executionFee) revert Errors.OrderCollateralTooLow(collateral, executionFee);
        positionId = market.reserve(actor, actor, collateral);
        _lastPosition = positionId;
    }

    /// @dev Requires an open position that `actor` may act for and takes the collateral that comes with an increase.
    /// Returns its owner.
    function _useOpenPosition(
        address actor,
        uint256 positionId,
        int256 sizeDelta,
        uint256 collateral
    ) internal returns (address owner) {
        int256 size;
        bool allowed;
        (owner, size, allowed) = market.orderTerms(positionId, actor);
        if (size == 0) revert Errors.PositionNotOpen(positionId);
        if (!allowed) revert Errors.NotPositionOperator(positionId, actor);
        if (collateral == 0) return owner;
        if (_reduces(sizeDelta, size)) revert Errors.OrderCollateralUnexpected(collateral);
        market.depositFor(positionId, actor, collateral);
    }

    /// @dev The position a request names, `LAST_POSITION` resolved.
    function _named(uint256 positionId) internal view returns (uint256) {
        return positionId == LAST_POSITION ? _lastPosition : positionId;
    }

    /// @dev Whether an order makes an open position smaller: a closing one does.
    function _reduces(int256 sizeDelta, int256 size) internal pure returns (bool) {
        return sizeDelta == 0 || (sizeDelta > 0) != (size > 0);
    }

    /* QUERIES */

    function _queryAt(uint256 committedAt, uint16 epoch) internal view returns (FixingQuery memory) {
        return
            FixingQuery({
                moment: committedAt + _settlementDelay,
                epoch: epoch,
                fallbackDelay: _fallbackDelay,
                inclusionDelay: _settlementDelay
            });
    }
}
