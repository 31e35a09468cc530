import { CommanderError } from "commander";
import { EXIT, tell } from "./errors.ts";
import { refuseKeys } from "./options.ts";
import { createProgram } from "./program.ts";

/** Runs the command line; gives its exit code. */
async function main(args: readonly string[]): Promise<number> {
  try {
    refuseKeys(args);
    const program = createProgram();
    await program.parseAsync(args, { from: "user" });
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const { lines, code } = await tell(error, args.includes("--verbose"));
    process.stderr.write(`${lines.join("\n")}\n`);
    return code;
  }
}

// Who reads us may stop, as `head` does.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(EXIT.ok);
  });

process.exitCode = await main(process.argv.slice(2));
