import { max, min, mulWadUp, uint256 } from "./FixedMath.ts";

/**
 * Whether a price has reached a level: a limit from its worse side (a buy's from above), a stop from its better side.
 * Prices wad; a level of zero is none; the level itself counts.
 */
export function isCrossed(isBuy: boolean, limitPrice: bigint, stopPrice: bigint, price: bigint): boolean {
  const limit = limitPrice !== 0n && (isBuy ? price <= limitPrice : price >= limitPrice);
  const stop = stopPrice !== 0n && (isBuy ? price >= stopPrice : price <= stopPrice);
  return limit || stop;
}

/** Level of a trailing stop, wad, at least one: `trail` (wad ratio or wad price) behind the best price. */
export function trailingStop(isBuy: boolean, best: bigint, trail: bigint, isRatio: boolean): bigint {
  const distance = isRatio ? mulWadUp(best, trail) : trail;
  if (isBuy) return uint256(best + distance);
  return best > distance ? best - distance : 1n;
}

/** The stop that is reached first: the higher one of a sell, the lower one of a buy; zero is none. */
export function nearerStop(isBuy: boolean, a: bigint, b: bigint): bigint {
  if (a === 0n || b === 0n) return uint256(a + b);
  return isBuy ? min(a, b) : max(a, b);
}
