import {
  PerpMarket__factory,
  parseOrderEvent,
  twapId,
  type Order,
  type ProtectiveOrder,
  type RestingOrder,
  type TwapOrder,
} from "@bulkhead/sdk";
import { ZeroHash } from "ethers";

/** A log as far as the book reads it. */
export interface LogLike {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
}

const marketInterface = PerpMarket__factory.createInterface();

/** Events of the market that tell a position's new size. */
const RESIZING: ReadonlySet<string> = new Set([
  "PositionIncreased",
  "PositionDecreased",
  "PositionDeleveraged",
]);

/**
 * What the keeper knows from events: orders that wait and positions that are open. Applying a log twice changes
 * nothing, so a range can be read again after a reorg; whatever is wrong then is found out by simulation.
 */
export class Book {
  readonly orders = new Map<string, Order>();
  readonly resting = new Map<string, RestingOrder>();
  readonly twaps = new Map<string, TwapOrder>();
  readonly protective = new Map<string, ProtectiveOrder>();
  readonly positions = new Set<bigint>();
  /** Positions that changed since they were last checked; nobody's trade changes another's health. */
  readonly changed = new Set<bigint>();
  /** Positions whose owner or size changed since their tenure was last read. */
  readonly moved = new Set<bigint>();
  readonly #orderBook: string;

  /** @param orderBook Address whose logs are order events; all others are the market's. */
  constructor(orderBook: string) {
    this.#orderBook = orderBook.toLowerCase();
  }

  /** Takes one log of the order book or the market. */
  apply(log: LogLike): void {
    if (log.address.toLowerCase() === this.#orderBook) this.#applyOrder(log);
    else this.#applyMarket(log);
  }

  #applyOrder(log: LogLike): void {
    const event = parseOrderEvent(log);
    if (event === undefined) return;
    switch (event.kind) {
      case "committed":
        this.orders.set(event.orderId, event.order);
        break;
      case "placed":
        this.resting.set(event.orderId, event.order);
        break;
      case "twapPlaced":
        this.twaps.set(event.orderId, event.order);
        break;
      case "protectivePlaced":
        this.protective.set(event.orderId, event.order);
        break;
      case "toppedUp":
        this.#continueProtective(event.orderId, event.nextId, event.budget);
        break;
      case "slice":
        this.#advance(event.orderId);
        break;
      case "triggered":
      case "reduction":
      case "settled":
      case "cancelled":
      case "expired":
      case "failed":
        this.orders.delete(event.orderId);
        this.resting.delete(event.orderId);
        this.twaps.delete(event.orderId);
        this.protective.delete(event.orderId);
    }
  }

  /** What is left of the budget goes on under another id, unless it is too little. */
  #continueProtective(orderId: string, nextId: string, topUpBudget: bigint): void {
    const order = this.protective.get(orderId);
    if (order === undefined) return;
    this.protective.delete(orderId);
    if (nextId !== ZeroHash) this.protective.set(nextId, { ...order, topUpBudget });
  }

  /** The next slice has another id. */
  #advance(orderId: string): void {
    const order = this.twaps.get(orderId);
    if (order === undefined) return;
    this.twaps.delete(orderId);
    const next = { ...order, next: order.next + 1n };
    if (next.next < next.slices) this.twaps.set(twapId(next), next);
  }

  #applyMarket(log: LogLike): void {
    const event = marketInterface.parseLog(log);
    if (event === null) return;
    if (event.name === "Transfer") {
      this.moved.add(event.args.id as bigint);
      return;
    }
    const positionId = event.args.positionId as bigint;
    if (RESIZING.has(event.name)) {
      this.#setSize(positionId, event.args.newSize as bigint);
    } else if (event.name === "CollateralRemoved") {
      this.changed.add(positionId);
    } else if (event.name === "PositionLiquidated") {
      this.#setSize(positionId, (event.args.receipt as { newSize: bigint }).newSize);
    }
  }

  #setSize(positionId: bigint, size: bigint): void {
    this.changed.add(positionId);
    this.moved.add(positionId);
    if (size === 0n) this.positions.delete(positionId);
    else this.positions.add(positionId);
  }
}
