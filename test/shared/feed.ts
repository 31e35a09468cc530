import { connectFeedSource, encodeRoundProof } from "@bulkhead/sdk";
import { ZeroAddress, type Signer } from "ethers";
import { network } from "hardhat";
import {
  ChainlinkFeedOracle__factory,
  EACAggregatorProxy__factory,
  GuardedAggregator__factory,
  HistoryAggregator__factory,
  type HistoryAggregator,
} from "../../typechain-types/index.ts";
import { WAD } from "./market.ts";

export const chain = await network.create();
export const { ethers, networkHelpers } = chain;
const [operator] = await ethers.getSigners();
export const signer = operator!;

export const MAX_AGE = 4_200;
export const OBSERVED = 0n;
export const FALLBACK = 1n;
export const VOID = 2n;
/** A dollar of a feed of 8 decimals. */
export const USD = 10n ** 8n;
/** A proxy's round id. */
export const id = (phase: number, round: number): bigint => (BigInt(phase) << 64n) | BigInt(round);
/** An epoch: the phases of the price feed, the second feed and the collateral's. */
export const epochOf = (...phases: number[]): bigint =>
  phases.reduce((epoch, phase, i) => epoch | (BigInt(phase) << BigInt(16 * i)), 0n);

/** A little before now: when the first rounds of a test's feeds are observed. */
export const startTime = async (): Promise<number> => (await networkHelpers.time.latest()) - 100;

/** Chainlink's own proxy over an aggregator; `confirm` begins a new phase. */
export async function openProxy(aggregator: string, by: Signer = signer) {
  const proxy = await new EACAggregatorProxy__factory(by).deploy(aggregator, ZeroAddress);
  const confirm = async (next: string): Promise<void> => {
    await proxy.proposeAggregator(next);
    await proxy.confirmAggregator(next);
  };
  return { proxy, address: await proxy.getAddress(), confirm };
}

/** A feed behind Chainlink's own proxy, whose first round was observed at `t0`. Answers as the feed reports them. */
export async function openFeed(first: bigint, t0: number, decimals = 8, by: Signer = signer) {
  const open = () => new HistoryAggregator__factory(by).deploy(decimals, "ETH / USD");
  const aggregator = await open();
  await aggregator.push(1, first, t0, t0);
  const { proxy, address, confirm } = await openProxy(await aggregator.getAddress(), by);
  /** Adds a round, seconds after `t0`. */
  const push = (round: number, answer: bigint, after: number, to: HistoryAggregator = aggregator) =>
    to.push(round, answer, t0 + after, t0 + after);
  /** Begins a new phase. */
  const replace = async (next?: HistoryAggregator): Promise<HistoryAggregator> => {
    const taking = next ?? (await open());
    await confirm(await taking.getAddress());
    return taking;
  };
  const settings = ({ maxAge = MAX_AGE, minPrice = 1n, maxPrice = 10n ** 6n * WAD } = {}) => ({
    feed: address,
    maxAge,
    minPrice,
    maxPrice,
  });
  return { aggregator, proxy, address, open, push, replace, settings };
}

/** An aggregator that answers no contract but the proxies it is told of. */
export async function openGuarded(proxies: string[]): Promise<HistoryAggregator> {
  const aggregator = await new GuardedAggregator__factory(signer).deploy(8, "ETH / USD");
  for (const proxy of proxies) await aggregator.addAccess(proxy);
  return HistoryAggregator__factory.connect(await aggregator.getAddress(), signer);
}

/** An oracle over a feed whose first answer, at `t0`, is 2,000 dollars, with whatever else there is. */
export async function feed(decimals = 8, { t0, ...others }: OracleWish & { readonly t0?: number } = {}) {
  const start = t0 ?? (await startTime());
  const unit = 10n ** BigInt(decimals);
  const opened = await openFeed(2_000n * unit, start, decimals);
  const oracle = await deployOracle(opened.address, others);
  const source = await connectFeedSource(await oracle.getAddress(), signer);
  /** Adds a round of the aggregator's phase; the price in whole dollars, seconds after `t0`. */
  const push = (round: number, dollars: bigint, after: number, to: HistoryAggregator = opened.aggregator) =>
    opened.push(round, dollars * unit, after, to);
  const query = (after: number, epoch: number | bigint = 1) => ({
    moment: BigInt(start + after),
    epoch: BigInt(epoch),
    fallbackDelay: 900n,
    inclusionDelay: 30n,
    recordedAt: BigInt(start + after) - 30n,
  });
  /** The fixing that one round id, or one for each feed, proves. */
  const fixing = (after: number, words: bigint | readonly bigint[], epoch: number | bigint = 1) => {
    const [roundId, ...rest] = [words].flat();
    return oracle.fixing.staticCall(query(after, epoch), encodeRoundProof(roundId!, ...rest));
  };
  const search = async (after: number, epoch: number | bigint = 1) => {
    source.forget();
    return source.findFixing(query(after, epoch), BigInt(await networkHelpers.time.latest()));
  };
  const at = (after: number) => networkHelpers.time.increaseTo(start + after);
  return { ...opened, t0: start, oracle, source, push, fixing, search, at, query };
}

const NO_FEED = { feed: ZeroAddress, maxAge: 0, minPrice: 0n, maxPrice: 0n };

/** What an oracle of a test may have otherwise. */
export interface OracleWish {
  readonly maxAge?: number;
  readonly uncertainty?: bigint;
  readonly min?: bigint;
  readonly max?: bigint;
  readonly second?: typeof NO_FEED;
  readonly maxDeviation?: bigint;
  readonly collateral?: typeof NO_FEED;
  readonly sequencer?: string;
  readonly gracePeriod?: number;
}

/** An oracle over a feed, with whatever else there is. */
export function deployOracle(
  proxy: string,
  {
    maxAge = MAX_AGE,
    uncertainty = WAD / 200n,
    min = 10n * WAD,
    max = 10n ** 6n * WAD,
    second = NO_FEED,
    maxDeviation = 0n,
    collateral = NO_FEED,
    sequencer = ZeroAddress,
    gracePeriod = 0,
  }: OracleWish = {},
) {
  return new ChainlinkFeedOracle__factory(signer).deploy(
    { feed: proxy, maxAge, minPrice: min, maxPrice: max },
    { feed: second, maxDeviation },
    { collateral, sequencer, gracePeriod, uncertainty },
  );
}
