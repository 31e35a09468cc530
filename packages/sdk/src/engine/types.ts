import type { OrderParams } from "../types.ts";

/** The numbers of a market, as in `contracts/types/MarketParams.sol`: ratios wad, rates wad per second, money token units. */
export interface MarketParams {
  /** Base wad. */
  readonly depth: bigint;
  readonly maxPremium: bigint;
  readonly takerFee: bigint;
  readonly makerFee: bigint;
  readonly initialBase: bigint;
  readonly initialSlope: bigint;
  readonly liquidationFee: bigint;
  readonly minKeeperReward: bigint;
  readonly minNotional: bigint;
  readonly maxSideShare: bigint;
  readonly poolFeeShare: bigint;
  readonly insuranceFeeShare: bigint;
  readonly maxBorrowRate: bigint;
  readonly maxFundingRate: bigint;
  readonly maxFundingVelocity: bigint;
  readonly maxPayoutShare: bigint;
  readonly maintenanceBase: bigint;
  readonly maintenanceSlope: bigint;
  readonly keeperShare: bigint;
  readonly liquidationBuffer: bigint;
  readonly maxKeeperReward: bigint;
  readonly maxPositionShare: bigint;
  readonly warningFactor: bigint;
  readonly elevatedMove: bigint;
  readonly haltedMove: bigint;
  readonly elevatedFactor: bigint;
  readonly adlTrigger: bigint;
  readonly adlTarget: bigint;
  readonly breakerWindow: bigint;
  readonly coolDown: bigint;
  readonly gracePeriod: bigint;
  readonly insuranceTarget: bigint;
  readonly depositCap: bigint;
}

/** What decides when a position is liquidatable, beside its size and `depth`. */
export type MaintenanceTerms = Pick<
  MarketParams,
  "maintenanceBase" | "maintenanceSlope" | "liquidationFee" | "minKeeperReward"
>;

/** A tightening of the maintenance terms: a straight line from those in force to `terms`; seconds. */
export interface MaintenanceSchedule {
  readonly startsAt: bigint;
  readonly endsAt: bigint;
  readonly terms: MaintenanceTerms;
}

/** Funding, borrow and breaker, with the pool's cash, as in `contracts/types/Position.sol`. */
export interface Carry {
  /** Wad price units. */
  readonly longIndex: bigint;
  readonly shortIndex: bigint;
  /** Seconds. */
  readonly updatedAt: bigint;
  /** Packed, see `BreakerMath`. */
  readonly anchor: bigint;
  readonly paramVersion: bigint;
  /** Wad per second; positive: longs pay. */
  readonly fundingRate: bigint;
  readonly longBorrowRate: bigint;
  readonly shortBorrowRate: bigint;
  /** Token units. */
  readonly poolCash: bigint;
  /** Seconds. */
  readonly anchorAt: bigint;
  readonly flags: bigint;
}

/** Sums over all positions of one side. */
export interface SideSums {
  /** Base wad. */
  readonly openInterest: bigint;
  /** Token units. */
  readonly entryNotional: bigint;
  /** Σ size · carryIndex, wad × wad. */
  readonly carrySum: bigint;
}

/** What the pool has earned and lost since the market began, by cause; token units. */
export interface PoolYield {
  readonly fees: bigint;
  readonly borrow: bigint;
  readonly fundingReceived: bigint;
  readonly fundingPaid: bigint;
  readonly pnlReceived: bigint;
  readonly pnlPaid: bigint;
  readonly carryReceived: bigint;
  readonly carryPaid: bigint;
  readonly badDebt: bigint;
  readonly insured: bigint;
  readonly rewards: bigint;
}

/** A pool that has earned and lost nothing. */
export const NO_YIELD: PoolYield = {
  fees: 0n,
  borrow: 0n,
  fundingReceived: 0n,
  fundingPaid: 0n,
  pnlReceived: 0n,
  pnlPaid: 0n,
  carryReceived: 0n,
  carryPaid: 0n,
  badDebt: 0n,
  insured: 0n,
  rewards: 0n,
};

/** Where the money lies, token units. */
export interface Money {
  readonly totalBalance: bigint;
  readonly totalClaim: bigint;
  readonly poolClaim: bigint;
  readonly insuranceClaim: bigint;
  readonly insuranceReserve: bigint;
  readonly treasuryClaim: bigint;
}

/** Shares of the pool and the way out of it. */
export interface Pool {
  /** Shares. */
  readonly supply: bigint;
  /** Token units. */
  readonly reservedAssets: bigint;
  readonly currentBatch: bigint;
  /** Seconds. */
  readonly fulfillableFrom: bigint;
  /** Seconds. */
  readonly redemptionPeriod: bigint;
  /** Shares. */
  readonly batchShares: bigint;
  readonly nextBatchShares: bigint;
}

/**
 * Everything a market's next action depends on, at one moment: what `StateLens.state` gives. Plain data; nothing here
 * changes it, every function that acts returns the state after.
 * Those that take a time throw RangeError for one before the last accrual.
 */
export interface MarketState {
  /** Block time of the reading, seconds. */
  readonly time: bigint;
  /** 10^(36 − token decimals). */
  readonly quoteScale: bigint;
  readonly nextPositionId: bigint;
  /** Latest price, wad; 0: there is none. */
  readonly price: bigint;
  /** Seconds. */
  readonly observedAt: bigint;
  readonly priceIsFresh: boolean;
  /** Band around the price that liquidity is priced over, wad. */
  readonly low: bigint;
  readonly high: bigint;
  /** Half of the band, wad ratio. */
  readonly uncertainty: bigint;
  /** As stored; see {@link paramsAt} for those in force. */
  readonly params: MarketParams;
  readonly schedule: MaintenanceSchedule;
  readonly orderParams: OrderParams;
  /** As stored; see {@link carryAt} for that of another time. */
  readonly carry: Carry;
  readonly long: SideSums;
  readonly short: SideSums;
  /** Seconds; counts while an outage is noted. */
  readonly resumesAt: bigint;
  readonly poolYield: PoolYield;
  readonly money: Money;
  readonly pool: Pool;
}

/** A position as stored. `size` 0: it waits for its opening order. */
export interface PositionState {
  readonly id: bigint;
  readonly owner: string;
  /** Signed base wad. */
  readonly size: bigint;
  /** Token units. */
  readonly entryNotional: bigint;
  /** Wad price units. */
  readonly carryIndex: bigint;
  /** Seconds. */
  readonly openedAt: bigint;
  /** Token units. */
  readonly collateral: bigint;
}

/** Why the contracts would revert: an error's name and arguments, as `decodeRevert` gives them for a revert. */
export interface Refusal {
  readonly name: string;
  readonly args: readonly bigint[];
}

/** Fields that may be written, at all depths. */
export type Mutable<T> = {
  -readonly [K in keyof T]: T[K] extends bigint | boolean | string ? T[K] : Mutable<T[K]>;
};

/** A copy of a state that may be written. Parameters and schedule are shared: they are replaced, never written. */
export function copyState(state: MarketState): Mutable<MarketState> {
  return {
    ...state,
    carry: { ...state.carry },
    long: { ...state.long },
    short: { ...state.short },
    poolYield: { ...state.poolYield },
    money: { ...state.money },
    pool: { ...state.pool },
  };
}
