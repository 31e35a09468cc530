import { WAD, clamp, min, mulDivUp, mulWadDown, mulWadUp, uint256 } from "./FixedMath.ts";

/** Keeper's reward for a closed notional: clamp(keeperShare · X, min, max), token units. */
export function keeperReward(
  closedNotional: bigint,
  keeperShare: bigint,
  minReward: bigint,
  maxReward: bigint,
): bigint {
  return clamp(mulWadDown(closedNotional, keeperShare), minReward, maxReward);
}

/** Notional to close so that the rest stands at `target`; see `LiquidationMath.sol`. Token units, wad ratios. */
export function notionalToClose(
  notional: bigint,
  equity: bigint,
  target: bigint,
  cost: bigint,
  flat: bigint,
): bigint {
  if (equity <= 0n || cost >= target) return notional;
  const needed = uint256(mulWadUp(notional, target) + flat);
  if (needed <= equity) return 0n;
  return min(mulDivUp(needed - equity, WAD, target - cost), notional);
}
