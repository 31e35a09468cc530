import { abs, max, min, mulDivDown } from "../math/FixedMath.ts";
import { healthOf, judge } from "../engine/judgement.ts";
import { MAX_PRICE, MAX_SIZE } from "../math/Constants.ts";
import type { MarketState, PositionState } from "../engine/types.ts";
import { attempt, obstacleOf, type Attempt, type Obstacle } from "./attempt.ts";
import { gallop, lastThat, peakOf } from "./search.ts";

/** What an opening or increasing order has besides its size. */
export interface SizeWish {
  readonly isLong: boolean;
  /** Token units paid in with the order; default: 0. */
  readonly collateral?: bigint | undefined;
  /** Token units; default: the least that the market ever asks for. */
  readonly executionFee?: bigint | undefined;
  /** Fixing, wad; default: the index price. One that is better for the trader than that is refused. */
  readonly price?: bigint | undefined;
  /** A position of that side to add to; none: the order opens one. */
  readonly position?: PositionState | undefined;
}

/** A largest size, and why it is no larger. */
export interface SizeBound<Reason extends string = Obstacle> {
  /** Base wad, unsigned; 0 if no size does. */
  readonly size: bigint;
  /** What stands against one unit more; for a size of 0 against the least size that is no dust. */
  readonly bound: Reason;
}

/**
 * The largest size whose order executes at `time`: opens a position with this collateral, or adds to one. It is exact:
 * that size executes, one unit more does not, for the reason in `bound` (`InsufficientMargin`, `OpenInterestCap`,
 * `PositionCap`, `OrderSizeTooLarge`). Where roundings of a token unit make the edge ragged a size may execute that is
 * larger by less than a few token units' margin: it is the same money.
 *
 * @param time Seconds; default: the state's.
 * @throws RangeError for a fixing better than the index price, a position of the other side, or where there is no price.
 * @example
 * const { size, bound } = maxSize(state, { isLong: true, collateral: 1_000_000_000n });
 */
export function maxSize(state: MarketState, wish: SizeWish, time = state.time): SizeBound {
  const { isLong, position } = wish;
  if (position !== undefined && position.size !== 0n && position.size > 0n !== isLong)
    throw new RangeError(`position: ${position.id} is of the other side; an order against it reduces it`);
  requireNoBetter(state, isLong, wish.price);
  return largest(leastSize(state, position), (size) =>
    obstacleOf(attempt(state, { ...wish, sizeDelta: isLong ? size : -size }, time)),
  );
}

/**
 * The largest decrease that executes and leaves a position, exact as {@link maxSize}. Bounds: `BelowMinimum` (more would
 * close all of it, which needs no margin) or `InsufficientMargin` (the rest would lack its maintenance margin, or the
 * cash for the realised loss). Without these two it is `reducible` of {@link judge}.
 *
 * @param time Seconds; default: the state's.
 * @throws RangeError for a position that is not open, or where there is no price.
 * @example
 * const { size } = maxReduction(state, position);
 * previewOrder(state, { position, sizeDelta: position.size > 0n ? -size : size });
 */
export function maxReduction(
  state: MarketState,
  position: PositionState,
  wish: Pick<SizeWish, "executionFee" | "price"> = {},
  time = state.time,
): SizeBound {
  if (position.size === 0n) throw new RangeError(`position: ${position.id} is not open`);
  const most = judge(state, position, time).reducible;
  if (most === 0n) return { size: 0n, bound: "BelowMinimum" };
  const isLong = position.size > 0n;
  const tried = (size: bigint): Attempt =>
    attempt(state, { ...wish, position, sizeDelta: isLong ? -size : size }, time);
  const outcome = (size: bigint): Obstacle => obstacleOf(tried(size));
  const atMost = outcome(most);
  if (atMost === "None") return { size: most, bound: "BelowMinimum" };
  if (atMost !== "InsufficientMargin") return { size: 0n, bound: atMost };
  // What is left above margin and cash is concave in the size: profit after the haircut is, and fee, impact and the
  // margin of the rest are convex. So the sizes that execute are one interval, around the one that leaves most; it need
  // not begin at the least, for a decrease may be what restores the margin.
  const surplus = (size: bigint): bigint => surplusOf(tried(size), state, time);
  const start = outcome(1n) === "None" ? 1n : peakOf(1n, most, surplus);
  if (outcome(start) !== "None") return { size: 0n, bound: atMost };
  const size = lastThat(start, most, (candidate) => outcome(candidate) === "None");
  return { size, bound: outcome(size + 1n) };
}

/** What a decrease leaves above the maintenance margin, or in cash if that is less; token units. */
function surplusOf(tried: Attempt, state: MarketState, time: bigint): bigint {
  const later = tried.refusal === undefined ? tried.result.fill?.later : undefined;
  if (later === undefined) throw new RangeError("a decrease always has a fill");
  const { equity, maintenanceMargin } = healthOf(state, later, time, state.price);
  return min(later.collateral, equity - maintenanceMargin);
}

/**
 * The largest size for which `outcome` is "None", with the reason against one unit more. From the least size that is no
 * dust the outcomes are monotone but for rounding: the caps are bounds of size and open interest, and each further unit
 * of size costs more margin than it can bring. It brings at most `maxPremium` of its notional, where it reduces the skew,
 * and needs `initialBase` at least, which `ParamChecks` keeps above it; fees and the size's own ratio only add to that.
 */
export function largest<Reason extends string>(
  least: bigint,
  outcome: (size: bigint) => Reason | "None",
): SizeBound<Reason | "None"> {
  const executes = (size: bigint): boolean => outcome(size) === "None";
  if (!executes(least)) return { size: 0n, bound: outcome(least) };
  const edge = gallop(least, MAX_SIZE + 1n, least, executes);
  if (edge === undefined) throw new RangeError("size: nothing bounds it");
  const size = lastThat(...edge, executes);
  return { size, bound: outcome(size + 1n) };
}

/**
 * The least size that is no dust, or what is missing to it, base wad; never so little that its notional and its impact,
 * each rounded up to a token unit, are a price above the highest there is.
 */
export function leastSize({ params, price, quoteScale }: MarketState, position?: PositionState): bigint {
  if (price === 0n) throw new RangeError("price: the market has none");
  const least = mulDivDown(max(params.minNotional, 1n) - 1n, quoteScale, price) + 1n;
  const grain = (2n * quoteScale) / MAX_PRICE + 1n;
  return min(max(least - abs(position?.size ?? 0n), grain), MAX_SIZE);
}

/** A better fixing adds profit with every unit, and the sizes that execute would begin anywhere. */
function requireNoBetter({ price: index }: MarketState, isLong: boolean, price = index): void {
  if (isLong ? price < index : price > index)
    throw new RangeError(`price: a fixing of ${price} is better than the index price, ${index}`);
}
