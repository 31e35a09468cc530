import { connectFeedSource, encodeRoundProof } from "@bulkhead/sdk";
import { ZeroAddress } from "ethers";
import { network } from "hardhat";
import {
  ChainlinkFeedOracle__factory,
  EACAggregatorProxy__factory,
  HistoryAggregator__factory,
  type HistoryAggregator,
} from "../../typechain-types/index.ts";
import { WAD } from "./market.ts";

const { ethers, networkHelpers } = await network.create();
const [operator] = await ethers.getSigners();
export const signer = operator!;

export const MAX_AGE = 4_200;
export const OBSERVED = 0n;
export const FALLBACK = 1n;
export const VOID = 2n;
/** A proxy's round id. */
export const id = (phase: number, round: number): bigint => (BigInt(phase) << 64n) | BigInt(round);

/** A feed behind Chainlink's own proxy, whose first round was observed at `t0`. */
export async function feed(decimals = 8) {
  const t0 = (await networkHelpers.time.latest()) - 100;
  const aggregator = await new HistoryAggregator__factory(signer).deploy(decimals, "ETH / USD");
  await aggregator.push(1, 2_000n * 10n ** BigInt(decimals), t0, t0);
  const proxy = await new EACAggregatorProxy__factory(signer).deploy(aggregator, ZeroAddress);
  const oracle = await deployOracle(await proxy.getAddress());
  /** Adds a round of the aggregator's phase; the price in whole dollars, seconds after `t0`. */
  const push = (round: number, dollars: bigint, after: number, to: HistoryAggregator = aggregator) =>
    to.push(round, dollars * 10n ** BigInt(decimals), t0 + after, t0 + after);
  const query = (after: number, epoch = 1) => ({
    moment: BigInt(t0 + after),
    epoch: BigInt(epoch),
    fallbackDelay: 900n,
    inclusionDelay: 30n,
  });
  const fixing = (after: number, roundId: bigint, epoch = 1) =>
    oracle.fixing.staticCall(query(after, epoch), encodeRoundProof(roundId));
  const search = async (after: number, epoch = 1) => {
    const source = await connectFeedSource(await oracle.getAddress(), signer);
    return source.findFixing(query(after, epoch), BigInt(await networkHelpers.time.latest()));
  };
  const at = (after: number) => networkHelpers.time.increaseTo(t0 + after);
  return { t0, aggregator, proxy, oracle, push, fixing, search, at, query };
}

const NO_FEED = { feed: ZeroAddress, maxAge: 0n, minPrice: 0n, maxPrice: 0n };

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
    gracePeriod = 0n,
  } = {},
) {
  return new ChainlinkFeedOracle__factory(signer).deploy(
    { feed: proxy, maxAge, minPrice: min, maxPrice: max },
    { feed: second, maxDeviation },
    { collateral, sequencer, gracePeriod, uncertainty },
  );
}
