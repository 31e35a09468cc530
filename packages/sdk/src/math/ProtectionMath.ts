import { asInt256, int256, mulDivUp, mulWadDown, mulWadUp, uint256, WAD } from "./FixedMath.ts";

/**
 * Whether the margin ratio is at or below `triggerRatio`: equity <= triggerRatio · N, rounded down. Money token units,
 * ratios wad.
 */
export function isDue(equity: bigint, notional: bigint, triggerRatio: bigint): boolean {
  return equity <= asInt256(mulWadDown(notional, triggerRatio));
}

/**
 * Money, token units, that brings the margin ratio to `targetRatio` after paying `executionFee`:
 * max(0, targetRatio · N + fee − equity), rounded up.
 */
export function topUp(equity: bigint, notional: bigint, targetRatio: bigint, executionFee: bigint): bigint {
  const needed = uint256(mulWadUp(notional, targetRatio) + executionFee);
  const missing = int256(asInt256(needed) - equity);
  return missing > 0n ? missing : 0n;
}

/**
 * Size to close, base wad, at most all of it, that brings the margin ratio to `targetRatio` after the trading and the
 * execution fee; rounded up, impact not foreseen. Throws unless targetRatio > takerFee.
 */
export function reduction(
  size: bigint,
  equity: bigint,
  notional: bigint,
  targetRatio: bigint,
  executionFee: bigint,
  takerFee: bigint,
): bigint {
  const missing = topUp(equity, notional, targetRatio, executionFee);
  const closed = mulDivUp(missing, WAD, uint256(targetRatio - takerFee));
  return closed >= notional ? size : mulDivUp(size, closed, notional);
}
