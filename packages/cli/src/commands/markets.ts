import { Command } from "commander";
import { run } from "./run.ts";

/** `bulkhead markets` */
export function markets(): Command {
  return new Command("markets")
    .summary("price, breaker, open interest, rates and pool")
    .description(
      "Price, breaker, open interest, rates and pool of every market; with --verbose its addresses too.",
    )
    .addHelpText("after", "\nExamples:\n  bulkhead markets\n  bulkhead markets --json | jq '.[].price'")
    .action(run(async () => (await import("../actions/markets.ts")).showMarkets));
}
