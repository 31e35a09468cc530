import type { StreamAddresses } from "@bulkhead/sdk";
import {
  InsuranceFund__factory,
  LiquidityVault__factory,
  MarginVault__factory,
  GovernanceModule__factory,
  MarketModule__factory,
  OrderBook__factory,
  OrderModule__factory,
  PerpMarket__factory,
} from "../typechain-types/index.ts";

/** One string for each of a market's contracts. */
export type PerContract = [string, string, string, string, string, string, string, string];

/** Creation code of a market's contracts, in the order of `MarketSet`. */
export const CREATION_CODE: PerContract = [
  MarginVault__factory.bytecode,
  LiquidityVault__factory.bytecode,
  InsuranceFund__factory.bytecode,
  PerpMarket__factory.bytecode,
  OrderBook__factory.bytecode,
  OrderModule__factory.bytecode,
  MarketModule__factory.bytecode,
  GovernanceModule__factory.bytecode,
];

/** What a market stands on, and who gets its treasury share. */
export interface Externals {
  readonly token: string;
  /** Where prices come from: the proxy of a Chainlink Data Feed, or Chainlink's VerifierProxy and a stream. */
  readonly feed?: string | undefined;
  readonly stream?: StreamAddresses;
  /** Proxy of a second feed of the same price, beside `feed`. */
  readonly secondFeed?: string;
  /** Proxy of the collateral token's feed, in the currency of the price. */
  readonly collateralFeed?: string;
  /** Uptime feed of the chain's sequencer. */
  readonly sequencer?: string;
  readonly treasury: string;
  /** Oracle of the native token in collateral tokens; default: the market's own if its base is that token, else none. */
  readonly nativeOracle?: string;
}
