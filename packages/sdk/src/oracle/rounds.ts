import { Contract } from "ethers";
import type { IChainlinkFeed } from "../contracts.ts";
import { isRevert } from "../decode/errors.ts";
import { aggregatorRoundOf, phaseOf, roundIdOf, toPrice } from "../math/OracleMath.ts";

/** A round of a feed that is an observation; `observedAt` is `startedAt`, seconds. */
export interface FeedRound {
  readonly id: bigint;
  readonly answer: bigint;
  readonly observedAt: bigint;
}

/** What is believed of a feed: see `FeedSettings`. */
export interface FeedLimits {
  /** Seconds. */
  readonly maxAge: bigint;
  /** Wad. */
  readonly minPrice: bigint;
  readonly maxPrice: bigint;
}

/** Id of a feed's latest round, an observation or not, and the round if it is one; number 0 while there is none. */
export interface Head {
  readonly id: bigint;
  readonly round: FeedRound | undefined;
}

/**
 * The history of a Data Feed behind its proxy. Rounds never change, so each is asked for once; `forget` after a reorg.
 * Rounds without data, and rounds that repeat an earlier answer, are no observations and are stepped over.
 */
export class FeedRounds {
  readonly #feed: IChainlinkFeed;
  readonly #limits: FeedLimits;
  readonly #known = new Map<bigint, FeedRound>();
  #multiplier: bigint | undefined;
  #head: Head | undefined;

  constructor(feed: IChainlinkFeed, limits: FeedLimits) {
    this.#feed = feed;
    this.#limits = limits;
  }

  /** Forgets what has been read: the chain has reorganised. */
  forget(): void {
    this.#known.clear();
    this.#head = undefined;
  }

  /** The latest round as seen last; `refresh` looks anew. */
  async latest(): Promise<Head> {
    return this.#head ?? this.refresh();
  }

  /** The latest round. */
  async refresh(): Promise<Head> {
    try {
      const data = await this.#feed.latestRoundData();
      this.#head = { id: data.roundId, round: this.#keep(data) };
    } catch (error) {
      if (!isRevert(error)) throw error;
      // A new aggregator may have no round yet.
      this.#head = { id: roundIdOf(await this.#feed.phaseId(), 0n), round: undefined };
    }
    return this.#head;
  }

  /** A round by id; `undefined` if it is no observation. */
  async at(id: bigint): Promise<FeedRound | undefined> {
    const seen = this.#known.get(id);
    if (seen !== undefined) return seen;
    try {
      return this.#keep(await this.#feed.getRoundData(id));
    } catch (error) {
      // Proxies and aggregators revert for rounds without data.
      if (isRevert(error)) return undefined;
      throw error;
    }
  }

  /** The nearest observation at or below `id`, above `low`. */
  async atOrBelow(id: bigint, low: bigint): Promise<FeedRound | undefined> {
    for (let candidate = id; candidate > low; candidate -= 1n) {
      const round = await this.at(candidate);
      if (round !== undefined) return round;
    }
    return undefined;
  }

  /** The last observation of a phase; `undefined` if it has none. */
  async lastOf(phase: bigint): Promise<FeedRound | undefined> {
    const aggregator = new Contract(
      await this.#feed.phaseAggregators(phase),
      ["function latestRound() view returns (uint256)"],
      this.#feed.runner,
    );
    let number: bigint;
    try {
      number = (await aggregator.getFunction("latestRound").staticCall()) as bigint;
    } catch (error) {
      if (isRevert(error)) return undefined;
      throw error;
    }
    return this.atOrBelow(roundIdOf(phase, number), roundIdOf(phase, 0n));
  }

  /**
   * The first observation made after `moment`, in the lowest phase from `epoch` on that has one; `undefined` while there
   * is none. O(log n) calls in the number of rounds since then, and one for each round that is no observation.
   */
  async firstAfter(moment: bigint, epoch: bigint): Promise<FeedRound | undefined> {
    const { id, round } = await this.latest();
    const last = phaseOf(id);
    for (let phase = epoch; phase <= last; phase += 1n) {
      const end = phase === last && round !== undefined ? round : await this.lastOf(phase);
      if (end !== undefined && end.observedAt > moment) return this.firstUpTo(end, moment);
    }
    return undefined;
  }

  /** The first observation after `moment` in the phase of `end`, which is one. */
  async firstUpTo(end: FeedRound, moment: bigint): Promise<FeedRound> {
    const base = roundIdOf(phaseOf(end.id), 0n);
    let high = end; // observed after the moment
    let low = base; // no observation at or below it was
    for (let step = 1n; high.id - step > base; step *= 2n) {
      const probe = high.id - step;
      const round = await this.atOrBelow(probe, base);
      if (round === undefined || round.observedAt <= moment) {
        low = probe;
        break;
      }
      high = round;
    }
    while (high.id - low > 1n) {
      const middle = (low + high.id) / 2n;
      const round = await this.atOrBelow(middle, low);
      if (round === undefined || round.observedAt <= moment) low = middle;
      else high = round;
    }
    return high;
  }

  /** The last observation up to `moment` from `epoch` on, as `FeedHistory.upTo` finds it. */
  async lastUpTo(moment: bigint, epoch: bigint): Promise<FeedRound | undefined> {
    const next = await this.firstAfter(moment, epoch);
    const last = next === undefined ? phaseOf((await this.latest()).id) : phaseOf(next.id);
    for (let phase = epoch; phase < last; phase += 1n) {
      const end = await this.lastOf(phase);
      if (end !== undefined) return end;
    }
    return next === undefined ? this.lastOf(last) : this.before(next.id);
  }

  /** The observation before a round in its phase. */
  async before(id: bigint): Promise<FeedRound | undefined> {
    if (aggregatorRoundOf(id) === 0n) return undefined;
    return this.atOrBelow(id - 1n, roundIdOf(phaseOf(id), 0n));
  }

  /** An answer as a price, wad; 0 if it is not to be believed. */
  async priceOf(answer: bigint): Promise<bigint> {
    this.#multiplier ??= 10n ** (18n - (await this.#feed.decimals()));
    if (answer <= 0n) return 0n;
    const price = toPrice(answer, this.#multiplier);
    return price < this.#limits.minPrice || price > this.#limits.maxPrice ? 0n : price;
  }

  /** The price at `moment`, wad; 0 if it was stale then, or not to be believed. */
  async priceAt(moment: bigint, epoch: bigint): Promise<bigint> {
    const round = await this.lastUpTo(moment, epoch);
    if (round === undefined || moment - round.observedAt > this.#limits.maxAge) return 0n;
    return this.priceOf(round.answer);
  }

  #keep(data: {
    roundId: bigint;
    answer: bigint;
    startedAt: bigint;
    updatedAt: bigint;
    answeredInRound: bigint;
  }): FeedRound | undefined {
    if (data.updatedAt === 0n || data.startedAt === 0n || data.answeredInRound < data.roundId)
      return undefined;
    const round = { id: data.roundId, answer: data.answer, observedAt: data.startedAt };
    this.#known.set(round.id, round);
    return round;
  }
}
