import type { Order, OrderParams, TwapOrder } from "../types.ts";

/** What the contract is asked: the first observation made after `moment`. Seconds. */
export interface FixingQuery {
  readonly moment: bigint;
  readonly epoch: bigint;
  readonly fallbackDelay: bigint;
  readonly inclusionDelay: bigint;
  /** When `epoch` was the oracle's. */
  readonly recordedAt: bigint;
}

/** The query an order stands for. */
export function fixingQuery(order: Order, params: OrderParams): FixingQuery {
  return {
    moment: order.committedAt + params.settlementDelay,
    epoch: order.epoch,
    fallbackDelay: params.fallbackDelay,
    inclusionDelay: params.settlementDelay,
    recordedAt: order.committedAt,
  };
}

/** The query the next slice of an order stands for. */
export function sliceQuery(order: TwapOrder, params: OrderParams): FixingQuery {
  return {
    moment: order.startedAt + order.next * order.interval + params.settlementDelay,
    epoch: order.epoch,
    fallbackDelay: params.fallbackDelay,
    inclusionDelay: params.settlementDelay,
    recordedAt: order.startedAt,
  };
}
