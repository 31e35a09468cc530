import type { FixingQuery } from "../orders/fixing.ts";

/** An observation of a source; times in seconds, the price wad in collateral tokens. */
export interface ObservedPrice {
  /** The oracle's id: a proxy's round id, or a report's observation time. Grows with time within an epoch. */
  readonly id: bigint;
  readonly observedAt: bigint;
  /** 0 if there is none to be believed. */
  readonly price: bigint;
}

/** What an oracle takes as evidence. */
export interface Proof {
  /** The words that `OrderBook.settle`, `settleSlice` and `trigger` take. */
  readonly proof: string;
  /** Signed reports that the oracle has to keep before the proof holds (`IStreamsOracle.submit`); none of a feed. */
  readonly reports: readonly string[];
}

/** The observation that proves a fixing, or the time from which one can exist, seconds. */
export type FixingSearch =
  | (Proof & { readonly found: true; readonly id: bigint })
  | { readonly found: false; readonly notBefore: bigint };

/** Where a market's prices come from, as far as settling and triggering orders goes. */
export interface PriceSource {
  /** The newest observation; `undefined` if there is none. All else goes by what this saw last. */
  latest(): Promise<ObservedPrice | undefined>;
  /**
   * Finds what proves the fixing of `query`.
   *
   * @param now Timestamp of the block a settlement would be in, seconds.
   */
  findFixing(query: FixingQuery, now: bigint): Promise<FixingSearch>;
  /**
   * Observations of the present epoch made after `moment`, in order; with `after`, those with a greater id only. A new
   * epoch's ids don't continue the old ones.
   */
  since(moment: bigint, after?: bigint): Promise<{ epoch: bigint; observations: readonly ObservedPrice[] }>;
  /** What `IPriceOracle.observation` takes for an observation. */
  observationProof(observed: ObservedPrice): Promise<Proof>;
  /** Forgets what has been read: the chain has reorganised. */
  forget(): void;
}
