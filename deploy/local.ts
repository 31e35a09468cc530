import { ZeroAddress, type Signer } from "ethers";
import {
  EACAggregatorProxy__factory,
  HistoryAggregator__factory,
  TestToken__factory,
  type HistoryAggregator,
  type TestToken,
} from "../typechain-types/index.ts";
import type { Externals } from "./code.ts";

/** The first round of a local feed: the aggregator's own id, the answer in the feed's decimals, seconds. */
export interface FirstRound {
  readonly round: bigint;
  readonly answer: bigint;
  readonly startedAt: number;
  readonly updatedAt: number;
}

/** What a local market stands on, with the means to drive it. */
export interface LocalExternals extends Externals {
  readonly feed: string;
  readonly tokenContract: TestToken;
  readonly aggregator: HistoryAggregator;
}

/** An address that nobody has the key of receives a local treasury's share. */
export const LOCAL_TREASURY = "0x000000000000000000000000000000000000dEaD";

/**
 * Deploys a test token, and an aggregator behind Chainlink's own proxy with its first round. Local chains only.
 *
 * @param settings.token A token to use in place of a new one of 6 decimals.
 * @param settings.phase Phase of the proxy in which the aggregator answers, as real round ids have it.
 */
export async function deployLocalExternals(
  signer: Signer,
  first: FirstRound,
  settings: { readonly phase?: number; readonly token?: TestToken; readonly feedDecimals?: number } = {},
): Promise<LocalExternals> {
  const { phase = 6, feedDecimals = 8 } = settings;
  const tokenContract =
    settings.token ?? (await new TestToken__factory(signer).deploy("USD Coin", "USDC", 6));
  const aggregator = await new HistoryAggregator__factory(signer).deploy(feedDecimals, "ETH / USD");
  await (await aggregator.push(first.round, first.answer, first.startedAt, first.updatedAt)).wait();
  const proxy = await new EACAggregatorProxy__factory(signer).deploy(aggregator, ZeroAddress);
  // The proxy starts in phase 1; every confirmation opens the next one.
  for (let opened = 1; opened < phase; opened += 1) {
    await (await proxy.proposeAggregator(aggregator)).wait();
    await (await proxy.confirmAggregator(aggregator)).wait();
  }
  return {
    tokenContract,
    aggregator,
    token: await tokenContract.getAddress(),
    feed: await proxy.getAddress(),
    treasury: LOCAL_TREASURY,
  };
}
