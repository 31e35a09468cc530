import { abs } from "../math/FixedMath.ts";
import type { FailureName } from "../orders/order.ts";
import { MAX_SIZE } from "../math/Constants.ts";
import { executeTrade, reservePosition, type TradeResult } from "../engine/trading.ts";
import type { MarketState, PositionState, Refusal } from "../engine/types.ts";

/** What an order asks for, as `OrderRequest` with the position itself in place of its id. */
export interface OrderWish {
  /** The position to change; none: the order opens one. */
  readonly position?: PositionState | undefined;
  /** Owner of the position that is opened; default: an account beside pool, insurance and treasury. */
  readonly owner?: string | undefined;
  /** Signed base wad; 0 closes the whole position. */
  readonly sizeDelta: bigint;
  /** Token units paid in with the order; default: 0. */
  readonly collateral?: bigint | undefined;
  /** Token units; default: the least that the market ever asks for. */
  readonly executionFee?: bigint | undefined;
  /** Worst fill price, wad; default: any. */
  readonly acceptablePrice?: bigint | undefined;
  /** Fixing, wad: fill price before impact; default: the index price. */
  readonly price?: bigint | undefined;
}

/** What became of an order: refused when it is committed, or executed or failed at its fixing. */
export type Attempt =
  | { readonly refusal: Refusal }
  | {
      readonly refusal: undefined;
      /** With the collateral of the order in it, before the trade. */
      readonly before: PositionState;
      readonly result: TradeResult;
    };

/** Why an order does not do what it asks for: a failure at its fixing, or the error that its commit reverts with. */
export type Obstacle =
  | FailureName
  | "OrderSizeZero"
  | "OrderSizeTooLarge"
  | "OrderExecutionFeeOutOfBounds"
  | "OrderCollateralTooLow"
  | "OrderCollateralUnexpected"
  | "PositionNotOpen";

const SOMEBODY = "0x0000000000000000000000000000000000000001";
const ANY_PRICE = (1n << 256n) - 1n;

/** Sends an order through the engine as the order book would: its checks, its collateral, then the trade. */
export function attempt(state: MarketState, wish: OrderWish, time: bigint): Attempt {
  const { sizeDelta, collateral = 0n, executionFee = state.orderParams.minExecutionFee } = wish;
  const refusal = refusalOf(state, wish, collateral, executionFee);
  if (refusal !== undefined) return { refusal };
  const { position } = wish;
  const entered =
    position === undefined
      ? reservePosition(state, wish.owner ?? SOMEBODY, collateral)
      : {
          position: { ...position, collateral: position.collateral + collateral },
          state: paidIn(state, collateral),
        };
  const buys = sizeDelta === 0n ? entered.position.size < 0n : sizeDelta > 0n;
  const price = wish.price ?? state.price;
  const trade = {
    sizeDelta,
    acceptablePrice: wish.acceptablePrice ?? (buys ? ANY_PRICE : 0n),
    executionFee,
    price,
    indexPrice: indexFor(state, wish),
    indexIsFresh: state.priceIsFresh,
  };
  return {
    refusal: undefined,
    before: entered.position,
    result: executeTrade(entered.state, entered.position, trade, time),
  };
}

/** The index price that an order meets: the latest, or where there is none its own fixing, as the oracle has it. */
export function indexFor(state: MarketState, { price = state.price }: OrderWish): bigint {
  if (price <= 0n) throw new RangeError("price: the market has none; name the fixing's");
  return state.price === 0n ? price : state.price;
}

/** What stands against an order; `None` if it executes. */
export function obstacleOf(attempted: Attempt): Obstacle {
  return attempted.refusal === undefined ? attempted.result.failure : (attempted.refusal.name as Obstacle);
}

function paidIn(state: MarketState, collateral: bigint): MarketState {
  const { money } = state;
  return { ...state, money: { ...money, totalBalance: money.totalBalance + collateral } };
}

/** The checks of `OrderEntry#_commit`, in its order, as far as a market's state tells. */
function refusalOf(
  { orderParams }: MarketState,
  { position, sizeDelta }: OrderWish,
  collateral: bigint,
  executionFee: bigint,
): Refusal | undefined {
  const { minExecutionFee: least, maxExecutionFee: greatest } = orderParams;
  const refuse = (name: Obstacle, ...args: bigint[]): Refusal => ({ name, args });
  const size = abs(sizeDelta);
  if (size > MAX_SIZE) return refuse("OrderSizeTooLarge", size, MAX_SIZE);
  if (executionFee < least || executionFee > greatest)
    return refuse("OrderExecutionFeeOutOfBounds", executionFee, least, greatest);
  if (position === undefined) {
    if (sizeDelta === 0n) return refuse("OrderSizeZero");
    return collateral < executionFee ? refuse("OrderCollateralTooLow", collateral, executionFee) : undefined;
  }
  if (position.size === 0n) return refuse("PositionNotOpen", position.id);
  const reduces = sizeDelta === 0n || sizeDelta > 0n !== position.size > 0n;
  return reduces && collateral !== 0n ? refuse("OrderCollateralUnexpected", collateral) : undefined;
}
