import { setTimeout as sleep } from "node:timers/promises";
import {
  decodeEvents,
  failureAdvice,
  parseOrderEvent,
  readLogs,
  type Market,
  type OrderEvent,
} from "@bulkhead/sdk";
import { EXIT } from "./errors.ts";
import { duration } from "./options.ts";
import { showDuration } from "./present/numbers.ts";
import { sayEvents, type Aftermath } from "./transact.ts";
import type { Session } from "./session.ts";

/** Between two looks at the chain, ms. */
const PAUSE_MS = 500;

/** How long to wait, as `--wait` and `--no-wait` say, seconds. */
export function waitOf(wait: string | boolean): number {
  return typeof wait === "string" ? duration("--wait", wait) : wait ? duration("--wait", "2m") : 0;
}

/**
 * Waits until a market order is settled, and says how. An order that fails ends with 1; one that still waits with 0: it
 * is given, and giving it again would be another one.
 */
export async function follow(
  session: Session,
  orderId: string,
  fromBlock: number,
  seconds: number,
): Promise<Aftermath> {
  const { out, market, provider } = session;
  if (seconds === 0) return { json: { outcome: "waiting" } };
  out.note(`waiting up to ${showDuration(BigInt(seconds))} for a keeper to settle order ${orderId}`);
  const began = Date.now();
  const passed = (): number => Math.floor((Date.now() - began) / 1_000);
  for (let seen = -1; passed() < seconds; await sleep(PAUSE_MS)) {
    out.status(`waiting, ${showDuration(BigInt(passed()))}`);
    const head = await provider.getBlockNumber();
    if (head === seen) continue;
    seen = head;
    const end = await endOf(market, session, orderId, fromBlock, head);
    if (end === undefined) continue;
    out.status("");
    return tellEnd(session, end.event, end.hash);
  }
  out.status("");
  out.note(
    `not settled yet: the order goes on waiting. \`bulkhead orders\` shows it, \`bulkhead orders settle ${orderId.slice(0, 10)}\` settles it`,
  );
  return { json: { outcome: "waiting" } };
}

async function endOf(
  market: Market,
  { provider }: Session,
  orderId: string,
  fromBlock: number,
  toBlock: number,
): Promise<{ readonly event: OrderEvent; readonly hash: string } | undefined> {
  const address = market.contracts.addresses.orderBook;
  for await (const log of readLogs(provider, { address, topics: [null, orderId], fromBlock, toBlock })) {
    const event = parseOrderEvent(log);
    if (event !== undefined && ["settled", "failed", "expired"].includes(event.kind))
      return { event, hash: log.transactionHash };
  }
  return undefined;
}

async function tellEnd(session: Session, event: OrderEvent, hash: string): Promise<Aftermath> {
  const { market, out, provider } = session;
  const receipt = await provider.getTransactionReceipt(hash);
  const units = { tokenDecimals: market.token.decimals, symbol: market.token.symbol };
  const events = decodeEvents(receipt?.logs ?? [], market.contracts.addresses, units);
  // A settlement may be one of a batch: what is about other positions is not ours to tell.
  const id = "positionId" in event ? event.positionId : undefined;
  const ours = events.filter(({ args }) => "positionId" in args && args.positionId === id);
  if (!out.json) sayEvents(session, ours);
  const json = { outcome: event.kind, settlement: hash };
  if (event.kind !== "failed") return { json };
  out.note(`${event.reason}: ${failureAdvice(event.reason)}`);
  return { json: { ...json, reason: event.reason }, code: EXIT.failure };
}
