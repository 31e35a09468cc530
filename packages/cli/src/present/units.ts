import { formatAmount, type Market } from "@bulkhead/sdk";
import { showMoney, showSum } from "./numbers.ts";

/** What a market's amounts are in, and means to write them. */
export interface Units {
  /** Of the collateral token. */
  readonly decimals: number;
  /** Of the collateral token, as in "USDC". */
  readonly symbol: string;
  /** What is traded, as in "ETH". */
  readonly base: string;
  /** 10^(36 − decimals): size · price / scale are token units. */
  readonly scale: bigint;
  /** Token units at cents, for columns. */
  money(amount: bigint): string;
  /** Token units for people, with the symbol; less than a cent is not nothing. */
  sum(amount: bigint): string;
  /** Token units to the last one, as a decimal. */
  exact(amount: bigint): string;
}

/** The units of a market. */
export function unitsOf({
  symbol: title,
  token: { symbol, decimals },
}: Pick<Market, "symbol" | "token">): Units {
  return {
    decimals,
    symbol,
    base: title.split("/")[0] ?? title,
    scale: 10n ** BigInt(36 - decimals),
    money: (amount) => showMoney(amount, decimals),
    sum: (amount) => `${showSum(amount, decimals)} ${symbol}`,
    exact: (amount) => formatAmount(amount, decimals),
  };
}

/** A wad to the last digit, as a decimal. */
export function exactWad(value: bigint): string {
  return formatAmount(value, 18);
}

/** Seconds of a year, which rates are shown for. */
export const YEAR = 365n * 86_400n;
