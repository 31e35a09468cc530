import { abs, min } from "../math/FixedMath.ts";
import { netResult } from "../math/PoolMath.ts";
import { carryOwed as owedOf } from "../math/PositionMath.ts";
import type { Work } from "./accrual.ts";
import type { Carry, MarketState, PositionState } from "./types.ts";

/** Part of the pool's cash moved along with a payout. */
const FLOAT_DIVISOR = 64n;

/** What one position settles at once, token units; as `Settlement.Bill`. */
export interface Bill {
  readonly balance: bigint;
  /** Owed by the pool (+) or to it (−): PnL after haircut, minus carry. */
  readonly result: bigint;
  /** The carry in it. */
  readonly carryOwed: bigint;
  readonly toKeeper: bigint;
  readonly toPool: bigint;
  readonly toInsurance: bigint;
  readonly toTreasury: bigint;
}

/** What became of a bill, token units. */
export interface Settled {
  /** The position's balance after; of one that closes, what its owner gets. */
  readonly left: bigint;
  /** Loss the balance could not pay. */
  readonly badDebt: bigint;
  /** Part of `toKeeper` it could not pay. */
  readonly unpaid: bigint;
}

interface Payment {
  fromPool: bigint;
  toPool: bigint;
  toKeeper: bigint;
  toInsurance: bigint;
  toTreasury: bigint;
}

/** Settles a bill from the position's own balance; `closes` sends what is left to its owner. `Settlement#_settle`. */
export function settle(work: Work, bill: Bill, closes: boolean): Settled {
  const { payment, left, badDebt } = allocate(bill);
  work.poolAssets += payment.toPool - payment.fromPool;
  count(work, bill, payment, badDebt);
  if (payment.fromPool !== 0n) fundPoolClaim(work, payment.fromPool);
  const paidOut = payment.toPool + payment.toInsurance + payment.toTreasury + payment.toKeeper;
  const { money } = work.state;
  money.poolClaim += payment.toPool - payment.fromPool;
  money.insuranceClaim += payment.toInsurance;
  money.treasuryClaim += payment.toTreasury;
  money.totalBalance += payment.fromPool - paidOut - (closes ? left : 0n);
  money.totalClaim += paidOut - payment.fromPool;
  return { left, badDebt, unpaid: bill.toKeeper - payment.toKeeper };
}

/** Insurance pays bad debt first, as far as it can; returns what it pays. `Settlement#_coverBadDebt`. */
export function coverBadDebt(work: Work, badDebt: bigint): bigint {
  if (badDebt === 0n) return 0n;
  const paid = payFromInsurance(work.state, badDebt);
  work.state.money.poolClaim += paid;
  work.poolAssets += paid;
  work.flows.insured += paid;
  return paid;
}

/** Takes up to `amount` from the insurance fund, from its claim first. What it pays is some account's claim then. */
export function payFromInsurance({ money }: Work["state"], amount: bigint): bigint {
  const fromClaim = min(amount, money.insuranceClaim);
  const fromReserve = min(amount - fromClaim, money.insuranceReserve);
  money.insuranceClaim -= fromClaim;
  money.insuranceReserve -= fromReserve;
  money.totalClaim += fromReserve;
  return fromClaim + fromReserve;
}

/** Tops the pool's claim up to `amount` from its cash, with more than is missing. `Settlement#_fundPoolClaim`. */
export function fundPoolClaim({ state, carry }: Work, amount: bigint): void {
  const { money } = state;
  if (money.poolClaim >= amount) return;
  const cash = carry.poolCash;
  const moved = min(amount - money.poolClaim + cash / FLOAT_DIVISOR, cash);
  carry.poolCash = cash - moved;
  state.carry.poolCash = cash - moved;
  money.poolClaim += moved;
  money.totalClaim += moved;
}

/** What the pool settles for a PnL and carry, token units: after the haircut, never more than it has. */
export function resultOf(work: Work, pnl: bigint, carryOwed: bigint, sidePnl: bigint): bigint {
  return netResult(pnl, carryOwed, sidePnl, work.poolAssets, work.params.maxPayoutShare);
}

/** The position's balance after a bill; negative if it can't pay it. `Trading#_cashAfter`. */
export function cashAfter(bill: Bill): bigint {
  return bill.balance + bill.result - (bill.toKeeper + bill.toPool + bill.toInsurance + bill.toTreasury);
}

/** Carry a position owes, token units. `Positions#_carryOwed`. */
export function carryOf(state: MarketState, position: PositionState, carry: Carry): bigint {
  const index = indexOf(carry, position.size > 0n);
  return owedOf(abs(position.size), index, position.carryIndex, state.quoteScale);
}

/** The index of a side. */
export function indexOf(carry: Carry, isLong: boolean): bigint {
  return isLong ? carry.longIndex : carry.shortIndex;
}

/** Moves the side sums by what a position's record changes by. `Positions#_savePosition`. */
export function savePosition(work: Work, before: PositionState, later: PositionState): void {
  const isLong = before.size === 0n ? later.size > 0n : before.size > 0n;
  const side = isLong ? work.state.long : work.state.short;
  const [sizeBefore, sizeLater] = [abs(before.size), abs(later.size)];
  side.openInterest += sizeLater - sizeBefore;
  side.entryNotional += later.entryNotional - before.entryNotional;
  side.carrySum += sizeLater * later.carryIndex - sizeBefore * before.carryIndex;
}

/** A bill in the order of its claims: loss, keeper, pool, insurance, treasury. `Settlement#_allocate`. */
function allocate(bill: Bill): { payment: Payment; left: bigint; badDebt: bigint } {
  const profit = bill.result > 0n ? bill.result : 0n;
  const loss = bill.result > 0n ? 0n : -bill.result;
  let left = bill.balance + profit;
  const take = (wanted: bigint): bigint => {
    const paid = min(wanted, left);
    left -= paid;
    return paid;
  };
  const paid = take(loss);
  const toKeeper = take(bill.toKeeper);
  // What pool and position owe each other is paid in one direction.
  const toPool = take(bill.toPool) + paid;
  const toInsurance = take(bill.toInsurance);
  const toTreasury = take(bill.toTreasury);
  const net = profit - toPool;
  const payment = {
    fromPool: net > 0n ? net : 0n,
    toPool: net > 0n ? 0n : -net,
    toKeeper,
    toInsurance,
    toTreasury,
  };
  return { payment, left, badDebt: loss - paid };
}

/** Counts what a payment is made of. `Settlement#_count`. */
function count({ flows }: Work, bill: Bill, payment: Payment, badDebt: bigint): void {
  flows.fees += payment.toPool + badDebt + bill.result - payment.fromPool;
  flows.badDebt += badDebt;
  const realised = bill.result + bill.carryOwed;
  if (realised > 0n) flows.pnlPaid += realised;
  else flows.pnlReceived -= realised;
  if (bill.carryOwed > 0n) flows.carryReceived += bill.carryOwed;
  else flows.carryPaid -= bill.carryOwed;
}
