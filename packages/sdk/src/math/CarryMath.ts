import { WAD, abs, divCeil, divFloor, int256, min, mulDivDown, mulDivUp } from "./FixedMath.ts";

/** maxVelocity · clamp(skew / depth, −1, 1), wad per second², towards zero. */
export function velocity(skew: bigint, depth: bigint, maxVelocity: bigint): bigint {
  const magnitude = mulDivDown(min(abs(skew), depth), maxVelocity, depth);
  return skew < 0n ? -magnitude : magnitude;
}

/** Funding rate after `elapsed` seconds (wad per second) and its integral over them (wad). */
export function integrateFunding(
  rate: bigint,
  velocity_: bigint,
  maxRate: bigint,
  elapsed: bigint,
): { newRate: bigint; integral: bigint } {
  const newRate = int256(rate + int256(velocity_ * elapsed));
  if (newRate >= -maxRate && newRate <= maxRate) {
    return { newRate, integral: int256((rate + newRate) * elapsed) / 2n };
  }
  if (newRate > maxRate) {
    const rest = maxRate - rate;
    return { newRate: maxRate, integral: int256(maxRate * elapsed) - int256(rest * rest) / (2n * velocity_) };
  }
  const rest = maxRate + rate;
  return {
    newRate: -maxRate,
    integral: int256(-maxRate * elapsed) + int256(rest * rest) / (2n * -velocity_),
  };
}

/** Borrow rate of a side: maxRate · min(1, notional / assets), rounded up; wad per second. */
export function borrowRate(notional: bigint, assets: bigint, maxRate: bigint): bigint {
  if (notional >= assets) return notional === 0n ? 0n : maxRate;
  return mulDivUp(maxRate, notional, assets);
}

/** What an index grows by, ceil(integral · price / 1e18), wad price units. */
export function indexDelta(integral: bigint, price: bigint): bigint {
  return divCeil(int256(integral * price), WAD);
}

/** Carry a whole side owes, floor((openInterest · index − carrySum) / scale), token units. */
export function sideCarry(openInterest: bigint, index: bigint, carrySum: bigint, scale: bigint): bigint {
  return divFloor(int256(int256(openInterest * index) - carrySum), scale);
}
