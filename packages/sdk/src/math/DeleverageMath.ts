import { asInt256, divCeil, int256, mulDivDown, mulWadDown, mulWadUp, uint256, WAD } from "./FixedMath.ts";

const MAX_UINT256 = (1n << 256n) - 1n;

/** Whether a position's return, pnl / entry notional, is above zero and at least its side's, to one unit of PnL. Token units. */
export function isFair(
  pnl: bigint,
  entryNotional: bigint,
  sidePnl: bigint,
  sideEntryNotional: bigint,
): boolean {
  if (pnl <= 0n) return false;
  return int256(int256(pnl + 1n) * asInt256(sideEntryNotional)) >= int256(sidePnl * asInt256(entryNotional));
}

/**
 * Profit to realise, token units, so that a side's comes down to `target` · assets and not below it; with it goes its part
 * of the position's carry, and of it the pool pays min(1, maxPayoutShare · assets / sidePnl). Rounded down; 2^256 − 1
 * where nothing reaches the target. Ratios wad.
 */
export function excess(
  sidePnl: bigint,
  assets: bigint,
  carry: bigint,
  pnl: bigint,
  target: bigint,
  maxPayoutShare: bigint,
): bigint {
  const wanted = asInt256(mulWadUp(assets, target));
  if (sidePnl <= wanted || sidePnl <= 0n) return 0n;
  const claimable = mulWadDown(assets, maxPayoutShare);
  const paid = sidePnl > claimable ? mulDivDown(claimable, WAD, sidePnl) : WAD;
  const perUnit = divCeil(int256(carry * WAD), pnl);
  const carried = divCeil(int256(asInt256(target) * perUnit), WAD);
  const denominator = int256(int256(WAD - asInt256(mulWadDown(target, paid))) + carried);
  if (denominator <= 0n) return MAX_UINT256;
  return mulDivDown(uint256(int256(sidePnl - wanted)), WAD, denominator);
}
