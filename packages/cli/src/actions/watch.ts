import { setTimeout as sleep } from "node:timers/promises";
import { decodeEvent, readLogs, type ProtocolEvent } from "@bulkhead/sdk";
import type { Block } from "ethers";
import type { Action } from "../action.ts";
import { duration, whole } from "../options.ts";
import { priceLine, viewMarket } from "../present/market.ts";
import { showTime } from "../present/numbers.ts";
import { positionJson, positionTable, viewPosition } from "../present/position.ts";
import { exactWad, unitsOf } from "../present/units.ts";
import { ownerOf, type Session } from "../session.ts";
import { eventJson, withShortIds } from "../transact.ts";

interface Options {
  readonly positions?: true;
  readonly owner?: string;
  readonly all?: true;
  readonly for?: string;
  readonly blocks?: string;
  readonly interval: string;
}

/** Least time between two looks at the chain, ms. */
const LEAST_INTERVAL = 100;

/** `bulkhead watch` */
export const watchMarket: Action<readonly [], Options> = async (session, _, options) => {
  const interval = whole("--interval", options.interval, LEAST_INTERVAL);
  const blocks = options.blocks === undefined ? Infinity : whole("--blocks", options.blocks, 1);
  const seconds = options.for === undefined ? Infinity : duration("--for", options.for);
  const owner = ownerOf(options, session);
  const { provider } = session;
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  const timer = seconds === Infinity ? undefined : setTimeout(stop, seconds * 1_000);
  let last = (await provider.getBlockNumber()) - 1;
  try {
    for (let seen = 0; !abort.signal.aborted && seen < blocks;) {
      const head = await provider.getBlock("latest");
      if (head !== null && head.number > last) {
        const events = await eventsOf(session, last + 1, head.number);
        await showBlock(session, head, events, options, owner);
        seen += head.number - last;
        last = head.number;
      }
      if (seen < blocks) await sleep(interval, undefined, { signal: abort.signal }).catch(() => undefined);
    }
  } finally {
    clearTimeout(timer);
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
    session.out.status("");
  }
};

interface Logged {
  readonly block: number;
  readonly transaction: string;
  readonly event: ProtocolEvent;
}

/** The protocol's events of these blocks. */
async function eventsOf(
  { market, provider }: Session,
  fromBlock: number,
  toBlock: number,
): Promise<Logged[]> {
  const { addresses } = market.contracts;
  const { orderBook, market: core, marginVault, liquidityVault, insuranceFund } = addresses;
  const units = { tokenDecimals: market.token.decimals, symbol: market.token.symbol };
  const found: Logged[] = [];
  const address = [orderBook, core, marginVault, liquidityVault, insuranceFund];
  for await (const log of readLogs(provider, { address, fromBlock, toBlock })) {
    const event = decodeEvent(log, addresses, units);
    if (event !== undefined) found.push({ block: log.blockNumber, transaction: log.transactionHash, event });
  }
  return found;
}

async function showBlock(
  session: Session,
  head: Block,
  events: readonly Logged[],
  options: Options,
  owner: string | undefined,
): Promise<void> {
  const { out } = session;
  const time = Number(head.timestamp);
  if (out.json) {
    for (const { block, transaction, event } of events)
      line({ type: "event", block, transaction, ...eventJson(event) });
    return line({ type: "block", block: head.number, time, ...(await blockJson(session, options, owner)) });
  }
  out.status("");
  for (const { block, event } of events)
    out.print(`${out.frame.paint("dim", String(block))}  ${withShortIds(event.text)}`);
  const view = await viewMarket(session.market);
  const title = `block ${head.number}, ${showTime(BigInt(time))}: ${priceLine(view, out.frame.paint)}`;
  if (options.positions !== true) {
    if (process.stdout.isTTY) out.status(title);
    else out.print(title);
    return;
  }
  out.print(title);
  const views = await positionsOf(session, owner);
  if (views.length > 0)
    out.print(`${positionTable(views, unitsOf(session.market), out.frame, owner === undefined)}\n`);
}

async function positionsOf({ market }: Session, owner: string | undefined) {
  const { state, positions } = await market.positions.state(await market.positions.ids({ owner }));
  return positions.map((position) => viewPosition(state, position));
}

async function blockJson(session: Session, options: Options, owner: string | undefined): Promise<object> {
  const { state } = await session.market.positions.state();
  const units = unitsOf(session.market);
  const price = {
    price: exactWad(state.price),
    observedAt: Number(state.observedAt),
    priceIsFresh: state.priceIsFresh,
  };
  if (options.positions !== true) return price;
  return {
    ...price,
    positions: (await positionsOf(session, owner)).map((view) => positionJson(view, units)),
  };
}

function line(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
