import { WAD, abs, asInt256, int256, max, min, mulDivDown, uint256 } from "./FixedMath.ts";
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
  const equity = int256(t.cash + pnl(t.size, t.entryNotional, price, t.scale));
  if (!maintenance) return equity < 0n;
  const notional = quoteUp(abs(t.size), price, t.scale);
  const reserve = liquidationReserve(notional, t.liquidationFee, t.minKeeperReward);
  return equity < asInt256(requirement(notional, t.maintenanceRatio, reserve));
}

/** Closed form: long P = (entry − cash + flat)/(size·(1 − r)), short P = (entry + cash − flat)/(size·(1 + r)). */
function guess(t: Terms, ratio: bigint, flat: bigint): bigint {
  const isLong = t.size > 0n;
  const [entry, reserve] = [asInt256(t.entryNotional), asInt256(flat)];
  const numerator = isLong
    ? int256(int256(entry - t.cash) + reserve)
    : int256(int256(entry + t.cash) - reserve);
  if (numerator <= 0n) return 0n;
  if (isLong && ratio >= WAD) return MAX_PRICE;
  const share = isLong ? WAD - ratio : uint256(WAD + ratio);
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
