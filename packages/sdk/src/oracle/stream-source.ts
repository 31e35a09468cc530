import type { ContractRunner } from "ethers";
import {
  ChainlinkStreamsOracle__factory,
  IChainlinkFeeManager__factory,
  IChainlinkVerifier__factory,
  type ChainlinkStreamsOracle,
} from "../contracts.ts";
import { max, min } from "../math/FixedMath.ts";
import { toCollateralDown } from "../math/OracleMath.ts";
import type { FixingQuery } from "../orders/fixing.ts";
import type { StreamsClient } from "../streams/client.ts";
import type { ReportV3, SignedReport } from "../streams/report.ts";
import { collateralRounds, encodeRoundProof, phaseIn } from "./feed-source.ts";
import type { FeedRounds } from "./rounds.ts";
import type { FixingSearch, ObservedPrice, PriceSource, Proof } from "./source.ts";

const NONE = /^0x0{40}$/;

/** Where the collateral feed's phase is in an epoch. */
const COLLATERAL = 2n;

/** Reports asked for at once. */
const PAGE = 500;

/** The prices of a stream, with the report that was seen last. */
export interface StreamSource extends PriceSource {
  /** The newest report, as `latest` saw it last: to be brought to the oracle by who needs its price there. */
  readonly head: SignedReport | undefined;
}

/**
 * Prices of a `ChainlinkStreamsOracle`: finds reports and says which of them the oracle has to keep.
 *
 * @example
 * const source = await connectStreamSource(addresses.oracle, createStreamsClient(options), provider);
 * const fixing = await source.findFixing(fixingQuery(order, params), now);
 * if (fixing.found) {
 *   await oracle.submit(fixing.reports, feeToken, { value: await oracle.feeFor(fixing.reports, feeToken) });
 *   await orderBook.settle(order, fixing.proof, feeTo);
 * }
 */
export async function connectStreamSource(
  oracle: string,
  client: StreamsClient,
  runner: ContractRunner,
): Promise<StreamSource> {
  const contract = ChainlinkStreamsOracle__factory.connect(oracle, runner);
  const [streamId, minPrice, maxPrice, feed] = await Promise.all([
    contract.streamId(),
    contract.minPrice(),
    contract.maxPrice(),
    contract.collateralFeed(),
  ]);
  const collateral = NONE.test(feed) ? undefined : await collateralRounds(contract, feed, runner);
  return new Stream(contract, client, { streamId, minPrice, maxPrice }, collateral);
}

/** The token that verification is paid in natively: the wrapped native token, or zero where it is free. */
export async function nativeFeeToken(oracle: ChainlinkStreamsOracle): Promise<string> {
  const verifier = IChainlinkVerifier__factory.connect(await oracle.verifier(), oracle.runner);
  const manager = await verifier.s_feeManager();
  if (NONE.test(manager)) return manager;
  return IChainlinkFeeManager__factory.connect(manager, oracle.runner).i_nativeAddress();
}

interface Terms {
  readonly streamId: string;
  readonly minPrice: bigint;
  readonly maxPrice: bigint;
}

class Stream implements StreamSource {
  readonly #oracle: ChainlinkStreamsOracle;
  readonly #client: StreamsClient;
  readonly #terms: Terms;
  readonly #collateral: FeedRounds | undefined;
  /** Reports in order of time, each once, without gaps from the moment before the first. */
  #seen: ObservedPrice[] = [];
  #seenFrom: bigint | undefined;
  #head: SignedReport | undefined;

  constructor(
    oracle: ChainlinkStreamsOracle,
    client: StreamsClient,
    terms: Terms,
    collateral: FeedRounds | undefined,
  ) {
    this.#oracle = oracle;
    this.#client = client;
    this.#terms = terms;
    this.#collateral = collateral;
  }

  get head(): SignedReport | undefined {
    return this.#head;
  }

  forget(): void {
    // Reports don't depend on the chain; their price in collateral tokens does.
    [this.#seen, this.#seenFrom] = [[], undefined];
    this.#collateral?.forget();
  }

  async latest(): Promise<ObservedPrice | undefined> {
    const [found] = await Promise.all([
      this.#client.latest(this.#terms.streamId),
      this.#collateral?.refresh(),
    ]);
    this.#head = found;
    return found === undefined ? undefined : this.#priced(found.report);
  }

  async findFixing({ moment, epoch, inclusionDelay }: FixingQuery, now: bigint): Promise<FixingSearch> {
    const second = moment + 1n;
    const head = this.#head?.report.observationsTimestamp;
    if (head === undefined || head < second) return { found: false, notBefore: second };
    const signed = await this.#client.at(this.#terms.streamId, second);
    if (signed === undefined) return { found: false, notBefore: second };
    const id = signed.report.observationsTimestamp;
    if (id > now) return { found: false, notBefore: id };
    const words = await this.#collateralWords(epoch, id);
    // Without a next round of the collateral's feed, one observed up to that time may still be under way.
    if (words.includes(0n) && now <= id + inclusionDelay)
      return { found: false, notBefore: id + inclusionDelay + 1n };
    return { found: true, id, proof: encodeRoundProof(id, ...words), reports: [signed.fullReport] };
  }

  async since(
    moment: bigint,
    after?: bigint,
  ): Promise<{ epoch: bigint; observations: readonly ObservedPrice[] }> {
    await this.#read(moment);
    const from = after === undefined ? moment : max(after, moment);
    return { epoch: 0n, observations: this.#seen.slice(firstIndex(this.#seen, from)) };
  }

  async observationProof({ id }: ObservedPrice): Promise<Proof> {
    const { streamId } = this.#terms;
    const signed = await this.#client.at(streamId, id);
    if (signed === undefined) throw new RangeError(`no report holds second ${id}`);
    const before = signed.report.validFromTimestamp - 1n;
    // Without it the oracle can't tell that the price crossed here first, and the order trades at its own fixing.
    const previous = await this.#client.at(streamId, before);
    const reports = previous === undefined ? [] : [previous.fullReport];
    const words = await this.#collateralWords(await this.#oracle.epoch(), id, before);
    return { proof: encodeRoundProof(id, ...words), reports: [...reports, signed.fullReport] };
  }

  /** Reads the reports from `moment` up to the newest, those that have not been read yet. */
  async #read(moment: bigint): Promise<void> {
    const head = this.#head?.report.observationsTimestamp ?? 0n;
    if (this.#seenFrom === undefined) [this.#seen, this.#seenFrom] = [[], moment];
    if (moment < this.#seenFrom) {
      this.#seen = [...(await this.#page(moment, this.#seenFrom)), ...this.#seen];
      this.#seenFrom = moment;
    }
    const last = this.#seen.at(-1)?.id ?? this.#seenFrom;
    if (last < head) this.#seen = [...this.#seen, ...(await this.#page(last, head))];
  }

  /** Reports observed after `from` and up to `to`. */
  async #page(from: bigint, to: bigint): Promise<ObservedPrice[]> {
    const found: ObservedPrice[] = [];
    for (let at = from; at < to;) {
      const page = await this.#client.page(this.#terms.streamId, at + 1n, PAGE);
      for (const { report } of page) {
        at = report.observationsTimestamp;
        if (at <= to) found.push(await this.#priced(report));
      }
      if (page.length === 0) break;
    }
    return found;
  }

  /** The words of the collateral feed that go with observations: its first round after each. */
  async #collateralWords(epoch: bigint, ...times: bigint[]): Promise<bigint[]> {
    const rounds = this.#collateral;
    if (rounds === undefined) return [];
    const next = times.map((time) => rounds.firstAfter(time, phaseIn(epoch, COLLATERAL)));
    return (await Promise.all(next)).map((round) => round?.id ?? 0n);
  }

  /** A report's price in collateral tokens, 0 if the oracle doesn't believe it. */
  async #priced(report: ReportV3): Promise<ObservedPrice> {
    const { observationsTimestamp: observedAt, price, bid, ask } = report;
    const { minPrice, maxPrice } = this.#terms;
    const believed = min(bid, price) >= minPrice && max(ask, price) <= maxPrice;
    if (!believed) return { id: observedAt, observedAt, price: 0n };
    const rounds = this.#collateral;
    if (rounds === undefined) return { id: observedAt, observedAt, price };
    const epoch = phaseIn(await this.#oracle.epoch(), COLLATERAL);
    const worth = await rounds.priceAt(observedAt, epoch);
    return { id: observedAt, observedAt, price: worth === 0n ? 0n : toCollateralDown(price, worth) };
  }
}

/** Index of the first observation with an id greater than `id`. */
function firstIndex(observations: readonly ObservedPrice[], id: bigint): number {
  let [low, high] = [0, observations.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((observations[middle]?.id ?? 0n) > id) high = middle;
    else low = middle + 1;
  }
  return low;
}
