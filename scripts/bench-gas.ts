import { readFile, writeFile, mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import Table from "cli-table3";
import { Command, CommanderError } from "commander";
import { network } from "hardhat";
import { measureGas, type GasFigures } from "./bench/gas.ts";

const SNAPSHOT = "bench/gas.json";

const TITLES: readonly [string, (g: GasFigures) => number][] = [
  ["open: commit", (g) => g.open.commit],
  ["open: settle", (g) => g.open.settle],
  ["open, in all", (g) => g.open.total],
  ["close: commit", (g) => g.close.commit],
  ["close: settle", (g) => g.close.settle],
  ["close, in all", (g) => g.close.total],
  ["increase, in all", (g) => g.increase],
  ["decrease, in all", (g) => g.decrease],
  ["add collateral", (g) => g.addCollateral],
  ["remove collateral", (g) => g.removeCollateral],
  ["liquidate, full", (g) => g.liquidateFull],
  ["liquidate, partial", (g) => g.liquidatePartial],
  ["liquidate, batch of 20, per position", (g) => g.liquidateBatch20PerPosition],
  ["LP deposit", (g) => g.lpDeposit],
  ["LP request to redeem", (g) => g.lpRequest],
  ["LP batch, fulfil", (g) => g.lpFulfill],
  ["LP claim", (g) => g.lpClaim],
  ["entry with two exits, in all", (g) => g.bracketOpen],
  ["stop-loss: trigger and fill", (g) => g.triggerFill],
  ["signed commit, above a plain one", (g) => g.signedCommitExtra],
];

async function main(): Promise<number> {
  const program = new Command("bench:gas")
    .description("Gas of every operation: receipts' gasUsed, refunds included, in a warm market.")
    .option("--json", "print one JSON object instead of the table")
    .option("--update", `write the figures to ${SNAPSHOT}, which the tests compare with`)
    .addHelpText(
      "after",
      `
Examples:
  npm run bench:gas
  npm run --silent bench:gas -- --json
  npm run bench:gas -- --update`,
    )
    .exitOverride();
  let options: { json?: boolean; update?: boolean };
  try {
    options = program.parse().opts();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  const figures = await measureGas(await network.create());
  if (options.update === true) {
    await mkdir(dirname(SNAPSHOT), { recursive: true });
    await writeFile(SNAPSHOT, `${JSON.stringify(figures, null, 2)}\n`);
  }
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(figures)}\n`);
    return 0;
  }
  const before = await snapshot();
  const table = new Table({ head: ["operation", "gas", "snapshot"], style: { head: [], border: [] } });
  for (const [title, read] of TITLES) {
    const was =
      before === undefined ? "" : ((read(before) as number | undefined)?.toLocaleString("en-US") ?? "");
    table.push([
      title,
      { content: read(figures).toLocaleString("en-US"), hAlign: "right" },
      { content: was, hAlign: "right" },
    ]);
  }
  process.stdout.write(`${table.toString()}\n`);
  return 0;
}

async function snapshot(): Promise<GasFigures | undefined> {
  try {
    return JSON.parse(await readFile(SNAPSHOT, "utf8")) as GasFigures;
  } catch {
    return undefined;
  }
}

process.exitCode = await main();
