import { max, mulWadDown, WAD } from "../math/FixedMath.ts";
import { healthOf, type Standing } from "../engine/judgement.ts";
import type { MarketState } from "../engine/types.ts";
import { attempt, obstacleOf, type Obstacle } from "./attempt.ts";
import { withPrice } from "./prices.ts";
import { previewOrder, type OrderPreview } from "./preview.ts";
import { firstThat } from "./search.ts";
import { largest, leastSize } from "./size.ts";

/** What a trader is ready to lose, and where. */
export interface RiskWish {
  /** All the money the trader counts as the account, token units. */
  readonly account: bigint;
  /** Most of it that may be lost at the stop, wad ratio: 0.01 is 1 %. */
  readonly riskShare: bigint;
  /** Price at which the position is closed, wad: below the entry it is a long's stop, above it a short's. */
  readonly stopPrice: bigint;
  /** Index price and fixing of the entry, wad; default: the latest price. */
  readonly entryPrice?: bigint | undefined;
  /** Token units to put in; default: the least, up to the account, with which the stop comes before a margin call. */
  readonly collateral?: bigint | undefined;
  /** Token units, for the entry and again for the stop; default: the least that the market ever asks for. */
  readonly executionFee?: bigint | undefined;
  /** Seconds from entry to stop, of which the carry counts; default: 0. */
  readonly holding?: bigint | undefined;
}

/**
 * Why a size is no larger: "Risk", the loss at the stop would be more than the budget; "Liquidation", the position would
 * be liquidated before its stop (without a given collateral: be in margin call there); else why the entry would fail.
 */
export type RiskBound = Obstacle | "Risk" | "Liquidation";

/** A size by its risk. Money in token units. */
export interface RiskSizing {
  /** Signed base wad; 0 if no size does. */
  readonly sizeDelta: bigint;
  readonly bound: RiskBound;
  /** To pay in with the entry. */
  readonly collateral: bigint;
  /** account · riskShare, rounded down. */
  readonly budget: bigint;
  /** Paid in less what comes back at the stop, all costs of both ways in it; at most the budget. */
  readonly loss: bigint;
  /** The entry and the stop's close; `undefined` if no size does. */
  readonly entry: OrderPreview | undefined;
  readonly exit: OrderPreview | undefined;
}

/** The two orders that a plan consists of. */
interface Plan {
  readonly entryState: MarketState;
  readonly stopPrice: bigint;
  readonly executionFee: bigint;
  readonly entryAt: bigint;
  readonly stopAt: bigint;
  readonly budget: bigint;
  /** How the position may stand at the stop. */
  readonly tolerated: readonly Standing[];
}

/**
 * Position sizing from risk: the largest size of which being stopped costs at most a share of the account, whatever it
 * costs: the move, fees, impact and execution fees both ways, carry. The loss is what the engine says of entry and close,
 * so it is never above the budget for a stop that fills at its price in a market in which nobody else has traded; a gap
 * over the stop loses more, at most the collateral.
 *
 * A stop that lies beyond the liquidation price is no stop: such sizes are passed over, and `bound` says "Liquidation".
 *
 * @param time Seconds, of the entry; default: the state's.
 * @throws RangeError for a stop at the entry, a share or account of 0 or less, a share above 1, or where there is no price.
 * @example
 * // At most 1 % of 50,000 USDC if ETH falls to 1,900.
 * const plan = sizeFromRisk(state, {
 *   account: 50_000_000_000n,
 *   riskShare: 10n ** 16n,
 *   stopPrice: 1_900n * 10n ** 18n,
 * });
 * previewOrder(state, { sizeDelta: plan.sizeDelta, collateral: plan.collateral });
 */
export function sizeFromRisk(state: MarketState, wish: RiskWish, time = state.time): RiskSizing {
  const plan = planOf(state, wish, time);
  const { entryState, stopPrice, budget } = plan;
  const isLong = stopPrice < entryState.price;
  const signed = (size: bigint): bigint => (isLong ? size : -size);
  const paidIn = wish.collateral ?? wish.account;
  // Monotone but for rounding. Each unit of size more loses the move to the stop and fees; impact gives back of it at most
  // `maxPremium` of the move, and the margin at the stop grows as that at the entry does, see `largest`. Carry received
  // over a long holding could outweigh the move: then this is the first edge, below which all sizes keep to the budget.
  const { size, bound } = largest<RiskBound>(leastSize(entryState), (candidate) =>
    outcomeOf(plan, signed(candidate), paidIn),
  );
  if (size === 0n)
    return { sizeDelta: 0n, bound, collateral: paidIn, budget, loss: 0n, entry: undefined, exit: undefined };
  const sizeDelta = signed(size);
  // More collateral only helps the entry and the standing, and changes no cost.
  const collateral =
    wish.collateral ?? firstThat(-1n, paidIn, (amount) => outcomeOf(plan, sizeDelta, amount) === "None");
  return { sizeDelta, bound, collateral, budget, ...previewsOf(plan, sizeDelta, collateral) };
}

function planOf(state: MarketState, wish: RiskWish, time: bigint): Plan {
  const { account, riskShare, stopPrice, entryPrice = state.price, holding = 0n } = wish;
  if (account <= 0n) throw new RangeError(`account: ${account} is not above 0`);
  if (riskShare <= 0n || riskShare > WAD)
    throw new RangeError(`riskShare: ${riskShare} is not in (0, ${WAD}]`);
  if (stopPrice === entryPrice) throw new RangeError(`stopPrice: ${stopPrice} is the entry price`);
  if (holding < 0n) throw new RangeError(`holding: ${holding} is below 0`);
  const { observedAt, priceIsFresh: fresh } = state;
  const entryState =
    wish.entryPrice === undefined ? state : withPrice(state, entryPrice, { observedAt, fresh });
  return {
    entryState,
    stopPrice,
    executionFee: wish.executionFee ?? state.orderParams.minExecutionFee,
    entryAt: time,
    stopAt: time + holding,
    budget: mulWadDown(account, riskShare),
    tolerated: wish.collateral === undefined ? ["healthy"] : ["healthy", "marginCall"],
  };
}

/** What stands against a size with a collateral; "None" if nothing does. */
function outcomeOf(plan: Plan, sizeDelta: bigint, collateral: bigint): RiskBound {
  const { executionFee, stopPrice, stopAt } = plan;
  const entry = attempt(plan.entryState, { sizeDelta, collateral, executionFee }, plan.entryAt);
  const obstacle = obstacleOf(entry);
  if (obstacle !== "None" || entry.refusal !== undefined) return obstacle;
  const { position, state } = entry.result;
  if (position === undefined) return "PositionGone";
  const atStop = withPrice(state, stopPrice, { observedAt: stopAt });
  if (!plan.tolerated.includes(healthOf(atStop, position, stopAt, stopPrice).standing)) return "Liquidation";
  const exit = attempt(atStop, { position, sizeDelta: 0n, executionFee }, stopAt);
  if (exit.refusal !== undefined) return obstacleOf(exit);
  return collateral - exit.result.toOwner > plan.budget ? "Risk" : "None";
}

function previewsOf(
  plan: Plan,
  sizeDelta: bigint,
  collateral: bigint,
): Pick<RiskSizing, "loss" | "entry" | "exit"> {
  const { executionFee, stopPrice, stopAt } = plan;
  const entry = previewOrder(plan.entryState, { sizeDelta, collateral, executionFee }, plan.entryAt);
  const { position } = entry;
  const atStop = withPrice(entry.state, stopPrice, { observedAt: stopAt });
  const exit = previewOrder(atStop, { position, sizeDelta: 0n, executionFee }, stopAt);
  // With carry received the stop may even gain.
  return { loss: max(collateral - exit.toOwner, 0n), entry, exit };
}
