import Table from "cli-table3";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { ethUsd } from "../deploy/params/markets/eth-usd.ts";
import { group } from "./replay/format.ts";
import { InputError, loadRounds } from "./replay/rounds.ts";
import { RULES, studyForesight, type Gain, type Rule, type Study } from "./study/foresight.ts";

const TITLES: Record<Rule, string> = {
  latest: "latest price at the commit (no delay)",
  next: "first observation after the commit",
  delayed: "first observation after commit + settlement delay",
};

interface Options {
  readonly data: string;
  readonly jumps: number;
  readonly commits: number;
  readonly seed: number;
  readonly window: number;
  readonly delay: number;
  readonly json?: true;
}

async function main(): Promise<number> {
  const { settlementDelay, fallbackDelay, fallbackSpread } = ethUsd.orders;
  const program = new Command("study:foresight")
    .description(
      "What a trader gains who knows the next round before it lands: random commits just before the largest jumps of " +
        "a price history, in their direction, before fees.",
    )
    .option(
      "--data <file>",
      "rounds of a Chainlink feed, CSV",
      "data/chainlink-eth-usd-2023-04-to-2023-12.csv",
    )
    .option("--jumps <n>", "how many of the largest jumps", whole(1), 100)
    .option("--commits <n>", "how many commits", whole(1), 10_000)
    .option("--seed <n>", "chooses jumps and times", whole(0), 1)
    .option("--window <s>", "seconds before the landing in which commits are made", whole(1), 30)
    .option("--delay <s>", "settlement delay, seconds", whole(1), Number(settlementDelay))
    .option("--json", "print one JSON object instead of the table")
    .addHelpText(
      "after",
      `
Examples:
  npm run study:foresight
  npm run study:foresight -- --delay 60 --window 12
  npm run --silent study:foresight -- --json`,
    )
    .allowExcessArguments(false)
    .exitOverride();
  try {
    const { data, delay, json, ...options } = program.parse().opts<Options>();
    const { rounds } = await loadRounds(data);
    const timing = { settlementDelay: delay, fallbackDelay: Number(fallbackDelay), fallbackSpread };
    const study = studyForesight(rounds, { ...options, timing });
    process.stdout.write(`${json === true ? JSON.stringify(study) : print(study)}\n`);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof InputError || error instanceof RangeError)) throw error;
    process.stderr.write(`study:foresight: ${error.message}\n`);
    return 2;
  }
}

function print({ jumps, commits, gains }: Study): string {
  const table = new Table({
    style: { head: [], border: [] },
    head: ["filled at", "gain on the price known", "won", "gain on the next price", "won"],
    colAligns: ["left", "right", "right", "right", "right"],
  });
  for (const rule of RULES) {
    const { known, exit } = gains[rule];
    table.push([TITLES[rule], basisPoints(known), percent(known), basisPoints(exit), percent(exit)]);
  }
  const title = `${group(commits)} commits before the ${group(jumps)} largest jumps; basis points, ± standard error`;
  return `${title}\n${table.toString()}`;
}

function basisPoints({ mean, standardError }: Gain): string {
  return `${(mean * 10_000).toFixed(2)} ± ${(standardError * 10_000).toFixed(2)}`;
}

function percent({ winners }: Gain): string {
  return `${(winners * 100).toFixed(0)} %`;
}

function whole(least: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (!Number.isSafeInteger(value) || value < least || value > 2 ** 31)
      throw new InvalidArgumentError(`a whole number from ${least} on is expected.`);
    return value;
  };
}

process.exitCode = await main();
