import { abs } from "../math/FixedMath.ts";
import { equity as equityOf, pnl, quoteUp } from "../math/PositionMath.ts";
import { load } from "./accrual.ts";
import { initialMargin, reserveOf } from "./margin.ts";
import { elevated } from "./parameters.ts";
import { carryOf } from "./settlement.ts";
import type { MarketState, PositionState, Refusal } from "./types.ts";

/** What became of a change of collateral: the position and the market afterwards, or why the contracts refuse it. */
export interface CollateralResult {
  readonly refusal: Refusal | undefined;
  readonly position: PositionState;
  readonly state: MarketState;
}

/**
 * What `PerpMarket.addCollateral` (`delta` > 0) or, for its owner, `removeCollateral` (`delta` < 0) does at `time` and the
 * state's latest price, to the unit.
 *
 * @param delta Token units.
 * @param time Seconds.
 * @throws RangeError for a time before the last accrual.
 */
export function changeCollateral(
  state: MarketState,
  position: PositionState,
  delta: bigint,
  time: bigint,
): CollateralResult {
  const refusal = delta < 0n ? refuseRemoval(state, position, -delta, time) : refuseAddition(position, delta);
  if (refusal !== undefined) return { refusal, position, state };
  const { money } = state;
  return {
    refusal,
    position: { ...position, collateral: position.collateral + delta },
    state: { ...state, time, money: { ...money, totalBalance: money.totalBalance + delta } },
  };
}

function refuseAddition(position: PositionState, amount: bigint): Refusal | undefined {
  return amount === 0n ? { name: "ZeroAmount", args: [] } : refuseUnknown(position);
}

function refuseUnknown({ id, owner }: PositionState): Refusal | undefined {
  return /^0x0{40}$/.test(owner) ? { name: "PositionNotOpen", args: [id] } : undefined;
}

/** Needs the initial margin that new risk meets, and cash above the liquidation reserve. `Withdrawals#removeCollateral`. */
function refuseRemoval(
  state: MarketState,
  position: PositionState,
  amount: bigint,
  time: bigint,
): Refusal | undefined {
  const { id, collateral } = position;
  if (position.size === 0n) return { name: "PositionNotOpen", args: [id] };
  if (!state.priceIsFresh) return { name: "OracleStale", args: [] };
  const { price, quoteScale } = state;
  const work = load(state, price, time);
  const params = elevated(work.params, work.carry.flags);
  const size = abs(position.size);
  const notional = quoteUp(size, price, quoteScale);
  const profit = pnl(position.size, position.entryNotional, price, quoteScale);
  const equity = equityOf(collateral, profit, carryOf(state, position, work.carry)) - amount;
  const required = initialMargin(params, size, notional);
  if (equity < required) return { name: "InsufficientMargin", args: [id, equity, required] };
  const reserve = reserveOf(params, notional);
  const cash = collateral > amount ? collateral - amount : 0n;
  return cash < reserve ? { name: "InsufficientCash", args: [id, cash, reserve] } : undefined;
}
