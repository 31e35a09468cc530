import { WAD, asInt256, int256, min, mulDivDown, mulDivUp, mulWadDown } from "./FixedMath.ts";

/** assets − net trader PnL + carry, what traders owe counting up to their collateral; token units. */
export function netAssetValue(assets: bigint, netPnl: bigint, carry: bigint, collateral: bigint): bigint {
  return int256(asInt256(assets) + min(int256(carry - netPnl), asInt256(collateral)));
}

/**
 * Profit after the payout haircut, token units, rounded down: profit · min(1, claimable / sidePnl), and `claimable` at
 * most, where claimable = maxPayoutShare · assets.
 */
export function payout(profit: bigint, sidePnl: bigint, assets: bigint, maxPayoutShare: bigint): bigint {
  const claimable = mulWadDown(assets, maxPayoutShare);
  return min(sidePnl > claimable ? mulDivDown(profit, claimable, sidePnl) : profit, claimable);
}

/** Whether a side's notional fits in its share of pool assets. */
export function withinSideCap(notional: bigint, assets: bigint, maxSideShare: bigint): boolean {
  return notional <= mulWadDown(assets, maxSideShare);
}

/** Assets that must stay for the larger side: ceil(notional / maxSideShare), token units. */
export function lockedAssets(notional: bigint, maxSideShare: bigint): bigint {
  return mulDivUp(notional, WAD, maxSideShare);
}
