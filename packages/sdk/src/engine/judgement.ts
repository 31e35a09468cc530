import { abs, max, min, mulDivDown, mulWadUp, WAD } from "../math/FixedMath.ts";
import { carryOwed, equity as equityOf, pnl as pnlOf, quoteUp } from "../math/PositionMath.ts";
import * as PriceSolver from "../math/PriceSolver.ts";
import { accrued, watch } from "./accrual.ts";
import { maintenanceMargin, maintenanceRatio, initialMargin, reserveOf } from "./margin.ts";
import { elevated, paramsAt } from "./parameters.ts";
import { indexOf } from "./settlement.ts";
import type { Carry, MarketParams, MarketState, PositionState } from "./types.ts";

/** How a position stands, worst last; as `IPerpLens.State`. */
export type Standing = "waiting" | "healthy" | "marginCall" | "liquidatable" | "bankrupt";

/** Stands for "no price": of a long's liquidation none is low enough, of a short's none high enough. */
export const NEVER = (1n << 256n) - 1n;

/** A position at a price and a time. Money in token units, prices wad, ratios wad. */
export interface Judgement {
  readonly standing: Standing;
  readonly price: bigint;
  readonly notional: bigint;
  readonly pnl: bigint;
  readonly carryOwed: bigint;
  /** collateral + pnl − carryOwed; zero, like all that follows, for one that waits for its opening order. */
  readonly equity: bigint;
  /** equity / notional, towards zero; negative for a bankrupt one. */
  readonly marginRatio: bigint;
  readonly maintenanceMargin: bigint;
  /** What new risk needs now; in an elevated market more than in a normal one. */
  readonly initialMargin: bigint;
  /** Equity below it is a margin call. */
  readonly warningMargin: bigint;
  /** Money that makes it healthy. */
  readonly deficiency: bigint;
  /** Most that a withdrawal lets go. */
  readonly withdrawable: bigint;
  /** Largest size a decrease closes without closing all of it, base wad. */
  readonly reducible: bigint;
  /** Long: highest price at which it is liquidatable, 0 if none. Short: lowest one, {@link NEVER} if none. */
  readonly liquidationPrice: bigint;
  /** The same for equity below zero. */
  readonly bankruptcyPrice: bigint;
}

/** A position that is not open has nothing to judge. */
const WAITING = {
  standing: "waiting",
  notional: 0n,
  pnl: 0n,
  carryOwed: 0n,
  equity: 0n,
  marginRatio: 0n,
  maintenanceMargin: 0n,
  initialMargin: 0n,
  warningMargin: 0n,
  deficiency: 0n,
  withdrawable: 0n,
  reducible: 0n,
  liquidationPrice: 0n,
  bankruptcyPrice: 0n,
} as const;

/**
 * Carry and breaker as they would be at `time` with `price` as index. `MarketViews#carryAt`.
 *
 * @param time Seconds; `price` is wad.
 * @throws RangeError for a time before the last accrual.
 */
export function carryAt(state: MarketState, time: bigint, price = state.price): Carry {
  const params = paramsAt(state, time);
  const carry = accrued(state, params, price, time);
  watch(carry, params, price, time);
  return carry;
}

/**
 * How a position stands at `time` if the index price is `price`: what `PerpLens.risk` and `riskAt` say, to the unit. The
 * prices count carry that is not yet settled at that price, as a liquidation at it would.
 *
 * @param time Seconds; default: the state's. `price` is wad; default: the state's.
 * @throws RangeError for a time before the last accrual.
 */
export function judge(
  state: MarketState,
  position: PositionState,
  time = state.time,
  price = state.price,
): Judgement {
  if (position.size === 0n) return { ...WAITING, price };
  const health = healthOf(state, position, time, price);
  const { params, standing, notional, pnl, carryOwed, equity } = health;
  const { maintenanceMargin, initialMargin, warningMargin } = health;
  const { size, collateral } = position;
  const terms = termsOf(state, params, position, time);
  const fresh = price !== state.price || state.priceIsFresh;
  return {
    standing,
    price,
    notional,
    pnl,
    carryOwed,
    equity,
    marginRatio: notional === 0n ? 0n : (equity * WAD) / notional,
    maintenanceMargin,
    initialMargin,
    warningMargin,
    deficiency: max(warningMargin - equity, 0n),
    withdrawable: fresh ? withdrawableOf(equity, initialMargin, collateral, reserveOf(params, notional)) : 0n,
    reducible: reducibleOf(params, state.quoteScale, abs(size), price),
    liquidationPrice: PriceSolver.liquidationPrice(terms),
    bankruptcyPrice: PriceSolver.bankruptcyPrice(terms),
  };
}

/** What of a {@link Judgement} needs no search, with the parameters that it goes by. */
export interface Health extends Pick<
  Judgement,
  | "standing"
  | "notional"
  | "pnl"
  | "carryOwed"
  | "equity"
  | "maintenanceMargin"
  | "initialMargin"
  | "warningMargin"
> {
  readonly params: MarketParams;
}

/** The part of {@link judge} without its searches for prices, of an open position. */
export function healthOf(
  state: MarketState,
  { size: signedSize, entryNotional, collateral, carryIndex }: PositionState,
  time: bigint,
  price: bigint,
): Health {
  const carry = carryAt(state, time, price);
  const params = elevated(paramsAt(state, time), carry.flags);
  const size = abs(signedSize);
  const scale = state.quoteScale;
  const notional = quoteUp(size, price, scale);
  const pnl = pnlOf(signedSize, entryNotional, price, scale);
  const owed = carryOwed(size, indexOf(carry, signedSize > 0n), carryIndex, scale);
  const equity = equityOf(collateral, pnl, owed);
  const maintenance = maintenanceMargin(params, size, notional);
  const warning = mulWadUp(maintenance, params.warningFactor);
  return {
    params,
    standing: standingOf(equity, maintenance, warning),
    notional,
    pnl,
    carryOwed: owed,
    equity,
    maintenanceMargin: maintenance,
    initialMargin: initialMargin(params, size, notional),
    warningMargin: warning,
  };
}

function standingOf(equity: bigint, maintenance: bigint, warning: bigint): Standing {
  if (equity < 0n) return "bankrupt";
  if (equity < maintenance) return "liquidatable";
  return equity < warning ? "marginCall" : "healthy";
}

function withdrawableOf(equity: bigint, initial: bigint, collateral: bigint, reserve: bigint): bigint {
  return max(min(equity - initial, collateral - reserve), 0n);
}

/** What remains must quote to the minimum at least. */
function reducibleOf({ minNotional }: MarketParams, scale: bigint, size: bigint, price: bigint): bigint {
  if (price === 0n) return 0n;
  const least = mulDivDown(minNotional - 1n, scale, price) + 1n;
  return size > least ? size - least : 0n;
}

/** A position as the solver takes it: carry since the last accrual grows with the price it is asked about. */
function termsOf(
  state: MarketState,
  params: MarketParams,
  position: PositionState,
  time: bigint,
): PriceSolver.Terms {
  const isLong = position.size > 0n;
  const stored = indexOf(state.carry, isLong);
  // At a price of one an index grows by the integral of its rate.
  const atOne = indexOf(accrued(state, params, WAD, time), isLong);
  return {
    size: position.size,
    entryNotional: position.entryNotional,
    collateral: position.collateral,
    gap: stored - position.carryIndex,
    integral: atOne - stored,
    maintenanceRatio: maintenanceRatio(params, abs(position.size)),
    liquidationFee: params.liquidationFee,
    minKeeperReward: params.minKeeperReward,
    scale: state.quoteScale,
  };
}
