import { max, min, mulDivDown, mulDivUp, mulWadDown, uint256, WAD } from "./FixedMath.ts";

const ROUND_BITS = 64n;
const ROUND_MASK = (1n << ROUND_BITS) - 1n;

/** The phase of a proxy round id: its high 16 bits. */
export function phaseOf(roundId: bigint): bigint {
  return (roundId >> ROUND_BITS) & 0xffffn;
}

/** The aggregator's own round id: the low 64 bits. */
export function aggregatorRoundOf(roundId: bigint): bigint {
  return roundId & ROUND_MASK;
}

/** The proxy's id of an aggregator round. */
export function roundIdOf(phase: bigint, aggregatorRound: bigint): bigint {
  return (phase << ROUND_BITS) | aggregatorRound;
}

/** answer · multiplier, a wad price; `multiplier` = 10^(18 − decimals). */
export function toPrice(answer: bigint, multiplier: bigint): bigint {
  return uint256(BigInt.asUintN(256, answer) * multiplier);
}

/** floor(price · 10^18 / collateral), wad: a price in units of a collateral token worth `collateral`, wad. */
export function toCollateralDown(price: bigint, collateral: bigint): bigint {
  return mulDivDown(price, WAD, collateral);
}

/** The same, rounded up. */
export function toCollateralUp(price: bigint, collateral: bigint): bigint {
  return mulDivUp(price, WAD, collateral);
}

/** Whether two prices are no further apart than `maxDeviation`, a wad ratio of the lower one. */
export function agree(a: bigint, b: bigint, maxDeviation: bigint): boolean {
  return max(a, b) - min(a, b) <= mulWadDown(min(a, b), maxDeviation);
}
