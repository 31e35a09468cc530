import { WAD } from "../math/FixedMath.ts";
import { healthOf } from "../engine/judgement.ts";
import type { MarketState, PositionState } from "../engine/types.ts";
import { attempt, obstacleOf, type Obstacle } from "./attempt.ts";
import { firstThat, gallop } from "./search.ts";

/** An order of which the collateral is sought. */
export interface LeverageWish {
  /** Signed base wad: opens, or adds to `position`. */
  readonly sizeDelta: bigint;
  /** Highest leverage of the position afterwards, wad. */
  readonly leverage: bigint;
  /** Token units; default: the least that the market ever asks for. */
  readonly executionFee?: bigint | undefined;
  /** Fixing, wad; default: the index price. */
  readonly price?: bigint | undefined;
  readonly position?: PositionState | undefined;
}

/** A least collateral, and why it is no less. */
export interface CollateralBound {
  /** Token units to pay in with the order; `undefined` if the order fails with any. */
  readonly collateral: bigint | undefined;
  /**
   * What stands against one unit less: "Leverage", or why the order fails then. "None": it needs none. Where no collateral
   * does: why.
   */
  readonly bound: Obstacle | "Leverage";
}

/** More than any token has, token units. */
const ALL_MONEY = 1n << 127n;

/**
 * The least collateral with which an order executes and its position then stands at `leverage` or below, exact: with one
 * unit less it fails or exceeds it. Leverage is notional at the index price over equity after all costs of the order, as
 * {@link leverageOf} has it (SPEC, M9).
 *
 * @param time Seconds; default: the state's.
 * @throws RangeError for a leverage of 0 or less, an order that reduces, or where there is no price.
 * @example
 * const { collateral } = collateralFor(state, { sizeDelta: 10n ** 18n, leverage: 5n * 10n ** 18n });
 */
export function collateralFor(state: MarketState, wish: LeverageWish, time = state.time): CollateralBound {
  const { sizeDelta, leverage, position } = wish;
  if (leverage <= 0n) throw new RangeError(`leverage: ${leverage} is not above 0`);
  if (
    position !== undefined &&
    position.size !== 0n &&
    (sizeDelta === 0n || position.size > 0n !== sizeDelta > 0n)
  )
    throw new RangeError(`sizeDelta: ${sizeDelta} adds nothing to position ${position.id}`);
  const outcome = (collateral: bigint): Obstacle | "Leverage" => {
    const attempted = attempt(state, { ...wish, collateral }, time);
    const obstacle = obstacleOf(attempted);
    if (obstacle !== "None" || attempted.refusal !== undefined) return obstacle;
    const { result } = attempted;
    if (result.position === undefined) return "None";
    const { notional, equity } = healthOf(result.state, result.position, time, state.price);
    return notional * WAD <= leverage * equity ? "None" : "Leverage";
  };
  if (outcome(0n) === "None") return { collateral: 0n, bound: "None" };
  // Each unit of collateral is one of equity and of cash, and changes nothing else: the outcomes are monotone.
  const edge = gallop(0n, ALL_MONEY, 1n << 20n, (collateral) => outcome(collateral) !== "None");
  if (edge === undefined) return { collateral: undefined, bound: outcome(ALL_MONEY) };
  const collateral = firstThat(...edge, (candidate) => outcome(candidate) === "None");
  return { collateral, bound: outcome(collateral - 1n) };
}
