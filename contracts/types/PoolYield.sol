// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What the pool has earned and lost since the market began, by cause. Token units; none ever falls. Each is
/// counted by the market in the transaction in which it comes about. Pool assets are deposits − redemptions + fees +
/// pnlReceived − pnlPaid + carryReceived − carryPaid − badDebt + insured − rewards, to the unit, and what others credit
/// to the pool's claim: surplus of insurance, gifts, fees and rewards of a keeper that names the pool.
///
/// Accrued carry, as time passes; each rounded down per accrual. At all times carryReceived − carryPaid + the carry that
/// traders owe = borrow + fundingReceived − fundingPaid, but for these roundings and one per settlement.
/// @param fees The pool's part of trading fees, and liquidation premiums, as paid.
/// @param borrow Borrow fee accrued to the pool.
/// @param fundingReceived Funding accrued to the pool by the side that pays it.
/// @param fundingPaid Funding accrued by the pool to the side that receives it.
///
/// Settled, with trades, liquidations and deleverages.
/// @param pnlReceived Losses of traders, before what they could not pay of them.
/// @param pnlPaid Profits of traders, after the haircut.
/// @param carryReceived Carry that positions owed when they were settled, before what they could not pay of it.
/// @param carryPaid Carry that positions were owed when they were settled.
///
/// Seldom.
/// @param badDebt Loss and carry that positions could not pay.
/// @param insured What insurance paid the pool of it.
/// @param rewards Liquidation rewards that the pool paid.
struct PoolYield {
    uint128 fees;
    uint128 borrow;
    uint128 fundingReceived;
    uint128 fundingPaid;
    uint128 pnlReceived;
    uint128 pnlPaid;
    uint128 carryReceived;
    uint128 carryPaid;
    uint128 badDebt;
    uint128 insured;
    uint128 rewards;
}
