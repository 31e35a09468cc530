import type { ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectMarket, parseOrderEvent, type MarketContracts } from "@bulkhead/sdk";
import { expect } from "chai";
import { MaxUint256 } from "ethers";
import { deployMarket } from "../../deploy/deploy.ts";
import { ethUsd } from "../../deploy/params/markets/eth-usd.ts";
import { startChain, type LocalChain } from "../../scripts/replay/chain.ts";
import { openSource, type RoundSource } from "../../scripts/replay/source.ts";
import { ChainlinkStreamsOracle__factory } from "../../typechain-types/index.ts";
import { ended, moodyEndpoint, runKeeper, until } from "./process.ts";

const WAD = 10n ** 18n;
const USDC = 10n ** 6n;
const CRASH = 3_600;

describe("the keeper process on a stream", function () {
  this.timeout(180_000);
  let chain: LocalChain;
  let source: RoundSource;
  let contracts: MarketContracts;
  let folder: string;
  let args: string[];
  let api: Awaited<ReturnType<typeof moodyEndpoint>>;
  const now = Math.floor(Date.now() / 1_000);

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "bulkhead-"));
    const file = join(folder, "31337.json");
    chain = await startChain(now);
    const [operator = "", lp = "", trader = ""] = chain.accounts;
    const signer = await chain.provider.getSigner(operator);
    const round = (id: bigint, dollars: bigint, time: number) => ({
      roundId: (6n << 64n) | id,
      answer: dollars * 10n ** 8n,
      startedAt: time,
      updatedAt: time,
    });
    // An hour of calm, then a fall by a tenth.
    source = await openSource("streams", chain, signer, [
      round(1n, 2_000n, now),
      round(2n, 1_800n, now + CRASH),
    ]);
    const { addresses } = await deployMarket(signer, ethUsd, source.externals, {
      ...source.deployOptions,
      file,
    });
    contracts = connectMarket(addresses, chain.provider);
    const { interface: token } = source.token;
    for (const [owner, spender] of [
      [lp, addresses.liquidityVault],
      [trader, addresses.marginVault],
    ] as const) {
      await chain.send(
        operator,
        addresses.token,
        token.encodeFunctionData("mint", [owner, 10n ** 8n * USDC]),
      );
      await chain.send(owner, addresses.token, token.encodeFunctionData("approve", [spender, MaxUint256]));
    }
    const deposit = [10n ** 7n * USDC, lp];
    await source.refresh();
    await chain.send(
      lp,
      addresses.liquidityVault,
      contracts.liquidityVault.interface.encodeFunctionData("deposit", deposit as [bigint, string]),
    );
    const url = source.keeper.args.at(-1) ?? "";
    api = await moodyEndpoint(url);
    args = ["--rpc", chain.url, "--deployment", file, "--poll-ms", "20", "--log-level", "warn"];
    args.push("--streams-url", api.url);
  });
  after(async () => {
    api.server.closeAllConnections();
    api.server.close();
    await source.stop();
    await chain.stop();
    await rm(folder, { recursive: true });
  });

  /** Lets the chain's time move on, with the reports that there are by then. */
  async function pass(seconds: number): Promise<void> {
    await chain.setNextTime((await chain.head()).timestamp + seconds);
    await chain.mine();
    await source.tick();
  }

  async function open(): Promise<bigint> {
    const [, , trader = ""] = chain.accounts;
    const { orderBook, addresses } = contracts;
    const request = {
      positionId: 0n,
      sizeDelta: 10n * WAD,
      collateral: 1_000n * USDC,
      acceptablePrice: MaxUint256,
      executionFee: ethUsd.orders.minExecutionFee,
      deadline: 2n ** 40n - 1n,
    };
    const data = orderBook.interface.encodeFunctionData("commit", [request]);
    const { logs } = await chain.send(trader, addresses.orderBook, data);
    const event = logs.map((log) => parseOrderEvent(log)).find((e) => e?.kind === "committed");
    if (event?.kind !== "committed") throw new Error("nothing was committed");
    return event.order.positionId;
  }

  const sizeOf = async (id: bigint): Promise<bigint> => (await contracts.market.position(id)).size;

  it("settles, outlives an API that fails, and liquidates at the report that tells of the fall", async () => {
    const keeper: ChildProcess = runKeeper(args, undefined, source.keeper.env);
    const end = ended(keeper);
    try {
      const first = await open();
      await pass(40);
      await until("the first order settles", async () => (await sizeOf(first)) > 0n);
      // The price is brought up to date while positions are open.
      const oracle = ChainlinkStreamsOracle__factory.connect(contracts.addresses.oracle, chain.provider);
      await pass(30);
      const head = BigInt((await chain.head()).timestamp);
      await until("the price is refreshed", async () => (await oracle.latestAt()) >= head);

      const second = await open();
      for (const mood of ["refuses", "errors", "garbage", "hangs"] as const) {
        api.set(mood);
        await pass(20);
        await new Promise((resolve) => setTimeout(resolve, 300));
        expect(await sizeOf(second)).to.equal(0n);
        expect(keeper.exitCode).to.equal(null);
      }
      api.set("fine");
      await pass(10);
      await until("the second order settles", async () => (await sizeOf(second)) > 0n);

      const size = await sizeOf(first);
      await pass(now + CRASH + 1 - (await chain.head()).timestamp);
      await until("the first position is liquidated", async () => (await sizeOf(first)) < size);
      await until("and so is the second", async () => (await sizeOf(second)) < size);
    } finally {
      keeper.kill("SIGINT");
    }
    expect((await end).code).to.equal(0);
  });

  it("can't do without the API, and says so", async () => {
    const { code, stderr } = await ended(runKeeper(args.slice(0, -2)));
    expect(code).to.equal(2);
    expect(stderr).to.contain("--streams-url");
  });
});
