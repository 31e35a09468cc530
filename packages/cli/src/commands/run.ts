import { Option, type Command } from "commander";
import type { Action } from "../action.ts";
import type { GlobalOptions } from "../options.ts";

/** Runs an action that is loaded now, so that what is not run costs no time. */
export function run<Args extends readonly unknown[], Options>(
  load: () => Promise<Action<Args, Options>>,
): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    const command = given.at(-1) as Command;
    const options = command.optsWithGlobals<Options & GlobalOptions>();
    const { withSession } = await import("../session.ts");
    const action = await load();
    const args = given.slice(0, -2) as unknown as Args;
    process.exitCode = (await withSession(options, (session) => action(session, args, options))) ?? 0;
  };
}

/** Options of what sends a transaction: `SendingOptions`. */
export function sends(command: Command): Command {
  return command
    .optionsGroup("Sending:")
    .option("--dry-run", "print the preview and send nothing")
    .option("-y, --yes", "send without asking")
    .option("--force", "send although the preview says it would fail");
}

/** How orders are bounded and waited for. */
export function settles(command: Command): Command {
  return sends(command.option("--slippage <percent>", "how much worse than now the fill may be", "0.5%"))
    .addOption(
      new Option("--wait <duration>", "how long to wait for a keeper to settle the order").default("2m"),
    )
    .option("--no-wait", "end when the order is given");
}
