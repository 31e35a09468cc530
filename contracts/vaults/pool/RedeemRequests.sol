// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IERC7540Operator, IERC7540Redeem, IERC7887Redeem} from "../../interfaces/IERC7540.sol";
import {ILiquidityVault} from "../../interfaces/ILiquidityVault.sol";
import {Errors} from "../../libraries/Errors.sol";
import {FixedMath} from "../../libraries/math/FixedMath.sol";
import {MarketConfig} from "../../types/MarketConfig.sol";
import {RedeemBatch, RedeemState} from "../../types/Redemption.sol";
import {PoolValue} from "./PoolValue.sol";

/// @notice Requests to redeem. All that are in a batch are fulfilled together, a period after the batch was closed to
/// new ones, at a price nobody knew when the last of them could still be cancelled. Where positions need the money, all
/// get the same part and the rest moves on into the next batch, with the same right as what is new there: nobody is
/// ahead, there is no queue. Shares that wait gain and lose like all others.
abstract contract RedeemRequests is PoolValue, ReentrancyGuardTransient {
    /// @dev All requests have the id 0: ERC-7540 then tells them apart by their controller alone.
    uint256 private constant REQUEST_ID = 0;

    uint256 private constant MIN_PERIOD = 1 hours;
    uint256 private constant MAX_PERIOD = 30 days;

    /// @inheritdoc ILiquidityVault
    uint256 public immutable redemptionPeriod;

    /// @inheritdoc ILiquidityVault
    uint256 public currentBatch = 1;

    /// @inheritdoc ILiquidityVault
    uint256 public fulfillableFrom;

    /// @inheritdoc ILiquidityVault
    uint256 public reservedAssets;

    /// @inheritdoc IERC7540Operator
    mapping(address controller => mapping(address operator => bool)) public isOperator;

    mapping(uint256 id => RedeemBatch) private _batches;
    mapping(address controller => RedeemState) private _states;

    constructor(MarketConfig memory config) {
        redemptionPeriod = config.redemptionPeriod;
        if (redemptionPeriod < MIN_PERIOD || redemptionPeriod > MAX_PERIOD)
            revert Errors.ParameterOutOfBounds("redemptionPeriod", redemptionPeriod, MIN_PERIOD, MAX_PERIOD);
    }

    modifier onlyController(address controller) {
        if (msg.sender != controller && !isOperator[controller][msg.sender])
            revert Errors.Unauthorized(msg.sender, controller);
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
        RedeemState storage s = _takeUp(controller);
        uint256 joined = _openBatch();
        _batches[joined].shares += shares;
        // What is pending already is in the current batch, or the one after it.
        if (s.shares + s.laterShares == 0) s.batch = joined;
        if (joined == s.batch) s.shares += shares;
        else s.laterShares += shares;
        emit RedeemRequest(controller, owner, REQUEST_ID, msg.sender, shares);
        _transfer(owner, address(this), shares);
        return REQUEST_ID;
    }

    /// @inheritdoc IERC7887Redeem
    function cancelRedeemRequest(
        uint256 requestId,
        address controller
    ) external nonReentrant onlyController(controller) {
        RedeemState storage s = _takeUp(controller);
        uint256 pending = s.shares + s.laterShares;
        if (requestId != REQUEST_ID || pending == 0) revert Errors.NothingRequested(controller);
        // Once a price is there, leaving is no choice any more: anyone can fulfil the batch.
        if (s.shares != 0 && s.batch == currentBatch && isFulfillable())
            revert Errors.RedeemBatchDue(s.batch);
        _batches[s.batch].shares -= s.shares;
        _batches[s.batch + 1].shares -= s.laterShares;
        s.cancelledShares += pending;
        (s.shares, s.laterShares) = (0, 0);
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
        if (!isFulfillable()) revert Errors.RedeemBatchNotDue(currentBatch, fulfillableFrom);
        market.accrue();
        (uint256 price, ) = oracle.latest();
        uint256 id = currentBatch++;
        RedeemBatch storage batch = _batches[id];
        RedeemBatch storage next = _batches[id + 1];
        uint256 shares = batch.shares;
        (redeemed, assets) = _redeemable(shares, price);
        (batch.redeemed, batch.assets) = (redeemed, assets);
        next.shares += shares - redeemed;
        if (next.shares != 0) fulfillableFrom = block.timestamp + redemptionPeriod;
        emit RedeemsFulfilled(id, shares, redeemed, assets, price);
        if (redeemed == 0) return (redeemed, assets);
        reservedAssets += assets;
        if (cash() < assets) _collect();
        market.takePoolCash(assets);
        _burn(address(this), redeemed);
    }

    /// @inheritdoc ILiquidityVault
    function isFulfillable() public view returns (bool) {
        if (block.timestamp < fulfillableFrom) return false;
        if (_batches[currentBatch].shares + _batches[currentBatch + 1].shares == 0) return false;
        (, uint256 observedAt, bool fresh) = oracle.peek();
        return fresh && observedAt >= fulfillableFrom;
    }

    /// @dev How many of `shares` the free money pays for, and what it pays; none while they are worth nothing.
    function _redeemable(uint256 shares, uint256 price) private view returns (uint256, uint256) {
        uint256 value = _redeemValue(price);
        if (value == 0) return (0, 0);
        uint256 free = _freeAssets(price);
        if (_assetsFor(shares, value, Math.Rounding.Floor) > free)
            shares = _sharesFor(free, value, Math.Rounding.Floor);
        return (shares, _assetsFor(shares, value, Math.Rounding.Floor));
    }

    /// @dev The batch a request joins: the current one before it has begun, else the next.
    function _openBatch() private returns (uint256 id) {
        id = currentBatch;
        if (_batches[id].shares + _batches[id + 1].shares == 0) {
            fulfillableFrom = block.timestamp + redemptionPeriod;
            return id;
        }
        return id + 1;
    }

    /* TAKE UP */

    /// @dev Brings a controller's state up to the current batch. One step for each batch that was fulfilled in part
    /// since: the last to come gets the rest of each exactly, so nothing is left over.
    function _takeUp(address controller) internal returns (RedeemState storage s) {
        s = _states[controller];
        while (s.shares != 0 && s.batch < currentBatch) {
            RedeemBatch storage batch = _batches[s.batch];
            (uint256 redeemed, uint256 assets) = _partOf(batch, s.shares);
            batch.shares -= s.shares;
            batch.redeemed -= redeemed;
            batch.assets -= assets;
            s.claimableShares += redeemed;
            s.claimableAssets += assets;
            (s.batch, s.shares, s.laterShares) = (s.batch + 1, s.shares - redeemed + s.laterShares, 0);
        }
    }

    /// @dev What `_takeUp` would store.
    function _stateOf(address controller) internal view returns (RedeemState memory s) {
        s = _states[controller];
        while (s.shares != 0 && s.batch < currentBatch) {
            (uint256 redeemed, uint256 assets) = _partOf(_batches[s.batch], s.shares);
            s.claimableShares += redeemed;
            s.claimableAssets += assets;
            (s.batch, s.shares, s.laterShares) = (s.batch + 1, s.shares - redeemed + s.laterShares, 0);
        }
    }

    function _partOf(
        RedeemBatch storage batch,
        uint256 shares
    ) private view returns (uint256 redeemed, uint256 assets) {
        redeemed = FixedMath.mulDivDown(batch.redeemed, shares, batch.shares);
        if (redeemed != 0) assets = FixedMath.mulDivDown(batch.assets, redeemed, batch.redeemed);
    }

    /// @dev Brings the pool's claim in the margin vault home.
    function _collect() internal virtual returns (uint256 amount);
}
