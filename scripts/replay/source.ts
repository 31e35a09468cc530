import { ChainlinkStreamsOracle__factory, type OrderParams } from "@bulkhead/sdk";
import { ZeroAddress, type Signer } from "ethers";
import type { DeployOptions } from "../../deploy/deploy.ts";
import type { Externals } from "../../deploy/code.ts";
import { deployLocalExternals, type LocalExternals } from "../../deploy/local.ts";
import { deployLocalStreams } from "../../deploy/streams.ts";
import { createFeed, LOCAL_TERMS, pointsOf } from "../streams/feed.ts";
import { LOCAL_CREDENTIALS, startStreamsServer } from "../streams/server.ts";
import type { LocalChain } from "./chain.ts";
import type { OracleKind } from "./options.ts";
import type { Round } from "./rounds.ts";

/** How the rounds of a replay come to its market. */
export interface RoundSource {
  /** What the market is deployed on. */
  readonly externals: Externals;
  readonly token: LocalExternals["tokenContract"];
  readonly deployOptions: Pick<DeployOptions, "beforeMarket">;
  /** What the keeper is started with, beyond chain and deployment. */
  readonly keeper: { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> };
  /** Whether the price is on chain as soon as the round is there. */
  readonly isPushed: boolean;
  /** Lets a round happen at its time; returns the number of its block. */
  land(round: Round): Promise<number>;
  /** Tells that the chain's time has moved on. */
  tick(): Promise<void>;
  /** Brings the newest price on chain, as who needs it for what they do would. */
  refresh(): Promise<void>;
  /** Seconds after a round by which an order committed in it has its price. */
  quietSeconds(orders: Pick<OrderParams, "settlementDelay" | "fallbackDelay">): number;
  stop(): Promise<void>;
}

const ROUND_MASK = (1n << 64n) - 1n;
const PHASE_BITS = 64n;

/** The stream of the local market. */
const STREAM_ID = `0x0003${"0e".repeat(30)}`;

/** Seconds that orders of one round may be apart. */
const SLACK = 120;

/** Opens the source of a replay whose first round is now. */
export async function openSource(
  kind: OracleKind,
  chain: LocalChain,
  signer: Signer,
  rounds: readonly Round[],
): Promise<RoundSource> {
  const [first] = rounds;
  if (first === undefined) throw new Error("no rounds to replay");
  const externals = await deployLocalExternals(
    signer,
    { ...first, round: first.roundId & ROUND_MASK },
    { phase: Number(first.roundId >> PHASE_BITS) },
  );
  return kind === "feed"
    ? feedSource(chain, signer, externals)
    : streamSource(chain, signer, externals, rounds);
}

async function feedSource(
  chain: LocalChain,
  signer: Signer,
  externals: LocalExternals,
): Promise<RoundSource> {
  const { aggregator, tokenContract } = externals;
  const [operator, address] = [await signer.getAddress(), await aggregator.getAddress()];
  return {
    externals,
    token: tokenContract,
    deployOptions: {},
    keeper: { args: [], env: {} },
    isPushed: true,
    land: async ({ roundId, answer, startedAt, updatedAt }) => {
      await chain.setNextTime(updatedAt);
      const data = aggregator.interface.encodeFunctionData("push", [
        roundId & ROUND_MASK,
        answer,
        startedAt,
        updatedAt,
      ]);
      return (await chain.send(operator, address, data)).blockNumber;
    },
    tick: async () => {},
    refresh: async () => {},
    quietSeconds: ({ settlementDelay, fallbackDelay }) => Number(fallbackDelay + 2n * settlementDelay) + 1,
    stop: async () => {},
  };
}

async function streamSource(
  chain: LocalChain,
  signer: Signer,
  externals: LocalExternals,
  rounds: readonly Round[],
): Promise<RoundSource> {
  const streams = await deployLocalStreams(signer, { feedIds: [STREAM_ID] });
  const feed = createFeed(pointsOf(rounds), { ...LOCAL_TERMS, feedId: STREAM_ID });
  const server = await startStreamsServer({ feedIds: [STREAM_ID] });
  let [newest, oracle]: [string | undefined, string] = [undefined, ZeroAddress];
  const tick = async (): Promise<void> => {
    for (const report of feed.advance((await chain.head()).timestamp)) {
      newest = streams.sign(report);
      server.publish(newest);
    }
  };
  const refresh = async (): Promise<void> => {
    await tick();
    if (newest === undefined) return;
    const contract = ChainlinkStreamsOracle__factory.connect(oracle, signer);
    await (await contract.submit([newest], ZeroAddress)).wait();
  };
  const { token, treasury, tokenContract } = externals;
  const stream = { verifier: await streams.proxy.getAddress(), streamId: STREAM_ID };
  return {
    externals: { token, treasury, stream },
    token: tokenContract,
    deployOptions: {
      beforeMarket: async (address) => {
        oracle = address;
        await refresh();
      },
    },
    keeper: {
      args: ["--streams-url", server.url],
      env: { STREAMS_KEY: LOCAL_CREDENTIALS.key, STREAMS_SECRET: LOCAL_CREDENTIALS.secret },
    },
    isPushed: false,
    land: async ({ updatedAt }) => {
      await chain.setNextTime(updatedAt);
      const block = await chain.mine();
      await tick();
      return block;
    },
    tick,
    refresh,
    quietSeconds: ({ settlementDelay }) => Number(settlementDelay) + SLACK,
    stop: () => server.stop(),
  };
}
