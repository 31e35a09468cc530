import { AbiCoder, Contract } from "ethers";
import type { IChainlinkFeed } from "../../../../typechain-types/index.ts";
import { isRevert } from "../decode/errors.ts";
import type { Order, OrderParams, TwapOrder } from "../types.ts";

/** What the contract is asked: the first observation made after `moment`. Seconds. */
export interface FixingQuery {
  readonly moment: bigint;
  readonly epoch: bigint;
  readonly fallbackDelay: bigint;
  readonly inclusionDelay: bigint;
}

/** A round of a feed; `observedAt` is `startedAt`, seconds. */
export interface FeedRound {
  readonly id: bigint;
  readonly answer: bigint;
  readonly observedAt: bigint;
}

/** The round that proves an order's fixing, or the time from which one can exist. */
export type FixingSearch =
  | { readonly found: true; readonly roundId: bigint; readonly proof: string }
  | { readonly found: false; readonly fallbackAt: bigint };

/** A proxy's round id is its phase, then 64 bits of the aggregator's own. */
export const PHASE_BITS = 64n;
const ROUND_MASK = (1n << PHASE_BITS) - 1n;

/** Rounds without data in a row beyond which a phase is taken to begin above them. */
const LONGEST_GAP = 32n;

/** The query an order stands for. */
export function fixingQuery(order: Order, params: OrderParams): FixingQuery {
  return {
    moment: order.committedAt + params.settlementDelay,
    epoch: order.epoch,
    fallbackDelay: params.fallbackDelay,
    inclusionDelay: params.settlementDelay,
  };
}

/** The query the next slice of an order stands for. */
export function sliceQuery(order: TwapOrder, params: OrderParams): FixingQuery {
  return {
    moment: order.startedAt + order.next * order.interval + params.settlementDelay,
    epoch: order.epoch,
    fallbackDelay: params.fallbackDelay,
    inclusionDelay: params.settlementDelay,
  };
}

/** The proof that `OrderBook.settle` takes: `abi.encode(uint80 roundId)`. */
export function encodeRoundProof(roundId: bigint): string {
  return AbiCoder.defaultAbiCoder().encode(["uint80"], [roundId]);
}

/** The feed's latest round; `undefined` if it is no observation (unfinished or carried over). */
export async function latestRound(feed: IChainlinkFeed): Promise<FeedRound | undefined> {
  return asObservation(await feed.latestRoundData());
}

/**
 * Finds the round that fixes the price of `query`, in O(log n) calls over the round ids of each phase from the
 * query's epoch on. Rounds without data are stepped over.
 *
 * @param now Timestamp of the block a settlement would be in, seconds.
 * @param latest The latest round, if the caller has it already.
 * @param known Rounds seen before, by id: they never change, so a caller who settles many orders keeps one map.
 */
export async function findFixing(
  feed: IChainlinkFeed,
  query: FixingQuery,
  now: bigint,
  latest?: FeedRound,
  known: Map<bigint, FeedRound> = new Map<bigint, FeedRound>(),
): Promise<FixingSearch> {
  const last = latest ?? (await latestRound(feed));
  const fallbackAt = query.moment + query.fallbackDelay + query.inclusionDelay + 1n;
  if (last === undefined) return { found: false, fallbackAt };
  if (last.observedAt <= query.moment)
    return now >= fallbackAt ? found(last.id) : { found: false, fallbackAt };

  const lastPhase = last.id >> PHASE_BITS;
  for (let phase = query.epoch; phase <= lastPhase; phase += 1n) {
    const end = phase === lastPhase ? last : await lastOfPhase(feed, phase, known);
    if (end === undefined || end.observedAt <= query.moment) continue;
    return found(await firstAfter(feed, end, query.moment, known));
  }
  return { found: false, fallbackAt };
}

/** Id of the first observation after `moment` in the phase of `end`, which is one. */
export async function firstAfter(
  feed: IChainlinkFeed,
  end: FeedRound,
  moment: bigint,
  known: Map<bigint, FeedRound>,
): Promise<bigint> {
  const base = end.id - (end.id & ROUND_MASK);
  let high = end.id; // observed after the moment
  let low = base; // not an observation after the moment
  for (let step = 1n; high - step > base; step *= 2n) {
    const probe = high - step;
    const floor = probe - base > LONGEST_GAP ? probe - LONGEST_GAP : base;
    const round = await atOrBelow(feed, probe, floor, known);
    if (round === undefined || round.observedAt <= moment) {
      low = probe;
      break;
    }
    high = round.id;
  }
  while (high - low > 1n) {
    const middle = await atOrBelow(feed, (low + high) / 2n, low, known);
    if (middle === undefined) low = (low + high) / 2n;
    else if (middle.observedAt > moment) high = middle.id;
    else low = (low + high) / 2n;
  }
  return high;
}

/** The nearest observation at or below `id`, above `low`. */
async function atOrBelow(
  feed: IChainlinkFeed,
  id: bigint,
  low: bigint,
  known: Map<bigint, FeedRound>,
): Promise<FeedRound | undefined> {
  for (let candidate = id; candidate > low; candidate -= 1n) {
    const round = await observation(feed, candidate, known);
    if (round !== undefined) return round;
  }
  return undefined;
}

async function lastOfPhase(
  feed: IChainlinkFeed,
  phase: bigint,
  known: Map<bigint, FeedRound>,
): Promise<FeedRound | undefined> {
  const aggregator = new Contract(
    await feed.phaseAggregators(phase),
    ["function latestRound() view returns (uint256)"],
    feed.runner,
  );
  const number = (await aggregator.getFunction("latestRound").staticCall()) as bigint;
  // Its last round may be no observation.
  return atOrBelow(feed, (phase << PHASE_BITS) | number, phase << PHASE_BITS, known);
}

/** A round by id; `undefined` where it has no data or repeats an earlier answer. */
export async function observation(
  feed: IChainlinkFeed,
  id: bigint,
  known: Map<bigint, FeedRound>,
): Promise<FeedRound | undefined> {
  const seen = known.get(id);
  if (seen !== undefined) return seen;
  try {
    const round = asObservation(await feed.getRoundData(id));
    if (round !== undefined) known.set(id, round);
    return round;
  } catch (error) {
    if (isRevert(error)) return undefined;
    throw error;
  }
}

function asObservation(round: {
  roundId: bigint;
  answer: bigint;
  startedAt: bigint;
  updatedAt: bigint;
  answeredInRound: bigint;
}): FeedRound | undefined {
  if (round.updatedAt === 0n || round.startedAt === 0n || round.answeredInRound < round.roundId)
    return undefined;
  return { id: round.roundId, answer: round.answer, observedAt: round.startedAt };
}

function found(roundId: bigint): FixingSearch {
  return { found: true, roundId, proof: encodeRoundProof(roundId) };
}
