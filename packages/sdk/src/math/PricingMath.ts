import {
  WAD,
  abs,
  asInt256,
  fullMulDivDown,
  fullMulDivUp,
  int256,
  mulWadDown,
  mulWadUp,
  uint256,
} from "./FixedMath.ts";

/** 2D · F(x): x² up to the knee k = cD, then 2k|x| − k²; base wad squared. */
export function potential(skew: bigint, knee_: bigint): bigint {
  const x = abs(skew);
  return x <= knee_ ? uint256(x * x) : uint256(uint256(2n * knee_ * x) - uint256(knee_ * knee_));
}

/** Skew beyond which the marginal premium is clamped, floor(maxPremium · depth), base wad. */
export function knee(depth: bigint, maxPremium: bigint): bigint {
  return mulWadDown(depth, maxPremium);
}

/** What a trade pays (+) or is paid (−) over the quote at `price` (wad), token units, rounded up. */
export function impact(
  skew: bigint,
  sizeDelta: bigint,
  depth: bigint,
  maxPremium: bigint,
  price: bigint,
  scale: bigint,
): bigint {
  const k = knee(depth, maxPremium);
  const before = potential(skew, k);
  const later = potential(int256(skew + sizeDelta), k);
  const denominator = uint256(2n * depth * scale);
  return later >= before
    ? asInt256(fullMulDivUp(later - before, price, denominator))
    : int256(-asInt256(fullMulDivDown(before - later, price, denominator)));
}

/** A fallback price: `spread` worse for the trader, rounded against them; wad. */
export function worsen(price: bigint, spread: bigint, isBuy: boolean): bigint {
  return isBuy ? mulWadUp(price, uint256(WAD + spread)) : mulWadDown(price, uint256(WAD - spread));
}
