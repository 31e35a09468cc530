import { WAD, abs, asInt256, divCeil, divFloor, int256, min, mulDivDown, mulDivUp } from "./FixedMath.ts";

const MAX_INDEX = (1n << 95n) - 1n;
const MIN_INDEX = -(1n << 95n);

/** maxVelocity · clamp(skew / depth, −1, 1), wad per second², towards zero. */
export function velocity(skew: bigint, depth: bigint, maxVelocity: bigint): bigint {
  const magnitude = asInt256(mulDivDown(min(abs(skew), depth), maxVelocity, depth));
  return skew < 0n ? int256(-magnitude) : magnitude;
}

/**
 * Funding rate after `elapsed` seconds (wad per second) and its integral over them (wad, truncated towards zero):
 * linear up to the clamp ±maxRate, flat after it.
 */
export function integrateFunding(
  before: bigint,
  velocity_: bigint,
  maxRate: bigint,
  elapsed: bigint,
): { newRate: bigint; integral: bigint } {
  const t = asInt256(elapsed);
  const [low, high] = [int256(-asInt256(maxRate)), asInt256(maxRate)];
  // As the contract: down to the limit, then up to its negative.
  const capped = before > high ? high : before;
  const rate = capped < low ? low : capped;
  const newRate = int256(rate + int256(velocity_ * t));
  if (newRate >= low && newRate <= high) {
    return { newRate, integral: int256(int256(rate + newRate) * t) / 2n };
  }
  if (newRate > high) {
    const rest = int256(high - rate);
    return {
      newRate: high,
      integral: int256(int256(high * t) - int256(rest * rest) / int256(2n * velocity_)),
    };
  }
  const rest = int256(high + rate);
  const deceleration = int256(2n * int256(-velocity_));
  return { newRate: low, integral: int256(int256(low * t) + int256(rest * rest) / deceleration) };
}

/** Borrow rate of a side: maxRate · min(1, notional / assets), rounded up; wad per second. */
export function borrowRate(notional: bigint, assets: bigint, maxRate: bigint): bigint {
  if (notional >= assets) return notional === 0n ? 0n : maxRate;
  return mulDivUp(maxRate, notional, assets);
}

/** An index after `integral` at `price`, kept inside 96 bits (an index is an int96), wad price units. */
export function moveIndex(index: bigint, integral: bigint, price: bigint): bigint {
  const moved = int256(index + indexDelta(integral, price));
  return moved > MAX_INDEX ? MAX_INDEX : moved < MIN_INDEX ? MIN_INDEX : moved;
}

/** What an index grows by, ceil(integral · price / 1e18), wad price units. */
export function indexDelta(integral: bigint, price: bigint): bigint {
  return divCeil(int256(integral * asInt256(price)), WAD);
}

/** What of an index's move is borrow, rounded up, and what is funding: the rest; wad price units. */
export function splitMove(
  before: bigint,
  later: bigint,
  borrowIntegral: bigint,
  price: bigint,
): { borrow: bigint; funding: bigint } {
  const borrow = mulDivUp(borrowIntegral, price, WAD);
  return { borrow, funding: int256(later - before - borrow) };
}

/** Carry a whole side owes, floor((openInterest · index − carrySum) / scale), token units. */
export function sideCarry(openInterest: bigint, index: bigint, carrySum: bigint, scale: bigint): bigint {
  return divFloor(int256(int256(asInt256(openInterest) * index) - carrySum), scale);
}
