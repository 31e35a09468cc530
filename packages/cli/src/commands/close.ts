import { Command } from "commander";
import { run, settles } from "./run.ts";

/** `bulkhead close` */
export function close(): Command {
  const command = new Command("close")
    .summary("close a position or a part of it")
    .description("Closes a position, or a part of it, with a market order.")
    .argument("<id>", "position")
    .option("--size <base>", "how much of it (default: all)");
  return settles(command)
    .addHelpText(
      "after",
      "\nExamples:\n  bulkhead close 7\n  bulkhead close 7 --size 2.5 --slippage 1% --dry-run",
    )
    .action(run(async () => (await import("../actions/close.ts")).closePosition));
}
