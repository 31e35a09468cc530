import type { Action } from "../action.ts";
import { addressFacts, marketJson, marketTable, viewMarket } from "../present/market.ts";

/** `bulkhead markets`: all of them, or the one that is asked for. */
export const showMarkets: Action<readonly [], object> = async (session, _, { market, verbose }) => {
  const { out } = session;
  const asked = market === undefined ? [...session.markets.markets.values()] : [session.market];
  const views = await Promise.all(asked.map(viewMarket));
  if (out.json) return out.data(views.map(marketJson));
  out.print(marketTable(views, out.frame));
  if (verbose !== true) return;
  for (const view of views) {
    out.print(`\n${view.market.symbol} on chain ${session.markets.chainId}`);
    out.print(addressFacts(view, out.frame.paint));
  }
};
