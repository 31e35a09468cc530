import { formatUnits } from "ethers";

/** Decimals of the collateral token that a replay runs on: USDC's. */
export const MONEY_DECIMALS = 6;

/** The market after one round, when keeper and traders are done. Money: token units, 6 decimals. */
export interface RoundPoint {
  readonly roundId: bigint;
  /** Unix seconds. */
  readonly timestamp: number;
  /** Wad. */
  readonly price: bigint;
  readonly lpNav: bigint;
  readonly insurance: bigint;
  /** Base asset, wad. */
  readonly openInterestLong: bigint;
  /** Base asset, wad. */
  readonly openInterestShort: bigint;
  /** Sum of all positions' collateral. */
  readonly collateral: bigint;
  readonly openPositions: number;
  /** Liquidations so far, partial and full. */
  readonly liquidations: number;
}

/** One liquidation. */
export interface LiquidationPoint {
  /** Unix seconds, of the round in which it happened. */
  readonly timestamp: number;
  /** Wad. */
  readonly price: bigint;
  /** False when a part of the position lives on. */
  readonly full: boolean;
  /** Token units. */
  readonly badDebt: bigint;
}

/** From the crossing round to the liquidation; all 0 when there was none. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** What a replay comes to. Money: token units, 6 decimals. */
export interface ReplaySummary {
  readonly rounds: number;
  /** Positions that got their first fill. */
  readonly opened: number;
  /** Orders that failed on settlement. */
  readonly refused: number;
  /** Positions closed by their owners. */
  readonly closed: number;
  readonly liquidatedFull: number;
  readonly liquidatedPartial: number;
  /** Resting orders that were triggered. */
  readonly triggered: number;
  /** Slices that traded. */
  readonly slices: number;
  /** Positions topped up or set to be reduced by their protective orders. */
  readonly protected: number;
  /** Positions liquidatable two rounds in a row. */
  readonly missed: number;
  readonly badDebt: bigint;
  /** The part of the bad debt that insurance did not cover. */
  readonly badDebtLp: bigint;
  /** What insurance paid for bad debt and rewards. */
  readonly insurancePaid: bigint;
  /** Profit that was not paid out. */
  readonly haircut: bigint;
  /** Reductions of winning positions by deleveraging, and their notional at the price they were made at. */
  readonly deleveraged: number;
  readonly deleveragedNotional: bigint;
  /** The insurance fund at the end. */
  readonly insurance: bigint;
  /** What LPs earned: net asset value at the end minus at the start, less what they put in. */
  readonly lpResult: bigint;
  readonly keeperRewards: bigint;
  /** Money in − money out − balances: 0, or the books are wrong. */
  readonly conservationError: bigint;
  readonly latencyMs: Latency;
  readonly latencyRounds: Latency;
  readonly wallSeconds: number;
}

/** Everything a replay leaves behind. */
export interface ReplayResult {
  readonly series: readonly RoundPoint[];
  readonly liquidations: readonly LiquidationPoint[];
  /** How many orders failed, by reason. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Positions that outlive the last round. */
  readonly stillOpen: number;
  readonly summary: ReplaySummary;
}

/** Whether a replay held what it must: no money lost or made from nothing, no liquidation missed. */
export function isSound({ summary }: ReplayResult): boolean {
  return summary.conservationError === 0n && summary.missed === 0;
}

/** Token units as a decimal number of tokens with all their decimals: 1234567890n is "1234.567890". */
export function formatMoney(amount: bigint): string {
  const [whole = "0", fraction = ""] = formatUnits(amount, MONEY_DECIMALS).split(".");
  return `${whole}.${fraction.padEnd(MONEY_DECIMALS, "0")}`;
}

/**
 * The smallest of `values` that at least `percent` % of them don't exceed (nearest rank); 0 when there are none.
 *
 * @param percent 0 to 100.
 */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  return sorted[rank - 1] ?? 0;
}
