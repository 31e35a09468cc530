import Table from "cli-table3";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { describeError } from "@bulkhead/sdk";
import { showMoney, group } from "./replay/format.ts";
import { createProgress } from "./replay/progress.ts";
import { toJson, type ReplayJson } from "./replay/report.ts";
import type { ReplayResult } from "./replay/result.ts";
import { InputError, loadRounds, type Round } from "./replay/rounds.ts";
import { runScenario, SCENARIOS, type Scenario } from "./study/risk.ts";

interface Options {
  readonly data: string;
  readonly from: number;
  readonly to: number;
  readonly traders: number;
  readonly seed: number;
  readonly scenario?: string[];
  readonly json?: true;
  readonly markdown?: true;
}

/** A scenario and what came of it. */
interface Outcome {
  readonly scenario: Scenario;
  readonly result: ReplayResult;
}

async function main(): Promise<number> {
  const program = new Command("study:risk")
    .description(
      "What becomes of a market at its default parameters when things go wrong: each scenario is a replay of a price " +
        "history on a local chain, with traders, keeper and providers, the books checked after every round.",
    )
    .option("--data <file>", "prices, CSV", "data/eth-usd-5m-2020-03-black-thursday.csv")
    .option("--from <time>", "first round, ISO time", time, time("2020-03-10T00:00:00Z"))
    .option("--to <time>", "end, ISO time", time, time("2020-03-12T16:00:00Z"))
    .option("--traders <n>", "how many traders", whole(1, 290), 150)
    .option("--seed <n>", "chooses the traders and what they do", whole(0, 2 ** 32 - 1), 1)
    .addOption(
      new Option("--scenario <name...>", "only these (default: all)").choices(
        SCENARIOS.map(({ name }) => name),
      ),
    )
    .option("--json", "print one JSON object a scenario instead of the table")
    .option("--markdown", "print the table as Markdown")
    .addHelpText(
      "after",
      `
Examples:
  npm run study:risk
  npm run study:risk -- --scenario live dead-5
  npm run --silent study:risk -- --markdown`,
    )
    .allowExcessArguments(false)
    .exitOverride();
  try {
    const options = program.parse().opts<Options>();
    const rounds = between((await loadRounds(options.data)).rounds, options);
    const outcomes = await runAll(rounds, options);
    if (options.json !== true)
      process.stdout.write(`${options.markdown === true ? markdown(outcomes) : table(outcomes)}\n`);
    return outcomes.every(({ result }) => result.summary.conservationError === 0n) ? 0 : 1;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(
      `study:risk: ${error instanceof InputError ? error.message : describeError(error)}\n`,
    );
    return error instanceof InputError ? 2 : 1;
  }
}

async function runAll(rounds: readonly Round[], options: Options): Promise<Outcome[]> {
  const chosen = SCENARIOS.filter(({ name }) => options.scenario?.includes(name) ?? true);
  const crowd = { traders: options.traders, seed: options.seed, leverageMax: 50 };
  const outcomes: Outcome[] = [];
  for (const scenario of chosen) {
    const progress = createProgress();
    progress.note(scenario.title);
    progress.start(rounds.length);
    try {
      const result = await runScenario(scenario, rounds, crowd, (done) => {
        progress.update(done);
      });
      outcomes.push({ scenario, result });
      const line: ReplayJson & { scenario: string } = { scenario: scenario.name, ...toJson(result) };
      if (options.json === true) process.stdout.write(`${JSON.stringify(line)}\n`);
    } finally {
      progress.stop();
    }
  }
  return outcomes;
}

const COLUMNS = [
  "Scenario",
  "Liquidated full / partial",
  "Bad debt",
  "of which LPs",
  "Paid by insurance",
  "Haircut",
  "Deleveraged",
  "LP result",
] as const;

function row({ scenario, result: { summary: s } }: Outcome): string[] {
  return [
    scenario.title,
    `${group(s.liquidatedFull)} / ${group(s.liquidatedPartial)}`,
    showMoney(s.badDebt),
    showMoney(s.badDebtLp),
    showMoney(s.insurancePaid),
    showMoney(s.haircut),
    showMoney(s.deleveragedNotional),
    showMoney(s.lpResult),
  ];
}

function table(outcomes: readonly Outcome[]): string {
  const rows = new Table({
    head: [...COLUMNS],
    style: { head: [], border: [] },
    colAligns: COLUMNS.map((_, i) => (i === 0 ? "left" : "right")),
  });
  rows.push(...outcomes.map(row));
  return `${rows.toString()}\nMoney in USDC.`;
}

function markdown(outcomes: readonly Outcome[]): string {
  const lines = [COLUMNS, COLUMNS.map((_, i) => (i === 0 ? "---" : "--:")), ...outcomes.map(row)];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function between(rounds: readonly Round[], { from, to }: Options): readonly Round[] {
  const chosen = rounds.filter(({ updatedAt }) => updatedAt >= from && updatedAt < to);
  if (chosen.length < 10) throw new InputError("fewer than ten rounds between --from and --to");
  return chosen;
}

function time(text: string): number {
  const value = Date.parse(text) / 1_000;
  if (Number.isNaN(value))
    throw new InvalidArgumentError("An ISO time like 2020-03-12T08:00:00Z is expected.");
  return value;
}

function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`A whole number from ${min} to ${max} is expected.`);
  };
}

process.exitCode = await main();
