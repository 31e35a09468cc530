import {
  describeError,
  isRevert,
  type MarketContracts,
  type OrderParams,
  type PriceSource,
} from "@bulkhead/sdk";
import type { Logger } from "pino";
import type { Sender } from "../adapters/chain.ts";
import type { ReportBringer } from "../adapters/reports.ts";
import type { Book } from "../state/book.ts";

/** Calls that go out in one transaction. */
const BATCH = 20;

/** Gas for a call of the order book; what is not used is not paid. A full batch stays below a transaction's limit. */
const GAS_PER_CALL = 700_000n;

/** What every job works with. */
export interface JobContext {
  readonly contracts: MarketContracts;
  readonly sender: Sender;
  readonly book: Book;
  readonly orderParams: OrderParams;
  readonly rewardTo: string;
  readonly log: Logger;
  /** Where the market's prices come from. */
  readonly prices: PriceSource;
  /** Brings reports to the oracle of a market on a stream. */
  readonly reports: ReportBringer | undefined;
}

/** A call of the order book that is due. */
export interface DueCall {
  /** What it does, for the log. */
  readonly label: string;
  readonly data: string;
  /** Signed reports that the oracle has to keep before. */
  readonly reports: readonly string[];
  /** Told why, if the simulation refuses it; whether that is worth a warning. */
  refused(reason: string): boolean;
}

/**
 * Brings the reports that the calls need, then sends those whose simulation goes through, many in a transaction; one that
 * fails there stops no other.
 */
export async function executeDue(context: JobContext, calls: readonly DueCall[]): Promise<void> {
  await context.reports?.bring(calls.flatMap(({ reports }) => reports));
  for (let i = 0; i < calls.length; i += BATCH) await executeBatch(context, calls.slice(i, i + BATCH));
}

async function executeBatch(context: JobContext, calls: readonly DueCall[]): Promise<void> {
  const { contracts, sender } = context;
  const orderBook = contracts.orderBook.connect(sender.wallet);
  const done = await orderBook.attemptMany.staticCall(calls.map(({ data }) => data));
  const good = calls.filter((_, i) => done[i]);
  for (const [i, call] of calls.entries()) if (!done[i]) await explain(context, call);
  const [first] = good;
  if (first === undefined) return;
  const label = good.map((call) => call.label).join(", ");
  const gas = GAS_PER_CALL * BigInt(good.length);
  await sender.send(label, gas, (overrides) =>
    good.length === 1
      ? sender.wallet.sendTransaction({ to: contracts.addresses.orderBook, data: first.data, ...overrides })
      : orderBook.attemptMany(
          good.map(({ data }) => data),
          overrides,
        ),
  );
}

/** Asks why a call would fail. It may not any more: then the next pass takes it. */
async function explain({ contracts, sender, log }: JobContext, call: DueCall): Promise<void> {
  try {
    await sender.wallet.call({ to: contracts.addresses.orderBook, data: call.data });
  } catch (error) {
    if (!isRevert(error)) throw error;
    const reason = describeError(error);
    if (call.refused(reason)) log.warn({ call: call.label, reason }, "can't be done now");
    else log.info({ call: call.label, reason }, "no longer there to be done");
  }
}

/** Whether a refusal means that the order is done or void: it does not come back. */
export function isGone(reason: string): boolean {
  return /^Order(Unknown|Void)/.test(reason);
}
