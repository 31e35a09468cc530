import { Command } from "commander";
import { run, sends } from "./run.ts";

/** `bulkhead lp` */
export function lp(): Command {
  const group = new Command("lp")
    .summary("liquidity: deposit, request, cancel, claim, fulfill")
    .description("Liquidity: deposits, and the way out in batches.");
  group
    .command("show")
    .description("The pool, and what an account has in it.")
    .option("--owner <address>", "account (default: the one that signs)")
    .action(run(async () => (await import("../actions/lp.ts")).showPool));
  sends(
    group
      .command("deposit")
      .description("Pays in, for shares.")
      .argument("<amount>", "as in 10000")
      .option("--approve <how>", "what the vault may take of the wallet: exact or unlimited", "exact"),
  ).action(run(async () => (await import("../actions/lp.ts")).deposit));
  sends(
    group
      .command("request")
      .description("Requests a redemption: the shares join a batch.")
      .argument("<shares>", "as in 100.5, or all"),
  ).action(run(async () => (await import("../actions/lp.ts")).requestRedemption));
  for (const [name, description] of [
    ["cancel", "Takes pending shares back out of their batch."],
    ["claim", "Claims what redeemed shares have brought."],
    ["fulfill", "Redeems the batch that is due; anybody may."],
  ] as const)
    sends(group.command(name).description(description)).action(
      run(async () => (await import("../actions/lp.ts"))[name]),
    );
  return group.addHelpText(
    "after",
    "\nExamples:\n  bulkhead lp show\n  bulkhead lp deposit 10000 --dry-run\n  bulkhead lp request all",
  );
}
