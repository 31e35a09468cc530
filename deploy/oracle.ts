import { ZeroAddress, type ContractRunner, type Signer } from "ethers";
import {
  ChainlinkFeedOracle__factory,
  ChainlinkStreamsOracle__factory,
  type ChainlinkFeedOracle,
  type ChainlinkStreamsOracle,
} from "../typechain-types/index.ts";
import type { Externals } from "./code.ts";
import type { FeedParams, OracleParams } from "./params/types.ts";

/** Tells what of an oracle is not as asked for: what, as found, as wanted. */
export type Compare = (what: string, actual: unknown, expected: unknown) => void;

/**
 * Deploys the oracle of a market: over a Data Feed or over a stream, with whatever else the chain has.
 *
 * @throws Error if neither a feed nor a stream is given, or both are.
 */
export async function deployOracle(
  signer: Signer,
  params: OracleParams,
  externals: Externals,
): Promise<ChainlinkFeedOracle | ChainlinkStreamsOracle> {
  requireOneSource(externals);
  const { collateralFeed, sequencer, secondFeed, stream, feed } = externals;
  const settings = {
    collateral: feedSettings(collateralFeed, params.collateral),
    sequencer: sequencer ?? ZeroAddress,
    gracePeriod: params.gracePeriod,
    uncertainty: params.uncertainty,
  };
  if (stream !== undefined)
    return new ChainlinkStreamsOracle__factory(signer).deploy({ ...stream, ...params.stream }, settings);
  const { maxDeviation } = params.second;
  const second = { feed: feedSettings(secondFeed, params.second), maxDeviation };
  return new ChainlinkFeedOracle__factory(signer).deploy(feedSettings(feed, params.feed), second, settings);
}

/** Reads an oracle's settings back. */
export async function compareOracle(
  address: string,
  runner: ContractRunner | null,
  params: OracleParams,
  externals: Externals,
  same: Compare,
): Promise<void> {
  const { stream, feed, secondFeed, collateralFeed, sequencer } = externals;
  const oracle = ChainlinkFeedOracle__factory.connect(address, runner);
  same("oracle.uncertainty", await oracle.uncertainty(), params.uncertainty);
  same("oracle.gracePeriod", await oracle.gracePeriod(), params.gracePeriod);
  same("oracle.sequencer", await oracle.sequencer(), sequencer ?? ZeroAddress);
  same("oracle.collateralFeed", await oracle.collateralFeed(), collateralFeed ?? ZeroAddress);
  if (collateralFeed !== undefined) {
    same("oracle.collateralMaxAge", await oracle.collateralMaxAge(), params.collateral.maxAge);
    same("oracle.collateralMinPrice", await oracle.collateralMinPrice(), params.collateral.minPrice);
    same("oracle.collateralMaxPrice", await oracle.collateralMaxPrice(), params.collateral.maxPrice);
  }
  const source = stream === undefined ? params.feed : params.stream;
  same("oracle.maxAge", await oracle.maxAge(), source.maxAge);
  same("oracle.minPrice", await oracle.minPrice(), source.minPrice);
  same("oracle.maxPrice", await oracle.maxPrice(), source.maxPrice);
  if (stream !== undefined) {
    const streams = ChainlinkStreamsOracle__factory.connect(address, runner);
    same("oracle.verifier", await streams.verifier(), stream.verifier);
    same("oracle.streamId", await streams.streamId(), stream.streamId);
    same("oracle.proofWindow", await streams.proofWindow(), params.stream.proofWindow);
    return;
  }
  same("oracle.feed", await oracle.feed(), feed);
  same("oracle.secondFeed", await oracle.secondFeed(), secondFeed ?? ZeroAddress);
  if (secondFeed === undefined) return;
  same("oracle.secondMaxAge", await oracle.secondMaxAge(), params.second.maxAge);
  same("oracle.maxDeviation", await oracle.maxDeviation(), params.second.maxDeviation);
}

function requireOneSource({ feed, stream, secondFeed }: Externals): void {
  if ((feed === undefined) === (stream === undefined))
    throw new Error("externals: give either the price feed's proxy or a stream, as feed or stream");
  if (stream !== undefined && secondFeed !== undefined)
    throw new Error("externals: secondFeed is a second opinion on a feed; a stream has none");
}

function feedSettings(feed: string | undefined, { maxAge, minPrice, maxPrice }: FeedParams) {
  if (feed === undefined) return { feed: ZeroAddress, maxAge: 0n, minPrice: 0n, maxPrice: 0n };
  return { feed, maxAge, minPrice, maxPrice };
}
