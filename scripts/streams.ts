import { setTimeout as sleep } from "node:timers/promises";
import { describeError } from "@bulkhead/sdk";
import { JsonRpcProvider, type Signer } from "ethers";
import pRetry from "p-retry";
import { deployLocalFees, deployLocalStreams, type LocalFees, type LocalStreams } from "../deploy/streams.ts";
import { BAD_USAGE } from "./replay/options.ts";
import { InputError, loadRounds, type Round } from "./replay/rounds.ts";
import { LOCAL_TERMS, createFeed, pointsOf, type FeedTerms, type PricePoint } from "./streams/feed.ts";
import { parseStreamsOptions, type StreamsOptions } from "./streams/options.ts";
import { LOCAL_CREDENTIALS, startStreamsServer } from "./streams/server.ts";

/** How often the chain's clock is read. Milliseconds. */
const TICK_MS = 1_000;
/** How often a chain that does not answer is asked again. */
const RETRIES = 5;
/** Fees of a verification where the verifier bills: 0.0001 of the chain's token, 0.01 LINK. */
const BILLED = { nativeFee: 10n ** 14n, linkFee: 10n ** 16n } as const;

async function main(): Promise<number> {
  const options = parseStreamsOptions(process.argv);
  const abort = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => abort.abort());
  const provider = new JsonRpcProvider(options.rpc, undefined, { batchMaxCount: 1, pollingInterval: 100 });
  try {
    const rounds = options.data === undefined ? [] : (await loadRounds(options.data)).rounds;
    const signer = await signerOf(provider, options.rpc);
    const points = pointsFor(options, rounds, await clock(provider));
    return await serve(options, points, signer, abort.signal);
  } catch (error) {
    if (abort.signal.aborted) return 0;
    process.stderr.write(`streams: ${describeError(error)}\n`);
    return error instanceof InputError ? BAD_USAGE : 1;
  } finally {
    provider.destroy();
  }
}

/** Serves until the signal ends it, which throws. */
async function serve(
  options: StreamsOptions,
  points: readonly PricePoint[],
  signer: Signer,
  signal: AbortSignal,
): Promise<never> {
  const { feedId, port } = options;
  const streams = await deployLocalStreams(signer, { feedIds: [feedId] });
  const fees = options.fees ? await deployLocalFees(signer, streams.proxy) : undefined;
  const server = await startStreamsServer({ feedIds: [feedId], port });
  try {
    const terms: FeedTerms = { ...LOCAL_TERMS, ...(fees === undefined ? {} : BILLED), feedId };
    const feed = createFeed(points, terms);
    const publish = (now: number): void => {
      for (const report of feed.advance(now)) server.publish(streams.sign(report));
    };
    publish(await clock(signer.provider as JsonRpcProvider));
    print(options, {
      restUrl: server.url,
      wsUrl: server.wsUrl,
      ...LOCAL_CREDENTIALS,
      feedId,
      ...(await addressesOf(streams, fees)),
    });
    for (;;) {
      await sleep(TICK_MS, undefined, { signal });
      publish(await clock(signer.provider as JsonRpcProvider));
    }
  } finally {
    await server.stop();
  }
}

/** The price that stays, or those of the file. */
function pointsFor({ price, fromNow }: StreamsOptions, rounds: readonly Round[], now: number): PricePoint[] {
  if (price !== undefined) return [{ time: now, price }];
  const first = rounds[0]?.updatedAt ?? now;
  return pointsOf(rounds, fromNow ? now - first : 0);
}

async function signerOf(provider: JsonRpcProvider, rpc: string): Promise<Signer> {
  try {
    await provider.send("eth_chainId", []);
  } catch {
    throw new Error(`--rpc: ${rpc} does not answer`);
  }
  const [account] = await provider.listAccounts();
  if (account === undefined)
    throw new Error(`--rpc: ${rpc} has no unlocked account; a local chain is expected`);
  return account;
}

/** The second that a block made now would have. */
async function clock(provider: JsonRpcProvider): Promise<number> {
  // Asked by hand: a pending block has no number, which ethers does not take.
  const ask = () => provider.send("eth_getBlockByNumber", ["pending", false]) as Promise<unknown>;
  const block = (await pRetry(ask, { retries: RETRIES, minTimeout: 200 })) as { timestamp?: string } | null;
  if (block?.timestamp === undefined) throw new Error("the chain tells no time: it has no pending block");
  return Number(block.timestamp);
}

async function addressesOf({ proxy, verifier }: LocalStreams, fees?: LocalFees) {
  const contracts = { verifierProxy: proxy, verifier, ...fees };
  const entries = Object.entries(contracts).map(
    async ([name, contract]) => [name, await contract.getAddress()] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

function print({ json }: StreamsOptions, facts: Readonly<Record<string, string>>): void {
  const lines = Object.entries(facts).map(([name, value]) => `${name.padEnd(14)} ${value}\n`);
  process.stdout.write(json ? `${JSON.stringify(facts)}\n` : lines.join(""));
}

process.exitCode = await main();
