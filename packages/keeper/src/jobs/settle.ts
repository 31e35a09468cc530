import { fixingQuery } from "@bulkhead/sdk";
import { isGone, type DueCall, type JobContext } from "./due.ts";

/** Fixings looked for at the same time. */
const LOOKUPS = 8;

/** Settlements of every order whose fixing exists at `now` (seconds). */
export async function dueSettlements(
  { contracts, book, orderParams, rewardTo, prices }: JobContext,
  now: bigint,
): Promise<DueCall[]> {
  const due = [...book.orders].filter(([, order]) => order.committedAt + orderParams.settlementDelay < now);
  const calls: DueCall[] = [];
  for (let i = 0; i < due.length; i += LOOKUPS) {
    const batch = due.slice(i, i + LOOKUPS);
    const fixings = await Promise.all(
      batch.map(([, order]) => prices.findFixing(fixingQuery(order, orderParams), now)),
    );
    for (const [j, [orderId, order]] of batch.entries()) {
      const fixing = fixings[j];
      if (fixing?.found !== true) continue;
      calls.push({
        label: `settle ${orderId}`,
        reports: fixing.reports,
        data: contracts.orderBook.interface.encodeFunctionData("settle", [order, fixing.proof, rewardTo]),
        refused: (reason) => {
          // Somebody else was first, or a reorg took the commit away: not an error.
          if (isGone(reason)) book.orders.delete(orderId);
          return !isGone(reason);
        },
      });
    }
  }
  return calls;
}
