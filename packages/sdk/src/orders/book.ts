import { ZeroHash } from "ethers";
import { PerpMarket__factory } from "../contracts.ts";
import type { Order, ProtectiveOrder, RestingOrder, TwapOrder } from "../types.ts";
import { parseOrderEvent, twapId, type OrderEvent } from "./order.ts";

/** A log as far as the order book is rebuilt from it. */
export interface BookLog {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly blockNumber: number;
  /** Of the log in its block. */
  readonly index: number;
}

/** What a log of the market says of a position. */
export interface PositionChange {
  readonly positionId: bigint;
  /** `resized`: its size changed. `moved`: its owner did. `drained`: collateral was taken out. */
  readonly what: "resized" | "moved" | "drained";
}

/** An order that waits, of whichever kind. */
export type WaitingOrder =
  | { readonly kind: "market"; readonly orderId: string; readonly order: Order }
  | { readonly kind: "resting"; readonly orderId: string; readonly order: RestingOrder }
  | { readonly kind: "slices"; readonly orderId: string; readonly order: TwapOrder }
  | { readonly kind: "protective"; readonly orderId: string; readonly order: ProtectiveOrder };

/** Blocks whose logs can be taken back, by default. */
const REORG_DEPTH = 64;

const marketInterface = PerpMarket__factory.createInterface();

/** Events of the market that tell a position's new size. */
const RESIZING: ReadonlySet<string> = new Set([
  "PositionIncreased",
  "PositionDecreased",
  "PositionDeleveraged",
]);

interface Undo {
  readonly block: number;
  readonly revert: () => void;
}

/**
 * The orders that wait and the positions that are open, rebuilt from logs in the order of the chain. A log at or before
 * the last one taken is passed over, so the same or overlapping ranges may be read again; after a reorganisation
 * {@link rewind} takes the logs of the blocks that are gone back.
 *
 * @example
 * const state = new OrderBookState(addresses.orderBook);
 * for (const log of await provider.getLogs({ address: [addresses.orderBook, addresses.market], fromBlock })) {
 *   state.apply(log);
 * }
 * for (const { kind, orderId, order } of state.waiting()) console.log(kind, orderId, order.owner);
 */
export class OrderBookState {
  readonly orders = new Map<string, Order>();
  readonly resting = new Map<string, RestingOrder>();
  readonly twaps = new Map<string, TwapOrder>();
  readonly protective = new Map<string, ProtectiveOrder>();
  readonly positions = new Set<bigint>();
  readonly #orderBook: string;
  readonly #depth: number;
  readonly #journal: Undo[] = [];
  #block = -1;
  #index = -1;

  /**
   * @param orderBook Address whose logs are order events; all others are the market's.
   * @param depth Blocks that a reorganisation may take back.
   */
  constructor(orderBook: string, depth = REORG_DEPTH) {
    this.#orderBook = orderBook.toLowerCase();
    this.#depth = depth;
  }

  /** Takes one log of the order book or the market; tells what it changed of a position, if it did. */
  apply(log: BookLog): PositionChange | undefined {
    const { blockNumber, index } = log;
    if (blockNumber < this.#block || (blockNumber === this.#block && index <= this.#index)) return undefined;
    [this.#block, this.#index] = [blockNumber, index];
    this.#forget(blockNumber - this.#depth);
    if (log.address.toLowerCase() !== this.#orderBook) return this.#applyMarket(log);
    const event = parseOrderEvent(log);
    if (event !== undefined) this.#applyOrder(event);
    return undefined;
  }

  /**
   * Takes back the logs of `fromBlock` and after, as far as they are remembered, to read those blocks again. Returns
   * whether there were any.
   */
  rewind(fromBlock: number): boolean {
    if (this.#block < fromBlock) return false;
    for (
      let last = this.#journal.at(-1);
      last !== undefined && last.block >= fromBlock;
      last = this.#journal.at(-1)
    ) {
      last.revert();
      this.#journal.pop();
    }
    [this.#block, this.#index] = [fromBlock - 1, Number.MAX_SAFE_INTEGER];
    return true;
  }

  /** All orders that wait. */
  *waiting(): Generator<WaitingOrder> {
    for (const [orderId, order] of this.orders) yield { kind: "market", orderId, order };
    for (const [orderId, order] of this.resting) yield { kind: "resting", orderId, order };
    for (const [orderId, order] of this.twaps) yield { kind: "slices", orderId, order };
    for (const [orderId, order] of this.protective) yield { kind: "protective", orderId, order };
  }

  #applyOrder(event: OrderEvent): void {
    switch (event.kind) {
      case "committed":
        return this.#set(this.orders, event.orderId, event.order);
      case "placed":
        return this.#set(this.resting, event.orderId, event.order);
      case "twapPlaced":
        return this.#set(this.twaps, event.orderId, event.order);
      case "protectivePlaced":
        return this.#set(this.protective, event.orderId, event.order);
      case "toppedUp":
        return this.#continueProtective(event.orderId, event.nextId, event.budget);
      case "slice":
        return this.#advance(event.orderId);
      case "triggered":
      case "reduction":
      case "settled":
      case "cancelled":
      case "expired":
      case "failed":
        for (const orders of [this.orders, this.resting, this.twaps, this.protective])
          this.#delete(orders as Map<string, unknown>, event.orderId);
    }
  }

  /** What is left of the budget goes on under another id, unless it is too little. */
  #continueProtective(orderId: string, nextId: string, topUpBudget: bigint): void {
    const order = this.protective.get(orderId);
    if (order === undefined) return;
    this.#delete(this.protective, orderId);
    if (nextId !== ZeroHash) this.#set(this.protective, nextId, { ...order, topUpBudget });
  }

  /** The next slice has another id. */
  #advance(orderId: string): void {
    const order = this.twaps.get(orderId);
    if (order === undefined) return;
    this.#delete(this.twaps, orderId);
    const next = { ...order, next: order.next + 1n };
    if (next.next < next.slices) this.#set(this.twaps, twapId(next), next);
  }

  #applyMarket(log: BookLog): PositionChange | undefined {
    const event = marketInterface.parseLog(log);
    if (event === null) return undefined;
    if (event.name === "Transfer") return { positionId: event.args.id as bigint, what: "moved" };
    const positionId = event.args.positionId as bigint;
    if (event.name === "CollateralRemoved") return { positionId, what: "drained" };
    if (RESIZING.has(event.name)) this.#setSize(positionId, event.args.newSize as bigint);
    else if (event.name === "PositionLiquidated")
      this.#setSize(positionId, (event.args.receipt as { newSize: bigint }).newSize);
    else return undefined;
    return { positionId, what: "resized" };
  }

  #setSize(positionId: bigint, size: bigint): void {
    const { positions } = this;
    const [was, is] = [positions.has(positionId), size !== 0n];
    if (was === is) return;
    const put = (open: boolean) => (open ? positions.add(positionId) : positions.delete(positionId));
    put(is);
    this.#remember(() => put(was));
  }

  #set<T>(orders: Map<string, T>, orderId: string, order: T): void {
    orders.set(orderId, order);
    this.#remember(() => orders.delete(orderId));
  }

  #delete<T>(orders: Map<string, T>, orderId: string): void {
    const order = orders.get(orderId);
    if (order === undefined) return;
    orders.delete(orderId);
    this.#remember(() => orders.set(orderId, order));
  }

  #remember(revert: () => void): void {
    this.#journal.push({ block: this.#block, revert });
  }

  /** Drops what is too deep to be taken back. */
  #forget(before: number): void {
    const keep = this.#journal.findIndex(({ block }) => block >= before);
    this.#journal.splice(0, keep === -1 ? this.#journal.length : keep);
  }
}
