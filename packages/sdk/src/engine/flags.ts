/** The bits of `Carry.flags`: the breaker's level in the two lowest, and what else a market is in; as `MarketFlags.sol`. */

/** The breaker is calm. */
export const NORMAL = 0n;
/** The breaker asks more of new risk. */
export const ELEVATED = 1n;
/** The breaker lets positions only shrink. */
export const HALTED = 2n;
/** The guardian stopped new risk. */
export const GUARDED = 4n;
/** A vault holds less than it owes. */
export const INSOLVENT = 8n;
/** Users could not act for a time, and liquidations have not resumed. */
export const OUTAGE = 16n;

const LEVEL = 3n;

/** The breaker's level. */
export function levelOf(flags: bigint): bigint {
  return flags & LEVEL;
}

/** The flags with another level. */
export function withLevel(flags: bigint, level: bigint): bigint {
  return (flags & ~LEVEL) | level;
}

/** Whether positions can only shrink. */
export function isReduceOnly(flags: bigint): boolean {
  return levelOf(flags) >= HALTED || (flags & (GUARDED | INSOLVENT)) !== 0n;
}
