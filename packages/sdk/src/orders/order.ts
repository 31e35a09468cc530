import { AbiCoder, keccak256 } from "ethers";
import { OrderBook__factory } from "../contracts.ts";
import type { Order, ProtectiveOrder, RestingOrder, TwapOrder } from "../types.ts";

/** Why an order did not execute, in the order of the contracts' `Failure` enum. */
export const FAILURES = [
  "None",
  "NoPrice",
  "PositionGone",
  "OwnerChanged",
  "StalePrice",
  "Slippage",
  "BelowMinimum",
  "OpenInterestCap",
  "InsufficientMargin",
  "ReduceOnly",
  "PositionCap",
] as const;

/** A reason by name. */
export type FailureName = (typeof FAILURES)[number];

/**
 * Name of a `Failure` value.
 *
 * @throws RangeError for a number that is none.
 */
export function failureName(value: bigint): FailureName {
  const name = FAILURES[Number(value)];
  if (name === undefined) throw new RangeError(`failure: ${value} is not one of 0..${FAILURES.length - 1}`);
  return name;
}

/** What the order book says about orders. */
export type OrderEvent =
  | { readonly kind: "committed"; readonly orderId: string; readonly order: Order }
  | {
      readonly kind: "settled";
      readonly orderId: string;
      readonly positionId: bigint;
      readonly price: bigint;
    }
  | {
      readonly kind: "failed";
      readonly orderId: string;
      readonly positionId: bigint;
      readonly reason: FailureName;
    }
  | { readonly kind: "expired" | "cancelled"; readonly orderId: string; readonly positionId: bigint }
  | { readonly kind: "placed"; readonly orderId: string; readonly order: RestingOrder }
  | {
      readonly kind: "triggered";
      readonly orderId: string;
      readonly positionId: bigint;
      readonly nextId: string;
    }
  | { readonly kind: "protectivePlaced"; readonly orderId: string; readonly order: ProtectiveOrder }
  | {
      readonly kind: "toppedUp";
      readonly orderId: string;
      readonly positionId: bigint;
      /** Token units. */
      readonly amount: bigint;
      /** What is left of the order's budget, token units. */
      readonly budget: bigint;
      /** Id under which the order goes on; zeros if it is used up. */
      readonly nextId: string;
    }
  | {
      readonly kind: "reduction";
      readonly orderId: string;
      readonly positionId: bigint;
      readonly nextId: string;
    }
  | { readonly kind: "twapPlaced"; readonly orderId: string; readonly order: TwapOrder }
  | {
      readonly kind: "slice";
      readonly orderId: string;
      readonly positionId: bigint;
      readonly slice: bigint;
      readonly reason: FailureName;
    };

const orderBook = /* @__PURE__ */ OrderBook__factory.createInterface();

/** Reads one log of the order book; `undefined` for events of other kinds. */
export function parseOrderEvent(log: { topics: readonly string[]; data: string }): OrderEvent | undefined {
  const event = orderBook.parseLog(log);
  if (event === null) return undefined;
  const args = event.args;
  switch (event.name) {
    case "OrderCommitted":
      return { kind: "committed", orderId: args.orderId as string, order: toOrder(args.order as Order) };
    case "OrderSettled":
      return {
        kind: "settled",
        orderId: args.orderId as string,
        positionId: args.positionId as bigint,
        price: args.price as bigint,
      };
    case "OrderFailed":
      return {
        kind: "failed",
        orderId: args.orderId as string,
        positionId: args.positionId as bigint,
        reason: failureName(args.reason as bigint),
      };
    case "OrderExpired":
      return { kind: "expired", orderId: args.orderId as string, positionId: args.positionId as bigint };
    case "OrderCancelled":
      return {
        kind: "cancelled",
        orderId: args.orderId as string,
        positionId: args.positionId as bigint,
      };
    case "OrderPlaced":
      return {
        kind: "placed",
        orderId: args.orderId as string,
        order: (args.order as { toObject(): RestingOrder }).toObject(),
      };
    case "OrderTriggered":
      return {
        kind: "triggered",
        orderId: args.orderId as string,
        positionId: args.positionId as bigint,
        nextId: args.nextId as string,
      };
    case "ProtectivePlaced":
      return {
        kind: "protectivePlaced",
        orderId: args.orderId as string,
        order: (args.order as { toObject(): ProtectiveOrder }).toObject(),
      };
    case "ToppedUp":
      return {
        kind: "toppedUp",
        orderId: args.orderId as string,
        positionId: args.positionId as bigint,
        amount: args.amount as bigint,
        budget: args.budget as bigint,
        nextId: args.nextId as string,
      };
    case "ReductionCommitted":
      return {
        kind: "reduction",
        orderId: args.orderId as string,
        positionId: args.positionId as bigint,
        nextId: args.nextId as string,
      };
    case "TwapPlaced":
      return {
        kind: "twapPlaced",
        orderId: args.orderId as string,
        order: (args.order as { toObject(): TwapOrder }).toObject(),
      };
    case "SliceSettled":
      return {
        kind: "slice",
        orderId: args.orderId as string,
        positionId: args.positionId as bigint,
        slice: args.number as bigint,
        reason: failureName(args.reason as bigint),
      };
    default:
      return undefined;
  }
}

/** A plain copy of a decoded order struct. */
export function toOrder(o: Order): Order {
  return {
    positionId: o.positionId,
    owner: o.owner,
    sizeDelta: o.sizeDelta,
    acceptablePrice: o.acceptablePrice,
    executionFee: o.executionFee,
    committedAt: o.committedAt,
    deadline: o.deadline,
    epoch: o.epoch,
    slot: o.slot,
  };
}

/** Id of an order in slices as it stands: the hash of its fields. */
export function twapId(order: TwapOrder): string {
  const type = orderBook.getEvent("TwapPlaced").inputs[3]!;
  return keccak256(AbiCoder.defaultAbiCoder().encode([type], [order]));
}
