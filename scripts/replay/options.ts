import { Command, CommanderError, InvalidArgumentError, Option } from "commander";

/** Where a market's prices come from. */
export type OracleKind = "feed" | "streams";

/** How reports name them. */
export const ORACLE_NAMES: Readonly<Record<OracleKind, string>> = {
  feed: "rounds of a Data Feed",
  streams: "signed reports of Data Streams",
};

/** What a replay is asked to do. */
export interface ReplayOptions {
  /** Price history: Chainlink rounds or OHLC candles, CSV. */
  readonly data: string;
  /** What the rounds come as: pushed by a Data Feed, or in a Data Stream's signed reports. */
  readonly oracle: OracleKind;
  readonly traders: number;
  /** Chooses the population; the same seed gives the same one. */
  readonly seed: number;
  /** Highest leverage that a trader wants. */
  readonly leverageMax: number;
  /** Whether the last line of stdout is the summary as a JSON object. */
  readonly json: boolean;
  /** Where the page with the plots goes. */
  readonly report: string;
}

/** Where messages go, and how the process ends. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  exit(code: number): never;
}

/** Each trader takes an unlocked account of the local chain, which has 300; some serve LPs, keeper and operator. */
export const TRADERS_MAX = 290;
const ORACLES: readonly OracleKind[] = ["feed", "streams"];
const SEED_MAX = 2 ** 32 - 1;
const LEVERAGE_MIN = 2;
const LEVERAGE_MAX = 50;

/** Exit code for bad usage, and for a bad input file. */
export const BAD_USAGE = 2;

const EXAMPLES = `
Examples:
  npm start
  npm start -- --traders 100 --seed 7
  npm start -- --data data/eth-usd-5m-2020-03-black-thursday.csv --report reports/black-thursday.html
  npm start -- --oracle streams
  npm start -- --json | tail -n 1 > summary.json

The data: rounds of a Chainlink feed (roundId,answer,startedAt,updatedAt,answeredInRound) or OHLC candles
(timestamp,open,high,low,close); the header tells which.
`;

const PROCESS: Io = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  exit: (code) => process.exit(code),
};

/**
 * Reads the command line of the replay. On `--help` it prints the help and exits 0; on bad usage it prints one line
 * that names the option and what would be right, and exits 2.
 *
 * @param argv As process.argv: the first two entries are skipped.
 */
export function parseOptions(argv: readonly string[], io: Io = PROCESS): ReplayOptions {
  const program = createProgram(io);
  try {
    const { json, ...options } = program.parse(argv).opts<Omit<ReplayOptions, "json"> & { json?: true }>();
    return { ...options, json: json ?? false };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return io.exit(0);
    const problem = error.message.replace(/^error: /, "").replaceAll(/\s+/g, " ");
    io.err(`replay: ${problem}${/[.)?]$/.test(problem) ? "" : "."} See --help.\n`);
    return io.exit(BAD_USAGE);
  }
}

function createProgram(io: Io): Command {
  return new Command("replay")
    .description(
      "Replays a price history on a local chain: traders open and close isolated positions, a keeper process settles " +
        "and liquidates, and the books are checked after every round.",
    )
    .option("--data <file>", "prices, CSV", nonEmpty, "data/chainlink-eth-usd-2023-08-flash-crash.csv")
    .addOption(
      new Option("--oracle <kind>", "what brings the prices: a Data Feed, or Data Streams")
        .choices(ORACLES)
        .default("feed"),
    )
    .option("--traders <n>", `how many traders, 1 to ${TRADERS_MAX}`, wholeNumber(1, TRADERS_MAX), 200)
    .option("--seed <n>", "chooses the traders and what they do", wholeNumber(0, SEED_MAX), 1)
    .option(
      "--leverage-max <x>",
      `highest leverage, ${LEVERAGE_MIN} to ${LEVERAGE_MAX}`,
      leverage,
      LEVERAGE_MAX,
    )
    .option("--json", "end stdout with the summary as one JSON object")
    .option("--report <file>", "where the page with the plots goes", nonEmpty, "reports/replay.html")
    .helpOption("-h, --help", "show this help")
    .addHelpText("after", EXAMPLES)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: () => undefined });
}

function nonEmpty(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("A file name is expected.");
  return text;
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`A whole number from ${min} to ${max} is expected.`);
  };
}

function leverage(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (value >= LEVERAGE_MIN && value <= LEVERAGE_MAX) return value;
  throw new InvalidArgumentError(`A number from ${LEVERAGE_MIN} to ${LEVERAGE_MAX} is expected.`);
}
