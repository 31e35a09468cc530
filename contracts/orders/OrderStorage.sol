// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IPerpMarket} from "../interfaces/IPerpMarket.sol";
import {IPriceOracle} from "../interfaces/IPriceOracle.sol";
import {Errors} from "../libraries/Errors.sol";
import {Constants} from "../libraries/Constants.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {PositionMath} from "../libraries/math/PositionMath.sol";
import {FixingQuery} from "../types/Fixing.sol";
import {MarketConfig, MarketSet} from "../types/MarketConfig.sol";
import {Failure} from "../types/Order.sol";
import {SessionState, Stake} from "../types/Session.sol";

/// @notice All state of an order book and what its verbs share. The book and its module run on the same storage, so
/// nothing that derives from this contract declares any.
abstract contract OrderStorage is ReentrancyGuardTransient, EIP712("Bulkhead", "1") {
    /// @dev See IOrderBook.
    uint256 internal constant _LAST_POSITION = type(uint256).max;

    bytes32 private constant FREE = bytes32(uint256(1));

    /* STORAGE */

    /// @dev Order ids by owner and slot. A slot whose order is done holds FREE rather than zero: the owner's next
    /// order then costs less.
    mapping(address owner => mapping(uint256 slot => bytes32)) private _commitments;

    /// @dev Used nonces, 256 to a word.
    mapping(address owner => mapping(uint256 word => uint256)) internal _nonces;

    /// @dev What sessions have used up, and what they have at stake, by the hash of the session.
    mapping(bytes32 sessionId => SessionState) internal _sessions;
    mapping(bytes32 sessionId => mapping(uint256 positionId => Stake)) internal _stakes;

    /// @dev The session that placed a resting order.
    mapping(bytes32 orderId => bytes32 sessionId) internal _sessionOf;

    /// @dev The resting order of a session that became a market order.
    mapping(bytes32 orderId => bytes32 restingId) internal _triggeredFrom;

    /// @dev Collateral tokens for one native token as read last, wad.
    uint128 internal _nativePrice;

    /// @dev The position opened last in this transaction: its entry order's size, the worst price that accepts, the one it
    /// waits for (0 for the market's), and what the balance is after the execution fee.
    uint256 private transient _lastPosition;
    int256 internal transient _lastSize;
    uint256 internal transient _lastWorstPrice;
    uint256 internal transient _lastPrice;
    uint256 internal transient _lastCash;

    /// @notice The market whose orders these are.
    IPerpMarket public immutable market;

    /// @notice Where prices come from.
    IPriceOracle public immutable oracle;

    /// @notice Price of the native token in collateral tokens; zero if the least execution fee is a constant.
    IPriceOracle public immutable nativeOracle;

    uint256 internal immutable _quoteScale;
    uint32 internal immutable _settlementDelay;
    uint32 internal immutable _fallbackDelay;
    uint64 internal immutable _fallbackSpread;
    uint32 internal immutable _freshness;
    uint32 internal immutable _executionGas;
    uint128 internal immutable _minExecutionFee;
    uint128 internal immutable _maxExecutionFee;

    constructor(MarketConfig memory config, MarketSet memory set) {
        market = IPerpMarket(set.market);
        oracle = IPriceOracle(config.oracle);
        nativeOracle = IPriceOracle(config.nativeOracle);
        _quoteScale = IPerpMarket(set.market).quoteScale();
        _executionGas = config.orderParams.executionGas;
        _settlementDelay = config.orderParams.settlementDelay;
        _fallbackDelay = config.orderParams.fallbackDelay;
        _fallbackSpread = config.orderParams.fallbackSpread;
        _freshness = config.orderParams.freshness;
        _minExecutionFee = config.orderParams.minExecutionFee;
        _maxExecutionFee = config.orderParams.maxExecutionFee;
    }

    /* COMMITMENTS */

    /// @dev An owner's first slot without a live order. Only they and those they trust fill them.
    function _freeSlot(address owner) internal view returns (uint32 slot) {
        mapping(uint256 slot => bytes32) storage commitments = _commitments[owner];
        while (uint256(commitments[slot]) > uint256(FREE)) ++slot;
    }

    /// @dev Id of the live order in a slot, zero if there is none.
    function _liveOrder(address owner, uint256 slot) internal view returns (bytes32 orderId) {
        orderId = _commitments[owner][slot];
        if (orderId == FREE) orderId = 0;
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
        uint256 least = _leastExecutionFee();
        if (fee < least || fee > _maxExecutionFee)
            revert Errors.OrderExecutionFeeOutOfBounds(fee, least, _maxExecutionFee);
    }

    /// @dev What the gas of an execution costs at this block's base fee, within the bounds; rounded up.
    function _leastExecutionFee() internal view returns (uint256) {
        if (_executionGas == 0) return _minExecutionFee;
        uint256 cost = PositionMath.quoteUp(
            FixedMath.min(block.basefee, type(uint64).max) * _executionGas,
            _nativePrice,
            _quoteScale
        );
        return FixedMath.min(FixedMath.max(cost, _minExecutionFee), _maxExecutionFee);
    }

    /// @dev Keeps the last price that was usable.
    function _readNativePrice() internal {
        if (address(nativeOracle) == address(0)) return;
        (uint256 price, , ) = nativeOracle.peek();
        if (price != 0 && price <= type(uint128).max) _nativePrice = uint128(price);
    }

    function _isNonceUsed(address owner, uint256 nonce) internal view returns (bool) {
        return (_nonces[owner][nonce >> 8] >> (nonce & 255)) & 1 == 1;
    }

    /// @dev Reverts unless `owner` signed the typed data: an account by ECDSA, a contract by ERC-1271.
    function _requireSignature(address owner, bytes32 structHash, bytes calldata signature) internal view {
        bytes32 digest = _hashTypedDataV4(structHash);
        if (owner.code.length != 0) {
            if (!SignatureChecker.isValidERC1271SignatureNow(owner, digest, signature))
                revert Errors.SignatureRefused(owner);
            return;
        }
        (address signer, ECDSA.RecoverError problem, ) = ECDSA.tryRecover(digest, signature);
        if (problem != ECDSA.RecoverError.NoError) revert Errors.SignatureMalformed();
        if (signer != owner) revert Errors.SignatureOfAnother(signer, owner);
    }

    /// @dev A new position for `actor`, who pays its collateral and is its owner. `price` is the one the entry waits for, 0 for the
    /// market's.
    function _openPosition(
        address actor,
        int256 sizeDelta,
        uint256 collateral,
        uint256 executionFee,
        uint256 acceptablePrice,
        uint256 price
    ) internal returns (uint256 positionId) {
        if (sizeDelta == 0) revert Errors.OrderSizeZero();
        if (collateral < executionFee) revert Errors.OrderCollateralTooLow(collateral, executionFee);
        positionId = market.reserve(actor, actor, collateral);
        _lastPosition = positionId;
        _lastSize = sizeDelta;
        _lastWorstPrice = acceptablePrice;
        _lastPrice = price;
        // At least zero: checked above.
        unchecked {
            _lastCash = collateral - executionFee;
        }
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
        return positionId == _LAST_POSITION ? _lastPosition : positionId;
    }

    /// @dev Whether a position is the one opened last in this transaction.
    function _isLast(uint256 positionId) internal view returns (bool) {
        return positionId == _lastPosition;
    }

    /// @dev Whether an order makes an open position smaller: a closing one does.
    function _reduces(int256 sizeDelta, int256 size) internal pure returns (bool) {
        return sizeDelta == 0 || (sizeDelta > 0) != (size > 0);
    }

    /* QUERIES */

    /// @dev Reverts where an order would fail for want of a fresh price although there is no outage: somebody only has to
    /// bring one, or a grace period ends. Else who settles could choose between a trade and none. Not for longer than an
    /// order may wait for its own price.
    function _requireNoPriceDue(bytes32 orderId, Failure failure, FixingQuery memory query) internal view {
        if (failure != Failure.StalePrice) return;
        uint256 until = query.moment + query.fallbackDelay + query.inclusionDelay;
        if (block.timestamp <= until && !oracle.outage()) revert Errors.OrderPriceDue(orderId, until);
    }

    function _queryAt(
        uint256 committedAt,
        uint48 epoch,
        uint40 recordedAt
    ) internal view returns (FixingQuery memory) {
        return
            FixingQuery({
                moment: committedAt + _settlementDelay,
                epoch: epoch,
                fallbackDelay: _fallbackDelay,
                inclusionDelay: _settlementDelay,
                recordedAt: recordedAt
            });
    }
}
