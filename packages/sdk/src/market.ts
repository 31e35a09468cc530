import type { ContractRunner } from "ethers";
import {
  InsuranceFund__factory,
  IPriceOracle__factory,
  LiquidityVault__factory,
  MarginVault__factory,
  OrderBook__factory,
  PerpLens__factory,
  PerpMarket__factory,
  StateLens__factory,
} from "./contracts.ts";
import type { MarketAddresses } from "./types.ts";

/**
 * The typed contracts of one market.
 *
 * @param addresses Where they are, e.g. from `deployments/<chainId>.json`.
 * @param runner Provider for reads, signer for writes.
 * @example
 * const { lens, market } = connectMarket(addresses, new JsonRpcProvider(url));
 * const { solvent } = await lens.solvency(market);
 */
export function connectMarket(addresses: MarketAddresses, runner: ContractRunner) {
  return {
    addresses,
    oracle: IPriceOracle__factory.connect(addresses.oracle, runner),
    marginVault: MarginVault__factory.connect(addresses.marginVault, runner),
    liquidityVault: LiquidityVault__factory.connect(addresses.liquidityVault, runner),
    insuranceFund: InsuranceFund__factory.connect(addresses.insuranceFund, runner),
    market: PerpMarket__factory.connect(addresses.market, runner),
    orderBook: OrderBook__factory.connect(addresses.orderBook, runner),
    lens: PerpLens__factory.connect(addresses.lens, runner),
    stateLens: StateLens__factory.connect(addresses.stateLens, runner),
  };
}

/** What {@link connectMarket} returns. */
export type MarketContracts = ReturnType<typeof connectMarket>;
