import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeError } from "@bulkhead/sdk";
import { Command, CommanderError } from "commander";
import { network } from "hardhat";
import type { VectorDocument } from "./vectors/document.ts";
import { VECTORS, documents } from "./vectors/index.ts";

async function main(): Promise<number> {
  const program = new Command("vectors")
    .description(
      `Golden vectors for ports of the arithmetic to other languages: rewrites the files of ${VECTORS} with what the ` +
        "contracts give on a local chain, the same every time.",
    )
    .option("--check", "write nothing; fail if a file is not what the contracts give")
    .addHelpText(
      "after",
      `
Examples:
  npm run vectors
  npm run vectors -- --check`,
    )
    .allowExcessArguments(false)
    .exitOverride();
  try {
    const { check } = program.parse().opts<{ check?: true }>();
    const update = check === true ? isCurrent : write;
    let done = true;
    for (const document of documents) done = (await update(document)) && done;
    return done ? 0 : 1;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`vectors: ${describeError(error)}\n`);
    return 1;
  }
}

async function write({ file, make }: VectorDocument): Promise<boolean> {
  const path = join(VECTORS, file);
  const text = await make(await network.create());
  await writeFile(path, text);
  process.stdout.write(`${path}: ${(text.length / 1_000).toFixed(0)} kB\n`);
  return true;
}

async function isCurrent({ file, make }: VectorDocument): Promise<boolean> {
  const path = join(VECTORS, file);
  const stored = await readFile(path, "utf8").catch(() => undefined);
  const current = stored === (await make(await network.create()));
  process.stdout.write(`${path}: ${current ? "as the contracts give it" : "out of date: npm run vectors"}\n`);
  return current;
}

process.exitCode = await main();
