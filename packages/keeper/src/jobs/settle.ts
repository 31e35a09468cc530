import {
  describeError,
  findFixing,
  fixingQuery,
  isRevert,
  type FeedRound,
  type MarketContracts,
  type OrderParams,
} from "@bulkhead/sdk";
import type { Logger } from "pino";
import type { Sender } from "../adapters/chain.ts";
import type { Book } from "../state/book.ts";

/** Gas for one settlement; what is not used is not paid. */
const SETTLE_GAS = 1_500_000n;

/** What every job works with. */
export interface JobContext {
  readonly contracts: MarketContracts;
  readonly sender: Sender;
  readonly book: Book;
  readonly orderParams: OrderParams;
  readonly rewardTo: string;
  readonly log: Logger;
}

/** Settles every order whose fixing exists at `now` (seconds). `latest` is the feed's latest round. */
export async function settleOrders(
  context: JobContext,
  now: bigint,
  latest: FeedRound | undefined,
): Promise<void> {
  const { contracts, sender, book, orderParams, rewardTo, log } = context;
  const due = [...book.orders].filter(([, order]) => order.committedAt + orderParams.settlementDelay < now);
  if (due.length === 0) return;
  const orderBook = contracts.orderBook.connect(sender.wallet);
  for (const [orderId, order] of due) {
    const fixing = await findFixing(contracts.feed, fixingQuery(order, orderParams), now, latest);
    if (!fixing.found) continue;
    try {
      await orderBook.settle.staticCall(orderId, order, fixing.proof, rewardTo);
    } catch (error) {
      if (!isRevert(error)) throw error;
      const reason = describeError(error);
      // Somebody else was first, or a reorg took the commit away: not an error.
      if (reason.startsWith("OrderUnknown")) book.orders.delete(orderId);
      else log.warn({ orderId: orderId.toString(), reason }, "order can't be settled now");
      continue;
    }
    await sender.send(`settle ${orderId}`, SETTLE_GAS, (overrides) =>
      orderBook.settle(orderId, order, fixing.proof, rewardTo, overrides),
    );
  }
}
