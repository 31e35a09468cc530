import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { Round } from "../replay/rounds.ts";

/** When and how an order is filled; seconds and a wad ratio. */
export interface Timing {
  readonly settlementDelay: number;
  readonly fallbackDelay: number;
  readonly fallbackSpread: bigint;
}

/** What the study is run with. */
export interface StudyOptions {
  /** How many of the largest moves between neighbouring rounds are traded on. */
  readonly jumps: number;
  readonly commits: number;
  readonly seed: number;
  /** Seconds before a round lands in which commits are made: the time its answer may be known to somebody. */
  readonly window: number;
  readonly timing: Timing;
}

/** By which rule a commit gets its price. */
export type Rule = "latest" | "next" | "delayed";

/** Gains before fees over all commits, ratios of the fill price, in the trader's direction. */
export interface Gain {
  readonly mean: number;
  /** Of the mean, jumps taken as independent and the commits of one jump not. */
  readonly standardError: number;
  /** Share of the commits that gain anything. */
  readonly winners: number;
}

/** For each rule the gain against the price the trader knew, and against the next observation after the fill. */
export interface Study {
  readonly jumps: number;
  readonly commits: number;
  readonly gains: Readonly<Record<Rule, { readonly known: Gain; readonly exit: Gain }>>;
}

/** A fill: its price, feed decimals, and the index of the first round observed after it. */
interface Fill {
  readonly price: bigint;
  readonly exit: number;
}

export const RULES: readonly Rule[] = ["latest", "next", "delayed"];
const WAD = 10n ** 18n;

/**
 * Trades on foreknowledge: a trader who knows the round that is about to land commits in its direction at a random
 * second before it does. What is gained against fair prices shows what a rule gives away.
 *
 * - `latest`: filled at the last round that has landed, as where orders execute at once.
 * - `next`: at the first observation made after the commit.
 * - `delayed`: at the first one made after commit + settlementDelay, or the fallback (SPEC O1, O2).
 *
 * @throws RangeError if the history has fewer usable jumps than asked for.
 */
export function studyForesight(rounds: readonly Round[], options: StudyOptions): Study {
  const jumps = largestJumps(rounds, options);
  if (jumps.length < options.jumps)
    throw new RangeError(
      `jumps: the history has ${jumps.length} that can be traded on, not ${options.jumps}`,
    );
  const rng = xoroshiro128plus(options.seed);
  const samples = Object.fromEntries(
    RULES.map((rule) => [rule, { known: new Samples(), exit: new Samples() }]),
  ) as Record<Rule, { known: Samples; exit: Samples }>;
  for (let i = 0; i < options.commits; i += 1) {
    const k = jumps[uniformInt(rng, 0, jumps.length - 1)]!;
    const [from, to] = windowOf(rounds, k, options.window);
    const time = uniformInt(rng, from, to);
    const known = rounds[k]!.answer;
    const isLong = known > rounds[k - 1]!.answer;
    for (const rule of RULES) {
      const fill = fillOf(rounds, rule, time, isLong, options.timing)!;
      samples[rule].known.add(k, gain(isLong, fill.price, known));
      samples[rule].exit.add(k, gain(isLong, fill.price, rounds[fill.exit]!.answer));
    }
  }
  const gains = Object.fromEntries(
    RULES.map((rule) => [rule, { known: samples[rule].known.summary(), exit: samples[rule].exit.summary() }]),
  ) as Study["gains"];
  return { jumps: jumps.length, commits: options.commits, gains };
}

/** Indices of the rounds with the largest relative moves, those left out whose trades have no end in the history. */
function largestJumps(rounds: readonly Round[], { jumps, window, timing }: StudyOptions): number[] {
  const usable: { index: number; size: number }[] = [];
  for (let k = 1; k < rounds.length; k += 1) {
    const [from, to] = windowOf(rounds, k, window);
    if (from > to) continue;
    const ends = RULES.every((rule) =>
      [from, to].every((time) => fillOf(rounds, rule, time, true, timing) !== undefined),
    );
    if (ends) usable.push({ index: k, size: Math.abs(ratio(rounds[k - 1]!.answer, rounds[k]!.answer)) });
  }
  return usable
    .sort((a, b) => b.size - a.size)
    .slice(0, jumps)
    .map(({ index }) => index);
}

/** First and last second before round `k` lands, but not before its predecessor did. */
function windowOf(rounds: readonly Round[], k: number, window: number): readonly [number, number] {
  const lands = rounds[k]!.updatedAt;
  return [Math.max(lands - window, rounds[k - 1]!.updatedAt), lands - 1];
}

/** The fill of a commit at `time`; `undefined` if the history ends before it, or before the round after it. */
export function fillOf(
  rounds: readonly Round[],
  rule: Rule,
  time: number,
  isLong: boolean,
  { settlementDelay, fallbackDelay, fallbackSpread }: Timing,
): Fill | undefined {
  const moment = rule === "delayed" ? time + settlementDelay : time;
  const first = firstAfter(rounds, moment, ({ startedAt }) => startedAt);
  const after = rounds[first];
  if (rule === "latest") {
    const landed = firstAfter(rounds, time, ({ updatedAt }) => updatedAt) - 1;
    return landed >= 0 && after !== undefined ? { price: rounds[landed]!.answer, exit: first } : undefined;
  }
  if (after === undefined) return undefined;
  if (rule === "delayed" && after.startedAt > moment + fallbackDelay) {
    if (first === 0) return undefined;
    const last = rounds[first - 1]!.answer;
    const spread = (last * fallbackSpread + WAD - 1n) / WAD;
    return { price: isLong ? last + spread : last - spread, exit: first };
  }
  const exit = firstAfter(rounds, after.startedAt, ({ startedAt }) => startedAt);
  return exit < rounds.length ? { price: after.answer, exit } : undefined;
}

/** Index of the first round whose time is after `moment`; the number of rounds if there is none. */
function firstAfter(rounds: readonly Round[], moment: number, timeOf: (round: Round) => number): number {
  let [low, high] = [0, rounds.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timeOf(rounds[middle]!) > moment) high = middle;
    else low = middle + 1;
  }
  return low;
}

function gain(isLong: boolean, fill: bigint, fair: bigint): number {
  return isLong ? ratio(fill, fair) : -ratio(fill, fair);
}

/** (to − from) / from. */
function ratio(from: bigint, to: bigint): number {
  return Number(to - from) / Number(from);
}

/** Gains by jump: commits before the same round share their luck, so the error is that of the jumps' means. */
class Samples {
  readonly #jumps = new Map<number, { sum: number; count: number }>();
  #winners = 0;

  add(jump: number, value: number): void {
    const of = this.#jumps.get(jump) ?? { sum: 0, count: 0 };
    this.#jumps.set(jump, { sum: of.sum + value, count: of.count + 1 });
    if (value > 0) this.#winners += 1;
  }

  summary(): Gain {
    const jumps = [...this.#jumps.values()];
    const count = jumps.reduce((n, jump) => n + jump.count, 0);
    const mean = jumps.reduce((sum, jump) => sum + jump.sum, 0) / count;
    const squares = jumps.reduce((sum, jump) => sum + (jump.sum - jump.count * mean) ** 2, 0);
    return { mean, standardError: Math.sqrt(squares) / count, winners: this.#winners / count };
  }
}
