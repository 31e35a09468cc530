import { checkDeadline, checkFraction, checkPrice } from "../../checks.ts";
import { InvalidInputError } from "../../errors.ts";
import type { RestingRequest } from "../../types.ts";
import type { OrderRules } from "./rules.ts";
import { buys, fieldsOf, type ExitSubject, type HeldPosition, type Subject, type Terms } from "./subject.ts";

/** Distance of a trailing stop from the best price: a wad ratio of it, or a wad price. */
export type Trail = { readonly ratio: bigint } | { readonly distance: bigint };

/** What every order that waits for a price says beside its triggers. */
export interface RestingTerms extends Terms {
  /** Seconds since 1970; after it nothing triggers the order. */
  readonly deadline: bigint;
  /** Accepts a stop that the position can't live to see. Default: no. */
  readonly beyondLiquidation?: boolean | undefined;
}

/** The prices an order waits for; with several, whichever is reached first fills it and ends the others. */
export interface Triggers {
  /** Wad: a buy triggers at or below it, a sell at or above it. */
  readonly limitPrice?: bigint | undefined;
  /** Wad: a buy triggers at or above it, a sell at or below it. */
  readonly stopPrice?: bigint | undefined;
  readonly trail?: Trail | undefined;
}

/**
 * An order that waits for one or more prices: what `OrderBook.place` takes. Exits are reduce-only, and may be about the
 * position that the same transaction opens ({@link entryPosition}).
 *
 * @throws InvalidInputError where the contract would refuse it for its form, or where it would fill at any price.
 */
export function restingOrder(request: Subject & RestingTerms & Triggers, rules: OrderRules): RestingRequest {
  const isExit = "exit" in request;
  const beyondLiquidation = request.beyondLiquidation ?? false;
  const triggers = triggersOf(request, buys(request));
  if (isExit && !beyondLiquidation) checkReachable(triggers.stopPrice, request.exit);
  return {
    ...fieldsOf(request, rules, true),
    deadline: checkDeadline("deadline", request.deadline, rules.now + 1n),
    ...triggers,
    reduceOnly: isExit,
    beyondLiquidation,
  };
}

/**
 * Trades once the price has come to `limitPrice`: below the market to buy, above it to sell. An exit with it is a
 * take-profit. What fills it is the price observed then, before impact; `accept` bounds the fill.
 *
 * @throws InvalidInputError where the contract would refuse it for its form.
 */
export function limitOrder(
  request: Subject & RestingTerms & { readonly limitPrice: bigint },
  rules: OrderRules,
): RestingRequest {
  return restingOrder({ ...request, ...only({ limitPrice: request.limitPrice }) }, rules);
}

/**
 * Trades once the price has come to `stopPrice`: above the market to buy, below it to sell. An exit with it is a stop-loss.
 *
 * @throws InvalidInputError where the contract would refuse it for its form.
 */
export function stopOrder(
  request: Subject & RestingTerms & { readonly stopPrice: bigint },
  rules: OrderRules,
): RestingRequest {
  return restingOrder({ ...request, ...only({ stopPrice: request.stopPrice }) }, rules);
}

/**
 * A stop that accepts no worse price than `limitPrice`: it goes on resting while the market is beyond.
 *
 * @throws InvalidInputError for a limit on the wrong side of the stop, and where the contract would refuse it for its form.
 */
export function stopLimitOrder(
  request: Subject &
    Omit<RestingTerms, "accept"> & { readonly stopPrice: bigint; readonly limitPrice: bigint },
  rules: OrderRules,
): RestingRequest {
  const { stopPrice, limitPrice } = request;
  const isBuy = buys(request);
  checkPrice("stopPrice", stopPrice);
  checkPrice("limitPrice", limitPrice);
  if (isBuy ? limitPrice < stopPrice : limitPrice > stopPrice) {
    const where = isBuy ? "at or above the stop of a buy" : "at or below the stop of a sell";
    throw new InvalidInputError("limitPrice", limitPrice, `a price ${where}, ${stopPrice}`);
  }
  return restingOrder({ ...request, accept: limitPrice, ...only({ stopPrice }) }, rules);
}

/**
 * A stop that follows the best price since the order at a distance; `stopPrice`, if given, holds until it is passed.
 *
 * @throws InvalidInputError where the contract would refuse it for its form.
 */
export function trailingStopOrder(
  request: Subject & RestingTerms & { readonly trail: Trail; readonly stopPrice?: bigint | undefined },
  rules: OrderRules,
): RestingRequest {
  const { trail, stopPrice } = request;
  return restingOrder({ ...request, ...only({ trail, stopPrice }) }, rules);
}

/**
 * A take-profit and a stop-loss, or a trailing one, in one order: whichever comes first ends the other.
 *
 * @throws InvalidInputError where the contract would refuse it for its form, or where it would fill at any price.
 */
export function bracketOrder(
  request: ExitSubject &
    RestingTerms & {
      /** Wad. */
      readonly takeProfit: bigint;
      /** Wad. */
      readonly stopLoss?: bigint | undefined;
      readonly trail?: Trail | undefined;
    },
  rules: OrderRules,
): RestingRequest {
  const { takeProfit, stopLoss, trail } = request;
  if (stopLoss === undefined && trail === undefined)
    throw new InvalidInputError("stopLoss", stopLoss, "a stop-loss or a trail beside the take-profit");
  return restingOrder({ ...request, ...only({ limitPrice: takeProfit, stopPrice: stopLoss, trail }) }, rules);
}

/** These triggers and no others. */
function only({ limitPrice, stopPrice, trail }: Triggers): Triggers {
  return { limitPrice, stopPrice, trail };
}

function triggersOf({ limitPrice, stopPrice, trail }: Triggers, isBuy: boolean) {
  if (limitPrice === undefined && stopPrice === undefined && trail === undefined)
    throw new InvalidInputError("limitPrice", limitPrice, "a limit price, a stop price or a trail");
  const limit = limitPrice === undefined ? 0n : checkPrice("limitPrice", limitPrice);
  const stop = stopPrice === undefined ? 0n : checkPrice("stopPrice", stopPrice);
  if (limit !== 0n && stop !== 0n && (isBuy ? limit >= stop : limit <= stop)) {
    const where = isBuy ? "above the limit of a buy" : "below the limit of a sell";
    throw new InvalidInputError("stopPrice", stop, `a price ${where}, ${limit}: else one is always reached`);
  }
  return { limitPrice: limit, stopPrice: stop, ...trailOf(trail) };
}

function trailOf(trail: Trail | undefined) {
  if (trail === undefined) return { trail: 0n, trailIsRatio: false };
  if ("ratio" in trail) return { trail: checkFraction("trail.ratio", trail.ratio), trailIsRatio: true };
  return { trail: checkPrice("trail.distance", trail.distance), trailIsRatio: false };
}

/** Refuses a stop at which the position would be liquidated already, as far as that is known. */
function checkReachable(stopPrice: bigint, { size, liquidationPrice }: HeldPosition): void {
  if (stopPrice === 0n || liquidationPrice === undefined) return;
  if (size > 0n ? stopPrice > liquidationPrice : stopPrice < liquidationPrice) return;
  const where = size > 0n ? "above" : "below";
  throw new InvalidInputError(
    "stopPrice",
    stopPrice,
    `a price ${where} the liquidation price, ${liquidationPrice}; or pass beyondLiquidation`,
  );
}
