import { judge, type Judgement } from "../engine/judgement.ts";
import type { Fill, TradeResult } from "../engine/trading.ts";
import type { MarketState, PositionState } from "../engine/types.ts";
import { attempt, indexFor, obstacleOf, type Attempt, type Obstacle, type OrderWish } from "./attempt.ts";
import { leverageOf } from "./leverage.ts";
import { quote, type Quote } from "./quote.ts";

/** What an order costs, token units; each (+) is paid, (−) received. */
export interface Costs {
  readonly fee: bigint;
  /** Against the fixing; it is in the price of the size, not taken from the collateral. */
  readonly impact: bigint;
  readonly executionFee: bigint;
  /** Carry of the time before, settled with the order. */
  readonly carry: bigint;
  /** fee + impact + executionFee + carry. */
  readonly total: bigint;
}

/** An order, before and after. */
export interface OrderPreview {
  /** `None`: the order executes. */
  readonly obstacle: Obstacle;
  /** Price, impact and fee of the size that is traded; `undefined` for orders that never get as far as a price. */
  readonly quote: Quote | undefined;
  /** As planned; also of orders that fail for margin or price. */
  readonly fill: Fill | undefined;
  /** The position before, its order's collateral not in it; `undefined` for one that is opened. */
  readonly before: Judgement | undefined;
  /** The position after; `undefined` if there is none any more, or the order opened none. */
  readonly position: PositionState | undefined;
  readonly after: Judgement | undefined;
  /** See {@link leverageOf}. */
  readonly leverageBefore: bigint | undefined;
  readonly leverageAfter: bigint | undefined;
  /** Of an order that fails: what the failure costs. */
  readonly costs: Costs;
  /** Sent to the owner: of a position that closes, or of an opening order that fails. Token units. */
  readonly toOwner: bigint;
  /** Loss beyond the collateral, token units; it is not the owner's. */
  readonly badDebt: bigint;
  /** The market after. */
  readonly state: MarketState;
}

const FREE: Costs = { fee: 0n, impact: 0n, executionFee: 0n, carry: 0n, total: 0n };

/**
 * Everything an order would do if it were executed at `time` and the state's latest price, as the order book does it:
 * collateral first, then the trade at the fixing, fees and carry out of the position's own balance. To the unit what
 * the transaction does, and what `PerpLens.previewTrade` says at the same moment.
 *
 * The index price is the state's, the fixing's is the wish's; for both at another price give
 * `previewOrder(withPrice(state, price), …)`. The owner's signature, deadline and free slots are not looked at, and the
 * least execution fee is that of a quiet block (SPEC, O9: it rises with the base fee).
 *
 * @param time Seconds, no earlier than the market's last accrual; default: the state's.
 * @throws RangeError where there is no price, or for amounts the contracts can't hold.
 * @example
 * const { obstacle, after, costs } = previewOrder(state, { sizeDelta: 2n * 10n ** 18n, collateral: 500_000_000n });
 * if (obstacle === "None") console.log(after?.liquidationPrice, costs.total);
 */
export function previewOrder(state: MarketState, wish: OrderWish, time = state.time): OrderPreview {
  const attempted = attempt(state, wish, time);
  const index = indexFor(state, wish);
  const before = wish.position === undefined ? undefined : judge(state, wish.position, time, index);
  const obstacle = obstacleOf(attempted);
  if (attempted.refusal !== undefined) return refused(state, wish, before, obstacle);
  const { result } = attempted;
  const { fill, position } = result;
  const after = position === undefined ? undefined : judge(result.state, position, time, index);
  return {
    obstacle,
    quote: fill === undefined ? undefined : quote(state, fill.sizeDelta, wish.price),
    fill,
    before,
    position,
    after,
    leverageBefore: before && leverageOf(before),
    leverageAfter: after && leverageOf(after),
    costs: costsOf(attempted, wish.executionFee ?? state.orderParams.minExecutionFee),
    toOwner: result.toOwner,
    badDebt: result.badDebt,
    state: result.state,
  };
}

function refused(
  state: MarketState,
  { position }: OrderWish,
  before: Judgement | undefined,
  obstacle: Obstacle,
): OrderPreview {
  const leverage = before && leverageOf(before);
  return {
    obstacle,
    quote: undefined,
    fill: undefined,
    before,
    position,
    after: before,
    leverageBefore: leverage,
    leverageAfter: leverage,
    costs: FREE,
    toOwner: 0n,
    badDebt: 0n,
    state,
  };
}

function costsOf(
  { before, result }: Extract<Attempt, { readonly result: TradeResult }>,
  executionFee: bigint,
): Costs {
  const { fill, failure, position, toOwner } = result;
  if (fill === undefined || failure !== "None") {
    const lost = before.collateral - (position?.collateral ?? toOwner);
    return { ...FREE, executionFee: lost, total: lost };
  }
  const { fee, impact, carry } = fill;
  return { fee, impact, executionFee, carry, total: fee + impact + executionFee + carry };
}
