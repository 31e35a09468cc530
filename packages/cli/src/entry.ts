import type { MarketState, OrderRules, Trail } from "@bulkhead/sdk";
import { Failure, UsageError } from "./errors.ts";
import type { SendingOptions } from "./options.ts";
import { fractionOf, moneyOf, percentOf, priceOf, trailOf, wadOf } from "./parse.ts";
import { showPrice } from "./present/numbers.ts";
import type { Units } from "./present/units.ts";
import type { Sizing } from "./size.ts";

/** Options of `bulkhead open`, as they are typed. */
export interface OpenOptions extends SendingOptions {
  readonly size?: string;
  readonly collateral?: string;
  readonly leverage?: string;
  readonly risk?: string;
  readonly capital?: string;
  readonly limit?: string;
  readonly stopLoss?: string;
  readonly takeProfit?: string;
  readonly trailing?: string;
  readonly expires: string;
  readonly approve: string;
  readonly slippage: string;
  readonly wait: string | boolean;
}

/** Prices of an entry and its exits, wad. */
export interface EntryPrices {
  readonly limit: bigint | undefined;
  readonly stopLoss: bigint | undefined;
  readonly takeProfit: bigint | undefined;
  readonly trail: Trail | undefined;
}

const HOW_LARGE =
  "how large? Give two of --size, --collateral and --leverage, or --risk with --stop-loss; --size max with --collateral";

/** What an entry is sized by. `wallet` gives the balance that risk is a share of, if no capital is given. */
export async function sizingOf(
  options: OpenOptions,
  { decimals }: Units,
  wallet: () => Promise<bigint>,
): Promise<Sizing> {
  const { size, collateral, leverage, risk, capital, stopLoss } = options;
  const paid = collateral === undefined ? undefined : moneyOf("--collateral", collateral, decimals);
  if (risk !== undefined) {
    if (size !== undefined || leverage !== undefined)
      throw new UsageError("--risk: the size follows from it; give neither --size nor --leverage");
    const stopPrice = priceOf("--stop-loss", stopLoss);
    if (stopPrice === undefined)
      throw new UsageError("--risk: at which price is it given up? Give --stop-loss");
    const share = percentOf("--risk", risk);
    const all = capital === undefined ? await wallet() : moneyOf("--capital", capital, decimals);
    if (all === 0n)
      throw new Failure("the wallet is empty: --risk is a share of nothing", "Fund it, or give --capital.");
    return { by: "risk", capital: all, share, stopPrice, collateral: paid };
  }
  if (capital !== undefined) throw new UsageError("--capital: it says what --risk is a share of");
  if (size === "max") {
    if (paid === undefined || leverage !== undefined)
      throw new UsageError("--size max: of which --collateral?");
    return { by: "the largest", collateral: paid };
  }
  const base = size === undefined ? undefined : wadOf("--size", size);
  const times = leverage === undefined ? undefined : wadOf("--leverage", leverage);
  if (base !== undefined && paid !== undefined && times === undefined)
    return { by: "both", size: base, collateral: paid };
  if (base !== undefined && paid === undefined && times !== undefined)
    return { by: "leverage of a size", size: base, leverage: times };
  if (base === undefined && paid !== undefined && times !== undefined)
    return { by: "leverage of a collateral", collateral: paid, leverage: times };
  throw new UsageError(HOW_LARGE);
}

/** Prices of an entry, each on its side. */
export function entryPrices(
  options: OpenOptions,
  isLong: boolean,
  { price: latest }: MarketState,
): EntryPrices {
  const prices = {
    limit: priceOf("--limit", options.limit),
    stopLoss: priceOf("--stop-loss", options.stopLoss),
    takeProfit: priceOf("--take-profit", options.takeProfit),
    trail: trailOf(options.trailing),
  };
  const entry = prices.limit ?? latest;
  checkSides(prices, isLong, entry);
  return prices;
}

/** Stops lie where a position loses, take-profits where it gains. */
export function checkSides(
  { stopLoss, takeProfit }: Pick<EntryPrices, "stopLoss" | "takeProfit">,
  isLong: boolean,
  price: bigint,
): void {
  const [side, losing, winning] = isLong ? ["long", "below", "above"] : ["short", "above", "below"];
  if (stopLoss !== undefined && (isLong ? stopLoss >= price : stopLoss <= price))
    throw new UsageError(`--stop-loss: a ${side}'s is ${losing} the price, else it is reached at once`);
  if (takeProfit !== undefined && (isLong ? takeProfit <= price : takeProfit >= price))
    throw new UsageError(`--take-profit: a ${side}'s is ${winning} the price, else it is reached at once`);
}

/** A position has to live to see its stop. */
export function checkReachable(
  stopLoss: bigint | undefined,
  isLong: boolean,
  liquidationPrice: bigint,
): void {
  if (stopLoss === undefined || (isLong ? stopLoss > liquidationPrice : stopLoss < liquidationPrice)) return;
  throw new UsageError(
    `--stop-loss: it is never reached: the position is liquidated at ${showPrice(liquidationPrice)} before`,
  );
}

/** Worst fill price: a slippage from `price`, or any. */
export function acceptOf(
  slippage: string,
  price: bigint,
): "any" | { readonly price: bigint; readonly slippage: bigint } {
  return slippage === "any" ? "any" : { price, slippage: fractionOf("--slippage", slippage) };
}

/** Whether a worst fill price is none. */
export function isUnbounded(price: bigint): boolean {
  return price === 0n || price === (1n << 256n) - 1n;
}

/** Said of a market order while the latest price is not fresh. */
export const STALE = "the latest price is stale: the order fills once there is a new one";

/** Seconds since 1970 after which an order waits no more. */
export function deadlineOf({ now }: OrderRules, seconds: number): bigint {
  return now + BigInt(seconds);
}
