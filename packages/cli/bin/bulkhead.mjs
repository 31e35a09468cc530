#!/usr/bin/env node
// Runs the command line: the sources where they are, in the repository, else what was built of them.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const sources = new URL("../src/main.ts", import.meta.url);

if (existsSync(sources)) {
  const { tsImport } = await import("tsx/esm/api");
  const tsconfig = fileURLToPath(new URL("../../../tsconfig.json", import.meta.url));
  await tsImport(sources.href, { parentURL: import.meta.url, tsconfig });
} else {
  await import("../dist/main.js");
}
