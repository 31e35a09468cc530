import type { ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectMarket, type MarketContracts } from "@bulkhead/sdk";
import { expect } from "chai";
import { MaxUint256 } from "ethers";
import { deployMarket } from "../../deploy/deploy.ts";
import { deployLocalExternals, type LocalExternals } from "../../deploy/local.ts";
import { ethUsd } from "../../deploy/params/markets/eth-usd.ts";
import { startChain, type LocalChain } from "../../scripts/replay/chain.ts";
import { ended, KEEPER, moodyEndpoint, runKeeper, until } from "./process.ts";

const WAD = 10n ** 18n;
const USDC = 10n ** 6n;
/** A market whose breaker stays calm: what is tested here are the keeper's jobs at any price. */
const CALM = { ...ethUsd, market: { ...ethUsd.market, elevatedMove: WAD, haltedMove: 10n * WAD } };

describe("the keeper process", function () {
  this.timeout(180_000);
  let chain: LocalChain;
  let externals: LocalExternals;
  let contracts: MarketContracts;
  let folder: string;
  let deploymentFile: string;
  let round = 1n;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "bulkhead-"));
    deploymentFile = join(folder, "31337.json");
    const now = Math.floor(Date.now() / 1_000);
    chain = await startChain(now);
    const [operator = "", lp = "", trader = ""] = chain.accounts;
    const signer = await chain.provider.getSigner(operator);
    externals = await deployLocalExternals(signer, {
      round,
      answer: 2_000n * 10n ** 8n,
      startedAt: now,
      updatedAt: now,
    });
    const { addresses } = await deployMarket(signer, CALM, externals, { file: deploymentFile });
    contracts = connectMarket(addresses, chain.provider);
    const token = externals.tokenContract;
    for (const [owner, spender] of [
      [lp, addresses.liquidityVault],
      [trader, addresses.marginVault],
    ] as const) {
      await chain.send(
        operator,
        addresses.token,
        token.interface.encodeFunctionData("mint", [owner, 10n ** 8n * USDC]),
      );
      await chain.send(
        owner,
        addresses.token,
        token.interface.encodeFunctionData("approve", [spender, MaxUint256]),
      );
    }
    const { liquidityVault } = contracts;
    const deposit = liquidityVault.interface.encodeFunctionData("deposit", [20_000_000n * USDC, lp]);
    await chain.send(lp, addresses.liquidityVault, deposit);
  });
  after(async () => {
    await chain.stop();
    await rm(folder, { recursive: true });
  });

  function startKeeper(): ChildProcess {
    const at = ["--rpc", chain.url, "--deployment", deploymentFile];
    return runKeeper([...at, "--poll-ms", "20", "--log-level", "warn"]);
  }

  async function push(dollars: bigint): Promise<void> {
    round += 1n;
    const { timestamp } = await chain.head();
    await chain.setNextTime(timestamp + 60);
    const data = externals.aggregator.interface.encodeFunctionData("push", [
      round,
      dollars * 10n ** 8n,
      timestamp + 60,
      timestamp + 60,
    ]);
    await chain.send(chain.accounts[0]!, await externals.aggregator.getAddress(), data);
  }

  async function commitLong(collateral = 1_000n * USDC, sizeDelta = 10n * WAD): Promise<bigint> {
    const positionId = await contracts.market.nextPositionId();
    const { timestamp } = await chain.head();
    const data = contracts.orderBook.interface.encodeFunctionData("commit", [
      {
        positionId: 0n,
        sizeDelta,
        collateral,
        acceptablePrice: MaxUint256,
        executionFee: USDC,
        deadline: BigInt(timestamp + 86_400),
      },
    ]);
    await chain.send(chain.accounts[2]!, contracts.addresses.orderBook, data);
    return positionId;
  }

  const sizeOf = async (id: bigint): Promise<bigint> => (await contracts.market.position(id)).size;

  it("settles and liquidates through an endpoint that drops, fails, answers garbage and hangs", async () => {
    const endpoint = await moodyEndpoint(chain.url);
    endpoint.set("refuses");
    const keeper = runKeeper([
      "--rpc",
      endpoint.url,
      "--deployment",
      deploymentFile,
      "--poll-ms",
      "20",
      "--log-level",
      "warn",
    ]);
    const end = ended(keeper);
    try {
      let dollars = 2_000n;
      for (const mood of ["refuses", "errors", "garbage", "hangs"] as const) {
        endpoint.set(mood);
        const id = await commitLong();
        await push(dollars);
        await new Promise((resolve) => setTimeout(resolve, 700));
        expect(await sizeOf(id), `nothing can happen while it ${mood}`).to.equal(0n);
        endpoint.set("fine");
        await until(`settling after it ${mood}`, async () => (await sizeOf(id)) !== 0n);

        endpoint.set(mood);
        dollars = (dollars * 93n) / 100n;
        await push(dollars);
        await new Promise((resolve) => setTimeout(resolve, 400));
        endpoint.set("fine");
        await until(`liquidating after it ${mood}`, async () => (await sizeOf(id)) === 0n);
      }
      expect(await contracts.marginVault.claimOf(KEEPER.address)).to.be.greaterThan(0n);
    } finally {
      keeper.kill("SIGINT");
      const { code, stderr } = await end;
      endpoint.server.closeAllConnections();
      endpoint.server.close();
      expect(code, stderr).to.equal(0);
    }
  });

  it("picks up what happened while it was not running", async () => {
    const id = await commitLong();
    await push(1_500n);
    const keeper = startKeeper();
    const end = ended(keeper);
    await until("settling an older order", async () => (await sizeOf(id)) !== 0n);
    keeper.kill("SIGTERM");
    expect((await end).code).to.equal(0);
  });

  it("triggers limits, stops and trailing stops, and settles slices, also those of before it started", async () => {
    const { orderBook, addresses } = contracts;
    const trader = chain.accounts[2]!;
    const send = (data: string) => chain.send(trader, addresses.orderBook, data);
    const { timestamp } = await chain.head();
    const terms = {
      sizeDelta: 0n,
      collateral: 0n,
      acceptablePrice: 0n,
      executionFee: USDC,
      deadline: BigInt(timestamp + 10 * 86_400),
      limitPrice: 0n,
      stopPrice: 0n,
      trail: 0n,
      trailIsRatio: false,
      reduceOnly: true,
      beyondLiquidation: false,
    };
    const place = (wish: object) =>
      send(orderBook.interface.encodeFunctionData("place", [{ ...terms, ...wish } as never]));
    await push(2_000n);
    const first = await contracts.market.nextPositionId();
    const [limited, stopped, trailed, sliced] = [first, first + 1n, first + 2n, first + 3n];
    const entry = { positionId: 0n, sizeDelta: 10n * WAD, collateral: 3_000n * USDC, reduceOnly: false };
    await place({ ...entry, limitPrice: 1_990n * WAD, acceptablePrice: MaxUint256 });
    for (const exit of [{ stopPrice: 1_900n * WAD }, { trail: WAD / 20n, trailIsRatio: true }]) {
      const positionId = await commitLong();
      await place({ positionId, ...exit });
    }
    await send(
      orderBook.interface.encodeFunctionData("placeTwap", [
        {
          positionId: 0n,
          sizeDelta: -3n * WAD,
          collateral: 1_000n * USDC,
          acceptablePrice: 0n,
          executionFee: USDC,
          interval: 60n,
          slices: 3n,
          reduceOnly: false,
        },
      ]),
    );
    await push(2_000n);
    let keeper = startKeeper();
    let end = ended(keeper);
    await until("opening what was committed before it started", async () => (await sizeOf(trailed)) !== 0n);
    await push(2_100n);
    // Stopped and started again: the peak is found in the feed's history.
    keeper.kill("SIGINT");
    expect((await end).code).to.equal(0);
    await push(2_050n);
    keeper = startKeeper();
    end = ended(keeper);
    try {
      await push(1_995n);
      await until("the trailing stop", async () => (await sizeOf(trailed)) === 0n);
      expect(await sizeOf(stopped)).to.equal(10n * WAD);
      expect(await sizeOf(limited)).to.equal(0n);
      await push(1_990n);
      await until("the limit", async () => (await sizeOf(limited)) === 10n * WAD);
      await push(1_899n);
      await until("the stop", async () => (await sizeOf(stopped)) === 0n);
      await until("the slices", async () => (await sizeOf(sliced)) === -3n * WAD);
    } finally {
      keeper.kill("SIGINT");
      const { code, stderr } = await end;
      expect(code, stderr).to.equal(0);
    }
  });

  it("tops up and reduces positions that asked for it before they are liquidated", async () => {
    const { orderBook, addresses, market } = contracts;
    const trader = chain.accounts[2]!;
    const { interface: abi } = orderBook;
    await push(2_000n);
    const first = await market.nextPositionId();
    const { timestamp } = await chain.head();
    for (const topUpBudget of [5_000n * USDC, 0n]) {
      const commit = abi.encodeFunctionData("commit", [
        {
          positionId: 0n,
          sizeDelta: 10n * WAD,
          collateral: 2_050n * USDC,
          acceptablePrice: MaxUint256,
          executionFee: USDC,
          deadline: BigInt(timestamp + 86_400),
        },
      ]);
      const guard = abi.encodeFunctionData("placeProtective", [
        {
          positionId: MaxUint256,
          triggerRatio: WAD / 20n,
          targetRatio: WAD / 10n,
          topUpBudget,
          executionFee: USDC,
          deadline: BigInt(timestamp + 86_400),
        },
      ]);
      await chain.send(trader, addresses.orderBook, abi.encodeFunctionData("multicall", [[commit, guard]]));
    }
    await push(2_000n);
    const keeper = startKeeper();
    const end = ended(keeper);
    const [toppedUp, reduced] = [first, first + 1n];
    try {
      await until("the opening", async () => (await sizeOf(reduced)) === 10n * WAD);
      const before = await contracts.marginVault.balanceOf(toppedUp);
      for (const dollars of [1_890n, 1_889n]) await push(dollars);
      await until("the top-up", async () => (await contracts.marginVault.balanceOf(toppedUp)) > before);
      await until("the reduction's commit", async () => {
        await push(1_889n);
        return (await sizeOf(reduced)) < 10n * WAD;
      });
      expect(await sizeOf(toppedUp)).to.equal(10n * WAD);
      // Another fall of the same kind finds what is left of the budget.
      await push(1_780n);
      await until("the second top-up", async () => {
        await push(1_780n);
        return (await contracts.marginVault.balanceOf(toppedUp)) > before + 1_900n * USDC;
      });
    } finally {
      keeper.kill("SIGINT");
      const { code, stderr } = await end;
      expect(code, stderr).to.equal(0);
    }
  });

  it("notes outages, ends them after the grace period, and brings down profits that are too large", async () => {
    const { market, lens, liquidityVault, addresses } = contracts;
    const lp = chain.accounts[1]!;
    await push(2_000n);
    const id = await commitLong(30_000n * USDC, 60n * WAD);
    await push(2_000n);
    const keeper = startKeeper();
    const end = ended(keeper);
    try {
      await until("the opening", async () => (await sizeOf(id)) === 60n * WAD);
      await chain.setNextTime((await chain.head()).timestamp + 5_000);
      await chain.mine();
      await until("noting the outage", async () => (await lens.status(addresses.market)).outage);
      await until("ending it", async () => {
        await push(2_000n);
        return !(await lens.status(addresses.market)).outage;
      });
      const shares = await liquidityVault.balanceOf(lp);
      const data = liquidityVault.interface.encodeFunctionData("requestRedeem", [shares, lp, lp]);
      await chain.send(lp, addresses.liquidityVault, data);
      await chain.setNextTime(Number(await liquidityVault.fulfillableFrom()));
      await chain.mine();
      await until("redeeming", async () => {
        await push(2_000n);
        return (await liquidityVault.maxWithdraw(lp)) > 0n;
      });
      await push(6_000n);
      await until("deleveraging", async () => (await sizeOf(id)) < 60n * WAD);
      expect((await lens.status(addresses.market)).longDeleveragingDue).to.equal(false);
      expect((await market.position(id)).size).to.be.greaterThan(0n);
    } finally {
      keeper.kill("SIGINT");
      const { code, stderr } = await end;
      expect(code, stderr).to.equal(0);
    }
  });

  it("names what is wrong with its settings and exits with 2", async () => {
    const good = ["--rpc", chain.url, "--deployment", deploymentFile];
    const cases: [string[], RegExp, string?][] = [
      [[], /--rpc/],
      [["--rpc", "nonsense", "--deployment", deploymentFile], /rpc: must be an http/],
      [
        ["--rpc", chain.url, "--deployment", join(folder, "none.json")],
        /deployment: .*none\.json can't be read/,
      ],
      [[...good, "--market", "DOGE/USD"], /market: DOGE\/USD is not in/],
      [[...good, "--poll-ms", "abc"], /pollMs/],
      [[...good, "--reward-to", "0x12"], /rewardTo: must be an address/],
      [good, /key: must be a private key/, "0x12"],
    ];
    for (const [args, message, key] of cases) {
      const { code, stderr } = await ended(runKeeper(args, key));
      expect(stderr).to.match(message);
      expect(code).to.equal(2);
    }
  });

  it("explains itself with --help", async () => {
    const child = runKeeper(["--help"]);
    let stdout = "";
    child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    expect((await ended(child)).code).to.equal(0);
    expect(stdout).to.contain("Examples:");
  });
});
