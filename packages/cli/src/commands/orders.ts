import { Command } from "commander";
import { run, sends } from "./run.ts";

/** `bulkhead orders` */
export function orders(): Command {
  const group = new Command("orders")
    .summary("orders that wait; cancel, settle, expire them")
    .description("Orders that wait, of every kind; cancelling, settling and expiring them.")
    .option("--owner <address>", "orders of this owner")
    .option("--all", "orders of everybody (default where nobody signs)")
    .addHelpText(
      "after",
      `
An id may be cut: its first digits do, as far as they name one order.

Examples:
  bulkhead orders --owner 0x…
  bulkhead orders cancel 0x1f3a9c
  bulkhead orders settle 0x1f3a9c`,
    )
    .action(run(async () => (await import("../actions/orders.ts")).showOrders));
  for (const [name, description] of [
    [
      "cancel",
      "Cancels an order that waits for a price, is in slices, or protects; a market order can't be.",
    ],
    ["settle", "Settles a market order with the proof of its price, for the fee; of a market on a feed."],
    ["expire", "Releases a market order whose deadline has passed and that no price can settle."],
  ] as const)
    sends(
      group.command(name).description(description).argument("<orderId>", "its id, or the first digits"),
    ).action(run(async () => (await import("../actions/orders.ts"))[`${name}Order`]));
  return group;
}
