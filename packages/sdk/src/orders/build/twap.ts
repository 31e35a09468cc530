import { checkRange } from "../../checks.ts";
import { InvalidInputError } from "../../errors.ts";
import { abs } from "../../math/FixedMath.ts";
import type { TwapRequest } from "../../types.ts";
import type { OrderRules } from "./rules.ts";
import { fieldsOf, type Subject, type Terms } from "./subject.ts";

const MIN_SLICES = 2n;
const MAX_SLICES = 1_000n;

/** Seven days, seconds. */
const MAX_INTERVAL = 604_800n;

/**
 * An order in equal slices, `interval` seconds apart, each a market order of its own: what `OrderBook.placeTwap` takes. The
 * execution fee is each slice's, from the position's balance. An exit without a size is of the whole size it has now.
 *
 * @throws InvalidInputError where the contract would refuse it for its form.
 */
export function twapOrder(
  request: Subject &
    Omit<Terms, "relayFee"> & {
      readonly slices: bigint;
      /** Seconds. */
      readonly interval: bigint;
    },
  rules: OrderRules,
): TwapRequest {
  const isExit = "exit" in request;
  // Slices have a size of their own: zero stands for no whole here.
  const sized = isExit ? { ...request, size: request.size ?? abs(request.exit.size) } : request;
  const fields = fieldsOf(sized, rules, false);
  const slices = checkRange("slices", request.slices, MIN_SLICES, MAX_SLICES);
  if (abs(fields.sizeDelta) < slices)
    throw new InvalidInputError(
      "size",
      abs(fields.sizeDelta),
      `at least a unit for each of ${slices} slices`,
    );
  return {
    ...fields,
    interval: checkRange("interval", request.interval, 1n, MAX_INTERVAL, (bound) => `${bound} seconds`),
    slices,
    reduceOnly: isExit,
  };
}
