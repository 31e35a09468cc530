import { Command } from "commander";
import { run, sends } from "./run.ts";

/** `bulkhead stops` */
export function stops(): Command {
  const group = new Command("stops")
    .summary("stops and take-profits of positions")
    .description("Stops and take-profits of positions.");
  sends(
    group
      .command("set")
      .description(
        "Places an order that closes a position at a price. With several prices the first one reached counts.",
      )
      .argument("<id>", "position")
      .option("--stop, --stop-loss <price>", "closes where the price gets worse than this")
      .option("--take-profit <price>", "closes where the price gets better than this")
      .option("--trailing <percent|distance>", "a stop that follows the best price: 2%, or 50 as a price")
      .option("--size <base>", "how much of it (default: all, however large it is by then)")
      .option("--expires <duration>", "how long it waits", "30d")
      .option("--beyond-liquidation", "accept a stop at which the position would be liquidated already"),
  ).action(run(async () => (await import("../actions/stops.ts")).setStops));
  group
    .command("list")
    .description("Orders that close or protect positions.")
    .option("--owner <address>", "of this owner")
    .option("--all", "of everybody (default where nobody signs)")
    .action(run(async () => (await import("../actions/stops.ts")).listStops));
  sends(
    group.command("cancel").description("Cancels one.").argument("<orderId>", "its id, or the first digits"),
  ).action(run(async () => (await import("../actions/orders.ts")).cancelOrder));
  return group.addHelpText(
    "after",
    `
Examples:
  bulkhead stops set 7 --stop-loss 1900 --take-profit 2400
  bulkhead stops set 7 --trailing 2% --dry-run
  bulkhead stops list
  bulkhead stops cancel 0x1f3a9c`,
  );
}
