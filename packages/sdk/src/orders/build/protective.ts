import { checkDeadline, checkRange, checkUint, formatAmount } from "../../checks.ts";
import { InvalidInputError } from "../../errors.ts";
import { abs, WAD } from "../../math/FixedMath.ts";
import { ratio } from "../../math/MarginMath.ts";
import type { ProtectiveRequest } from "../../types.ts";
import type { OrderRules } from "./rules.ts";
import { checkHeld, feeOf, type HeldPosition } from "./subject.ts";

/** The market's parameters that bound a margin ratio; wad, base wad. */
export interface MarginTerms {
  readonly liquidationFee: bigint;
  readonly maintenanceBase: bigint;
  readonly maintenanceSlope: bigint;
  readonly depth: bigint;
}

/** What protects a position by its margin ratio: equity over notional, both at the index price. */
export interface Protection {
  readonly position: HeldPosition;
  /** Wad: it acts once the margin ratio is at or below it. */
  readonly triggerRatio: bigint;
  /** Wad: what it brings the ratio back to; leverage is its inverse. */
  readonly targetRatio: bigint;
  /** Token units for each execution. Default: the least. */
  readonly executionFee?: bigint | undefined;
  /** Seconds since 1970; after it the order acts no more. */
  readonly deadline: bigint;
}

/**
 * Tops a position up from its owner's wallet, `budget` token units in all, once its margin ratio falls to the trigger:
 * what `OrderBook.placeProtective` takes. The owner has to have approved the margin vault for it.
 *
 * @param margin The market's parameters.
 * @throws InvalidInputError where the contract would refuse it for its form.
 */
export function topUpOrder(
  request: Protection & { readonly budget: bigint },
  rules: OrderRules,
  margin: MarginTerms,
): ProtectiveRequest {
  const order = reduceOrder(request, rules, margin);
  const budget = checkUint("budget", request.budget, 128);
  if (budget <= order.executionFee)
    throw new InvalidInputError(
      "budget",
      budget,
      `more than the execution fee, ${order.executionFee} token units`,
    );
  return { ...order, topUpBudget: budget };
}

/**
 * Reduces a position by a market order once its margin ratio falls to the trigger; else as {@link topUpOrder}.
 *
 * @throws InvalidInputError where the contract would refuse it for its form.
 */
export function reduceOrder(request: Protection, rules: OrderRules, margin: MarginTerms): ProtectiveRequest {
  const { position, triggerRatio, targetRatio } = request;
  const positionId = checkHeld("position", position, true);
  const maintenance =
    margin.liquidationFee +
    ratio(abs(position.size), margin.maintenanceBase, margin.maintenanceSlope, margin.depth);
  return {
    positionId,
    triggerRatio: checkRange("triggerRatio", triggerRatio, maintenance + 1n, WAD - 2n, percent),
    targetRatio: checkRange("targetRatio", targetRatio, triggerRatio + 1n, WAD - 1n, percent),
    topUpBudget: 0n,
    executionFee: feeOf(request, rules),
    deadline: checkDeadline("deadline", request.deadline, rules.now + 1n),
  };
}

function percent(wad: bigint): string {
  return `${formatAmount(wad, 16)} %`;
}
