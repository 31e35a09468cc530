import { Command } from "commander";
import { run } from "./run.ts";

/** `bulkhead solvency` */
export function solvency(): Command {
  return new Command("solvency")
    .summary("the books, line by line, and under stress")
    .description(
      "The books of a market, line by line, and whether each vault holds what it owes. Exit code 1 if not.",
    )
    .option("--stress", "what they would be if the price moved at once")
    .option("--shocks <percents>", "the moves of --stress", "-50,-30,-20,-10,-5,5,10,20,30,50")
    .addHelpText("after", "\nExamples:\n  bulkhead solvency\n  bulkhead solvency --stress --shocks=-40,40")
    .action(run(async () => (await import("../actions/solvency.ts")).showSolvency));
}
