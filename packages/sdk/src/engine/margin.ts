import { abs } from "../math/FixedMath.ts";
import { liquidationReserve, ratio, requirement } from "../math/MarginMath.ts";
import { pnl, quoteUp } from "../math/PositionMath.ts";
import type { MarketParams, PositionState } from "./types.ts";

/** Kept of a position's margin for its liquidation, token units. */
export function reserveOf(params: MarketParams, notional: bigint): bigint {
  return liquidationReserve(notional, params.liquidationFee, params.minKeeperReward);
}

/** Maintenance ratio for a size, wad. */
export function maintenanceRatio(params: MarketParams, size: bigint): bigint {
  return ratio(size, params.maintenanceBase, params.maintenanceSlope, params.depth);
}

/** Initial ratio for a size, wad. */
export function initialRatio(params: MarketParams, size: bigint): bigint {
  return ratio(size, params.initialBase, params.initialSlope, params.depth);
}

/** Maintenance margin of a size with its notional, token units. `MarketStorage#_maintenanceMargin`. */
export function maintenanceMargin(params: MarketParams, size: bigint, notional: bigint): bigint {
  return requirement(notional, maintenanceRatio(params, size), reserveOf(params, notional));
}

/** Initial margin of a size with its notional, token units. `MarketStorage#_initialMargin`. */
export function initialMargin(params: MarketParams, size: bigint, notional: bigint): bigint {
  return requirement(notional, initialRatio(params, size), reserveOf(params, notional));
}

/** Whether a position with `cash` has its initial or maintenance margin at a price. `Trading#_hasMargin`. */
export function hasMargin(
  params: MarketParams,
  scale: bigint,
  position: Pick<PositionState, "size" | "entryNotional">,
  cash: bigint,
  price: bigint,
  margin: typeof initialMargin,
): boolean {
  const size = abs(position.size);
  const equity = cash + pnl(position.size, position.entryNotional, price, scale);
  return equity >= margin(params, size, quoteUp(size, price, scale));
}
