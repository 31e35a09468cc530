import { connectMarket, type MarketAddresses } from "@bulkhead/sdk";
import { keccak256, ZeroAddress, type Signer } from "ethers";
import {
  AccessManager__factory,
  MarketFactory__factory,
  PerpLens__factory,
  StateLens__factory,
  PositionDescriptor__factory,
} from "../typechain-types/index.ts";
import { CREATION_CODE, type PerContract, type Externals } from "./code.ts";
import { assignRoles } from "./governance.ts";
import { Journal } from "./journal.ts";
import { deployOracle } from "./oracle.ts";
import { checkParams } from "./params/check.ts";
import type { MarketFile } from "./params/types.ts";
import { callStep, deployStep, type Runner } from "./steps.ts";
import { verifyDeployment } from "./verify.ts";

/** How many of a market's contracts are there after each of the transactions that create it. */
const PARTS = [4, 6, CREATION_CODE.length];

/** How a deployment is run. */
export interface DeployOptions {
  /** Where the record is kept, e.g. `deployments/<chainId>.json`; in memory only without it. */
  readonly file?: string;
  /** Called with the oracle's address before the market is created, which takes a fresh price: to bring a report. */
  readonly beforeMarket?: (oracle: string) => Promise<void>;
  /** Told what is done; `found` for what an earlier run had done. */
  readonly onStep?: Runner["onStep"];
}

/** What {@link deployMarket} returns. */
export interface Deployment {
  readonly factory: string;
  readonly addresses: MarketAddresses;
}

/**
 * Brings up one market: oracle, factory, lenses (each once), and the market's set. Safe to run again after a failure, and
 * when it is done: what exists is kept. Everything is read back and compared before the record is called complete.
 *
 * @throws ParameterError before anything is sent, if a parameter is outside its hard bounds.
 * @throws JournalError if the record belongs to another chain.
 * @throws VerificationError if what is on the chain is not what was asked for.
 */
export async function deployMarket(
  signer: Signer,
  file: MarketFile,
  externals: Externals,
  options: DeployOptions = {},
): Promise<Deployment> {
  checkParams(file);
  if (signer.provider === null) throw new Error("signer: it must be connected to a provider");
  const journal = await Journal.open(signer.provider, options.file);
  const runner: Runner = { signer, journal, onStep: options.onStep ?? (() => undefined) };

  const { symbol } = file;
  const oracle = await deployStep(runner, `oracle ${symbol}`, () =>
    deployOracle(signer, file.oracle, externals),
  );
  await options.beforeMarket?.(oracle);
  const hashes = CREATION_CODE.map((code) => keccak256(code)) as PerContract;
  const owner = await signer.getAddress();
  const factoryAddress = await deployStep(runner, "factory", () =>
    new MarketFactory__factory(signer).deploy(owner, hashes),
  );
  const lens = await deployStep(runner, "lens", () => new PerpLens__factory(signer).deploy());
  const stateLens = await deployStep(runner, "state lens", () => new StateLens__factory(signer).deploy());
  const descriptor = await deployStep(runner, "descriptor", () =>
    new PositionDescriptor__factory(signer).deploy(),
  );

  const factory = MarketFactory__factory.connect(factoryAddress, signer);
  const authority = await deployStep(runner, "authority", () =>
    new AccessManager__factory(signer).deploy(owner),
  );
  const nativeOracle = externals.nativeOracle ?? (file.baseIsNative ? oracle : ZeroAddress);
  const config = {
    symbol,
    token: externals.token,
    treasury: externals.treasury,
    oracle,
    nativeOracle,
    authority,
    descriptor,
    redemptionPeriod: file.pool.redemptionPeriod,
    params: file.market,
    orderParams: file.orders,
  };
  // All contracts in one transaction would need more gas than one may use.
  for (const [index, end] of PARTS.entries()) {
    const isLast = end === CREATION_CODE.length;
    await callStep(
      runner,
      isLast ? `market ${symbol}` : `market ${symbol}, part ${index + 1}`,
      async () => (await factory.deployedOf(symbol)) >= end,
      () => factory.createMarket(config, CREATION_CODE.slice(PARTS[index - 1] ?? 0, end)),
    );
  }
  const set = await factory.addressesOf(symbol);
  const addresses: MarketAddresses = {
    token: externals.token,
    ...(externals.feed === undefined ? {} : { feed: externals.feed }),
    ...(externals.stream === undefined ? {} : { stream: externals.stream }),
    oracle,
    lens,
    stateLens,
    marginVault: set.marginVault,
    liquidityVault: set.liquidityVault,
    insuranceFund: set.insuranceFund,
    market: set.market,
    orderBook: set.orderBook,
    block: journal.step(`market ${symbol}`)?.block,
  };
  await assignRoles(runner, AccessManager__factory.connect(authority, signer), set.market, file);
  await verifyDeployment(connectMarket(addresses, signer), factory, file, externals);

  const known = (journal.record.markets ?? {}) as Record<string, unknown>;
  await journal.finish({
    factory: factoryAddress,
    lens,
    stateLens,
    markets: { ...known, [symbol]: { ...addresses, treasury: externals.treasury, parameters: file } },
  });
  return { factory: factoryAddress, addresses };
}
