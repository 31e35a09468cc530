/**
 * Integer arithmetic with the rounding direction in the name; the mirror of `FixedMath.sol`.
 *
 * Every function of these modules returns what its Solidity namesake returns, and throws RangeError where that one
 * reverts, for all arguments that fit its Solidity types.
 */

/** One, where 18 decimals are meant: ratios, prices and base amounts. */
export const WAD = 10n ** 18n;
const MAX_UINT256 = (1n << 256n) - 1n;
const MAX_INT256 = (1n << 255n) - 1n;
const MIN_INT256 = -(1n << 255n);

/** `x` if it fits in a uint256; throws RangeError where Solidity reverts. */
export function uint256(x: bigint): bigint {
  if (x < 0n || x > MAX_UINT256) throw new RangeError(`${x} is not a uint256`);
  return x;
}

/** `x` if it fits in an int256; throws RangeError where Solidity reverts. */
export function int256(x: bigint): bigint {
  if (x < MIN_INT256 || x > MAX_INT256) throw new RangeError(`${x} is not an int256`);
  return x;
}

/** Solidity's cast `int256(x)` of a uint256: wraps instead of reverting. */
export function asInt256(x: bigint): bigint {
  return BigInt.asIntN(256, x);
}

/** floor(a · b / d). */
export function mulDivDown(a: bigint, b: bigint, d: bigint): bigint {
  return uint256(a * b) / d;
}

/** ceil(a · b / d). */
export function mulDivUp(a: bigint, b: bigint, d: bigint): bigint {
  return divUp(uint256(a * b), d);
}

/** floor(a · b / d) with a product of any size: throws only for a quotient that overflows. */
export function fullMulDivDown(a: bigint, b: bigint, d: bigint): bigint {
  return uint256((a * b) / d);
}

/** ceil(a · b / d) with a product of any size: throws only for a quotient that overflows. */
export function fullMulDivUp(a: bigint, b: bigint, d: bigint): bigint {
  const product = a * b;
  return uint256(product / d + (product % d === 0n ? 0n : 1n));
}

/** floor(a · b) of two numbers of which one is a wad. */
export function mulWadDown(a: bigint, b: bigint): bigint {
  return uint256(a * b) / WAD;
}

/** ceil(a · b) of two numbers of which one is a wad. */
export function mulWadUp(a: bigint, b: bigint): bigint {
  return divUp(uint256(a * b), WAD);
}

/** ceil(√a). */
export function sqrtUp(a: bigint): bigint {
  if (a < 2n) return a;
  // Newton's method from above.
  let root = 1n << BigInt((a.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + a / root) >> 1n;
    if (next >= root) return root * root < a ? root + 1n : root;
    root = next;
  }
}

/** ceil(a / d). */
export function divUp(a: bigint, d: bigint): bigint {
  return a === 0n ? 0n : (a - 1n) / d + 1n;
}

/** ceil(a / d) of a signed numerator: towards +∞. */
export function divCeil(a: bigint, d: bigint): bigint {
  return a > 0n ? divUp(a, d) : -(abs(a) / d);
}

/** floor(a / d) of a signed numerator: towards −∞. */
export function divFloor(a: bigint, d: bigint): bigint {
  return -divCeil(int256(-a), d);
}

/** |a|. */
export function abs(a: bigint): bigint {
  return a < 0n ? -a : a;
}

/** The lesser. */
export function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** The greater. */
export function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** The value nearest to `x` inside [low, high]. */
export function clamp(x: bigint, low: bigint, high: bigint): bigint {
  return x < low ? low : x > high ? high : x;
}
