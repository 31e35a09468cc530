import { nextLevel, pack, unpack } from "../math/BreakerMath.ts";
import {
  borrowRate,
  integrateFunding,
  moveIndex,
  sideCarry as carryOfSide,
  splitMove,
  velocity,
} from "../math/CarryMath.ts";
import { min } from "../math/FixedMath.ts";
import { pnl, quoteUp } from "../math/PositionMath.ts";
import { levelOf, OUTAGE, withLevel } from "./flags.ts";
import { paramsAt } from "./parameters.ts";
import {
  copyState,
  NO_YIELD,
  type Carry,
  type MarketParams,
  type MarketState,
  type Mutable,
  type SideSums,
} from "./types.ts";

const MAX_INT40 = (1n << 39n) - 1n;
const MAX_UINT128 = (1n << 128n) - 1n;

/** Names of the pool's counters. */
export type Flow = keyof MarketState["poolYield"];

/**
 * What a verb works with, as `MarketStorage.State`: the state it changes, the index price, all money the pool can pay
 * with, carry as of `time`, and what the counters grow by once carry is stored.
 */
export interface Work {
  readonly state: Mutable<MarketState>;
  readonly time: bigint;
  readonly price: bigint;
  poolAssets: bigint;
  carry: Mutable<Carry>;
  params: MarketParams;
  readonly flows: Record<Flow, bigint>;
}

/** Carry as of `time` at an index price. Skew and rates have been constant since it was stored. `Accrual#_accrued`. */
export function accrued(
  state: MarketState,
  params: MarketParams,
  price: bigint,
  time: bigint,
): Mutable<Carry> {
  const carry = { ...state.carry };
  const elapsed = time - carry.updatedAt;
  if (elapsed < 0n) throw new RangeError(`time: ${time} is before the last accrual, ${carry.updatedAt}`);
  if (elapsed === 0n) return carry;
  const speed = velocity(skewOf(state), params.depth, params.maxFundingVelocity);
  const { newRate, integral } = integrateFunding(carry.fundingRate, speed, params.maxFundingRate, elapsed);
  if (newRate > MAX_INT40 || newRate < -MAX_INT40 - 1n) throw new RangeError(`${newRate} is not an int40`);
  carry.fundingRate = newRate;
  carry.longIndex = moveIndex(carry.longIndex, integral + carry.longBorrowRate * elapsed, price);
  carry.shortIndex = moveIndex(carry.shortIndex, -integral + carry.shortBorrowRate * elapsed, price);
  carry.updatedAt = time;
  return carry;
}

/** Brings the breaker up to `time`. `Accrual#_watch`. */
export function watch(carry: Mutable<Carry>, params: MarketParams, price: bigint, time: bigint): void {
  if (price === 0n) return;
  const { newLevel, restarts, follows } = nextLevel(
    levelOf(carry.flags),
    unpack(carry.anchor),
    time - carry.anchorAt,
    price,
    params.elevatedMove,
    params.haltedMove,
    params.breakerWindow,
    params.coolDown,
  );
  if (follows) carry.anchor = pack(price);
  if (!restarts) return;
  carry.anchorAt = time;
  carry.flags = withLevel(carry.flags, newLevel);
}

/** Takes back what an old price has told the breaker. `Accrual#_unwatch`. */
export function unwatch({ carry, state }: Work): void {
  carry.anchor = state.carry.anchor;
  carry.anchorAt = state.carry.anchorAt;
  carry.flags = state.carry.flags;
}

/** Opens a state for a verb at `price` and `time`; the state given is left as it is. `Accrual#_load`. */
export function load(before: MarketState, price: bigint, time: bigint): Work {
  const state = copyState(before);
  state.time = time;
  return reload(state, price, time);
}

/** The same for a verb that follows another in one transaction. */
export function reload(state: Mutable<MarketState>, price: bigint, time: bigint): Work {
  const params = paramsAt(state, time);
  const carry = accrued(state, params, price, time);
  const flows = accruedFlows(state, carry, price, time);
  watch(carry, params, price, time);
  return { state, time, price, poolAssets: poolAssetsOf(state), carry, params, flows };
}

/** Whether liquidations resume after an outage; the first who comes after it starts the grace period. `Accrual#_resume`. */
export function resume(work: Work): boolean {
  const { state, carry, params, time } = work;
  if (state.resumesAt === 0n) state.resumesAt = time + params.gracePeriod;
  if (time < state.resumesAt) return false;
  carry.flags &= ~OUTAGE;
  state.carry.flags &= ~OUTAGE;
  return true;
}

/** Stores carry, with borrow rates for the time from now on, and what was counted. `Accrual#_saveCarry`. */
export function saveCarry({ state, price, poolAssets, carry, params, flows }: Work): void {
  const rate = (side: SideSums): bigint =>
    borrowRate(quoteUp(side.openInterest, price, state.quoteScale), poolAssets, params.maxBorrowRate);
  state.carry = { ...carry, longBorrowRate: rate(state.long), shortBorrowRate: rate(state.short) };
  for (const [flow, amount] of Object.entries(flows) as [Flow, bigint][])
    state.poolYield[flow] = min(state.poolYield[flow] + amount, MAX_UINT128);
}

/** Long minus short open interest, base wad. */
export function skewOf({ long, short }: Pick<MarketState, "long" | "short">): bigint {
  return long.openInterest - short.openInterest;
}

/** PnL of a whole side at `price`, token units, rounded against traders. */
export function sidePnl(state: MarketState, isLong: boolean, price: bigint): bigint {
  const { openInterest, entryNotional } = isLong ? state.long : state.short;
  return pnl(isLong ? openInterest : -openInterest, entryNotional, price, state.quoteScale);
}

/** Carry a whole side owes, token units. */
export function sideCarry(state: MarketState, carry: Carry, isLong: boolean): bigint {
  const { openInterest, carrySum } = isLong ? state.long : state.short;
  return carryOfSide(openInterest, isLong ? carry.longIndex : carry.shortIndex, carrySum, state.quoteScale);
}

/** All money the pool can pay with, token units. */
export function poolAssetsOf({ carry, money }: Pick<MarketState, "carry" | "money">): bigint {
  return carry.poolCash + money.poolClaim;
}

/** What the pool's counters grow by with time, for the sizes held meanwhile, each rounded down. */
function accruedFlows(state: MarketState, later: Carry, price: bigint, time: bigint): Record<Flow, bigint> {
  const { carry, long, short, quoteScale } = state;
  const elapsed = time - carry.updatedAt;
  const flows = { ...NO_YIELD };
  const count = (size: bigint, before: bigint, after: bigint, rate: bigint): void => {
    const { borrow, funding } = splitMove(before, after, rate * elapsed, price);
    flows.borrow += size * borrow;
    if (funding > 0n) flows.fundingReceived += size * funding;
    else flows.fundingPaid -= size * funding;
  };
  count(long.openInterest, carry.longIndex, later.longIndex, carry.longBorrowRate);
  count(short.openInterest, carry.shortIndex, later.shortIndex, carry.shortBorrowRate);
  flows.borrow /= quoteScale;
  flows.fundingReceived /= quoteScale;
  flows.fundingPaid /= quoteScale;
  return flows;
}
