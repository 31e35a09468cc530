import { Command, Option } from "commander";
import { close } from "./commands/close.ts";
import { collateral } from "./commands/collateral.ts";
import { lp } from "./commands/lp.ts";
import { markets } from "./commands/markets.ts";
import { open } from "./commands/open.ts";
import { orders } from "./commands/orders.ts";
import { positions } from "./commands/positions.ts";
import { solvency } from "./commands/solvency.ts";
import { stops } from "./commands/stops.ts";
import { watch } from "./commands/watch.ts";

const EXAMPLES = `
Examples:
  bulkhead markets
  bulkhead positions --owner 0x…
  bulkhead open long --size 10 --leverage 5 --dry-run
  bulkhead open short --risk 1% --stop 2100 --keystore key.json
  bulkhead close 7 --account 0x… --yes
  bulkhead solvency --stress

Money, sizes and prices are decimals: 1250.5. With --json they are decimal strings, exact; times are seconds since 1970.
Exit codes: 0 done, 1 not done, 2 wrong usage. "bulkhead help <command>" tells more.`;

/** The whole command line. What a command does is loaded when it runs. */
export function createProgram(): Command {
  const program = new Command("bulkhead")
    .description("Trade and watch isolated-margin perpetuals on chain.")
    .addOption(
      new Option("--rpc <url>", "HTTP endpoint of the chain")
        .default("http://127.0.0.1:8545")
        .env("BULKHEAD_RPC"),
    )
    .addOption(
      new Option("--deployment <file>", "the chain's markets (default: deployments/<chainId>.json)").env(
        "BULKHEAD_DEPLOYMENT",
      ),
    )
    .addOption(
      new Option("--market <symbol>", "market, as in ETH/USD (default: the only one)").env("BULKHEAD_MARKET"),
    )
    .option("--json", "print JSON instead of tables")
    .option("--verbose", "print more, and what an error was caused by")
    .optionsGroup("Who signs (or BULKHEAD_KEY in the environment):")
    .addOption(
      new Option(
        "--keystore <file>",
        "encrypted JSON keystore; its password is asked for, or BULKHEAD_PASSWORD",
      ).env("BULKHEAD_KEYSTORE"),
    )
    .option("--password-file <file>", "file with the keystore's password")
    .addOption(
      new Option("--account <address>", "account that the node, or a wallet behind --rpc, signs for").env(
        "BULKHEAD_ACCOUNT",
      ),
    )
    .addHelpText("after", EXAMPLES);
  for (const command of [markets, positions, open, close, collateral, orders, stops, lp, solvency, watch])
    program.addCommand(command());
  return settled(program);
}

/** The same manner for a command and all below it. */
function settled(command: Command): Command {
  command
    .exitOverride()
    .allowExcessArguments(false)
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error: /, "bulkhead: ")),
    });
  for (const child of command.commands) settled(child);
  return command;
}
