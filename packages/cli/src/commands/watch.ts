import { Command } from "commander";
import { run } from "./run.ts";

/** `bulkhead watch` */
export function watch(): Command {
  return new Command("watch")
    .summary("follow events, price and positions")
    .description("Follows a market: its events as they come, with its price below them. Ends with Ctrl-C.")
    .option("--positions", "how positions stand, again at every block")
    .option("--owner <address>", "positions of this owner (default: the account that signs, else all)")
    .option("--all", "positions of everybody")
    .option("--for <duration>", "end after this time, as in 90s or 10m")
    .option("--blocks <n>", "end after so many blocks")
    .option("--interval <ms>", "how often to look for a new block", "1000")
    .addHelpText(
      "after",
      `
With --json every block and every event is a line of its own.

Examples:
  bulkhead watch
  bulkhead watch --positions --owner 0x…
  bulkhead watch --json --blocks 10`,
    )
    .action(run(async () => (await import("../actions/watch.ts")).watchMarket));
}
