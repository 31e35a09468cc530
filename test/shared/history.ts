import { math, type FeedRound } from "@bulkhead/sdk";
import { AbiCoder, getAddress, type ContractRunner } from "ethers";
import type { IChainlinkFeed } from "../../typechain-types/index.ts";
import type { Random } from "./random.ts";

const { phaseOf, roundIdOf } = math.OracleMath;

/** A round as an aggregator reports it; one that repeats an earlier answer has that one's number as `answeredIn`. */
export interface Reported {
  readonly number: number;
  readonly answer: bigint;
  readonly at: number;
  readonly answeredIn: number;
}

/** Rounds of a proxy's phases, the first one first. */
export type History = readonly (readonly Reported[])[];

/** Shape of a random history. */
export interface HistoryShape {
  readonly phases: number;
  readonly rounds: number;
  readonly from: number;
  readonly answer: (random: Random) => bigint;
}

/**
 * Random rounds: gaps in the numbers, repeated answers, equal times, phases without a round, aggregators that ran
 * alongside before they took over, and ones that went on after they were replaced.
 */
export function randomHistory(random: Random, { phases, rounds, from, answer }: HistoryShape): History {
  const history: Reported[][] = [];
  let confirmed = from;
  for (let phase = 0; phase < phases; phase += 1) {
    const list: Reported[] = [];
    let at = random.oneIn(2) ? Math.max(from, confirmed - int(random, 0, 2_000)) : confirmed;
    let number = 0;
    const count = phase > 0 && random.oneIn(4) ? 0 : int(random, 1, rounds);
    for (let i = 0; i < count; i += 1) {
      number += random.oneIn(5) ? int(random, 2, 5) : 1;
      const isRepeat = number > 1 && random.oneIn(6);
      list.push({ number, answer: answer(random), at, answeredIn: isRepeat ? number - 1 : number });
      if (!random.oneIn(6)) at += random.oneIn(5) ? int(random, 900, 5_000) : int(random, 1, 600);
    }
    history.push(list);
    confirmed = random.oneIn(3) ? Math.max(confirmed, at - int(random, 0, 1_000)) : Math.max(confirmed, at);
  }
  return history;
}

const int = (random: Random, low: number, high: number): number =>
  Number(random.between(BigInt(low), BigInt(high)));

/** What a scan of all rounds finds. Moments are seconds, epochs phases. */
export function scan(history: History) {
  const observations: FeedRound[][] = history.map((rounds, i) =>
    rounds
      .filter(({ number, answeredIn }) => number === answeredIn)
      .map(({ number, answer, at }) => ({
        id: roundIdOf(BigInt(i + 1), BigInt(number)),
        answer,
        observedAt: BigInt(at),
      })),
  );
  const of = (phase: bigint): readonly FeedRound[] => observations[Number(phase) - 1] ?? [];
  const current = BigInt(history.length);
  const firstAfter = (moment: bigint, epoch: bigint): FeedRound | undefined => {
    for (let phase = epoch; phase <= current; phase += 1n) {
      const found = of(phase).find(({ observedAt }) => observedAt > moment);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const lastUpTo = (moment: bigint, epoch: bigint): FeedRound | undefined => {
    const next = firstAfter(moment, epoch);
    const end = next === undefined ? current : phaseOf(next.id);
    for (let phase = epoch; phase <= end; phase += 1n) {
      const found = of(phase).findLast(({ observedAt }) => observedAt <= moment);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const since = (moment: bigint): readonly FeedRound[] =>
    of(current).filter(({ observedAt }) => observedAt > moment);
  return { firstAfter, lastUpTo, since, current };
}

/** A proxy in memory over a history, and how often it was asked. */
export function memoryFeed(history: History) {
  let calls = 0;
  const current = BigInt(history.length);
  const rounds = new Map<bigint, Reported>();
  for (const [i, phase] of history.entries())
    for (const round of phase) rounds.set(roundIdOf(BigInt(i + 1), BigInt(round.number)), round);
  const read = (roundId: bigint) => {
    calls += 1;
    const round = rounds.get(roundId);
    // As a node tells of a revert.
    if (round === undefined) return Promise.reject(Object.assign(new Error("No data present"), { code: 3 }));
    const { answer, at, answeredIn } = round;
    return Promise.resolve({
      roundId,
      answer,
      startedAt: BigInt(at),
      updatedAt: BigInt(at),
      answeredInRound: roundIdOf(phaseOf(roundId), BigInt(answeredIn)),
    });
  };
  const runner: ContractRunner = {
    provider: null,
    call: ({ to }) => {
      calls += 1;
      const last = history[Number(BigInt(to as string)) - 1]?.at(-1)?.number ?? 0;
      return Promise.resolve(AbiCoder.defaultAbiCoder().encode(["uint256"], [last]));
    },
  };
  const feed = {
    runner,
    getRoundData: read,
    latestRoundData: () => read(roundIdOf(current, BigInt(history.at(-1)?.at(-1)?.number ?? 0))),
    decimals: () => Promise.resolve(8n),
    phaseId: () => Promise.resolve(current),
    phaseAggregators: (phase: bigint) => {
      calls += 1;
      return Promise.resolve(getAddress(`0x${phase.toString(16).padStart(40, "0")}`));
    },
  };
  return { feed: feed as unknown as IChainlinkFeed, count: () => calls };
}
