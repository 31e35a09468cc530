import { ReportError, checkFeedId } from "@bulkhead/sdk";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { id, parseEther } from "ethers";
import { BAD_USAGE, type Io } from "../replay/options.ts";
import { LOCAL_CREDENTIALS } from "./server.ts";

/** What a local Data Streams server is asked to serve. */
export interface StreamsOptions {
  /** HTTP endpoint of the chain. */
  readonly rpc: string;
  /** Port on 127.0.0.1; 0 is any free one. */
  readonly port: number;
  readonly feedId: string;
  /** Quote currency per 1.0 base asset, 18 decimals; given unless there is `data`. */
  readonly price?: bigint;
  /** Price history, CSV; given unless there is `price`. */
  readonly data?: string;
  /** Whether the history starts at the chain's present rather than at its own time. */
  readonly fromNow: boolean;
  /** Whether the verifier bills. */
  readonly fees: boolean;
  /** Whether the addresses are printed as one JSON object. */
  readonly json: boolean;
}

/** The feed that is served unless another is asked for. */
export const LOCAL_FEED_ID = `0x0003${id("ETH/USD on a local chain").slice(6)}`;

/** Port that is served on unless another is asked for. */
export const LOCAL_PORT = 8_780;
const MAX_PORT = 65_535;

const EXAMPLES = `
Examples:
  npx hardhat node &
  npm run streams -- --price 2000
  npm run streams -- --data data/chainlink-eth-usd-2023-08-flash-crash.csv --from-now
  npm run --silent streams -- --price 2000 --fees --json

Clients authenticate with key ${LOCAL_CREDENTIALS.key} and secret ${LOCAL_CREDENTIALS.secret}.
`;

const PROCESS: Io = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  exit: (code) => process.exit(code),
};

/**
 * Reads the command line. On `--help` it prints the help and exits 0; on bad usage it prints one line that names the
 * option and what would be right, and exits 2.
 *
 * @param argv As process.argv: the first two entries are skipped.
 */
export function parseStreamsOptions(argv: readonly string[], io: Io = PROCESS): StreamsOptions {
  try {
    const options = createProgram(io).parse(argv).opts<Partial<StreamsOptions>>();
    if (options.price === undefined && options.data === undefined) {
      throw new CommanderError(BAD_USAGE, "streams.source", "--price or --data is expected");
    }
    if (options.price !== undefined && options.fromNow === true) {
      throw new CommanderError(BAD_USAGE, "streams.fromNow", "--from-now is for --data");
    }
    const { fromNow = false, fees = false, json = false } = options;
    return { ...(options as StreamsOptions), fromNow, fees, json };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return io.exit(0);
    const problem = error.message.replace(/^error: /, "").replaceAll(/\s+/g, " ");
    io.err(`streams: ${problem}${/[.)?]$/.test(problem) ? "" : "."} See --help.\n`);
    return io.exit(BAD_USAGE);
  }
}

function createProgram(io: Io): Command {
  return new Command("streams")
    .description(
      "Deploys Chainlink's Data Streams verifier on a local chain, and serves reports that it accepts: the Data " +
        "Streams API, REST and WebSocket, on 127.0.0.1. Reports follow the chain's clock. Ctrl-C ends it.",
    )
    .option("--rpc <url>", "HTTP endpoint of the chain, with unlocked accounts", "http://127.0.0.1:8545")
    .option("--port <n>", `port of the API; 0 takes any free one`, port, LOCAL_PORT)
    .option("--feed-id <id>", "id of the stream", feedId, LOCAL_FEED_ID)
    .addOption(
      new Option("--price <x>", "a price that stays, such as 2000.5").argParser(price).conflicts("data"),
    )
    .option("--data <file>", "prices, CSV: rounds of a Chainlink feed or OHLC candles", nonEmpty)
    .option("--from-now", "let the prices of --data begin at the chain's present, not at their own time")
    .option("--fees", "deploy the fee manager too, with LINK and the wrapped token")
    .option("--json", "print the addresses as one JSON object")
    .helpOption("-h, --help", "show this help")
    .addHelpText("after", EXAMPLES)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: () => undefined });
}

function port(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (value <= MAX_PORT) return value;
  throw new InvalidArgumentError(`A whole number from 0 to ${MAX_PORT} is expected.`);
}

function feedId(text: string): string {
  try {
    checkFeedId(text);
  } catch (error) {
    if (error instanceof ReportError) throw new InvalidArgumentError(`${error.message}.`);
    throw error;
  }
  return text.toLowerCase();
}

function price(text: string): bigint {
  const value = /^\d{1,12}(\.\d{1,18})?$/.test(text) ? parseEther(text) : 0n;
  if (value > 0n) return value;
  throw new InvalidArgumentError("A positive price below 10^12 is expected.");
}

function nonEmpty(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("A file name is expected.");
  return text;
}
