import { Argument, Command } from "commander";
import { run, settles } from "./run.ts";

/** `bulkhead open` */
export function open(): Command {
  const command = new Command("open")
    .summary("open a position")
    .description(
      "Opens a position with a market order, or with --limit one that waits for its price. Its size is given, or follows " +
        "from leverage and collateral, or from what a stop may lose.",
    )
    .addArgument(new Argument("<side>").choices(["long", "short"]))
    .option("--size <base>", "size, as in 2.5; max: the largest that the collateral bears")
    .option("--collateral <amount>", "what is paid in")
    .option("--leverage <x>", "highest leverage, with a size or a collateral: the other one follows")
    .option("--risk <percent>", "most of the capital that --stop-loss may lose; the size follows")
    .option("--capital <amount>", "what --risk is a share of (default: the wallet's balance)")
    .option("--limit <price>", "wait for this price")
    .option("--stop, --stop-loss <price>", "closes there")
    .option("--take-profit <price>", "closes there")
    .option("--trailing <percent|distance>", "a stop that follows the best price: 2%, or 50 as a price")
    .option("--expires <duration>", "how long orders that wait for a price do so", "30d")
    .option("--approve <how>", "what the vault may take of the wallet: exact or unlimited", "exact");
  return settles(command)
    .addHelpText(
      "after",
      `
A market order fills at the first price observed after a short delay. Exits fill at any price once they are triggered.

Examples:
  bulkhead open long --size 10 --collateral 2000
  bulkhead open long --size 10 --leverage 5 --dry-run
  bulkhead open short --collateral 1000 --leverage 3 --take-profit 1800 --stop-loss 2100
  bulkhead open long --risk 1% --stop 1900 --capital 50000
  bulkhead open long --size 1 --leverage 10 --limit 1950 --expires 7d`,
    )
    .action(run(async () => (await import("../actions/open.ts")).openPosition));
}
