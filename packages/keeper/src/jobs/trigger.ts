import {
  CrossingWatch,
  liveTerms,
  sliceQuery,
  type Crossing,
  type RestingOrder,
  type Tenure,
} from "@bulkhead/sdk";
import { isGone, type DueCall, type JobContext } from "./due.ts";

/** What the keeper remembers between passes of the orders that wait for a price. */
export class Watches {
  readonly watches = new Map<string, CrossingWatch>();
  readonly tenures = new Map<bigint, Tenure>();
  /** Crossings found whose trigger is not through yet. */
  readonly due = new Map<string, Crossing>();

  /** Forgets what is no longer waiting, and what has changed. */
  prune(resting: ReadonlyMap<string, RestingOrder>, moved: Set<bigint>): void {
    for (const id of moved) this.tenures.delete(id);
    moved.clear();
    for (const id of this.watches.keys()) {
      if (resting.has(id)) continue;
      this.watches.delete(id);
      this.due.delete(id);
    }
  }
}

/** Triggers of every resting order that the observations so far have crossed. `now`: seconds. */
export async function dueTriggers(context: JobContext, watches: Watches, now: bigint): Promise<DueCall[]> {
  const { book, prices } = context;
  const calls: DueCall[] = [];
  watches.prune(book.resting, book.moved);
  for (const [orderId, order] of [...book.resting]) {
    if (now > order.deadline) continue;
    const terms = liveTerms(order, await tenureOf(context, watches, order.positionId), context.orderParams);
    if (terms === "void") book.resting.delete(orderId);
    if (typeof terms === "string") continue;
    let watch = watches.watches.get(orderId);
    if (watch === undefined) {
      watch = new CrossingWatch(prices, order);
      watches.watches.set(orderId, watch);
    }
    const found = await watch.advance(terms);
    if (found !== undefined) watches.due.set(orderId, found);
    const crossing = watches.due.get(orderId);
    if (crossing !== undefined) calls.push(triggerCall(context, watches, orderId, order, crossing));
  }
  return calls;
}

/** Settlements of the next slice of every order whose fixing exists. `now`: seconds. */
export async function dueSlices(
  { contracts, book, orderParams, prices, rewardTo }: JobContext,
  now: bigint,
): Promise<DueCall[]> {
  const calls: DueCall[] = [];
  for (const [orderId, order] of [...book.twaps]) {
    const query = sliceQuery(order, orderParams);
    if (query.moment >= now) continue;
    const fixing = await prices.findFixing(query, now);
    if (!fixing.found) continue;
    calls.push({
      label: `slice ${orderId}`,
      reports: fixing.reports,
      data: contracts.orderBook.interface.encodeFunctionData("settleSlice", [order, fixing.proof, rewardTo]),
      refused: (reason) => {
        if (isGone(reason)) book.twaps.delete(orderId);
        return !isGone(reason);
      },
    });
  }
  return calls;
}

async function tenureOf(context: JobContext, watches: Watches, positionId: bigint): Promise<Tenure> {
  const known = watches.tenures.get(positionId);
  if (known !== undefined) return known;
  const { owner, size, openedAt, transferredAt } = await context.contracts.market.tenure(positionId);
  const tenure = { owner, size, openedAt, transferredAt };
  watches.tenures.set(positionId, tenure);
  return tenure;
}

function triggerCall(
  { contracts, book, rewardTo }: JobContext,
  watches: Watches,
  orderId: string,
  order: RestingOrder,
  { proof, peakProof, reports }: Crossing,
): DueCall {
  return {
    label: `trigger ${orderId}`,
    reports,
    data: contracts.orderBook.interface.encodeFunctionData("trigger", [order, proof, peakProof, rewardTo]),
    refused: (reason) => {
      // The next crossing may do better; an order that is done or void does not come back.
      watches.due.delete(orderId);
      if (isGone(reason)) book.resting.delete(orderId);
      return !isGone(reason);
    },
  };
}
