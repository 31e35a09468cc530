import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { ZeroAddress } from "ethers";
import {
  AbstractSigner,
  encodeBytes32String,
  type Provider,
  type TransactionRequest,
  type TransactionResponse,
} from "ethers";
import { network } from "hardhat";
import { CREATION_CODE, type Externals } from "../../deploy/code.ts";
import { deployMarket } from "../../deploy/deploy.ts";
import { JournalError } from "../../deploy/journal.ts";
import { deployLocalExternals } from "../../deploy/local.ts";
import { checkParams, marketBounds, orderBounds, ParameterError } from "../../deploy/params/check.ts";
import { ethUsd } from "../../deploy/params/markets/eth-usd.ts";
import type { MarketFile } from "../../deploy/params/types.ts";
import { VerificationError } from "../../deploy/verify.ts";
import { Errors__factory, MarketFactory__factory } from "../../typechain-types/index.ts";

const { ethers, networkHelpers } = await network.create();
const [operator] = await ethers.getSigners();

/** Sends through `inner` until `left` transactions are used up, then fails as a dropped connection would. */
class FailingSigner extends AbstractSigner {
  sent = 0;
  readonly #inner: AbstractSigner;
  readonly #limit: number;

  constructor(inner: AbstractSigner, limit: number) {
    super(inner.provider);
    this.#inner = inner;
    this.#limit = limit;
  }
  override getAddress = (): Promise<string> => this.#inner.getAddress();
  override connect = (provider: Provider | null): AbstractSigner =>
    new FailingSigner(this.#inner.connect(provider) as AbstractSigner, this.#limit);
  override signTransaction = (tx: TransactionRequest): Promise<string> => this.#inner.signTransaction(tx);
  override signMessage = (message: string | Uint8Array): Promise<string> => this.#inner.signMessage(message);
  override signTypedData: AbstractSigner["signTypedData"] = (...args) => this.#inner.signTypedData(...args);
  override async sendTransaction(tx: TransactionRequest): Promise<TransactionResponse> {
    if (this.sent >= this.#limit) throw new Error("connection lost");
    this.sent += 1;
    return this.#inner.sendTransaction(tx);
  }
}

async function externals(): Promise<Externals> {
  const now = await networkHelpers.time.latest();
  return deployLocalExternals(operator!, {
    round: 1n,
    answer: 2_000n * 10n ** 8n,
    startedAt: now,
    updatedAt: now,
  });
}

describe("deployment", () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "bulkhead-"));
    file = join(folder, "deployments", "31337.json");
  });
  afterEach(() => rm(folder, { recursive: true }));

  const run = async (base: Externals, signer: AbstractSigner = operator!, market: MarketFile = ethUsd) => {
    const steps: string[] = [];
    const deployment = await deployMarket(signer, market, base, {
      file,
      onStep: (name, done) => steps.push(`${done} ${name}`),
    });
    return { deployment, steps };
  };

  it("deploys, reads back and writes the addresses", async () => {
    const { deployment } = await run(await externals());
    const record = JSON.parse(await readFile(file, "utf8")) as {
      chainId: number;
      markets: Record<string, { market: string }>;
    };
    expect(record.chainId).to.equal(31337);
    expect(record.markets["ETH/USD"]?.market).to.equal(deployment.addresses.market);
  });

  it("sends nothing when it is run again", async () => {
    const base = await externals();
    const first = await run(base);
    const before = await ethers.provider.getBlockNumber();
    const second = await run(base);
    expect(second.deployment).to.deep.equal(first.deployment);
    expect(second.steps.every((step) => step.startsWith("found"))).to.equal(true);
    expect(await ethers.provider.getBlockNumber()).to.equal(before);
  });

  for (let limit = 0; limit < 15; limit += 1) {
    it(`goes on where it failed, after ${limit} of 15 transactions`, async () => {
      const base = await externals();
      const failing = new FailingSigner(operator!, limit);
      let failure: unknown;
      await run(base, failing).catch((error: unknown) => (failure = error));
      expect((failure as Error).message).to.equal("connection lost");
      const { steps } = await run(base);
      expect(steps.filter((step) => step.startsWith("found"))).to.have.length(limit);
      expect(steps.filter((step) => step.startsWith("sent"))).to.have.length(15 - limit);
    });
  }

  it("waits for a transaction that was sent but not seen mined", async () => {
    const base = await externals();
    await run(base);
    const record = JSON.parse(await readFile(file, "utf8")) as { steps: Record<string, { block?: number }> };
    for (const step of Object.values(record.steps)) delete step.block;
    await writeFile(file, JSON.stringify(record));
    const { steps } = await run(base);
    expect(steps.every((step) => step.startsWith("found"))).to.equal(true);
  });

  it("starts anew when a local chain was restarted, and refuses a record of another chain", async () => {
    const base = await externals();
    await run(base);
    const record = JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
    await writeFile(file, JSON.stringify({ ...record, genesis: "0x01" }));
    expect((await run(base)).steps.every((step) => step.startsWith("sent"))).to.equal(true);

    await writeFile(file, JSON.stringify({ ...record, chainId: 1 }));
    await rejects(run(base), JournalError, /is of chain 1/);
    await writeFile(file, "not json");
    await rejects(run(base), JournalError, /is not a deployment record/);
  });

  it("finds out when the chain holds other parameters than asked for", async () => {
    const base = await externals();
    await run(base);
    const other = { ...ethUsd, market: { ...ethUsd.market, takerFee: ethUsd.market.takerFee + 1n } };
    await rejects(run(base, operator!, other), VerificationError, /parameter takerFee/);
  });

  it("refuses parameters outside the hard bounds before it sends anything", async () => {
    const market = {
      ...ethUsd,
      market: { ...ethUsd.market, maxPremium: ethUsd.market.maintenanceBase + 1n },
    };
    const failing = new FailingSigner(operator!, 0);
    await rejects(
      run(await externals(), failing, market),
      ParameterError,
      /^maxPremium is 10000000000000001; it must be from 0 to/,
    );
  });
});

describe("parameter bounds", () => {
  const names = [...marketBounds(ethUsd.market), ...orderBounds(ethUsd.orders)].map(([name]) => name);

  /** The file with one parameter set. */
  function altered(name: string, value: bigint): MarketFile {
    return name in ethUsd.market
      ? { ...ethUsd, market: { ...ethUsd.market, [name]: value } }
      : { ...ethUsd, orders: { ...ethUsd.orders, [name]: value } };
  }

  it("ask for an uncertainty of no less than the premium, and for batches an hour to thirty days apart", () => {
    const { market, oracle } = ethUsd;
    const wrong: [string, Partial<MarketFile>][] = [
      ["uncertainty", { oracle: { ...oracle, uncertainty: market.maxPremium - 1n } }],
      ["redemptionPeriod", { pool: { redemptionPeriod: 3_599n } }],
      ["redemptionPeriod", { pool: { redemptionPeriod: 2_592_001n } }],
    ];
    for (const [parameter, change] of wrong) {
      const check = () => checkParams({ ...ethUsd, ...change });
      expect(check).to.throw(
        ParameterError,
        new RegExp(`^${parameter} is \\d+; it must be from \\d+ to \\d+$`),
      );
    }
    checkParams({ ...ethUsd, oracle: { ...oracle, uncertainty: market.maxPremium } });
  });

  for (const name of names) {
    it(`are the same on both sides for ${name}`, async () => {
      const base = await externals();
      const { deployment } = { deployment: await deployMarket(operator!, ethUsd, base) };
      const factory = MarketFactory__factory.connect(deployment.factory, operator);
      const all = [...marketBounds(ethUsd.market), ...orderBounds(ethUsd.orders)];
      const [, , min, max] = all.find(([other]) => other === name)!;
      for (const value of [min - 1n, max + 1n].filter((v) => v >= 0n)) {
        const file = altered(name, value);
        const refusal = (() => {
          try {
            checkParams(file);
          } catch (error) {
            return error as ParameterError;
          }
          return undefined;
        })();
        expect(refusal?.parameter, `${name} = ${value}`).to.be.a("string");
        const config = {
          symbol: "X",
          ...base,
          oracle: deployment.addresses.oracle,
          nativeOracle: deployment.addresses.oracle,
          authority: deployment.addresses.oracle,
          descriptor: ZeroAddress,
          redemptionPeriod: 86_400n,
          params: file.market,
          orderParams: file.orders,
        };
        // A value that does not even fit the field can't be sent at all.
        if (!fits(name, value)) continue;
        await expect(factory.createMarket.staticCall(config, CREATION_CODE.slice(0, 4)))
          .to.be.revertedWithCustomError(
            { interface: Errors__factory.createInterface() },
            "ParameterOutOfBounds",
          )
          .withArgs(encodeBytes32String(refusal!.parameter), ...bounds(file, refusal!.parameter));
      }
    });
  }
});

function bounds(file: MarketFile, name: string): [bigint, bigint, bigint] {
  const [, value, min, max] = [...marketBounds(file.market), ...orderBounds(file.orders)].find(
    ([n]) => n === name,
  )!;
  return [value, min, max];
}

function fits(name: string, value: bigint): boolean {
  const wide = ["depth", "minNotional", "minKeeperReward", "maxKeeperReward", "maxExecutionFee"].includes(
    name,
  );
  const bits = wide ? 128n : ["settlementDelay", "fallbackDelay"].includes(name) ? 32n : 64n;
  return value < 1n << bits;
}

async function rejects(
  run: Promise<unknown>,
  type: abstract new (...args: never[]) => Error,
  message: RegExp,
): Promise<void> {
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).to.be.instanceOf(type);
  expect((error as Error).message).to.match(message);
}
