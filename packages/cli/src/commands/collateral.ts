import { Command } from "commander";
import { run, sends } from "./run.ts";

/** `bulkhead collateral` */
export function collateral(): Command {
  const group = new Command("collateral")
    .summary("pay into a position, or take out of it")
    .description("Pays into a position, or takes out of it, at once.");
  sends(
    group
      .command("add")
      .description("Pays into a position, anybody's.")
      .argument("<id>", "position")
      .argument("<amount>", "as in 250.5")
      .option("--approve <how>", "what the vault may take of the wallet: exact or unlimited", "exact"),
  ).action(run(async () => (await import("../actions/collateral.ts")).addCollateral));
  sends(
    group
      .command("remove")
      .description("Takes out of a position.")
      .argument("<id>", "position")
      .argument("<amount>", "as in 250.5; max: all that may be withdrawn"),
  ).action(run(async () => (await import("../actions/collateral.ts")).removeCollateral));
  return group.addHelpText(
    "after",
    "\nExamples:\n  bulkhead collateral add 7 500\n  bulkhead collateral remove 7 max --dry-run",
  );
}
