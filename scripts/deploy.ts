import { ChainlinkStreamsOracle__factory, nativeFeeToken, type StreamAddresses } from "@bulkhead/sdk";
import { createStreamsClient } from "@bulkhead/sdk/streams";
import { isAddress, JsonRpcProvider, Wallet, ZeroAddress, type Signer } from "ethers";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { deployMarket } from "../deploy/deploy.ts";
import { Journal, JournalError, LOCAL_CHAIN_ID } from "../deploy/journal.ts";
import { deployLocalExternals } from "../deploy/local.ts";
import { ParameterError } from "../deploy/params/check.ts";
import { marketFiles } from "../deploy/params/index.ts";
import type { Externals } from "../deploy/code.ts";

interface Options {
  readonly rpc: string;
  readonly params: string;
  readonly token?: string;
  readonly feed?: string;
  readonly streamVerifier?: string;
  readonly streamId?: string;
  readonly streamsUrl?: string;
  readonly secondFeed?: string;
  readonly collateralFeed?: string;
  readonly sequencer?: string;
  readonly treasury?: string;
  readonly nativeOracle?: string;
  readonly price: bigint;
  readonly file?: string;
}

class UsageError extends Error {
  override readonly name = "UsageError";
}

const program = new Command("deploy")
  .description(
    "Brings up a market from a typed parameter file. Run it again after a failure and it goes on; run it again when " +
      "it is done and it checks. The account's key is read from DEPLOYER_KEY; a local chain's own account is used without it.",
  )
  .option("--rpc <url>", "HTTP endpoint of the chain", "http://127.0.0.1:8545")
  .addOption(
    new Option("--params <name>", "parameter file under deploy/params/markets")
      .choices(Object.keys(marketFiles))
      .default("eth-usd"),
  )
  .option(
    "--token <address>",
    "collateral token (local chains: a test token is deployed without it)",
    toAddress,
  )
  .option("--feed <address>", "proxy of the Chainlink Data Feed (local chains: one is deployed)", toAddress)
  .option("--stream-verifier <address>", "instead of a feed: Chainlink's VerifierProxy", toAddress)
  .option("--stream-id <id>", "and the feed id of the stream, schema v3", toStreamId)
  .option(
    "--streams-url <url>",
    "Data Streams API, for the first report; the user is read from STREAMS_KEY and STREAMS_SECRET",
  )
  .option("--second-feed <address>", "proxy of a second feed of the same price", toAddress)
  .option("--collateral-feed <address>", "proxy of the collateral token's feed", toAddress)
  .option("--sequencer <address>", "uptime feed of the chain's sequencer", toAddress)
  .option("--treasury <address>", "receives the treasury's share of fees", toAddress)
  .option(
    "--native-oracle <address>",
    "price of the chain's native token, for execution fees (default: the market's own oracle if its base is that token)",
    toAddress,
  )
  .addOption(
    new Option("--price <dollars>", "first price of a feed deployed on a local chain")
      .argParser(toPrice)
      .default(2_000n, "2000"),
  )
  .option("--file <file>", "where the record is kept (default: deployments/<chainId>.json)")
  .addHelpText(
    "after",
    `
Examples:
  npx hardhat node                       # in another terminal
  npm run deploy
  npm run streams -- --price 2000        # or in a third one: prices from a local stream, then as it says
  DEPLOYER_KEY=0x… npm run deploy -- --rpc https://rpc.example --params eth-usd \\
    --token 0x… --feed 0x… --collateral-feed 0x… --sequencer 0x… --treasury 0x…
  DEPLOYER_KEY=0x… STREAMS_KEY=… STREAMS_SECRET=… npm run deploy -- --rpc https://rpc.example --token 0x… \\
    --stream-verifier 0x… --stream-id 0x0003… --streams-url https://api.dataengine.chain.link --treasury 0x…`,
  )
  .exitOverride();

async function main(): Promise<number> {
  let options: Options;
  try {
    options = program.parse().opts<Options>();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  const provider = new JsonRpcProvider(options.rpc, undefined, {
    batchMaxCount: 1,
    polling: true,
    pollingInterval: 250,
  });
  try {
    await deploy(options, provider);
    return 0;
  } catch (error) {
    const message =
      error instanceof Error
        ? ((error as { shortMessage?: string }).shortMessage ?? error.message)
        : String(error);
    process.stderr.write(`deploy: ${message}\n`);
    return error instanceof UsageError || error instanceof ParameterError || error instanceof JournalError
      ? 2
      : 1;
  } finally {
    provider.destroy();
  }
}

async function deploy(options: Options, provider: JsonRpcProvider): Promise<void> {
  const params = marketFiles[options.params];
  if (params === undefined) throw new UsageError(`--params: ${options.params} is not known`);
  const chainId = await chainIdOf(provider, options.rpc);
  const signer = await signerFor(provider, chainId);
  const file = options.file ?? `deployments/${chainId}.json`;
  const externals = await externalsFor(options, signer, chainId, file);
  const { addresses } = await deployMarket(signer, params, externals, {
    file,
    ...(externals.stream === undefined
      ? {}
      : { beforeMarket: (oracle) => bringFirstReport(options, oracle, signer) }),
    onStep: (name, done) => process.stderr.write(`${done === "sent" ? "deployed" : "found   "} ${name}\n`),
  });
  process.stdout.write(`${params.symbol} on chain ${chainId}, read back and as asked for: ${file}\n`);
  const { stream, ...contracts } = addresses;
  const places = stream === undefined ? contracts : { ...contracts, ...stream };
  for (const [name, address] of Object.entries(places))
    process.stdout.write(`  ${name.padEnd(15)} ${address}\n`);
}

async function chainIdOf(provider: JsonRpcProvider, rpc: string): Promise<number> {
  try {
    return Number(BigInt((await provider.send("eth_chainId", [])) as string));
  } catch {
    throw new Error(`--rpc: ${rpc} does not answer`);
  }
}

async function signerFor(provider: JsonRpcProvider, chainId: number): Promise<Signer> {
  const key = process.env.DEPLOYER_KEY;
  if (key !== undefined) {
    try {
      return new Wallet(key, provider);
    } catch {
      throw new UsageError("DEPLOYER_KEY: it must be a private key: 0x and 64 hex digits");
    }
  }
  if (chainId === LOCAL_CHAIN_ID) return provider.getSigner(0);
  throw new UsageError("DEPLOYER_KEY: it must be set on chains that are not local");
}

/** What the market stands on: as given, or on a local chain deployed, and found again in the record of an earlier run. */
async function externalsFor(
  options: Options,
  signer: Signer,
  chainId: number,
  file: string,
): Promise<Externals> {
  const { token, feed, treasury, nativeOracle, secondFeed, collateralFeed, sequencer } = options;
  const stream = streamOf(options);
  const more = {
    ...(nativeOracle === undefined ? {} : { nativeOracle }),
    ...(secondFeed === undefined ? {} : { secondFeed }),
    ...(collateralFeed === undefined ? {} : { collateralFeed }),
    ...(sequencer === undefined ? {} : { sequencer }),
  };
  const source = stream === undefined ? feed && { feed } : { stream };
  if (token !== undefined && source && treasury !== undefined) return { token, treasury, ...source, ...more };
  if (chainId !== LOCAL_CHAIN_ID || token !== undefined || feed !== undefined) {
    throw new UsageError(
      "--token, --feed (or a stream) and --treasury: all three are needed, except on a local chain, where none may be",
    );
  }
  const { feed: localFeed, ...local } = await localExternals(signer, options.price, file);
  return { ...local, ...(stream === undefined ? { feed: localFeed } : { stream }), ...more };
}

/** The stream that is asked for, if one is. */
function streamOf({
  streamVerifier,
  streamId,
  streamsUrl,
  feed,
  secondFeed,
}: Options): StreamAddresses | undefined {
  if (streamVerifier === undefined && streamId === undefined) return undefined;
  if (streamVerifier === undefined || streamId === undefined || streamsUrl === undefined)
    throw new UsageError("--stream-verifier, --stream-id and --streams-url: a stream needs all three");
  if (feed !== undefined || secondFeed !== undefined)
    throw new UsageError(
      "--feed, --second-feed: a market has its prices from feeds or from a stream, not from both",
    );
  return { verifier: streamVerifier, streamId };
}

/** A market is created at a fresh price: brings the stream's newest report, for the native token if it costs. */
async function bringFirstReport(
  { streamId = "", streamsUrl = "" }: Options,
  oracle: string,
  signer: Signer,
): Promise<void> {
  const { STREAMS_KEY: key, STREAMS_SECRET: secret } = process.env;
  if (key === undefined || secret === undefined)
    throw new UsageError("STREAMS_KEY, STREAMS_SECRET: both are needed for a market on a stream");
  const wsUrl = streamsUrl.replace(/^http/, "ws");
  const client = createStreamsClient({ restUrl: streamsUrl, wsUrl, key, secret });
  const newest = await client.latest(streamId);
  if (newest === undefined) throw new Error(`--stream-id: ${streamsUrl} has no report of ${streamId}`);
  const contract = ChainlinkStreamsOracle__factory.connect(oracle, signer);
  const feeToken = await nativeFeeToken(contract);
  const reports = [newest.fullReport];
  const value = feeToken === ZeroAddress ? 0n : await contract.feeFor(reports, feeToken);
  await (await contract.submit(reports, feeToken, { value })).wait();
}

async function localExternals(signer: Signer, price: bigint, file: string): Promise<Externals> {
  if (signer.provider === null) throw new Error("signer: it must be connected to a provider");
  const journal = await Journal.open(signer.provider, file);
  const known = journal.record.local as Externals | undefined;
  if (known !== undefined) return known;
  const startedAt = (await signer.provider.getBlock("latest"))?.timestamp ?? 0;
  const deployed = await deployLocalExternals(signer, {
    round: 1n,
    answer: price * 10n ** 8n,
    startedAt,
    updatedAt: startedAt,
  });
  const externals = { token: deployed.token, feed: deployed.feed, treasury: deployed.treasury };
  await journal.finish({ local: { ...externals, aggregator: await deployed.aggregator.getAddress() } });
  return externals;
}

function toAddress(text: string): string {
  if (!isAddress(text)) throw new InvalidArgumentError("It must be an address: 0x and 40 hex digits.");
  return text;
}

function toStreamId(text: string): string {
  if (!/^0x0003[0-9a-f]{60}$/i.test(text))
    throw new InvalidArgumentError("It must be a feed id of schema v3: 0x0003 and 60 hex digits.");
  return text;
}

function toPrice(text: string): bigint {
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw new InvalidArgumentError("It must be whole dollars from 1 to 999999.");
  return BigInt(text);
}

process.exitCode = await main();
