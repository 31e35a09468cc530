import { math } from "@bulkhead/sdk";
import { isGone, type DueCall, type JobContext } from "./due.ts";

/** Positions asked for in one view call. */
const PAGE = 200;

/** Executions of every protective order whose position has come down to its trigger at the latest price. */
export async function dueProtections({ contracts, book, rewardTo }: JobContext): Promise<DueCall[]> {
  const calls: DueCall[] = [];
  const ids = [...new Set([...book.protective.values()].map(({ positionId }) => positionId))];
  const health = new Map<bigint, { equity: bigint; notional: bigint }>();
  for (let i = 0; i < ids.length; i += PAGE) {
    const page = ids.slice(i, i + PAGE);
    for (const view of await contracts.lens.positions(contracts.addresses.market, page)) {
      if (view.size !== 0n && view.priceIsFresh) health.set(view.id, view);
    }
  }
  for (const [orderId, order] of book.protective) {
    const state = health.get(order.positionId);
    if (state === undefined) continue;
    if (!math.ProtectionMath.isDue(state.equity, state.notional, order.triggerRatio)) continue;
    calls.push({
      label: `protect ${orderId}`,
      reports: [],
      data: contracts.orderBook.interface.encodeFunctionData("protect", [order, rewardTo]),
      refused: (reason) => {
        if (isGone(reason) || reason.startsWith("OrderExpired")) book.protective.delete(orderId);
        return !isGone(reason);
      },
    });
  }
  return calls;
}
