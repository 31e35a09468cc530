import { WAD, abs, max, min, mulDivDown } from "./FixedMath.ts";
import { liquidationReserve, requirement } from "./MarginMath.ts";
import { pnl, quoteUp } from "./PositionMath.ts";

const MAX_PRICE = 10n ** 30n;
const NEVER = (1n << 256n) - 1n;

/** A position as the solver takes it. `cash`: collateral minus carry owed, token units; ratios wad. */
export interface Terms {
  readonly size: bigint;
  readonly entryNotional: bigint;
  readonly cash: bigint;
  readonly maintenanceRatio: bigint;
  readonly liquidationFee: bigint;
  readonly minKeeperReward: bigint;
  readonly scale: bigint;
}

/** Long: highest price at which the position is liquidatable, 0 if none. Short: lowest one, 2^256 − 1 if none. */
export function liquidationPrice(t: Terms): bigint {
  const proportional = guess(t, t.maintenanceRatio + t.liquidationFee, 0n);
  const flat = guess(t, t.maintenanceRatio, t.minKeeperReward);
  return refine(t, t.size > 0n ? max(proportional, flat) : min(proportional, flat), true);
}

/** Long: highest price at which equity is negative, 0 if none. Short: lowest one, 2^256 − 1 if none. */
export function bankruptcyPrice(t: Terms): bigint {
  return refine(t, guess(t, 0n, 0n), false);
}

/** Whether equity at `price` is below the maintenance margin (`maintenance`) or below zero. */
export function isBeyond(t: Terms, price: bigint, maintenance: boolean): boolean {
  const equity = t.cash + pnl(t.size, t.entryNotional, price, t.scale);
  if (!maintenance) return equity < 0n;
  const notional = quoteUp(abs(t.size), price, t.scale);
  const reserve = liquidationReserve(notional, t.liquidationFee, t.minKeeperReward);
  return equity < requirement(notional, t.maintenanceRatio, reserve);
}

function guess(t: Terms, ratio: bigint, flat: bigint): bigint {
  const isLong = t.size > 0n;
  const numerator = isLong ? t.entryNotional - t.cash + flat : t.entryNotional + t.cash - flat;
  if (numerator <= 0n) return 0n;
  if (isLong && ratio >= WAD) return MAX_PRICE;
  const share = isLong ? WAD - ratio : WAD + ratio;
  const price = mulDivDown(numerator, t.scale, abs(t.size));
  if (price >= MAX_PRICE) return MAX_PRICE;
  return min(mulDivDown(price, WAD, share), MAX_PRICE);
}

function refine(t: Terms, start: bigint, maintenance: boolean): bigint {
  const isLong = t.size > 0n;
  if (isBeyond(t, 0n, maintenance) !== isLong) return 0n;
  if (isBeyond(t, MAX_PRICE, maintenance) === isLong) return isLong ? MAX_PRICE : NEVER;
  let [low, high] = [start, start];
  let step = (8n * t.scale) / abs(t.size) + 8n;
  while (isBeyond(t, low, maintenance) !== isLong) {
    low = low > step ? low - step : 0n;
    step *= 4n;
  }
  while (isBeyond(t, high, maintenance) === isLong) {
    high = min(high + step, MAX_PRICE);
    step *= 4n;
  }
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (isBeyond(t, middle, maintenance) === isLong) low = middle;
    else high = middle;
  }
  return isLong ? low : high;
}
