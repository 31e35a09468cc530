import { Command } from "commander";
import { run } from "./run.ts";

/** `bulkhead positions` */
export function positions(): Command {
  return new Command("positions")
    .summary("how positions stand, what they would be worth")
    .description("How positions stand: of the account that signs, of an owner, of ids, or all.")
    .argument("[ids...]", "positions")
    .option("--owner <address>", "positions of this owner")
    .option("--all", "positions of everybody (default where nobody signs)")
    .option("--explain", "every term of a verdict")
    .option("--scenarios", "what they would be worth if the price moved at once")
    .option("--shocks <percents>", "the moves of --scenarios", "-50,-20,-10,-5,-2,0,2,5,10,20,50")
    .option("--exposure", "what an owner's positions of all markets are together")
    .option("--days <n>", "days of prices that --exposure goes by", "7")
    .addHelpText(
      "after",
      `
Examples:
  bulkhead positions --owner 0x…
  bulkhead positions 7 --explain
  bulkhead positions 7 8 --scenarios --shocks=-10,-5,5,10
  bulkhead positions --owner 0x… --exposure`,
    )
    .action(run(async () => (await import("../actions/positions.ts")).showPositions));
}
