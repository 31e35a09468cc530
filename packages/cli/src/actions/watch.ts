import { setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
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
  const screen = createScreen();
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
        await showBlock(session, head, events, options, owner, screen);
        seen += head.number - last;
        last = head.number;
      }
      if (seen < blocks) await sleep(interval, undefined, { signal: abort.signal }).catch(() => undefined);
    }
  } finally {
    clearTimeout(timer);
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  }
};

/** What stands below the events, and is drawn again in its place on a terminal. */
interface Screen {
  clear(): void;
  show(text: string): void;
}

function createScreen({ stdout } = process): Screen {
  let drawn = 0;
  return {
    clear: () => {
      if (drawn > 0) stdout.write(`\u001b[${drawn}A\u001b[J`);
      drawn = 0;
    },
    show: (text) => {
      stdout.write(`${text}\n`);
      if (!stdout.isTTY) return;
      const width = stdout.columns || Infinity;
      const rows = (line: string): number =>
        Math.max(1, Math.ceil(stripVTControlCharacters(line).length / width));
      drawn = text.split("\n").reduce((sum, line) => sum + rows(line), 0);
    },
  };
}

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
  screen: Screen,
): Promise<void> {
  const { out } = session;
  const time = Number(head.timestamp);
  if (out.json) {
    for (const { block, transaction, event } of events)
      line({ type: "event", block, transaction, ...eventJson(event) });
    return line({ type: "block", block: head.number, time, ...(await blockJson(session, options, owner)) });
  }
  const view = await viewMarket(session.market);
  const title = `block ${head.number}, ${showTime(BigInt(time))}\n${priceLine(view, out.frame.paint)}`;
  const shown = options.positions === true ? await positionsOf(session, owner) : [];
  screen.clear();
  for (const { block, event } of events)
    out.print(`${out.frame.paint("dim", String(block))}  ${withShortIds(event.text)}`);
  const units = unitsOf(session.market);
  screen.show(
    shown.length === 0 ? title : `${title}\n${positionTable(shown, units, out.frame, owner === undefined)}`,
  );
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
