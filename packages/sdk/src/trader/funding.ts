import { abs, mulWadUp } from "../math/FixedMath.ts";
import { quoteUp } from "../math/PositionMath.ts";
import { carryAt } from "../engine/judgement.ts";
import { carryOf } from "../engine/settlement.ts";
import type { Carry, MarketState, PositionState } from "../engine/types.ts";

/** Seconds of the year that annual rates are given for. */
export const YEAR = 365n * 86_400n;

/** Carry at one time to come. Money in token units, owed (+) or received (−); rates wad. */
export interface FundingStep {
  /** Seconds. */
  readonly time: bigint;
  /** Seconds from now. */
  readonly elapsed: bigint;
  /** Per second at that time; positive: longs pay. */
  readonly fundingRate: bigint;
  /** Per second, of the position's side. */
  readonly borrowRate: bigint;
  /** What the position pays (+) or receives (−) at that time's rates in a year, funding and borrow, as a wad ratio. */
  readonly annualRate: bigint;
  /** All that is unsettled by then: what an action at that time settles, to the unit. */
  readonly carry: bigint;
  /** Part of it that comes from now on: funding + borrow. */
  readonly accrued: bigint;
  /** The rest of `accrued` over `borrow`. */
  readonly funding: bigint;
  /** Rounded up. */
  readonly borrow: bigint;
}

/**
 * The carry that a position will owe or receive if price and skew stay as they are and nobody touches the market:
 * `carryAt` and `PositionMath.carryOwed`, to the unit (SPEC, F1 to F5). Funding drifts with the skew meanwhile; the
 * borrow rate stays, as it is set by the next touch.
 *
 * For a position not yet open, forecast from its preview, which has its own effect on skew and borrow in it.
 *
 * @param elapsed Seconds from the state's time, each of a row, in any order.
 * @throws RangeError for a position that is not open, a time before the state's, or where there is no price.
 * @example
 * const HOUR = 3_600n;
 * const rows = fundingForecast(state, position, [HOUR, 8n * HOUR, 24n * HOUR]);
 * // Of a wish:
 * const { state: later, position: opened } = previewOrder(state, { sizeDelta, collateral });
 * if (opened !== undefined) fundingForecast(later, opened, [24n * HOUR]);
 */
export function fundingForecast(
  state: MarketState,
  position: PositionState,
  elapsed: readonly bigint[],
): readonly FundingStep[] {
  if (position.size === 0n) throw new RangeError(`position: ${position.id} is not open`);
  if (state.price === 0n) throw new RangeError("price: the market has none");
  const now = carryAt(state, state.time);
  return elapsed.map((seconds) => {
    if (seconds < 0n) throw new RangeError(`elapsed: ${seconds} is before the state's time`);
    return stepOf(state, position, now, seconds);
  });
}

function stepOf(state: MarketState, position: PositionState, now: Carry, elapsed: bigint): FundingStep {
  const isLong = position.size > 0n;
  const time = state.time + elapsed;
  const later = carryAt(state, time);
  const carry = carryOf(state, position, later);
  const borrowRate = isLong ? state.carry.longBorrowRate : state.carry.shortBorrowRate;
  const accrued = carry - carryOf(state, position, now);
  const borrowed = mulWadUp(borrowRate * elapsed, state.price);
  const borrow = quoteUp(abs(position.size), borrowed, state.quoteScale);
  const { fundingRate } = later;
  return {
    time,
    elapsed,
    fundingRate,
    borrowRate,
    annualRate: ((isLong ? fundingRate : -fundingRate) + borrowRate) * YEAR,
    carry,
    accrued,
    funding: accrued - borrow,
    borrow,
  };
}
