import {
  WAD,
  abs,
  asInt256,
  clamp,
  fullMulDivUp,
  int256,
  max,
  min,
  mulDivDown,
  mulDivUp,
  mulWadDown,
  mulWadUp,
  sqrtUp,
  uint256,
} from "./FixedMath.ts";
import { liquidationReserve, ratio, requirement } from "./MarginMath.ts";
import { netResult } from "./PoolMath.ts";
import { entryShare, equity, pnl, quoteUp } from "./PositionMath.ts";
import { impact } from "./PricingMath.ts";

const SLACK = 8n;
const FINENESS = 128n;

/**
 * A liquidatable position, its market, and the parameters that say what it needs. `size` and `skew` signed base wad,
 * money (`carry` owed by the position, `assets` of the pool, `sidePnl` of the position's whole side) in token units.
 */
export interface LiquidationTerms {
  readonly size: bigint;
  readonly entryNotional: bigint;
  readonly collateral: bigint;
  readonly carry: bigint;
  readonly price: bigint;
  readonly scale: bigint;
  readonly skew: bigint;
  readonly sidePnl: bigint;
  readonly assets: bigint;
  readonly maxPayoutShare: bigint;
  readonly depth: bigint;
  readonly maxPremium: bigint;
  readonly initialBase: bigint;
  readonly initialSlope: bigint;
  readonly liquidationFee: bigint;
  readonly liquidationBuffer: bigint;
  readonly minKeeperReward: bigint;
  readonly minNotional: bigint;
}

/** Keeper's reward for a closed notional: clamp(keeperShare · X, min, max), token units. */
export function keeperReward(
  closedNotional: bigint,
  keeperShare: bigint,
  minReward: bigint,
  maxReward: bigint,
): bigint {
  return clamp(mulWadDown(closedNotional, keeperShare), minReward, maxReward);
}

/** What a liquidation charges for its impact, token units: as a voluntary close would pay it, if that is unfavourable. */
export function premium(
  size: bigint,
  closed: bigint,
  skew: bigint,
  depth: bigint,
  maxPremium: bigint,
  price: bigint,
  scale: bigint,
): bigint {
  const paid = impact(skew, signed(size, closed, false), depth, maxPremium, price, scale);
  return paid > 0n ? paid : 0n;
}

/**
 * Size to close so that the rest stands at its initial margin plus buffer: the least that does, or less than 1 % more than
 * it, base wad. All of it where no part does, or the rest would be under the minimum.
 */
export function sizeToClose(t: LiquidationTerms): bigint {
  const size = abs(t.size);
  const least = uint256(mulDivDown(max(t.minNotional, 1n) - 1n, t.scale, t.price) + 1n);
  if (size <= least) return size;
  const closed = leastToClose(t, size);
  return closed >= size ? size : search(t, closed, size - least, size);
}

/**
 * What is left above the initial margin plus buffer once `closed` of the position is, token units; negative: what is
 * missing, also of the money for fee and premium themselves.
 */
export function surplusAfter(t: LiquidationTerms, closed: bigint): bigint {
  const size = abs(t.size);
  const share = entryShare(t.size > 0n, t.entryNotional, closed, size);
  const paid = int256(asInt256(t.collateral) + result(t, closed, share));
  const cash = int256(paid - asInt256(cost(t, closed)));
  const rest = uint256(size - closed);
  const entry = uint256(t.entryNotional - share);
  const equityAfter = int256(cash + pnl(signed(t.size, rest, true), entry, t.price, t.scale));
  const notional = quoteUp(rest, t.price, t.scale);
  const wanted = uint256(ratio(rest, t.initialBase, t.initialSlope, t.depth) + t.liquidationBuffer);
  const required = requirement(
    notional,
    wanted,
    liquidationReserve(notional, t.liquidationFee, t.minKeeperReward),
  );
  return min(int256(equityAfter - asInt256(required)), cash);
}

/** `amount` with the sign of `size`, or the opposite one. */
function signed(size: bigint, amount: bigint, same: boolean): bigint {
  return size > 0n === same ? asInt256(amount) : int256(-asInt256(amount));
}

function result(t: LiquidationTerms, closed: bigint, share: bigint): bigint {
  const gained = pnl(signed(t.size, closed, true), share, t.price, t.scale);
  return netResult(gained, t.carry, t.sidePnl, t.assets, t.maxPayoutShare);
}

/** Fee, reward included, and premium. */
function cost(t: LiquidationTerms, closed: bigint): bigint {
  const notional = quoteUp(closed, t.price, t.scale);
  return uint256(
    liquidationReserve(notional, t.liquidationFee, t.minKeeperReward) +
      premium(t.size, closed, t.skew, t.depth, t.maxPremium, t.price, t.scale),
  );
}

/** Closed form without premium, flat fees and haircut; see `LiquidationMath.sol`. */
function leastToClose(t: LiquidationTerms, size: bigint): bigint {
  const notional = quoteUp(size, t.price, t.scale);
  const gained = pnl(t.size, t.entryNotional, t.price, t.scale);
  const worth = equity(t.collateral, gained, t.carry);
  const spent = uint256(mulWadUp(notional, t.liquidationFee) + SLACK);
  if (worth <= asInt256(spent)) return size;
  const g = mulDivDown(uint256(BigInt.asUintN(256, worth) - spent), WAD, notional);
  const b = uint256(t.initialBase + t.liquidationBuffer);
  const s = mulDivUp(t.initialSlope, size, t.depth);
  if (g >= uint256(b + s)) return 0n;
  const root = sqrtUp(uint256(uint256(b * b) + uint256(uint256(4n * s) * g)));
  const u = mulDivDown(uint256(2n * g), WAD, uint256(b + root));
  return u < WAD ? size - mulWadDown(size, u) : 0n;
}

/** From `closed`, which does or is too little, to the least that does; `size` if none up to `most` is found. */
function search(t: LiquidationTerms, closed: bigint, most: bigint, size: bigint): bigint {
  if (closed > most) return size;
  let missing = int256(-surplusAfter(t, closed));
  if (missing <= 0n) return closed;
  const gain = uint256(uint256(t.initialBase + t.liquidationBuffer) - t.maxPremium);
  let step = fullMulDivUp(uint256(missing + SLACK), t.scale, t.price);
  step = step < most ? mulDivUp(step, WAD, gain) : most;
  let [low, high] = [closed, closed];
  while (missing > 0n) {
    if (high === most) return size;
    low = high;
    high = min(uint256(high + step), most);
    step = uint256(step * 2n);
    missing = int256(-surplusAfter(t, high));
  }
  while (high - low > high / FINENESS + 1n) {
    const middle = low + (high - low) / 2n;
    if (surplusAfter(t, middle) < 0n) low = middle;
    else high = middle;
  }
  return high;
}
