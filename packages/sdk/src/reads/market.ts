import type { MarketContracts } from "../market.ts";
import { guarded } from "./guard.ts";
import { plain, type Plain } from "./plain.ts";
import type { ReadOptions } from "./positions.ts";

/** The books of a market at its latest price; units in `IPerpLens.Solvency`. */
export type SolvencyReport = Plain<Awaited<ReturnType<MarketContracts["lens"]["solvency"]>>>;

/** What a market is in; units in `IPerpLens.Status`. */
export type StatusReport = Plain<Awaited<ReturnType<MarketContracts["lens"]["status"]>>>;

/** A market at a price moved by a shock; units in `IPerpLens.Stress`. */
export type StressReport = Plain<Awaited<ReturnType<MarketContracts["lens"]["stress"]>>[number]>;

/**
 * What holds what the market's vaults owe, at the latest price; the same few reads however many positions there are.
 *
 * @throws NetworkError without an answer, RevertedError if a contract refuses to give one.
 */
export async function readSolvency(
  { lens, addresses }: Pick<MarketContracts, "lens" | "addresses">,
  { blockTag = "latest" }: ReadOptions = {},
): Promise<SolvencyReport> {
  return guarded(async () => plain(await lens.solvency(addresses.market, { blockTag })));
}

/**
 * Price, breaker, outage, and what is announced or due.
 *
 * @throws NetworkError without an answer, RevertedError if a contract refuses to give one.
 */
export async function readStatus(
  { lens, addresses }: Pick<MarketContracts, "lens" | "addresses">,
  { blockTag = "latest" }: ReadOptions = {},
): Promise<StatusReport> {
  return guarded(async () => plain(await lens.status(addresses.market, { blockTag })));
}

/**
 * The market after each shock.
 *
 * @param shocks Wad ratios of the latest price: −0.2e18 is a fall by a fifth.
 * @throws NetworkError without an answer, RevertedError if a contract refuses to give one.
 */
export async function readStress(
  { lens, addresses }: Pick<MarketContracts, "lens" | "addresses">,
  shocks: readonly bigint[],
  { blockTag = "latest" }: ReadOptions = {},
): Promise<readonly StressReport[]> {
  return guarded(async () => plain(await lens.stress(addresses.market, [...shocks], { blockTag })));
}
