import { parseUnits } from "ethers";

const SECONDS_PER_YEAR = 365n * 24n * 3600n;
const SECONDS_PER_DAY = 24n * 3600n;

/** A ratio or a base amount written in decimals, as wad: `wad("0.01")` is 1 %. */
export function wad(text: string): bigint {
  return parseUnits(text, 18);
}

/** Whole dollars of a 6-decimal token, in its units. */
export function usdc(text: string): bigint {
  return parseUnits(text, 6);
}

/** A rate per year as wad per second, rounded down. */
export function perYear(text: string): bigint {
  return wad(text) / SECONDS_PER_YEAR;
}

/** A change of a yearly rate per day, as wad per second per second, rounded down. */
export function perYearPerDay(text: string): bigint {
  return wad(text) / SECONDS_PER_YEAR / SECONDS_PER_DAY;
}
