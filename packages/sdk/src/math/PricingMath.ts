import { WAD, abs, mulWadDown, mulWadUp, uint256 } from "./FixedMath.ts";

/** 2D · F(x): x² up to the knee k = cD, then 2k|x| − k²; base wad squared. */
export function potential(skew: bigint, knee_: bigint): bigint {
  const x = abs(skew);
  return x <= knee_ ? uint256(x * x) : uint256(2n * knee_ * x - knee_ * knee_);
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
  const later = potential(skew + sizeDelta, k);
  const denominator = uint256(2n * depth * scale);
  if (later >= before) {
    const product = (later - before) * price;
    return uint256(product === 0n ? 0n : (product - 1n) / denominator + 1n);
  }
  return -uint256(((before - later) * price) / denominator);
}

/** A fallback price: `spread` worse for the trader, rounded against them; wad. */
export function worsen(price: bigint, spread: bigint, isBuy: boolean): bigint {
  return isBuy ? mulWadUp(price, WAD + spread) : mulWadDown(price, uint256(WAD - spread));
}
