import type { MarketParams, OrderParams } from "@bulkhead/sdk";

export type { MarketParams, OrderParams };

/** What is believed of a Data Feed. */
export interface FeedParams {
  /** Seconds after which its latest observation is stale. */
  readonly maxAge: bigint;
  /** Wad prices. */
  readonly minPrice: bigint;
  readonly maxPrice: bigint;
}

/** What is believed of a stream. */
export interface StreamParams extends FeedParams {
  /** Seconds after the last moment a fixing can be of in which its report can still be brought. */
  readonly proofWindow: bigint;
}

/** Settings of the oracle. Which of its feeds there are is a matter of the chain: {@link Externals}. */
export interface OracleParams {
  /** Wad ratio: how far the next observation may be from the latest, by half. */
  readonly uncertainty: bigint;
  /** Seconds without a price after an outage of the sequencer or of a stream. */
  readonly gracePeriod: bigint;
  readonly feed: FeedParams;
  /** `maxDeviation`: how far a second feed may be from the first, a wad ratio of the lower one. */
  readonly second: FeedParams & { readonly maxDeviation: bigint };
  /** The collateral token's price. */
  readonly collateral: FeedParams;
  readonly stream: StreamParams;
}

/** Timing of the pool, fixed for the life of a market. */
export interface PoolParams {
  /** Seconds between two batches of redemptions. */
  readonly redemptionPeriod: bigint;
}

/** Who governs, and how long what they do is announced; seconds. */
export interface GovernanceParams {
  /** Between scheduling and executing an action of the risk administration. */
  readonly riskDelay: bigint;
}

/** Everything a market is deployed from. Money is in units of a token of `tokenDecimals`. */
export interface MarketFile {
  readonly symbol: string;
  readonly tokenDecimals: number;
  /** Whether the base asset is the chain's native token, so that the market's oracle gives the price of gas too. */
  readonly baseIsNative: boolean;
  readonly market: MarketParams;
  readonly orders: OrderParams;
  readonly oracle: OracleParams;
  readonly pool: PoolParams;
  readonly governance: GovernanceParams;
}
