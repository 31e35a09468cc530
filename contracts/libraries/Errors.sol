// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Failure} from "../types/Order.sol";

/// @notice Every error of the protocol, so that one ABI decodes any revert.
library Errors {
    /* ACCESS */

    /// @dev Thrown when a function kept for one contract of the market is called by anyone else.
    error Unauthorized(address caller, address expected);

    /// @dev Thrown when the caller neither owns the position nor is approved for it.
    error NotPositionOperator(uint256 positionId, address caller);

    /* MARGIN VAULT */

    /// @dev Thrown when a debit exceeds the position's own balance.
    error MarginVaultInsufficientBalance(uint256 positionId, uint256 balance, uint256 needed);

    /// @dev Thrown when more is claimed or moved than the account's claim.
    error MarginVaultInsufficientClaim(address account, uint256 claim, uint256 needed);

    /// @dev Thrown when a transfer brought in less than its amount (fee-on-transfer or rebasing token).
    error MarginVaultUnbacked(uint256 held, uint256 owed);

    /* AMOUNTS AND RECEIVERS */

    /// @dev Thrown when an amount that must be positive is zero.
    error ZeroAmount();

    /// @dev Thrown when an address that must be set is zero.
    error ZeroAddress();

    /* POSITIONS */

    /// @dev Thrown when ether is sent along with a position's transfer or approval.
    error EtherNotAccepted();

    /// @dev Thrown when no position with this id exists, or it holds no size.
    error PositionNotOpen(uint256 positionId);

    /// @dev Thrown when a withdrawal would leave less equity than the initial margin.
    error InsufficientMargin(uint256 positionId, int256 equity, uint256 required);

    /// @dev Thrown when a withdrawal would leave less cash than a liquidation has to pay.
    error InsufficientCash(uint256 positionId, uint256 cash, uint256 required);

    /* ORDERS */

    /// @dev Thrown when an order's size is beyond the largest allowed.
    error OrderSizeTooLarge(uint256 size, uint256 max);

    /// @dev Thrown when a new position is asked for with zero size.
    error OrderSizeZero();

    /// @dev Thrown when an order that reduces or closes comes with collateral.
    error OrderCollateralUnexpected(uint256 collateral);

    /// @dev Thrown when a new position's collateral can't even pay the execution fee.
    error OrderCollateralTooLow(uint256 collateral, uint256 executionFee);

    /// @dev Thrown when the execution fee is outside the market's bounds.
    error OrderExecutionFeeOutOfBounds(uint256 fee, uint256 min, uint256 max);

    /// @dev Thrown when the deadline comes before any price can be certain.
    error OrderDeadlineTooEarly(uint256 deadline, uint256 earliest);

    /// @dev Thrown when a reduce-only order would open, grow or flip its position.
    error OrderNotReducing(uint256 positionId, int256 sizeDelta);

    /// @dev Thrown when a resting order has neither limit, stop nor trail.
    error OrderTriggerMissing();

    /// @dev Thrown when a trigger price or trailing distance is beyond its bound.
    error OrderTriggerOutOfBounds(uint256 value, uint256 max);

    /// @dev Thrown when a position would be liquidated before the price reaches its stop.
    error OrderStopBeyondLiquidation(uint256 positionId, uint256 stopPrice);

    /// @dev Thrown when an order has fewer or more slices than allowed.
    error OrderSlicesOutOfBounds(uint256 slices, uint256 min, uint256 max);

    /// @dev Thrown when the time between slices is outside its bounds.
    error OrderIntervalOutOfBounds(uint256 interval, uint256 min, uint256 max);

    /// @dev Thrown when a resting order is triggered after its deadline.
    error OrderExpired(bytes32 orderId, uint256 deadline);

    /// @dev Thrown when the position of a resting order is gone, or has changed hands since it was placed.
    error OrderVoid(bytes32 orderId);

    /// @dev Thrown when an order is to be triggered by an observation made before it was live.
    error OrderObservationTooOld(bytes32 orderId, uint256 observedAt, uint256 liveFrom);

    /// @dev Thrown when the price shown reaches no trigger of the order.
    error OrderNotCrossed(bytes32 orderId, uint256 price);

    /// @dev Thrown when the observation before the one shown had crossed already: that one is the crossing.
    error OrderNotFirstCrossing(bytes32 orderId, uint256 observationId);

    /// @dev Thrown when the best price shown for a trailing stop does not come before the crossing.
    error OrderPeakAfterCrossing(bytes32 orderId, uint256 peakId, uint256 crossingId);

    /// @dev Thrown when a triggered order can't trade now; it goes on resting.
    error OrderNotFillable(bytes32 orderId, Failure reason);

    /// @dev Thrown when an order that opens or grows a position is settled without a fresh price, until that time, although
    /// there is no outage: bring one, or wait for the end of the grace period.
    error OrderPriceDue(bytes32 orderId, uint256 until);

    /// @dev Thrown when no such order is committed, or it is already done.
    error OrderUnknown(bytes32 orderId);

    /// @dev Thrown when an order is released before its deadline.
    error OrderNotExpired(bytes32 orderId, uint256 deadline);

    /// @dev Thrown when an order is released although the oracle can price it.
    error OrderSettleable(bytes32 orderId);

    /// @dev Thrown when too little gas is left to tell a dead feed from a call that ran out of gas.
    error InsufficientGas(uint256 left, uint256 needed);

    /* SIGNED AND BATCHED ORDERS */

    /// @dev Thrown when a signed request is sent after its time.
    error SignatureExpired(uint256 validUntil);

    /// @dev Thrown when a signature is no signature: wrong length, or a form that could be altered.
    error SignatureMalformed();

    /// @dev Thrown when somebody else signed, or something else was signed.
    error SignatureOfAnother(address signer, address owner);

    /// @dev Thrown when a contract does not accept a signature as its own.
    error SignatureRefused(address owner);

    /// @dev Thrown when a nonce was used or cancelled before.
    error NonceUsed(address owner, uint256 nonce);

    /* GOVERNANCE */

    /// @notice The authority does not let the caller call this function, or only through itself after a delay.
    error AccessDenied(address caller, bytes4 selector);

    /// @notice A change for the worse for those who are in the market: maintenance terms need notice,
    /// `scheduleMaintenance`; the others don't change that way.
    error TermsTightened(bytes32 name);

    /// @notice Parameters stand still while a schedule is announced or under way.
    error ScheduleActive(uint256 endsAt);

    /// @notice There is no schedule, or it has not come to its end.
    error ScheduleNotOver(uint256 endsAt);

    /// @notice The market has had all the parameter versions it can have.
    error ParamVersionsUsedUp();

    /// @notice The feed answers with a fresh price: no outage is to be noted.
    error NoOutage(uint256 observedAt);

    /* DELEVERAGING */

    /// @notice The side's profit is not above the trigger, token units.
    error DeleverageNotDue(int256 sidePnl, uint256 trigger);

    /* SESSIONS */

    /// @notice Only the session's key may use it.
    error SessionKeyMismatch(address sender, address key);

    /// @notice The session's last second has passed.
    error SessionExpired(uint256 expiresAt);

    /// @notice The owner cancelled the session's nonce.
    error SessionRevoked(address owner, uint256 nonce);

    /// @notice The position belongs to somebody else than the session's owner.
    error SessionPositionForeign(uint256 positionId, address owner);

    /// @notice A session for smaller positions only was to open or grow one.
    error SessionReduceOnly();

    /// @notice The session's last order that opens or grows the position is not done yet.
    error SessionOrderPending(uint256 positionId);

    /// @notice The position would be larger than the session allows, token units.
    error SessionNotionalTooHigh(uint256 notional, uint256 max);

    /// @notice The position's leverage would be higher than the session allows, token units.
    error SessionLeverageTooHigh(uint256 notional, uint256 max);

    /// @notice The session would put more at stake than it may, token units.
    error SessionLossBudgetExceeded(uint256 spent, uint256 budget);

    /// @notice The session did not place that order.
    error SessionOrderForeign(bytes32 orderId);

    /* PROTECTIVE ORDERS */

    /// @notice A ratio of a protective order is out of order: min < ratio < max is asked.
    error ProtectionRatioOutOfBounds(uint256 ratio, uint256 min, uint256 max);

    /// @notice The budget does not pay a single execution: more than `executionFee` is asked.
    error ProtectionBudgetTooLow(uint256 budget, uint256 executionFee);

    /// @notice Only the owner may have their position protected, because it may cost them money.
    error ProtectionNotByOwner(uint256 positionId, address sender);

    /// @notice The margin ratio is still above the trigger.
    error ProtectionNotDue(bytes32 orderId, int256 equity, uint256 notional);

    /// @dev Thrown when who sends a signed request would get more than the request's execution fee.
    error RelayFeeTooHigh(uint256 relayFee, uint256 executionFee);

    /* ORACLE */

    /// @dev Thrown when a feed's answer is zero, negative or outside the sanity bounds (wad).
    error OracleAnswerOutOfBounds(address feed, int256 answer, uint256 min, uint256 max);

    /// @dev Thrown when the latest observation is older than the feed allows.
    error OracleStale(address feed, uint256 observedAt, uint256 maxAge);

    /// @dev Thrown when a round is unfinished, or repeats the answer of an earlier one.
    error OracleRoundIncomplete(address feed, uint80 roundId);

    /// @dev Thrown when an observation claims to have been made in the future.
    error OracleObservationFromFuture(uint256 observedAt, uint256 timestamp);

    /// @dev Thrown when the round is not the first one observed after the moment.
    error OracleNotFirstRound(uint80 roundId, uint80 otherRoundId, uint256 moment);

    /// @dev Thrown when the moment has no fixing yet.
    error OracleFixingPending(uint256 moment, uint256 fallbackAt);

    /// @dev Thrown when a round of a phase before the order's commit, or of one that does not exist yet, is shown.
    error OracleWrongPhase(uint16 phase, uint16 first, uint16 last);

    /// @dev Thrown when a feed's settings or answers can't serve as an oracle.
    error OracleUnusable(address feed);

    /// @dev Thrown when two feeds of one price are further apart than they may be, wad.
    error OracleFeedsDisagree(uint256 price, uint256 secondPrice, uint256 maxDeviation);

    /// @dev Thrown when the collateral token had no price to be believed at a time.
    error OracleCollateralUnusable(address feed, uint256 time);

    /// @dev Thrown while the chain's sequencer is down, or its uptime feed has no status.
    error OracleSequencerDown(uint256 since);

    /// @dev Thrown while the grace period after an outage runs.
    error OracleGracePeriod(uint256 resumedAt, uint256 endsAt);

    /// @dev Thrown when no report of that observation time is kept; 0 if none is at all.
    error OracleReportMissing(uint256 observedAt);

    /// @dev Thrown when the second after the moment is outside a report's validity interval.
    error OracleReportNotOfMoment(uint256 validFrom, uint256 observedAt, uint256 moment);

    /// @dev Thrown when the report at an index is no signed report of schema v3, or its validity interval none.
    error OracleReportMalformed(uint256 index);

    /// @dev Thrown when a report is one of another stream.
    error OracleReportForeign(bytes32 feedId, bytes32 streamId);

    /// @dev Thrown when a report is shown after the time it can be verified.
    error OracleReportExpired(uint256 observedAt, uint256 expiresAt);

    /// @dev Thrown when a kept report holds a second of this one's validity interval already.
    error OracleReportOverlaps(uint256 validFrom, uint256 observedAt);

    /// @dev Thrown when less native token was sent than verification costs.
    error OracleFeeUnpaid(uint256 sent, uint256 fee);

    /* POOL */

    /// @dev Thrown when the pool's net asset value is not positive while shares exist.
    error PoolInsolvent(int256 netAssetValue);

    /// @dev Thrown when a deposit brought in less than its amount.
    error PoolUnbacked(uint256 held, uint256 recorded);

    /// @dev Thrown when an amount is so small that it is worth no share, or shares no asset.
    error PoolAmountTooSmall(uint256 amount);

    /// @dev Thrown when the caller is neither the controller of a request to redeem nor their operator.
    error NotRequestOperator(address controller, address caller);

    /// @dev Thrown when the current batch of redemptions can't be fulfilled: nothing waits, or there is no price
    /// observed since `fulfillableFrom` yet.
    error RedeemBatchNotDue(uint256 batch, uint256 fulfillableFrom);

    /// @dev Thrown when a request is to be cancelled whose batch can be fulfilled.
    error RedeemBatchDue(uint256 batch);

    /// @dev Thrown when there is no request to cancel, or no cancelled one to claim.
    error NothingRequested(address controller);

    /// @dev Thrown by the previews of claims, as ERC-7540 demands.
    error PreviewUnavailable();

    /* INSURANCE */

    /// @dev Thrown when a donation brought in less than its amount.
    error InsuranceUnbacked(uint256 held, uint256 recorded);

    /* UPKEEPS */

    /// @dev Thrown when an upkeep finds nothing left of what it was to do.
    error UpkeepNothingDone();

    /// @dev Thrown when performing is restricted and somebody else than a forwarder tries.
    error UpkeepCallerNotForwarder(address caller);

    /// @dev Thrown when checkData names no part of the work: shard < shards and a limit are needed.
    error UpkeepShardInvalid(uint256 shard, uint256 shards, uint256 limit);

    /// @dev Thrown when an upkeep is to serve an oracle that is not its market's.
    error UpkeepOracleForeign(address streams, address oracle);

    /// @dev Thrown when reports come where none are verified, or more than one.
    error UpkeepReportsUnexpected(uint256 reports);

    /// @dev Thrown when an upkeep holds less than the verification of a report costs, units of the fee token.
    error UpkeepFeeUnfunded(uint256 balance, uint256 fee);

    /// @dev Thrown when there is not one proof for each order.
    error UpkeepListMismatch(uint256 orders, uint256 proofs);

    /// @dev Thrown when an order is on the list already.
    error UpkeepOrderWatched(bytes32 orderId);

    /// @dev Thrown when as many orders of a position are on the list as may be.
    error UpkeepPositionCrowded(uint256 positionId, uint256 max);

    /// @dev Thrown when an order pays less than the least fee, or none because its position has another owner.
    error UpkeepOrderWorthless(bytes32 orderId);

    /* FACTORY */

    /// @dev Thrown when a market parameter is outside its hard bounds.
    error ParameterOutOfBounds(bytes32 name, uint256 value, uint256 min, uint256 max);

    /// @dev Thrown when the collateral token has decimals the protocol can't hold exactly.
    error TokenDecimalsOutOfBounds(address token, uint256 decimals, uint256 min, uint256 max);

    /// @dev Thrown when a market of this name exists.
    error MarketExists(bytes32 marketId);

    /// @dev Thrown when the creation of a market goes on with another configuration than it began with.
    error MarketConfigMismatch(bytes32 marketId);

    /// @dev Thrown when creation code is not the one this factory deploys.
    error CreationCodeMismatch(uint256 index, bytes32 expected, bytes32 actual);
}
