import { AbiCoder, type ContractRunner } from "ethers";
import {
  ChainlinkFeedOracle__factory,
  IChainlinkFeed__factory,
  type ChainlinkFeedOracle,
} from "../contracts.ts";
import { max } from "../math/FixedMath.ts";
import { aggregatorRoundOf, phaseOf, toCollateralDown } from "../math/OracleMath.ts";
import type { FixingQuery } from "../orders/fixing.ts";
import { FeedRounds, type FeedRound } from "./rounds.ts";
import type { FixingSearch, ObservedPrice, PriceSource, Proof } from "./source.ts";

const NONE = /^0x0{40}$/;

/** Bits of one feed's phase in an epoch. */
const PHASE_BITS = 16n;

/** The feeds of a `ChainlinkFeedOracle`. */
interface Feeds {
  readonly price: FeedRounds;
  readonly second: FeedRounds | undefined;
  readonly collateral: FeedRounds | undefined;
}

/**
 * The words of a feed oracle's proof: round ids of the price feed, of the second one, and of the collateral feed at the
 * observation and at the one before it.
 */
export function encodeRoundProof(roundId: bigint, ...others: bigint[]): string {
  const ids = [roundId, ...others];
  return AbiCoder.defaultAbiCoder().encode(
    ids.map(() => "uint80"),
    ids,
  );
}

/**
 * Prices of a `ChainlinkFeedOracle`: finds rounds and puts proofs together.
 *
 * @example
 * const source = await connectFeedSource(addresses.oracle, provider);
 * const fixing = await source.findFixing(fixingQuery(order, params), now);
 * if (fixing.found) await orderBook.settle(order, fixing.proof, feeTo);
 */
export async function connectFeedSource(oracle: string, runner: ContractRunner): Promise<PriceSource> {
  const contract = ChainlinkFeedOracle__factory.connect(oracle, runner);
  return new FeedSource(await feedsOf(contract, runner), contract);
}

async function feedsOf(oracle: ChainlinkFeedOracle, runner: ContractRunner): Promise<Feeds> {
  const connect = (address: string): ReturnType<typeof IChainlinkFeed__factory.connect> =>
    IChainlinkFeed__factory.connect(address, runner);
  const [feed, second, collateral] = await Promise.all([
    oracle.feed(),
    oracle.secondFeed(),
    oracle.collateralFeed(),
  ]);
  const [maxAge, minPrice, maxPrice] = await Promise.all([
    oracle.maxAge(),
    oracle.minPrice(),
    oracle.maxPrice(),
  ]);
  return {
    price: new FeedRounds(connect(feed), { maxAge, minPrice, maxPrice }),
    // Only its rounds are looked at, not what is believed of them.
    second: NONE.test(second)
      ? undefined
      : new FeedRounds(connect(second), { maxAge: 0n, minPrice: 0n, maxPrice: 0n }),
    collateral: NONE.test(collateral) ? undefined : await collateralRounds(oracle, collateral, runner),
  };
}

/** The collateral feed of an oracle, of either kind. */
export async function collateralRounds(
  oracle: Pick<ChainlinkFeedOracle, "collateralMaxAge" | "collateralMinPrice" | "collateralMaxPrice">,
  feed: string,
  runner: ContractRunner,
): Promise<FeedRounds> {
  const [maxAge, minPrice, maxPrice] = await Promise.all([
    oracle.collateralMaxAge(),
    oracle.collateralMinPrice(),
    oracle.collateralMaxPrice(),
  ]);
  return new FeedRounds(IChainlinkFeed__factory.connect(feed, runner), { maxAge, minPrice, maxPrice });
}

/** One feed's phase in an epoch: 0 the price feed, 1 the second, 2 the collateral's. */
export function phaseIn(epoch: bigint, index: bigint): bigint {
  return (epoch >> (PHASE_BITS * index)) & 0xffffn;
}

class FeedSource implements PriceSource {
  readonly #feeds: Feeds;
  readonly #oracle: ChainlinkFeedOracle;

  constructor(feeds: Feeds, oracle: ChainlinkFeedOracle) {
    this.#feeds = feeds;
    this.#oracle = oracle;
  }

  forget(): void {
    for (const rounds of Object.values(this.#feeds) as (FeedRounds | undefined)[]) rounds?.forget();
  }

  async latest(): Promise<ObservedPrice | undefined> {
    const { price, second, collateral } = this.#feeds;
    const [{ round }] = await Promise.all([price.refresh(), second?.refresh(), collateral?.refresh()]);
    return round === undefined ? undefined : this.#priced(round);
  }

  async findFixing(query: FixingQuery, now: bigint): Promise<FixingSearch> {
    const { price } = this.#feeds;
    const { id, round } = await price.latest();
    // The oracle itself needs a feed that answers.
    const answers = aggregatorRoundOf(id) !== 0n;
    const first = answers ? await price.firstAfter(query.moment, phaseIn(query.epoch, 0n)) : undefined;
    if (first !== undefined) {
      const inTime = first.observedAt <= query.moment + query.fallbackDelay;
      return this.#found(first.id, inTime ? first.observedAt : query.moment, query, now);
    }
    const notBefore = query.moment + query.fallbackDelay + query.inclusionDelay + 1n;
    // In a quiet time the latest round proves that there is none.
    if (round === undefined || now < notBefore) return { found: false, notBefore };
    return this.#found(id, query.moment, query, now);
  }

  async since(
    moment: bigint,
    after?: bigint,
  ): Promise<{ epoch: bigint; observations: readonly ObservedPrice[] }> {
    const { price } = this.#feeds;
    const { id, round } = await price.latest();
    const epoch = phaseOf(id);
    if (round === undefined || round.observedAt <= moment) return { epoch, observations: [] };
    const start =
      after !== undefined && phaseOf(after) === epoch
        ? after + 1n
        : (await price.firstUpTo(round, moment)).id;
    const observations: ObservedPrice[] = [];
    for (let at = start; at <= id; at += 1n) {
      const found = await price.at(at);
      if (found !== undefined && found.observedAt > moment) observations.push(await this.#priced(found));
    }
    return { epoch, observations };
  }

  async observationProof(observed: ObservedPrice): Promise<Proof> {
    const { second, collateral } = this.#feeds;
    if (second === undefined && collateral === undefined)
      return { proof: encodeRoundProof(observed.id), reports: [] };
    const epoch = await this.#oracle.epoch();
    const words = await this.#others(observed.observedAt, epoch);
    const before = (await this.#feeds.price.before(observed.id))?.observedAt ?? 0n;
    const last = (await collateral?.firstAfter(before, phaseIn(epoch, 2n)))?.id ?? 0n;
    return { proof: encodeRoundProof(observed.id, ...words, last), reports: [] };
  }

  async #found(id: bigint, time: bigint, query: FixingQuery, now: bigint): Promise<FixingSearch> {
    const { second, collateral } = this.#feeds;
    const alone = second === undefined && collateral === undefined;
    const others = alone ? [] : await this.#others(time, query.epoch);
    // Without a next observation, one made up to that time may still be under way.
    const isOpen = [second, collateral].some((feed, i) => feed !== undefined && others[i] === 0n);
    const landedAt = time + query.inclusionDelay;
    if (isOpen && now <= landedAt) return { found: false, notBefore: landedAt + 1n };
    return { found: true, id, proof: encodeRoundProof(id, ...others), reports: [] };
  }

  /** Ids of the first observations of the other feeds after a time, 0 where there is none. */
  async #others(time: bigint, epoch: bigint): Promise<[bigint, bigint]> {
    const { second, collateral } = this.#feeds;
    const [a, b] = await Promise.all([
      second?.firstAfter(time, phaseIn(epoch, 1n)),
      collateral?.firstAfter(time, phaseIn(epoch, 2n)),
    ]);
    return [a?.id ?? 0n, b?.id ?? 0n];
  }

  /** The round's price in collateral tokens at its time. */
  async #priced({ id, answer, observedAt }: FeedRound): Promise<ObservedPrice> {
    const { price, collateral } = this.#feeds;
    const plain = await price.priceOf(answer);
    if (collateral === undefined || plain === 0n) return { id, observedAt, price: plain };
    const epoch = phaseIn(await this.#oracle.epoch(), 2n);
    const worth = await collateral.priceAt(observedAt, max(epoch, 1n));
    return { id, observedAt, price: worth === 0n ? 0n : toCollateralDown(plain, worth) };
  }
}
