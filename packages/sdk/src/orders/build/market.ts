import { checkDeadline } from "../../checks.ts";
import type { OrderRequest } from "../../types.ts";
import type { OrderRules } from "./rules.ts";
import { fieldsOf, type Subject, type Terms } from "./subject.ts";

/** How long after the earliest a market order's deadline lies by default, seconds. */
const DEADLINE_SLACK = 3_600n;

/** A market order as people ask for it. */
export type MarketOrderRequest = Subject &
  Terms & {
    /** Seconds since 1970; after it an order that no price can reach is released. Default: an hour after the earliest. */
    readonly deadline?: bigint | undefined;
  };

/**
 * A market order, which fills at the first price observed after the settlement delay: what `OrderBook.commit` takes.
 *
 * @throws InvalidInputError where the contract would refuse it for its form.
 * @example
 * const rules = await readOrderRules(contracts);
 * const accept = { price: parsePrice("price", "2000"), slippage: WAD / 100n };
 * marketOrder({ open: "long", size: 5n * WAD, collateral: 1_000_000_000n, accept }, rules);
 * marketOrder({ increase: position, size: WAD, accept }, rules);
 * marketOrder({ exit: position, size: WAD, accept }, rules); // a part of it
 * marketOrder({ exit: position, accept: "any" }, rules); // all of it
 */
export function marketOrder(request: MarketOrderRequest, rules: OrderRules): OrderRequest {
  const { earliestDeadline } = rules;
  return {
    ...fieldsOf(request, rules, false),
    deadline: checkDeadline(
      "deadline",
      request.deadline ?? earliestDeadline + DEADLINE_SLACK,
      earliestDeadline,
    ),
  };
}
