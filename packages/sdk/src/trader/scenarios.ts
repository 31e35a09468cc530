import { WAD } from "../math/FixedMath.ts";
import { judge, type Judgement } from "../engine/judgement.ts";
import { liquidate, type LiquidationReceipt } from "../engine/liquidations.ts";
import type { MarketState, PositionState } from "../engine/types.ts";
import { leverageOf } from "./leverage.ts";
import { previewOrder, type OrderPreview } from "./preview.ts";
import { withPrice } from "./prices.ts";

/** What a liquidation would do to a position. Token units. */
export interface LiquidationOutcome {
  readonly receipt: LiquidationReceipt;
  /** The rest of it; `undefined` if all of it is closed. */
  readonly position: PositionState | undefined;
  /** What the owner gets of one that is closed. */
  readonly toOwner: bigint;
}

/** One position at a shocked price. */
export interface PositionScenario {
  readonly id: bigint;
  /** Standing, PnL, carry, equity, margin ratio and the rest, at that price. */
  readonly judgement: Judgement;
  /** See {@link leverageOf}. */
  readonly leverage: bigint | undefined;
  /** `undefined` where it is not liquidatable, or liquidations wait for the end of an outage. */
  readonly liquidation: LiquidationOutcome | undefined;
  /** What closing it at once would do. */
  readonly close: OrderPreview;
}

/** A trader's positions after a shock. */
export interface Scenario {
  /** Move of the price, wad ratio. */
  readonly shock: bigint;
  /** Wad. */
  readonly price: bigint;
  /** In the order of the positions given. */
  readonly positions: readonly PositionScenario[];
  /** Sums over the positions, token units. */
  readonly pnl: bigint;
  readonly carryOwed: bigint;
  readonly equity: bigint;
  /**
   * The same with each position's equity counted as 0 where it is negative: a position can't lose more than its own
   * collateral, and none pays for another.
   */
  readonly isolatedEquity: bigint;
  /** What closing each of them would send to the owner. */
  readonly ifClosed: bigint;
}

/**
 * A table of what open positions of one market would be worth, and how they would stand, if the price moved at once by
 * each of `shocks`. Every cell is the engine's: what the contracts would say and do, to the unit. Each position is
 * liquidated and closed alone, with the others left open: their impact on each other's prices is not in it.
 *
 * @param shocks Wad ratios above −1: −0.1e18 is a fall of a tenth. Prices are rounded down.
 * @param time Seconds, of the shock; default: the state's. Carry counts up to then, at the shocked price.
 * @throws RangeError for a shock of −1 or below, a position that is not open, or where there is no price.
 * @example
 * const rows = scenarios(state, [position], [-2n, -1n, 0n, 1n, 2n].map((x) => x * 10n ** 17n));
 * for (const { price, positions } of rows) console.log(price, positions[0]?.judgement.standing);
 */
export function scenarios(
  state: MarketState,
  positions: readonly PositionState[],
  shocks: readonly bigint[],
  time = state.time,
): readonly Scenario[] {
  const waiting = positions.find(({ size }) => size === 0n);
  if (waiting !== undefined) throw new RangeError(`position: ${waiting.id} is not open`);
  if (state.price === 0n) throw new RangeError("price: the market has none");
  return shocks.map((shock) => {
    if (shock <= -WAD) throw new RangeError(`shock: ${shock} leaves no price`);
    const price = (state.price * (WAD + shock)) / WAD;
    const shocked = withPrice(state, price, { observedAt: time });
    const rows = positions.map((position) => scenarioOf(shocked, position, time));
    const sum = (of: (row: PositionScenario) => bigint): bigint =>
      rows.reduce((total, row) => total + of(row), 0n);
    return {
      shock,
      price,
      positions: rows,
      pnl: sum(({ judgement }) => judgement.pnl),
      carryOwed: sum(({ judgement }) => judgement.carryOwed),
      equity: sum(({ judgement }) => judgement.equity),
      isolatedEquity: sum(({ judgement: { equity } }) => (equity > 0n ? equity : 0n)),
      ifClosed: sum(({ close }) => close.toOwner),
    };
  });
}

function scenarioOf(state: MarketState, position: PositionState, time: bigint): PositionScenario {
  const judgement = judge(state, position, time);
  return {
    id: position.id,
    judgement,
    leverage: leverageOf(judgement),
    liquidation: liquidationOf(state, position, time),
    close: previewOrder(state, { position, sizeDelta: 0n }, time),
  };
}

function liquidationOf(
  state: MarketState,
  position: PositionState,
  time: bigint,
): LiquidationOutcome | undefined {
  const [outcome] = liquidate(state, [position], time).liquidated;
  if (outcome?.receipt === undefined) return undefined;
  const { receipt, position: rest } = outcome;
  return { receipt, position: rest, toOwner: rest === undefined ? receipt.newCollateral : 0n };
}
