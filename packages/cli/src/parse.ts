import {
  InvalidInputError,
  math,
  parseAmount,
  parsePrice,
  parseSignedAmount,
  type Trail,
} from "@bulkhead/sdk";
import { UsageError } from "./errors.ts";

const WAD_DECIMALS = 18;
/** Decimals of a percentage whose wad ratio is exact. */
const PERCENT_DECIMALS = 16;

/** An id of a position. */
export function idOf(text: string): bigint {
  const id = parseAmount("id", text, 0);
  if (id === 0n) throw new InvalidInputError("id", text, "the number of a position, from 1");
  return id;
}

/** A wad size or multiple above zero: 2.5, and 5x for a multiple. */
export function wadOf(field: string, text: string): bigint {
  const wad = parseAmount(field, text.replace(/(?<=\d)x$/i, ""), WAD_DECIMALS);
  if (wad === 0n) throw new InvalidInputError(field, text, "a number above zero");
  return wad;
}

/** A percentage as a wad ratio: 0.5% and 0.5 are the same. */
export function percentOf(field: string, text: string): bigint {
  return parseAmount(field, text.replace(/ ?%$/, ""), PERCENT_DECIMALS);
}

/** A percentage strictly between 0 and 100 as a wad ratio. */
export function fractionOf(field: string, text: string): bigint {
  const ratio = percentOf(field, text);
  if (ratio > 0n && ratio < math.FixedMath.WAD) return ratio;
  throw new InvalidInputError(field, text, "a percentage above 0 and below 100");
}

/** Token units above zero. */
export function moneyOf(field: string, text: string, decimals: number): bigint {
  const amount = parseAmount(field, text, decimals);
  if (amount === 0n) throw new InvalidInputError(field, text, "an amount above zero");
  return amount;
}

/** A price, or none. */
export function priceOf(field: string, text: string | undefined): bigint | undefined {
  return text === undefined ? undefined : parsePrice(field, text);
}

/** How far a stop follows behind: 2% of the best price, or 50 as a price. */
export function trailOf(text: string | undefined): Trail | undefined {
  if (text === undefined) return undefined;
  return text.endsWith("%")
    ? { ratio: fractionOf("--trailing", text) }
    : { distance: parsePrice("--trailing", text) };
}

/** Moves of the price as wad ratios, from percentages between commas. */
export function shocksOf(text: string): bigint[] {
  return text.split(",").map((part) => {
    const shock = parseSignedAmount("--shocks", part.trim().replace(/ ?%$/, ""), PERCENT_DECIMALS);
    if (shock > -math.FixedMath.WAD) return shock;
    throw new InvalidInputError("--shocks", part, "falls of less than 100 %");
  });
}

/** What a vault may take: as much as is needed, or any amount. */
export function approvalOf(text: string): "exact" | "unlimited" {
  if (text === "exact" || text === "unlimited") return text;
  throw new UsageError(`--approve: expected exact or unlimited, got "${text}"`);
}
