import { WAD, fullMulDivUp, max, mulDivUp, mulWadUp, uint256 } from "./FixedMath.ts";

/** Ratio for a size: base + slope · size / depth, rounded up; wad. */
export function ratio(size: bigint, base: bigint, slope: bigint, depth: bigint): bigint {
  return uint256(base + mulDivUp(slope, size, depth));
}

/** Money kept for liquidating the position: max(liquidationFee · N, minKeeperReward), token units. */
export function liquidationReserve(
  notional: bigint,
  liquidationFee: bigint,
  minKeeperReward: bigint,
): bigint {
  return max(mulWadUp(notional, liquidationFee), minKeeperReward);
}

/** Maintenance or initial margin: N · ratio + reserve, token units. */
export function requirement(notional: bigint, ratio_: bigint, reserve: bigint): bigint {
  return uint256(fullMulDivUp(notional, ratio_, WAD) + reserve);
}
