import { formatUnits } from "ethers";
import { formatMoney, type Latency } from "./result.ts";

/** Decimals of prices and base-asset sizes. */
const WAD_DECIMALS = 18;

/** One hundredth of a token of 6 decimals. */
const CENT = 10_000n;
const HALF_CENT = CENT / 2n;

/** Wads to the token's smallest unit. */
const WAD_PER_UNIT = 10n ** 12n;

/** Money as people read it: 1,234.57. Rounds half away from zero, at cents. */
export function showMoney(amount: bigint): string {
  const [sign, size] = amount < 0n ? ["−", -amount] : ["", amount];
  const cents = (size + HALF_CENT) / CENT;
  return `${cents === 0n ? "" : sign}${group(cents / 100n)}.${String(cents % 100n).padStart(2, "0")}`;
}

/** Money to the last unit, for what must be exactly zero: 0, or 0.000001. */
export function showExactly(amount: bigint): string {
  return amount === 0n ? "0" : formatMoney(amount);
}

/** 12345 is 12,345. */
export function group(value: number | bigint): string {
  return value.toLocaleString("en-US");
}

/** 1 round, 2 rounds. */
export function count(value: number, noun: string): string {
  return `${group(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** A wad price at cents: 1,684.16. */
export function showPrice(price: bigint): string {
  return showMoney(price / WAD_PER_UNIT);
}

/** A latency as a row's text: `p50 1, p99 3, max 4`. */
export function showLatency({ p50, p99, max }: Latency): string {
  const show = (value: number): string => group(Math.round(value));
  return `p50 ${show(p50)}, p99 ${show(p99)}, max ${show(max)}`;
}

/** Unix seconds as `2023-08-17 21:45:23`, UTC. */
export function showTime(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().slice(0, 19).replace("T", " ");
}

/** A wad as a number, for a plot's pixels only. */
export function wadToNumber(wad: bigint): number {
  return Number(formatUnits(wad, WAD_DECIMALS));
}

/** Money as a number of tokens, for a plot's pixels only. */
export function moneyToNumber(amount: bigint): number {
  return Number(formatMoney(amount));
}
