import { mkdtemp, readFile, readdir, realpath, rm, symlink, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { build } from "esbuild";
import { formatAmount } from "@bulkhead/sdk";
import { BUDGETS, measure } from "../../tools/sdk-size.ts";
import { openMarket, WAD, type Desk } from "../shared/market.ts";
import { run, serve } from "./outside.ts";

const ROOT = join(import.meta.dirname, "../..");
const TSC = join(ROOT, "node_modules/typescript/lib/tsc.js");
const SHIPPED =
  /^(LICENSE|README\.md|package\.json|dist\/[\w/.-]+\.(js|d\.ts)|vectors\/(README\.md|[\w/.-]+\.json))$/;
/** More than an address, a hash or a signature: code. */
const BYTECODE = /0x[0-9a-f]{200,}/i;

/** Uses what the declarations promise; its compilation is the test. */
const CONSUMER = `
import type { ContractTransactionResponse, Signer } from "ethers";
import { PerpMarket__factory, decodeRevert, math, type Order, type OrderBook, type PerpMarket } from "@bulkhead/sdk";
import { MarginMath } from "@bulkhead/sdk/math";
import { createStreamsClient, type StreamsClient } from "@bulkhead/sdk/streams";

export const market = (address: string): PerpMarket => PerpMarket__factory.connect(address);
export const settle = (book: OrderBook, by: Signer, order: Order): Promise<ContractTransactionResponse> =>
  book.connect(by).settle(order, "0x", by);
export const ratio: bigint = MarginMath.ratio(1n, 2n, 3n, math.FixedMath.WAD);
export const why: "none" | string = decodeRevert("0x").kind;
export const client: (key: string, secret: string) => StreamsClient = (key, secret) =>
  createStreamsClient({ key, secret, restUrl: "https://a.example", wsUrl: "wss://a.example" });
// @ts-expect-error an amount is a bigint, never a number
MarginMath.ratio(1, 2n, 3n, 4n);
// @ts-expect-error the package connects to contracts and has no code to deploy
new PerpMarket__factory().deploy();
`;

const COMPILER_OPTIONS = {
  strict: true,
  skipLibCheck: false,
  target: "es2022",
  module: "nodenext",
  resolveJsonModule: true,
  outDir: "out",
  rootDir: ".",
};

describe("the published sdk", function () {
  this.timeout(120_000);
  let folder: string;
  let installed: string;
  let shipped: string[];
  let desk: Desk;
  let chain: { url: string; server: Server };

  const write = (file: string, text: string): Promise<void> => writeFile(join(folder, file), text);

  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), "bulkhead-package-")));
    installed = join(folder, "node_modules/@bulkhead/sdk");
    // What `npm pack` runs first, but for the contracts, which are compiled where tests run.
    await run(ROOT, process.execPath, "--import", "tsx", "tools/build-sdk.ts");
    const packing = [
      "pack",
      "--json",
      "--ignore-scripts",
      "-w",
      "@bulkhead/sdk",
      "--pack-destination",
      folder,
    ];
    const [packed] = JSON.parse(await run(ROOT, "npm", ...packing)) as {
      filename: string;
      files: { path: string }[];
    }[];
    if (packed === undefined) throw new Error("npm packed nothing");
    shipped = packed.files.map(({ path }) => path);
    await write("package.json", JSON.stringify({ name: "consumer", private: true, type: "module" }));
    const { version } = JSON.parse(
      await readFile(join(ROOT, "node_modules/ethers/package.json"), "utf8"),
    ) as {
      version: string;
    };
    const flags = ["--prefer-offline", "--no-audit", "--no-fund"];
    await run(folder, "npm", "install", ...flags, `./${packed.filename}`, `ethers@${version}`);

    desk = await openMarket();
    for (const account of [desk.alice, desk.bob])
      await desk.trade(account, { sizeDelta: 10n * WAD, collateral: 5_000n * desk.unit });
    chain = await serve(desk);
  });
  after(async () => {
    chain.server.close();
    await rm(folder, { recursive: true });
  });

  it("has its modules, vectors, README and licence, and nothing else", () => {
    expect(shipped.filter((path) => !SHIPPED.test(path))).to.deep.equal([]);
    expect(shipped).to.include.members(["LICENSE", "README.md", "dist/index.js", "dist/index.d.ts"]);
  });

  it("has no contract's code, and no word of the machine that built it", async () => {
    for (const path of shipped) {
      const text = await readFile(join(installed, path), "utf8");
      expect(BYTECODE.test(text), `code in ${path}`).to.equal(false);
      for (const word of [ROOT, homedir(), "typechain-types"])
        expect(text.includes(word), `${word} in ${path}`).to.equal(false);
    }
  });

  it("brings no package but ethers", async () => {
    const { dependencies } = JSON.parse(await readFile(join(installed, "package.json"), "utf8")) as {
      dependencies?: unknown;
    };
    expect(dependencies).to.equal(undefined);
    expect(await readdir(join(folder, "node_modules")))
      .to.include("ethers")
      .and.not.to.include("p-retry");
  });

  it("compiles in strict mode, its declarations included, and reads a market as its README shows", async () => {
    const example = /```ts\n([\s\S]*?)```/.exec(await readFile(join(installed, "README.md"), "utf8"))?.[1];
    await write("example.ts", (example ?? "").replace("http://127.0.0.1:8545", chain.url));
    await write("market.json", JSON.stringify(desk.addresses));
    await write("consumer.ts", CONSUMER);
    const files = ["consumer.ts", "example.ts"];
    await write("tsconfig.json", JSON.stringify({ compilerOptions: COMPILER_OPTIONS, files }));
    await run(folder, process.execPath, TSC);

    const printed = await run(folder, "node", "--no-warnings", "out/example.js");
    const { price, netAssetValue } = await desk.lens.solvency(desk.market);
    expect(printed)
      .to.contain(`price: '${formatAmount(price, 18)}'`)
      .and.to.contain(`${netAssetValue}n`);
    const [first, second] = await desk.lens.prices(desk.market, [1n, 2n]);
    for (const view of [first, second])
      expect(printed).to.contain(
        `position ${view?.id} is liquidated at ${formatAmount(view?.liquidationPrice ?? 0n, 18)}`,
      );
  });

  it("serves the Data Streams client to who has ws and p-retry", async () => {
    const script = 'import { createStreamsClient } from "@bulkhead/sdk/streams"; createStreamsClient({});';
    await write("streams.mjs", script);
    const failure = async (): Promise<string> => {
      try {
        return await run(folder, "node", "streams.mjs");
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(await failure()).to.contain("Cannot find package 'p-retry'");
    await symlink(join(ROOT, "node_modules/p-retry"), join(folder, "node_modules/p-retry"), "junction");
    expect(await failure()).to.contain("restUrl: an http(s) URL");
  });

  it("runs in a browser: no Node builtin, no ws", async () => {
    const { metafile } = await build({
      stdin: { contents: 'export * from "@bulkhead/sdk"', resolveDir: folder },
      bundle: true,
      platform: "browser",
      format: "esm",
      write: false,
      metafile: true,
      logLevel: "silent",
    });
    const modules = Object.keys(metafile.inputs);
    expect(modules.some((path) => path.includes("node_modules/ethers/"))).to.equal(true);
    expect(modules.filter((path) => /node_modules\/(ws|p-retry)\//.test(path))).to.deep.equal([]);
  });

  for (const { name, code, limit } of Object.values(BUDGETS)) {
    it(`costs a web page at most ${limit / 1_000} kB, gzipped, for ${name}`, async () => {
      const { gzipped, imports } = await measure(code, folder);
      expect(gzipped).to.be.at.most(limit).and.to.be.greaterThan(100);
      expect(imports.filter((path) => path !== "ethers")).to.deep.equal([]);
    });
  }

  it("has its math stand alone: no ethers, no ABI", async () => {
    const { modules, imports } = await measure(BUDGETS.math.code, folder);
    expect(imports).to.deep.equal([]);
    expect(
      modules.filter((path) => path.includes("@bulkhead") && !path.includes("/dist/math/")),
    ).to.deep.equal([]);
  });

  it("leaves behind what isn't used", async () => {
    const [one, formula, all] = await Promise.all(
      [BUDGETS.oneFunction, BUDGETS.oneFormula, BUDGETS.everything].map(({ code }) => measure(code, folder)),
    );
    expect((one?.gzipped ?? 0) * 10).to.be.lessThan(all?.gzipped ?? 0);
    expect((formula?.gzipped ?? 0) * 10).to.be.lessThan(all?.gzipped ?? 0);
  });
});
