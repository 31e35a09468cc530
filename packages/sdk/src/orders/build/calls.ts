import { OrderBook__factory } from "../../contracts.ts";
import { InvalidInputError } from "../../errors.ts";
import type { OrderRequest, ProtectiveRequest, RestingRequest, TwapRequest } from "../../types.ts";

/** An order and the function of the order book that takes it. */
export type OrderCall =
  | { readonly verb: "commit"; readonly request: OrderRequest }
  | { readonly verb: "place"; readonly request: RestingRequest }
  | { readonly verb: "placeTwap"; readonly request: TwapRequest }
  | { readonly verb: "placeProtective"; readonly request: ProtectiveRequest };

const orderBook = OrderBook__factory.createInterface();

/**
 * Calldata for the order book that gives these orders in one transaction, all or none: an entry, and exits and protective
 * orders of {@link entryPosition} after it.
 *
 * @throws InvalidInputError for no orders.
 * @example
 * const entry = marketOrder({ open: "long", size: WAD, collateral, accept: "any" }, rules);
 * const exit = stopOrder({ exit: entryPosition(entry), stopPrice, accept: "any", deadline }, rules);
 * const data = encodeOrderCalls([{ verb: "commit", request: entry }, { verb: "place", request: exit }]);
 */
export function encodeOrderCalls(calls: readonly OrderCall[]): string {
  const encoded = calls.map(encode);
  const [first] = encoded;
  if (first === undefined) throw new InvalidInputError("calls", calls, "at least one order");
  return encoded.length === 1 ? first : orderBook.encodeFunctionData("multicall", [encoded]);
}

function encode(call: OrderCall): string {
  switch (call.verb) {
    case "commit":
      return orderBook.encodeFunctionData("commit", [call.request]);
    case "place":
      return orderBook.encodeFunctionData("place", [call.request]);
    case "placeTwap":
      return orderBook.encodeFunctionData("placeTwap", [call.request]);
    case "placeProtective":
      return orderBook.encodeFunctionData("placeProtective", [call.request]);
  }
}
