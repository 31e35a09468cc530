// What importing from the built `@bulkhead/sdk` costs a web page: bundled, minified and gzipped, without ethers.
//
//   tsx tools/sdk-size.ts   after a build; `npm run size -w @bulkhead/sdk` does both
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const GZIP_LEVEL = 9;

/** What a page may import, and what that may cost. */
export interface Budget {
  readonly name: string;
  /** An ES module. */
  readonly code: string;
  /** Bytes, minified and gzipped. */
  readonly limit: number;
}

/** What an import costs. */
export interface Size {
  /** Bytes, minified. */
  readonly minified: number;
  /** Bytes, minified and gzipped. */
  readonly gzipped: number;
  /** Modules that a part of is in the bundle. */
  readonly modules: readonly string[];
  /** Packages that the bundle imports. */
  readonly imports: readonly string[];
}

/** What is looked at: what a page reads a market with, and sends to it, and that it leaves behind what it doesn't use. */
export const BUDGETS = {
  reads: {
    name: "the read path",
    code: 'import { Bulkhead } from "@bulkhead/sdk"; console.log(Bulkhead);',
    limit: 60_000,
  },
  everything: { name: "all of it", code: 'export * from "@bulkhead/sdk";', limit: 100_000 },
  math: { name: "the math", code: 'export * from "@bulkhead/sdk/math";', limit: 10_000 },
  oneFunction: {
    name: "one function",
    code: 'export { formatAmount } from "@bulkhead/sdk";',
    limit: 1_000,
  },
  oneFormula: {
    name: "one formula",
    code: 'import { MarginMath } from "@bulkhead/sdk/math"; console.log(MarginMath.requirement);',
    limit: 1_500,
  },
} as const satisfies Record<string, Budget>;

/** Bundles an ES module for the browser, with what `folder` has installed; ethers stays outside. */
export async function measure(code: string, folder = ROOT): Promise<Size> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: folder, loader: "js" },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    external: ["ethers"],
    write: false,
    metafile: true,
    logLevel: "silent",
    // The workspace's paths lead to the sources; what is measured is what is published.
    tsconfigRaw: {},
  });
  const [output] = Object.values(metafile.outputs);
  const contents = outputFiles[0]?.contents ?? new Uint8Array();
  const inputs = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  return {
    minified: contents.length,
    gzipped: gzipSync(contents, { level: GZIP_LEVEL }).length,
    modules: inputs.map(([path]) => path),
    imports: (output?.imports ?? []).map(({ path }) => path),
  };
}

const kilobytes = (bytes: number): string => `${(bytes / 1_000).toFixed(1)} kB`.padStart(9);

/** Prints a line for every budget; returns whether all are kept. */
async function report(): Promise<boolean> {
  let kept = true;
  console.log(`${"".padEnd(14)} minified      gzip     limit`);
  for (const { name, code, limit } of Object.values<Budget>(BUDGETS)) {
    const { minified, gzipped } = await measure(code);
    kept = kept && gzipped <= limit;
    const columns = [minified, gzipped, limit].map(kilobytes).join(" ");
    console.log(`${name.padEnd(14)}${columns}${gzipped > limit ? "  too much" : ""}`);
  }
  return kept;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  if (!(await report())) process.exitCode = 1;
}
