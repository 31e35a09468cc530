import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describeError } from "@bulkhead/sdk";
import { AuditError } from "./replay/audit.ts";
import { renderHtml } from "./replay/html.ts";
import { parseOptions, type ReplayOptions } from "./replay/options.ts";
import { planActions } from "./replay/population.ts";
import { createProgress } from "./replay/progress.ts";
import { printReport, toJson } from "./replay/report.ts";
import type { ReplayResult } from "./replay/result.ts";
import { InputError, loadRounds } from "./replay/rounds.ts";
import { runRounds } from "./replay/run.ts";
import { setStage } from "./replay/stage.ts";

async function main(): Promise<number> {
  const options = parseOptions(process.argv);
  let result: ReplayResult;
  try {
    result = await replay(options);
  } catch (error) {
    if (error instanceof InputError) {
      process.stderr.write(`replay: ${error.message}\n`);
      return 2;
    }
    if (error instanceof AuditError) {
      process.stderr.write(`replay: the books don't balance: ${error.message}\n`);
      return 1;
    }
    process.stderr.write(`replay: ${describeError(error)}\n`);
    return 1;
  }
  await mkdir(dirname(options.report), { recursive: true });
  await writeFile(options.report, renderHtml(result, options));
  const report = printReport(result, { oracle: options.oracle });
  // The report goes to stdout; under --json the last line of stdout is the object.
  process.stdout.write(`${report}\nPlots: ${options.report}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify(toJson(result))}\n`);
  const { missed, conservationError } = result.summary;
  return missed === 0 && conservationError === 0n ? 0 : 1;
}

async function replay(options: ReplayOptions): Promise<ReplayResult> {
  const { rounds } = await loadRounds(options.data);
  const actions = planActions(rounds, options);
  const scratch = await mkdtemp(join(tmpdir(), "bulkhead-"));
  const progress = createProgress();
  const stage = await setStage(rounds, options.traders, scratch, progress.note, options.oracle);
  const interrupted = new Promise<never>((_, reject) => {
    process.once("SIGINT", () => {
      reject(new Error("interrupted"));
    });
  });
  try {
    progress.start(rounds.length);
    return await Promise.race([runRounds(stage, rounds, actions, progress.update), interrupted]);
  } finally {
    progress.stop();
    await stage.keeper.stop();
    await stage.source.stop();
    await stage.chain.stop();
    await rm(scratch, { recursive: true, force: true });
  }
}

process.exitCode = await main();
