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

/**
 * What the pool settles for a PnL and the carry owed with it: profit after the haircut, minus carry, never more than the
 * pool has. Token units; `sidePnl` counts for a profit only.
 */
export function netResult(
  pnl: bigint,
  carryOwed: bigint,
  sidePnl: bigint,
  assets: bigint,
  maxPayoutShare: bigint,
): bigint {
  const paid = pnl > 0n ? asInt256(payout(pnl, sidePnl, assets, maxPayoutShare)) : pnl;
  return min(int256(paid - carryOwed), asInt256(assets));
}

/** Whether a side's notional fits in its share of pool assets. */
export function withinShare(notional: bigint, assets: bigint, maxSideShare: bigint): boolean {
  return notional <= mulWadDown(assets, maxSideShare);
}

/** Assets that must stay for the larger side: ceil(notional / maxSideShare), token units. */
export function lockedAssets(notional: bigint, maxSideShare: bigint): bigint {
  return mulDivUp(notional, WAD, maxSideShare);
}
