import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { JumpableRandomGenerator } from "pure-rand/types/JumpableRandomGenerator";
import type { Round } from "./rounds.ts";

/** What a trader sets out to do after a round has landed. */
export type Action = {
  /** Index into the rounds. */
  readonly roundIndex: number;
  /** 0 ≤ trader < traders. */
  readonly trader: number;
} & Intent;

type Intent =
  | {
      readonly kind: "open";
      readonly side: "long" | "short";
      /** USDC, 6 decimals. */
      readonly notional: bigint;
      /** 20,000 = 2×. */
      readonly leverageBps: number;
    }
  /** Fractions: of the position's size, or of its collateral. */
  | {
      readonly kind: "increase" | "decrease" | "addCollateral" | "removeCollateral";
      readonly fractionBps: number;
    }
  | { readonly kind: "close" };

/** Who trades. */
export interface Population {
  /** At least 1. */
  readonly traders: number;
  /** Any 32-bit integer; the same seed gives the same plan. */
  readonly seed: number;
  /** 2 to 50. */
  readonly leverageMax: number;
}

/** How often each adjustment is made during a holding, and between which fractions, basis points. */
const ADJUSTMENTS = [
  { kind: "increase", least: 1_000, most: 10_000 },
  { kind: "decrease", least: 1_000, most: 9_000 },
  { kind: "addCollateral", least: 1_000, most: 10_000 },
  { kind: "removeCollateral", least: 500, most: 5_000 },
] as const;
const ADJUSTMENT_SHARE = 0.15;

/** Share of the rounds over which first positions arrive. */
const ARRIVALS_SHARE = 0.6;

/** Share of the rounds that the longest holding lasts; the shortest, rounds: leaves room to settle and adjust. */
const LONGEST_HOLDING_SHARE = 0.9;
const SHORTEST_HOLDING = 6;

/** Rounds from an opening to the first adjustment, from a close to the next opening: the order before has settled. */
const SETTLING = 2;

const REOPENING_SHARE = 0.4;
const LONGEST_PAUSE_SHARE = 0.2;

/** How far the chance of a long swings around one half, and how many swings a span has. */
const DRIFT = 0.15;
const SWINGS = 1.5;

const LEAST_LEVERAGE = 2;
const BPS = 10_000;

/**
 * Quantiles of notional, USDC, log-linear in between. Heavy-tailed as on a large venue: its positions had
 * p50 500–3,000, p75 3,000–30,000 and p99 1–4 M USD in October 2025; the tail here is lighter, to fit a 20 M pool.
 */
const NOTIONAL_QUANTILES = [
  [0, 200],
  [0.5, 2_000],
  [0.75, 12_000],
  [0.99, 250_000],
  [1, 2_000_000],
] as const;

/** USDC cents to its 6 decimals. */
const CENT = 10_000n;

/**
 * Plans what every trader does, ordered by round, then trader: each opens at least once, some adjust, most close, some
 * open again. A trader acts at most once after a round. A plan is what a trader wants: whether it can be done (the
 * position may be liquidated by then, the leverage too high for the size) shows on-chain.
 */
export function planActions(rounds: readonly Round[], { traders, seed, leverageMax }: Population): Action[] {
  const rng = xoroshiro128plus(seed);
  // An order after the last round would have no round to settle at.
  const lastIndex = Math.max(0, rounds.length - 2);
  const notionalRanks = ranks(rng, traders);
  const leverageRanks = ranks(rng, traders);
  const arrivalRanks = ranks(rng, traders);
  const phase = uniformFloat64(rng);

  const plan: Action[] = [];
  for (let trader = 0; trader < traders; trader += 1) {
    let opensAt = Math.floor((arrivalRanks[trader] ?? 0) * ARRIVALS_SHARE * (lastIndex + 1));
    let notionalRank = notionalRanks[trader] ?? 0;
    let leverageRank = leverageRanks[trader] ?? 0;
    for (;;) {
      const holding = logUniform(
        uniformFloat64(rng),
        SHORTEST_HOLDING,
        LONGEST_HOLDING_SHARE * rounds.length,
      );
      const closesAt = opensAt + Math.floor(holding);
      const open: Intent = {
        kind: "open",
        side: uniformFloat64(rng) < chanceOfLong(opensAt / rounds.length, phase) ? "long" : "short",
        notional: notionalAt(notionalRank),
        leverageBps: Math.floor(logUniform(leverageRank, LEAST_LEVERAGE, leverageMax) * BPS),
      };
      plan.push({ roundIndex: opensAt, trader, ...open }, ...adjustments(rng, trader, opensAt, closesAt));
      plan.push({ roundIndex: closesAt, trader, kind: "close" });

      const pause = logUniform(uniformFloat64(rng), SETTLING, LONGEST_PAUSE_SHARE * rounds.length);
      opensAt = closesAt + Math.floor(pause);
      notionalRank = uniformFloat64(rng);
      leverageRank = uniformFloat64(rng);
      if (uniformFloat64(rng) >= REOPENING_SHARE || opensAt > lastIndex) break;
    }
  }
  return plan
    .filter(({ roundIndex }) => roundIndex <= lastIndex)
    .sort((a, b) => a.roundIndex - b.roundIndex || a.trader - b.trader);
}

function adjustments(
  rng: JumpableRandomGenerator,
  trader: number,
  opensAt: number,
  closesAt: number,
): Action[] {
  const taken = new Set<number>();
  return ADJUSTMENTS.flatMap(({ kind, least, most }): Action[] => {
    const wanted = uniformFloat64(rng) < ADJUSTMENT_SHARE;
    let roundIndex = uniformInt(rng, opensAt + SETTLING, closesAt - 1);
    const fractionBps = uniformInt(rng, least, most);
    if (!wanted) return [];
    // Four adjustments fit between the settled opening and the close of the shortest holding.
    while (taken.has(roundIndex))
      roundIndex = roundIndex + 1 < closesAt ? roundIndex + 1 : opensAt + SETTLING;
    taken.add(roundIndex);
    return [{ roundIndex, trader, kind, fractionBps }];
  });
}

/** Longs and shorts balance over the span, while one side leads for a time, then the other. */
function chanceOfLong(progress: number, phase: number): number {
  return 0.5 + DRIFT * Math.sin(2 * Math.PI * (SWINGS * progress + phase));
}

/**
 * One number in [0, 1) for each of `count` traders, one in each of `count` equal strata, shuffled: so that even a small
 * population covers its distributions from end to end, whatever the seed.
 */
function ranks(rng: JumpableRandomGenerator, count: number): number[] {
  const numbers = Array.from({ length: count }, (_, i) => (i + uniformFloat64(rng)) / count);
  for (let i = count - 1; i > 0; i -= 1) {
    const j = uniformInt(rng, 0, i);
    const [a = 0, b = 0] = [numbers[i], numbers[j]];
    [numbers[i], numbers[j]] = [b, a];
  }
  return numbers;
}

/** Quantile of the log-uniform distribution from `least` to `most` (at least `least`). */
function logUniform(rank: number, least: number, most: number): number {
  return least * (Math.max(most, least) / least) ** rank;
}

/** Notional in whole cents, USDC with 6 decimals: a random draw, so a float may choose it. */
function notionalAt(rank: number): bigint {
  const below = NOTIONAL_QUANTILES.findLast(([quantile]) => quantile <= rank);
  const above = NOTIONAL_QUANTILES.find(([quantile]) => quantile > rank);
  if (below === undefined || above === undefined) throw new RangeError(`rank: ${rank} is not in [0, 1)`);
  const [[fromRank, from], [toRank, to]] = [below, above];
  const usdc = logUniform((rank - fromRank) / (toRank - fromRank), from, to);
  return BigInt(Math.floor(usdc * 100)) * CENT;
}
