import { abs, mulDivDown, uint256, WAD } from "./FixedMath.ts";

const MANTISSA_BITS = 16n;

/** A price in 24 bits: 16 of its leading bits and 8 for how many follow; rounded down by less than 1 in 32,768. */
export function pack(price: bigint): bigint {
  const bits = BigInt(uint256(price).toString(2).length);
  const exponent = price >> MANTISSA_BITS === 0n ? 0n : bits - MANTISSA_BITS;
  return (exponent << MANTISSA_BITS) | (price >> exponent);
}

/** The price that {@link pack} made of one, wad. */
export function unpack(packed: bigint): bigint {
  return BigInt.asUintN(256, (packed & 0xffffn) << (packed >> MANTISSA_BITS));
}

/**
 * The breaker's level after a price (0 Normal, 1 Elevated, 2 Halted), whether its time restarts, and whether the anchor
 * follows the price. Prices wad, moves wad ratios, times seconds.
 */
export function nextLevel(
  level: bigint,
  anchor: bigint,
  elapsed: bigint,
  price: bigint,
  elevatedMove: bigint,
  haltedMove: bigint,
  window: bigint,
  coolDown: bigint,
): { newLevel: bigint; restarts: boolean; follows: boolean } {
  if (anchor === 0n) return { newLevel: 0n, restarts: true, follows: true };
  const move = mulDivDown(abs(price - anchor), WAD, anchor);
  const seen = move >= haltedMove ? 2n : move >= elevatedMove ? 1n : 0n;
  if (seen > level) return { newLevel: seen, restarts: true, follows: false };
  const over = elapsed >= (level === 0n ? window : coolDown);
  return { newLevel: over ? 0n : level, restarts: over, follows: over };
}
