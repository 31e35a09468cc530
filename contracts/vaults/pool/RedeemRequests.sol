// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IERC7540Operator, IERC7540Redeem, IERC7887Redeem} from "../../interfaces/IERC7540.sol";
import {ILiquidityVault} from "../../interfaces/ILiquidityVault.sol";
import {MarketFlags} from "../../libraries/MarketFlags.sol";
import {Errors} from "../../libraries/Errors.sol";
import {FixedMath} from "../../libraries/math/FixedMath.sol";
import {MarketConfig} from "../../types/MarketConfig.sol";
import {RedeemBatch, RedeemQueue, RedeemState} from "../../types/Redemption.sol";
import {PoolValue} from "./PoolValue.sol";

/// @notice Requests to redeem. All that are in a batch are fulfilled together, a period after the batch was closed to
/// new ones, at a price nobody knew when the last of them could still be cancelled. Where positions need the money, all
/// get the same part and the rest moves on into the next batch, with the same right as what is new there: nobody is
/// ahead, there is no queue. Shares that wait gain and lose like all others.
abstract contract RedeemRequests is PoolValue, ReentrancyGuardTransient {
    /// @dev All requests have the id 0: ERC-7540 then tells them apart by their controller alone.
    uint256 private constant REQUEST_ID = 0;

    /// @inheritdoc ILiquidityVault
    uint256 public immutable redemptionPeriod;

    /// @inheritdoc IERC7540Operator
    mapping(address controller => mapping(address operator => bool)) public isOperator;

    RedeemQueue private _queue;
    mapping(uint256 id => RedeemBatch) private _batches;
    mapping(address controller => RedeemState) private _states;

    constructor(MarketConfig memory config) {
        _queue.currentBatch = 1;
        redemptionPeriod = config.redemptionPeriod;
    }

    modifier onlyController(address controller) {
        if (msg.sender != controller && !isOperator[controller][msg.sender])
            revert Errors.NotRequestOperator(controller, msg.sender);
        _;
    }

    /* REQUEST */

    /// @inheritdoc IERC7540Operator
    function setOperator(address operator, bool approved) external returns (bool) {
        isOperator[msg.sender][operator] = approved;
        emit OperatorSet(msg.sender, operator, approved);
        return true;
    }

    /// @inheritdoc IERC7540Redeem
    function requestRedeem(
        uint256 shares,
        address controller,
        address owner
    ) external nonReentrant returns (uint256) {
        if (shares == 0) revert Errors.ZeroAmount();
        if (controller == address(0)) revert Errors.ZeroAddress();
        if (msg.sender != owner && !isOperator[owner][msg.sender]) _spendAllowance(owner, msg.sender, shares);
        emit RedeemRequest(controller, owner, REQUEST_ID, msg.sender, shares);
        // Before it is narrowed: nobody has more than all shares, which fit.
        _transfer(owner, address(this), shares);
        uint128 added = uint128(shares);
        RedeemState storage s = _takeUp(controller);
        uint64 joined = _openBatch();
        _batches[joined].shares += added;
        // What is pending already is in the current batch, or the one after it.
        if (s.shares == 0) (s.batch, s.shares) = (joined, added);
        else if (s.batch == joined) s.shares += added;
        else s.laterShares += added;
        return REQUEST_ID;
    }

    /// @inheritdoc IERC7887Redeem
    function cancelRedeemRequest(
        uint256 requestId,
        address controller
    ) external nonReentrant onlyController(controller) {
        RedeemState storage s = _takeUp(controller);
        (uint128 shares, uint128 laterShares, uint64 batch) = (s.shares, s.laterShares, s.batch);
        if (requestId != REQUEST_ID || shares == 0) revert Errors.NothingRequested(controller);
        // Once a price is there, leaving is no choice any more: anyone can fulfil the batch.
        if (batch == _queue.currentBatch && isFulfillable()) revert Errors.RedeemBatchDue(batch);
        _batches[batch].shares -= shares;
        if (laterShares != 0) _batches[batch + 1].shares -= laterShares;
        (s.shares, s.laterShares) = (0, 0);
        s.cancelledShares += shares + laterShares;
        emit CancelRedeemRequest(controller, REQUEST_ID, msg.sender);
    }

    /// @inheritdoc IERC7887Redeem
    function claimCancelRedeemRequest(
        uint256 requestId,
        address receiver,
        address controller
    ) external nonReentrant onlyController(controller) {
        RedeemState storage s = _states[controller];
        uint256 shares = s.cancelledShares;
        if (requestId != REQUEST_ID || shares == 0) revert Errors.NothingRequested(controller);
        s.cancelledShares = 0;
        emit CancelRedeemClaim(controller, receiver, REQUEST_ID, msg.sender, shares);
        _transfer(address(this), receiver, shares);
    }

    /* FULFIL */

    /// @inheritdoc ILiquidityVault
    function fulfillRedeems() external nonReentrant returns (uint256 redeemed, uint256 assets) {
        RedeemQueue memory q = _queue;
        if (!isFulfillable()) revert Errors.RedeemBatchNotDue(q.currentBatch, q.fulfillableFrom);
        market.accrue();
        (uint256 price, ) = oracle.latest();
        RedeemBatch storage batch = _batches[q.currentBatch];
        RedeemBatch storage next = _batches[q.currentBatch + 1];
        uint256 shares = batch.shares;
        (redeemed, assets) = _redeemable(shares, price, type(uint256).max);
        if (cash() < assets) {
            // A token that calls out lets others act meanwhile.
            _collect();
            (redeemed, assets) = _redeemable(shares, price, cash());
        }
        // At most the shares there are, and the pool's cash.
        (batch.redeemed, batch.assets) = (uint128(redeemed), uint128(assets));
        if (shares != redeemed) next.shares += uint128(shares - redeemed);
        emit RedeemsFulfilled(q.currentBatch++, shares, redeemed, assets, price);
        if (next.shares != 0) q.fulfillableFrom = uint64(block.timestamp + redemptionPeriod);
        q.reservedAssets += uint128(assets);
        _queue = q;
        if (redeemed == 0) return (redeemed, assets);
        market.takePoolCash(assets);
        _burn(address(this), redeemed);
        // Borrow rates follow from what the pool has.
        market.accrue();
    }

    /// @inheritdoc ILiquidityVault
    function isFulfillable() public view returns (bool) {
        RedeemQueue memory q = _queue;
        if (block.timestamp < q.fulfillableFrom) return false;
        if (!_hasBegun(q.currentBatch)) return false;
        // Losses that nobody may realise yet would be borne by who stays.
        if (market.carry().flags & MarketFlags.OUTAGE != 0) return false;
        (, uint256 observedAt, bool fresh) = oracle.peek();
        return fresh && observedAt >= q.fulfillableFrom;
    }

    /// @inheritdoc ILiquidityVault
    function currentBatch() external view returns (uint256) {
        return _queue.currentBatch;
    }

    /// @inheritdoc ILiquidityVault
    function sharesInBatch(uint256 batch) external view returns (uint256) {
        return _batches[batch].shares;
    }

    /// @inheritdoc ILiquidityVault
    function fulfillableFrom() external view returns (uint256) {
        return _queue.fulfillableFrom;
    }

    /// @inheritdoc ILiquidityVault
    function reservedAssets() public view returns (uint256) {
        return _queue.reservedAssets;
    }

    /// @dev How many of `shares` the free money, and at most `most`, pays for, and what it pays; none while they are worth
    /// nothing.
    function _redeemable(
        uint256 shares,
        uint256 price,
        uint256 most
    ) private view returns (uint256, uint256) {
        uint256 value = _redeemValue(price);
        if (value == 0) return (0, 0);
        uint256 free = FixedMath.min(_freeAssets(price), most);
        if (_assetsFor(shares, value, Math.Rounding.Floor) > free)
            shares = _sharesFor(free, value, Math.Rounding.Floor);
        return (shares, _assetsFor(shares, value, Math.Rounding.Floor));
    }

    /// @dev The batch a request joins: the current one before it has begun, else the next.
    function _openBatch() private returns (uint64 id) {
        id = _queue.currentBatch;
        if (_hasBegun(id)) return id + 1;
        _queue.fulfillableFrom = uint64(block.timestamp + redemptionPeriod);
    }

    /// @dev Whether shares wait for a batch, or after it.
    function _hasBegun(uint64 batch) private view returns (bool) {
        return _batches[batch].shares != 0 || _batches[batch + 1].shares != 0;
    }

    /* CLAIM */

    /// @inheritdoc ILiquidityVault
    function takeUp(address controller, uint256 batches) external nonReentrant {
        _takeUp(controller, batches);
    }

    /// @dev What is set aside becomes a claim that is being paid.
    function _release(RedeemState storage s, uint256 shares, uint256 assets) internal {
        // Parts of what there is, which fits.
        s.claimableShares -= uint128(shares);
        s.claimableAssets -= uint128(assets);
        _queue.reservedAssets -= uint128(assets);
    }

    /// @dev Brings a controller's state up to the current batch. One step for each batch that was fulfilled in part
    /// since: the last to come gets the rest of each exactly, so nothing is left over.
    function _takeUp(address controller) internal returns (RedeemState storage) {
        return _takeUp(controller, type(uint256).max);
    }

    function _takeUp(address controller, uint256 batches) private returns (RedeemState storage s) {
        s = _states[controller];
        uint64 current = _queue.currentBatch;
        if (s.shares == 0 || s.batch >= current) return s;
        RedeemState memory m = s;
        for (uint256 i; i < batches && m.shares != 0 && m.batch < current; ++i) {
            RedeemBatch storage batch = _batches[m.batch];
            (uint128 shares, uint128 redeemed, uint128 assets) = _advance(m, batch);
            batch.shares -= shares;
            batch.redeemed -= redeemed;
            batch.assets -= assets;
        }
        _states[controller] = m;
    }

    /// @dev What `_takeUp` would store.
    function _stateOf(address controller) internal view returns (RedeemState memory m) {
        m = _states[controller];
        while (m.shares != 0 && m.batch < _queue.currentBatch) _advance(m, _batches[m.batch]);
    }

    /// @dev Moves a state past a batch that was fulfilled; returns the part of it that this takes up.
    function _advance(
        RedeemState memory m,
        RedeemBatch storage batch
    ) private view returns (uint128 shares, uint128 redeemed, uint128 assets) {
        shares = m.shares;
        // Parts of what the batch has.
        redeemed = uint128(FixedMath.mulDivDown(batch.redeemed, shares, batch.shares));
        if (redeemed != 0) assets = uint128(FixedMath.mulDivDown(batch.assets, redeemed, batch.redeemed));
        m.claimableShares += redeemed;
        m.claimableAssets += assets;
        (m.batch, m.shares, m.laterShares) = (m.batch + 1, shares - redeemed + m.laterShares, 0);
    }

    /// @dev Brings the pool's claim in the margin vault home.
    function _collect() internal virtual returns (uint256 amount);
}
