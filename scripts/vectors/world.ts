import { connectMarket, decodeRevert, readState, revertData, type MarketContracts } from "@bulkhead/sdk";
import { MaxUint256, type Log, type Signer } from "ethers";
import { deployMarket } from "../../deploy/deploy.ts";
import { RISK_ADMIN } from "../../deploy/governance.ts";
import { deployLocalExternals } from "../../deploy/local.ts";
import { ethUsd } from "../../deploy/params/markets/eth-usd.ts";
import { inTokenOf } from "../../deploy/params/scale.ts";
import type { MarketFile } from "../../deploy/params/types.ts";
import { AccessManager__factory, TestToken__factory } from "../../typechain-types/index.ts";
import type { Moment } from "./actions.ts";

/** A chain in the process: `network.create()` of Hardhat. */
export interface SimulatedChain {
  readonly ethers: {
    getSigners(): Promise<Signer[]>;
    readonly provider: { send(method: string, params: unknown[]): Promise<unknown> };
  };
}

/** What a market may be: token, pool and insurance, numbers that differ from the default ones. */
export interface WorldSettings {
  readonly decimals: number;
  /** Tokens. */
  readonly liquidity: bigint;
  readonly insurance: bigint;
  readonly market: Partial<MarketFile["market"]>;
  /** How far the price moves from one observation to the next, basis points; default 80. */
  readonly swing?: bigint;
  /** Whether a tightening of the maintenance terms is announced: it starts two days after the beginning. */
  readonly tightens?: boolean;
}

/** What a transaction came to. */
export type Sent =
  | { readonly logs: readonly Log[] }
  | { readonly refused: { readonly name: string; readonly args: readonly unknown[] } };

/** A market on a chain of its own, driven call by call; its order book's place is taken by the driver. */
export interface World {
  readonly contracts: MarketContracts;
  readonly accounts: Record<"operator" | "lp" | "trader" | "keeper", string>;
  /** 10^decimals. */
  readonly unit: bigint;
  /** Shares of the pool at the beginning; the driver's provider has them. */
  readonly shares: bigint;
  /** As in the settings. */
  readonly swing: bigint;
  /** Time of the newest block, seconds. */
  now(): bigint;
  /** Lets time pass, and has the feed observe a price, wad. */
  observe(price: bigint, elapsed: bigint): Promise<void>;
  read(ids: readonly bigint[]): Promise<Moment>;
  /** Sends a call in a block of its own, `elapsed` seconds after the newest one. */
  send(from: string, to: string, data: string, elapsed: bigint): Promise<Sent>;
}

const GAS = "0xf42400"; // 16,000,000
const ANSWER_SCALE = 10n ** 10n;
const START = 2_000n * 10n ** 8n;
const DAY = 86_400n;

/** Deploys a market with its pool and insurance filled, and opens it for direct calls. */
export async function openWorld(chain: SimulatedChain, settings: WorldSettings): Promise<World> {
  const { provider } = chain.ethers;
  const [operator, lp, trader, keeper] = await chain.ethers.getSigners();
  if (!operator || !lp || !trader || !keeper) throw new Error("four accounts are needed");
  const unit = 10n ** BigInt(settings.decimals);
  let time = await blockTime(provider);
  const token = await new TestToken__factory(operator).deploy("USD Coin", "USDC", settings.decimals);
  const externals = await deployLocalExternals(
    operator,
    { round: 1n, answer: START, startedAt: Number(time), updatedAt: Number(time) },
    { token },
  );
  const file = inTokenOf(settings.decimals, { ...ethUsd, market: { ...ethUsd.market, ...settings.market } });
  const { addresses } = await deployMarket(operator, file, externals);
  const contracts = connectMarket(addresses, operator);
  for (const account of [operator, lp, trader]) {
    await token.mint(account, 10n ** 15n * unit);
    for (const spender of [addresses.marginVault, addresses.liquidityVault, addresses.insuranceFund])
      await token.connect(account).approve(spender, MaxUint256);
  }
  await contracts.liquidityVault.connect(lp).deposit(settings.liquidity * unit, lp);
  await contracts.insuranceFund.donate(settings.insurance * unit);
  // An administrator without a delay.
  const manager = AccessManager__factory.connect(await contracts.market.authority(), operator);
  await manager.grantRole(RISK_ADMIN.id, lp, 0);
  if (settings.tightens === true) await announce(contracts, lp, file);
  await provider.send("hardhat_impersonateAccount", [addresses.orderBook]);
  await provider.send("hardhat_setBalance", [addresses.orderBook, "0xffffffffffffffffffff"]);

  time = await blockTime(provider);
  let round = 1n;
  const send = async (from: string, to: string, data: string, elapsed: bigint): Promise<Sent> => {
    time += elapsed;
    await provider.send("evm_setNextBlockTimestamp", [Number(time)]);
    try {
      const hash = await provider.send("eth_sendTransaction", [
        { from, to, data, gas: GAS, gasPrice: "0x0" },
      ]);
      const receipt = await provider.send("eth_getTransactionReceipt", [hash]);
      return { logs: (receipt as { logs: Log[] }).logs };
    } catch (error) {
      const revert = decodeRevert(revertData(error) ?? "0x");
      if (revert.kind !== "custom") throw error;
      return { refused: { name: revert.errorName, args: Object.values(revert.args) } };
    }
  };
  const aggregator = await externals.aggregator.getAddress();
  return {
    contracts,
    unit,
    shares: await contracts.liquidityVault.totalSupply(),
    swing: settings.swing ?? 80n,
    accounts: {
      operator: await operator.getAddress(),
      lp: await lp.getAddress(),
      trader: await trader.getAddress(),
      keeper: await keeper.getAddress(),
    },
    now: () => time,
    observe: async (price, elapsed) => {
      round += 1n;
      const at = time + elapsed;
      const data = externals.aggregator.interface.encodeFunctionData("push", [
        round,
        price / ANSWER_SCALE,
        at,
        at,
      ]);
      await send(await operator.getAddress(), aggregator, data, elapsed);
    },
    read: (ids) => readState(contracts, ids),
    send,
  };
}

/** Announces twice the maintenance terms, from two days on, over two days. */
async function announce(
  { market, ...contracts }: MarketContracts,
  admin: Signer,
  file: MarketFile,
): Promise<void> {
  const { time } = (await readState(contracts)).state;
  const { maintenanceBase, maintenanceSlope, liquidationFee, minKeeperReward } = file.market;
  await market.connect(admin).scheduleMaintenance({
    startsAt: time + 2n * DAY + 60n,
    endsAt: time + 4n * DAY,
    terms: {
      maintenanceBase: (maintenanceBase * 3n) / 2n,
      maintenanceSlope: maintenanceSlope * 2n,
      liquidationFee: liquidationFee * 2n,
      minKeeperReward: minKeeperReward * 2n,
    },
  });
}

async function blockTime(provider: SimulatedChain["ethers"]["provider"]): Promise<bigint> {
  const block = await provider.send("eth_getBlockByNumber", ["latest", false]);
  return BigInt((block as { timestamp: string }).timestamp);
}
