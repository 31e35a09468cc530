import type { MarketAddresses } from "./types.ts";

/** The contracts of a chain, as `npm run deploy` records them in `deployments/<chainId>.json`. */
export interface Deployment {
  readonly chainId: number;
  /** Shared by all markets. */
  readonly lens: string;
  readonly stateLens: string;
  /** By symbol, as in "ETH/USD". */
  readonly markets: Readonly<Record<string, Omit<MarketAddresses, "lens" | "stateLens">>>;
}

/** Deployments on public chains, by chain id. There are none yet. */
export const deployments: Readonly<Record<string, Deployment>> = {};
