import { toBeHex, type Filter, type Log, type Provider } from "ethers";
import { checkAddress } from "../checks.ts";
import { OrderBook__factory } from "../contracts.ts";
import { asBulkheadError } from "../decode/errors.ts";
import { InvalidInputError, NetworkError, RevertedError } from "../errors.ts";
import type { MarketContracts } from "../market.ts";
import { guarded } from "../reads/guard.ts";
import { OrderBookState, type WaitingOrder } from "./book.ts";

/** Blocks asked for in one query at first; halved while the node says that it is too much. */
const RANGE = 10_000;

/** Positions named in one query. */
const TOPICS = 100;

const orderBook = OrderBook__factory.createInterface();

/** Events with which orders of an owner begin to wait; who owns them is indexed in each. */
const PLACINGS = ["OrderCommitted", "OrderPlaced", "TwapPlaced", "ProtectivePlaced"].map(
  (name) => orderBook.getEvent(name as "OrderCommitted").topicHash,
);

/** What nodes and services say to a query for too many logs or blocks. */
const TOO_MANY =
  /more than \d+ (results|logs)|too many (results|logs|blocks)|(block )?range (is )?(too (large|wide|big)|exceed)|exceeds? (the )?(max|limit|range|allowed)|max(imum)? (block )?range|limited to|response size|query timeout|log response|up to a \d+|ranges? over \d+/i;

/** Which logs, and of which blocks. */
export interface LogQuery {
  readonly address: Filter["address"];
  readonly topics?: Filter["topics"];
  readonly fromBlock: number;
  readonly toBlock: number;
}

/**
 * Logs in the order of the chain, asked for in ranges that the node bears: a range that it finds too much is halved, and
 * grows again with what comes through.
 *
 * @throws BulkheadError what the node answers otherwise.
 */
export async function* readLogs(
  provider: Provider,
  { fromBlock, toBlock, ...filter }: LogQuery,
  range = RANGE,
): AsyncGenerator<Log> {
  let width = range;
  for (let from = fromBlock; from <= toBlock;) {
    const to = Math.min(from + width - 1, toBlock);
    let logs: Log[];
    try {
      logs = await provider.getLogs({ ...filter, fromBlock: from, toBlock: to } as Filter);
    } catch (error) {
      if (to === from || !isTooMany(error)) throw asBulkheadError(error);
      width = Math.ceil((to - from + 1) / 2);
      continue;
    }
    yield* logs.sort(byChain);
    from = to + 1;
    width = Math.min(width * 2, range);
  }
}

/** Whether a node refused a query of logs for its size. */
function isTooMany(error: unknown): boolean {
  const found = asBulkheadError(error);
  if (found instanceof RevertedError) return false;
  // Alchemy answers 400 with -32602, Infura -32005, others a text.
  const codes = [found.message, String((error as Error | undefined)?.message)].join("\n");
  if (TOO_MANY.test(codes)) return true;
  return found instanceof NetworkError && found.status === 413;
}

/**
 * The orders that wait after `toBlock`, of one owner or of all, from the logs of the order book. `fromBlock` has to lie
 * before the oldest of them: the book's deployment is always right.
 *
 * @throws InvalidInputError for blocks or an owner that are none, NetworkError without an answer.
 * @example
 * const orders = await readOrders(contracts, { owner, fromBlock: deployedAt, toBlock: await provider.getBlockNumber() });
 */
export async function readOrders(
  { orderBook: book, addresses }: MarketContracts,
  {
    owner,
    fromBlock,
    toBlock,
  }: { readonly owner?: string; readonly fromBlock: number; readonly toBlock: number },
): Promise<WaitingOrder[]> {
  const provider = book.runner?.provider;
  if (!provider)
    throw new InvalidInputError("contracts", undefined, "contracts that are connected to a provider");
  for (const [field, block] of Object.entries({ fromBlock, toBlock })) {
    if (!Number.isSafeInteger(block) || block < 0)
      throw new InvalidInputError(field, block, "the number of a block");
  }
  const query = { address: addresses.orderBook, fromBlock, toBlock };
  const state = new OrderBookState(addresses.orderBook, 0);
  const who = owner === undefined ? undefined : checkAddress("owner", owner).toLowerCase();
  return guarded(async () => {
    const logs = who === undefined ? readLogs(provider, query) : await logsOfOwner(provider, query, who);
    for await (const log of logs) state.apply(log);
    return [...state.waiting()].filter(({ order }) => who === undefined || order.owner.toLowerCase() === who);
  });
}

/** Whatever the book says of the positions that an owner has given orders for: each of its order events names one. */
async function logsOfOwner(provider: Provider, query: LogQuery, owner: string): Promise<Log[]> {
  const positions = new Set<string>();
  const placed = { ...query, topics: [PLACINGS, null, null, toBeHex(owner, 32)] };
  for await (const { topics } of readLogs(provider, placed))
    if (topics[2] !== undefined) positions.add(topics[2]);
  const ids = [...positions];
  const logs: Log[] = [];
  for (let i = 0; i < ids.length; i += TOPICS) {
    const page = { ...query, topics: [null, null, ids.slice(i, i + TOPICS)] };
    for await (const log of readLogs(provider, page)) logs.push(log);
  }
  return logs.sort(byChain);
}

function byChain(a: Log, b: Log): number {
  return a.blockNumber - b.blockNumber || a.index - b.index;
}
