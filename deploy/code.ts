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
  /** Proxy of the Chainlink Data Feed. */
  readonly feed: string;
  readonly treasury: string;
  /** Oracle of the native token in collateral tokens; default: the market's own if its base is that token, else none. */
  readonly nativeOracle?: string;
}
