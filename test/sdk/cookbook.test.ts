import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "node:util";
import { expect } from "chai";
import ts from "typescript";
import { readSnippets, type Snippet } from "./cookbook/document.ts";
import { openFeedWorld, openStreamWorld, type World } from "./cookbook/world.ts";

const ROOT = join(import.meta.dirname, "../..");
const FOLDER = join(ROOT, "cache/cookbook");
const COOKBOOK = readSnippets(join(ROOT, "docs/SDK.md"));
const README = readSnippets(join(ROOT, "packages/sdk/README.md"));
/** Address of the chain in the document. */
const URL_IN_TEXT = "http://127.0.0.1:8545";

describe("the cookbook", function () {
  this.timeout(120_000);
  const worlds = new Map<Snippet["on"], World>();

  before(async () => {
    await rm(FOLDER, { recursive: true, force: true });
    for (const [on, open] of [
      ["feed", openFeedWorld],
      ["stream", openStreamWorld],
    ] as const) {
      const world = await open();
      worlds.set(on, world);
      await write(join(FOLDER, on), COOKBOOK, world);
    }
    await write(join(FOLDER, "readme"), README, worlds.get("feed")!);
  });
  after(async () => {
    for (const world of worlds.values()) await world.stop();
  });

  it("compiles in strict mode, the package's README too", () => {
    const files = [
      ...COOKBOOK.map(({ file }) => join(FOLDER, "feed", file)),
      ...README.map(({ file }) => join(FOLDER, "readme", file)),
    ];
    expect(problemsIn(files)).to.deep.equal([]);
  });

  it("runs all that it shows", () => {
    expect(COOKBOOK.length).to.be.at.least(20);
    expect(COOKBOOK.filter(({ notRun }) => notRun !== undefined)).to.deep.equal([]);
  });

  for (const snippet of COOKBOOK) {
    it(`${snippet.heading}, line ${snippet.line}: prints what it says`, async () => {
      const world = worlds.get(snippet.on)!;
      for (const what of snippet.meanwhile) await world.happen(what);
      const printed = await world.within(() => run(join(FOLDER, snippet.on, snippet.file)));
      expect(printed).to.equal(snippet.output);
    });
  }
});

/** Writes snippets as modules, for a world, with the records they read beside them. */
async function write(
  folder: string,
  snippets: readonly Snippet[],
  { url, deployment }: World,
): Promise<void> {
  await mkdir(join(folder, "deployments"), { recursive: true });
  for (const { file, code } of snippets)
    await writeFile(join(folder, file), code.replaceAll(URL_IN_TEXT, url));
  await writeFile(join(folder, "deployments/31337.json"), JSON.stringify(deployment));
  const { markets, ...lenses } = deployment;
  await writeFile(join(folder, "market.json"), JSON.stringify({ ...markets["ETH/USD"], ...lenses }));
}

/** What the compiler says of files, in the repository's own strict mode. */
function problemsIn(files: readonly string[]): string[] {
  const { config } = ts.readConfigFile(join(ROOT, "tsconfig.json"), (path) => ts.sys.readFile(path)) as {
    config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const found = ts.getPreEmitDiagnostics(ts.createProgram(files, { ...options, types: ["node"] }));
  return found.map(({ file, start, messageText }) => {
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start ?? 0).line + 1;
    const where = `${relative(FOLDER, file?.fileName ?? "")}:${line}`;
    return `${where}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
}

/** Runs a module; returns what it prints. */
async function run(path: string): Promise<string> {
  const { log } = console;
  const lines: string[] = [];
  console.log = (...printed: unknown[]) => lines.push(format(...printed));
  try {
    await import(pathToFileURL(path).href);
  } finally {
    console.log = log;
  }
  return lines.join("\n");
}
