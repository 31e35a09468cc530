import { math, type ObservedPrice, type SignedReport } from "@bulkhead/sdk";
import type { JobContext } from "./due.ts";

/** Positions asked for in one view call. */
const PAGE = 200;

/**
 * Brings the newest report to the oracle where its price is needed on chain: a position is liquidatable or a protective
 * order is due at it, redemptions wait, or the price there has become older than `refreshSeconds` while positions are
 * open. `now`: seconds; `latest` is the newest report's price in collateral tokens.
 */
export async function freshen(
  context: JobContext,
  head: SignedReport | undefined,
  latest: ObservedPrice | undefined,
  now: number,
  refreshSeconds: number,
): Promise<void> {
  const { reports, book } = context;
  if (reports === undefined || head === undefined || latest === undefined) return;
  const { observedAt } = latest;
  const keptAt = await reports.oracle.latestAt();
  if (observedAt <= keptAt || observedAt > BigInt(now)) return;
  const isOld = book.positions.size > 0 && BigInt(now) - keptAt >= BigInt(refreshSeconds);
  if (isOld || (await redemptionsWait(context, keptAt, now)) || (await isNeeded(context, latest.price)))
    await reports.bring([head.fullReport]);
}

/** Whether a batch of the pool waits for a price observed since it was due. */
async function redemptionsWait({ contracts }: JobContext, keptAt: bigint, now: number): Promise<boolean> {
  const from = await contracts.liquidityVault.fulfillableFrom();
  const pending = await contracts.liquidityVault.balanceOf(contracts.addresses.liquidityVault);
  return pending > 0n && from <= BigInt(now) && keptAt < from;
}

/** Whether somebody has to be liquidated or protected at a price. */
async function isNeeded({ contracts, book }: JobContext, price: bigint): Promise<boolean> {
  const orders = new Map<bigint, bigint[]>();
  for (const { positionId, triggerRatio } of book.protective.values())
    orders.set(positionId, [...(orders.get(positionId) ?? []), triggerRatio]);
  const ids = [...book.positions];
  for (let i = 0; i < ids.length; i += PAGE) {
    const page = ids.slice(i, i + PAGE);
    for (const view of await contracts.lens.positionsAt(contracts.addresses.market, page, price)) {
      if (view.liquidatable) return true;
      const { isDue } = math.ProtectionMath;
      if (orders.get(view.id)?.some((ratio) => isDue(view.equity, view.notional, ratio))) return true;
    }
  }
  return false;
}
