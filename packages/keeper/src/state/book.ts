import { parseOrderEvent, type Order } from "@bulkhead/sdk";
import { PerpMarket__factory } from "../../../../typechain-types/index.ts";

/** A log as far as the book reads it. */
export interface LogLike {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
}

const marketInterface = PerpMarket__factory.createInterface();

/**
 * What the keeper knows from events: orders that wait and positions that are open. Applying a log twice changes
 * nothing, so a range can be read again after a reorg; whatever is wrong then is found out by simulation.
 */
export class Book {
  readonly orders = new Map<string, Order>();
  readonly positions = new Set<bigint>();
  /** Positions that changed since they were last checked; nobody's trade changes another's health. */
  readonly changed = new Set<bigint>();
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
    if (event.kind === "committed") this.orders.set(event.orderId, event.order);
    else this.orders.delete(event.orderId);
  }

  #applyMarket(log: LogLike): void {
    const event = marketInterface.parseLog(log);
    if (event === null) return;
    const positionId = event.args.positionId as bigint;
    if (event.name === "PositionIncreased" || event.name === "PositionDecreased") {
      this.#setSize(positionId, event.args.newSize as bigint);
    } else if (event.name === "CollateralRemoved") {
      this.changed.add(positionId);
    } else if (event.name === "PositionLiquidated") {
      this.#setSize(positionId, (event.args.receipt as { newSize: bigint }).newSize);
    }
  }

  #setSize(positionId: bigint, size: bigint): void {
    this.changed.add(positionId);
    if (size === 0n) this.positions.delete(positionId);
    else this.positions.add(positionId);
  }
}
