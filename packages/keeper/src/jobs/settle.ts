import {
  describeError,
  findFixing,
  fixingQuery,
  isRevert,
  type FeedRound,
  type MarketContracts,
  type Order,
  type OrderParams,
} from "@bulkhead/sdk";
import type { Logger } from "pino";
import type { Sender } from "../adapters/chain.ts";
import type { Book } from "../state/book.ts";

/** Gas for one settlement; what is not used is not paid. */
const SETTLE_GAS = 1_500_000n;

/** Settlements simulated at the same time. */
const SIMULATIONS = 8;

/** What every job works with. */
export interface JobContext {
  readonly contracts: MarketContracts;
  readonly sender: Sender;
  readonly book: Book;
  readonly orderParams: OrderParams;
  readonly rewardTo: string;
  readonly log: Logger;
  /** Rounds of the feed seen so far; a reorg clears them. */
  readonly rounds: Map<bigint, FeedRound>;
}

/** Settles every order whose fixing exists at `now` (seconds). `latest` is the feed's latest round. */
export async function settleOrders(
  context: JobContext,
  now: bigint,
  latest: FeedRound | undefined,
): Promise<void> {
  const { contracts, sender, book, orderParams, rewardTo } = context;
  const due = [...book.orders].filter(([, order]) => order.committedAt + orderParams.settlementDelay < now);
  if (due.length === 0) return;
  const orderBook = contracts.orderBook.connect(sender.wallet);
  for (let i = 0; i < due.length; i += SIMULATIONS) {
    const batch = due.slice(i, i + SIMULATIONS);
    const ready = await Promise.all(
      batch.map(([orderId, order]) => prepare(context, orderId, order, now, latest)),
    );
    for (const found of ready) {
      if (found === undefined) continue;
      const { orderId, order, proof } = found;
      await sender.send(`settle ${orderId}`, SETTLE_GAS, (overrides) =>
        orderBook.settle(order, proof, rewardTo, overrides),
      );
    }
  }
}

/** The order with its proof, if it has a fixing and settling it would succeed. */
async function prepare(
  { contracts, sender, book, orderParams, rewardTo, log, rounds }: JobContext,
  orderId: string,
  order: Order,
  now: bigint,
  latest: FeedRound | undefined,
): Promise<{ orderId: string; order: Order; proof: string } | undefined> {
  const fixing = await findFixing(contracts.feed, fixingQuery(order, orderParams), now, latest, rounds);
  if (!fixing.found) return undefined;
  try {
    await contracts.orderBook.settle.staticCall(order, fixing.proof, rewardTo, {
      from: sender.wallet.address,
    });
    return { orderId, order, proof: fixing.proof };
  } catch (error) {
    if (!isRevert(error)) throw error;
    const reason = describeError(error);
    // Somebody else was first, or a reorg took the commit away: not an error.
    if (reason.startsWith("OrderUnknown")) book.orders.delete(orderId);
    else log.warn({ orderId, reason }, "order can't be settled now");
    return undefined;
  }
}
