import {
  CrossingWatch,
  describeError,
  findFixing,
  isRevert,
  liveTerms,
  sliceQuery,
  type Crossing,
  type FeedRound,
  type RestingOrder,
  type Tenure,
  type TwapOrder,
} from "@bulkhead/sdk";
import type { JobContext } from "./settle.ts";

/** Gas for one trigger or slice; what is not used is not paid. */
const TRIGGER_GAS = 1_500_000n;

/** What the keeper remembers between passes of the orders that wait for a price. */
export class Watches {
  readonly watches = new Map<string, CrossingWatch>();
  readonly tenures = new Map<bigint, Tenure>();
  /** Crossings found whose trigger is not through yet. */
  readonly due = new Map<string, Crossing>();
  decimals: bigint | undefined;

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

/** Triggers every resting order that the rounds up to `latest` have crossed. `now`: seconds. */
export async function triggerOrders(
  context: JobContext,
  watches: Watches,
  now: bigint,
  latest: FeedRound | undefined,
): Promise<void> {
  const { contracts, book, rounds } = context;
  watches.prune(book.resting, book.moved);
  if (latest === undefined || book.resting.size === 0) return;
  watches.decimals ??= BigInt(await contracts.feed.decimals());
  for (const [orderId, order] of [...book.resting]) {
    if (now > order.deadline) continue;
    const terms = liveTerms(order, await tenureOf(context, watches, order.positionId), context.orderParams);
    if (terms === "void") book.resting.delete(orderId);
    if (typeof terms === "string") continue;
    let watch = watches.watches.get(orderId);
    if (watch === undefined) {
      watch = new CrossingWatch(contracts.feed, order, watches.decimals, rounds);
      watches.watches.set(orderId, watch);
    }
    const found = await watch.advance(terms, latest);
    if (found !== undefined) watches.due.set(orderId, found);
    const crossing = watches.due.get(orderId);
    if (crossing !== undefined) await send(context, watches, orderId, order, crossing);
  }
}

/** Settles the next slice of every order whose fixing exists. `now`: seconds. */
export async function settleSlices(
  context: JobContext,
  now: bigint,
  latest: FeedRound | undefined,
): Promise<void> {
  const { contracts, book, orderParams, rounds } = context;
  for (const [orderId, order] of [...book.twaps]) {
    const query = sliceQuery(order, orderParams);
    if (query.moment >= now) continue;
    const fixing = await findFixing(contracts.feed, query, now, latest, rounds);
    if (fixing.found) await sendSlice(context, orderId, order, fixing.proof);
  }
}

async function tenureOf(context: JobContext, watches: Watches, positionId: bigint): Promise<Tenure> {
  const known = watches.tenures.get(positionId);
  if (known !== undefined) return known;
  const { owner, size, openedAt, transferredAt } = await context.contracts.market.tenure(positionId);
  const tenure = { owner, size, openedAt, transferredAt };
  watches.tenures.set(positionId, tenure);
  return tenure;
}

async function send(
  { contracts, sender, book, rewardTo, log }: JobContext,
  watches: Watches,
  orderId: string,
  order: RestingOrder,
  { proof, peakProof }: Crossing,
): Promise<void> {
  const orderBook = contracts.orderBook.connect(sender.wallet);
  try {
    await orderBook.trigger.staticCall(order, proof, peakProof, rewardTo);
  } catch (error) {
    if (!isRevert(error)) throw error;
    const reason = describeError(error);
    log.info({ orderId, reason }, "crossed, but can't be triggered");
    // The next crossing may do better; an order that is done or void does not come back.
    watches.due.delete(orderId);
    if (/^Order(Unknown|Void)/.test(reason)) book.resting.delete(orderId);
    return;
  }
  await sender.send(`trigger ${orderId}`, TRIGGER_GAS, (overrides) =>
    orderBook.trigger(order, proof, peakProof, rewardTo, overrides),
  );
}

async function sendSlice(
  { contracts, sender, book, rewardTo, log }: JobContext,
  orderId: string,
  order: TwapOrder,
  proof: string,
): Promise<void> {
  const orderBook = contracts.orderBook.connect(sender.wallet);
  try {
    await orderBook.settleSlice.staticCall(order, proof, rewardTo);
  } catch (error) {
    if (!isRevert(error)) throw error;
    const reason = describeError(error);
    log.info({ orderId, reason }, "slice can't be settled now");
    if (/^Order(Unknown|Void)/.test(reason)) book.twaps.delete(orderId);
    return;
  }
  await sender.send(`slice ${orderId}`, TRIGGER_GAS, (overrides) =>
    orderBook.settleSlice(order, proof, rewardTo, overrides),
  );
}
