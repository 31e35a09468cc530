import {
  InsuranceFund__factory,
  LiquidityVault__factory,
  MarginVault__factory,
  OrderBook__factory,
  PerpMarket__factory,
} from "../typechain-types/index.ts";

/** Creation code of a market's contracts, in the order of `MarketSet`. */
export const CREATION_CODE: [string, string, string, string, string] = [
  MarginVault__factory.bytecode,
  LiquidityVault__factory.bytecode,
  InsuranceFund__factory.bytecode,
  PerpMarket__factory.bytecode,
  OrderBook__factory.bytecode,
];

/** What a market stands on, and who gets its treasury share. */
export interface Externals {
  readonly token: string;
  /** Proxy of the Chainlink Data Feed. */
  readonly feed: string;
  readonly treasury: string;
}
