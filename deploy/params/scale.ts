import type { MarketFile } from "./types.ts";

/** Parameters of a market that are money, token units. */
const MONEY = ["minKeeperReward", "minNotional", "maxKeeperReward", "insuranceTarget", "depositCap"] as const;

/** A parameter file for a token of 6 decimals in units of one of `decimals`, 6 at least: exact. */
export function inTokenOf(decimals: number, file: MarketFile): MarketFile {
  const factor = 10n ** BigInt(decimals - file.tokenDecimals);
  const market = { ...file.market };
  for (const name of MONEY) Object.assign(market, { [name]: market[name] * factor });
  const { minExecutionFee, maxExecutionFee } = file.orders;
  const orders = {
    ...file.orders,
    minExecutionFee: minExecutionFee * factor,
    maxExecutionFee: maxExecutionFee * factor,
  };
  return { ...file, tokenDecimals: decimals, market, orders };
}
