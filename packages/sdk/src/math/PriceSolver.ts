import { indexDelta } from "./CarryMath.ts";
import { MAX_PRICE } from "./Constants.ts";
import { WAD, abs, asInt256, int256, max, min, mulDivDown, uint256 } from "./FixedMath.ts";
import { liquidationReserve, requirement } from "./MarginMath.ts";
import { carryOwed, pnl, quoteUp } from "./PositionMath.ts";

const NEVER = (1n << 256n) - 1n;

/**
 * A position as the solver takes it. `gap`: the side's carry index as stored less the position's, wad price units;
 * `integral`: of the side's rate since it was stored, wad. Money token units, ratios wad.
 */
export interface Terms {
  readonly size: bigint;
  readonly entryNotional: bigint;
  readonly collateral: bigint;
  readonly gap: bigint;
  readonly integral: bigint;
  readonly maintenanceRatio: bigint;
  readonly liquidationFee: bigint;
  readonly minKeeperReward: bigint;
  readonly scale: bigint;
}

/**
 * Long: highest price at which the position is liquidatable, 0 if none. Short: lowest one, 2^256 − 1 if none. A long that
 * must hold all its notional or more as margin is liquidatable at high prices: 10^30.
 */
export function liquidationPrice(t: Terms): bigint {
  const proportional = guess(t, uint256(t.maintenanceRatio + t.liquidationFee), 0n);
  const flat = guess(t, t.maintenanceRatio, t.minKeeperReward);
  return refine(t, t.size > 0n ? max(proportional, flat) : min(proportional, flat), true);
}

/** Long: highest price at which equity is negative, 0 if none. Short: lowest one, 2^256 − 1 if none. */
export function bankruptcyPrice(t: Terms): bigint {
  return refine(t, guess(t, 0n, 0n), false);
}

/** Whether equity at `price` is below the maintenance margin (`maintenance`) or below zero. */
export function isBeyond(t: Terms, price: bigint, maintenance: boolean): boolean {
  const equity = int256(cashAt(t, price) + pnl(t.size, t.entryNotional, price, t.scale));
  if (!maintenance) return equity < 0n;
  const notional = quoteUp(abs(t.size), price, t.scale);
  const reserve = liquidationReserve(notional, t.liquidationFee, t.minKeeperReward);
  return equity < asInt256(requirement(notional, t.maintenanceRatio, reserve));
}

/** Collateral less what the position would owe at `price`, token units. */
function cashAt(t: Terms, price: bigint): bigint {
  const gap = int256(t.gap + indexDelta(t.integral, price));
  return int256(t.collateral - carryOwed(abs(t.size), gap, 0n, t.scale));
}

/** Closed form; see `PriceSolver.sol`. */
function guess(t: Terms, ratio: bigint, flat: bigint): bigint {
  const isLong = t.size > 0n;
  const cash = cashAt(t, 0n);
  const [entry, reserve] = [asInt256(t.entryNotional), asInt256(flat)];
  const numerator = isLong ? int256(int256(entry - cash) + reserve) : int256(int256(entry + cash) - reserve);
  if (numerator <= 0n) return 0n;
  const part = int256(asInt256(ratio) + t.integral);
  const share = int256(WAD + (isLong ? int256(-part) : part));
  if (share <= 0n) return MAX_PRICE;
  const price = mulDivDown(numerator, t.scale, abs(t.size));
  if (price >= MAX_PRICE) return MAX_PRICE;
  return min(mulDivDown(price, WAD, share), MAX_PRICE);
}

/** The last price on which "beyond" holds (long) or the first (short), searched around `start`. */
function refine(t: Terms, start: bigint, maintenance: boolean): bigint {
  const isLong = t.size > 0n;
  // High prices first: a long whose requirement outgrows its equity is beyond there though not at 0.
  if (isBeyond(t, MAX_PRICE, maintenance) === isLong) return isLong ? MAX_PRICE : NEVER;
  if (isBeyond(t, 0n, maintenance) !== isLong) return 0n;
  let [low, high] = [start, start];
  let step = uint256(uint256(8n * t.scale) / abs(t.size) + 8n);
  while (isBeyond(t, low, maintenance) !== isLong) {
    low = low > step ? low - step : 0n;
    step = uint256(step * 4n);
  }
  while (isBeyond(t, high, maintenance) === isLong) {
    high = min(uint256(high + step), MAX_PRICE);
    step = uint256(step * 4n);
  }
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (isBeyond(t, middle, maintenance) === isLong) low = middle;
    else high = middle;
  }
  return isLong ? low : high;
}
