import {
  failureAdvice,
  FAILURES,
  math,
  type FailureName,
  type Judgement,
  type Obstacle,
  type OrderPreview,
} from "@bulkhead/sdk";
import { showPercent, showPrice, showSize, showTimes, signed } from "./numbers.ts";
import { showEnd } from "./position.ts";
import type { Fact } from "./table.ts";
import { exactWad, type Units } from "./units.ts";

const { abs, WAD } = math.FixedMath;

/** Why an order would fail as things stand, in words; nothing if it would not. */
export function obstaclesOf(obstacle: Obstacle): string[] {
  if (obstacle === "None") return [];
  const known = (FAILURES as readonly string[]).includes(obstacle);
  return [known ? `${obstacle}: ${failureAdvice(obstacle as FailureName)}` : obstacle];
}

/** Price and costs of an order. */
export function costFacts({ quote, costs }: OrderPreview, units: Units): Fact[] {
  if (quote === undefined) return [];
  const favour = quote.impact < 0n ? " in your favour" : "";
  const impact = quote.impact === 0n ? "no impact" : `impact ${units.sum(abs(quote.impact))}${favour}`;
  return [
    ["fill", `${showPrice(quote.meanPrice)} for ${showSize(abs(quote.sizeDelta))} ${units.base}, ${impact}`],
    ["fees", `${units.sum(quote.fee)} for the trade, ${units.sum(costs.executionFee)} for its execution`],
    ...(costs.carry === 0n ? [] : [["carry settled", units.sum(costs.carry)] as const]),
  ];
}

/** How a position stands before and after. */
export function standingFacts(
  before: Judgement | undefined,
  after: Judgement | undefined,
  leverage: { readonly before?: bigint | undefined; readonly after?: bigint | undefined },
  units: Units,
): Fact[] {
  if (after === undefined) return [];
  const both = (show: (judgement: Judgement) => string): string =>
    before === undefined || show(before) === show(after) ? show(after) : `${show(before)} -> ${show(after)}`;
  const times = [leverage.before, leverage.after].filter((multiple) => multiple !== undefined).map(showTimes);
  const away = after.price === 0n || showEnd(after.liquidationPrice) === "none" ? undefined : moveTo(after);
  return [
    ["equity", both(({ equity }) => units.sum(equity))],
    ["leverage", [...new Set(times)].join(" -> ")],
    ["margin ratio", both(({ marginRatio }) => showPercent(marginRatio))],
    [
      "liquidation",
      `${both(({ liquidationPrice }) => showEnd(liquidationPrice))}${away === undefined ? "" : `, ${away} away`}`,
    ],
    ["bankruptcy", both(({ bankruptcyPrice }) => showEnd(bankruptcyPrice))],
  ];
}

function moveTo({ liquidationPrice, price }: Judgement): string {
  const move = ((liquidationPrice - price) * WAD) / price;
  return signed(move, showPercent(move, 1));
}

/** A position's standing for programs. */
export function standingJson(judgement: Judgement | undefined, leverage: bigint | undefined, units: Units) {
  if (judgement === undefined) return null;
  const end = (price: bigint): string | null => (showEnd(price) === "none" ? null : exactWad(price));
  return {
    standing: judgement.standing,
    equity: units.exact(judgement.equity),
    leverage: leverage === undefined ? null : exactWad(leverage),
    marginRatio: exactWad(judgement.marginRatio),
    liquidationPrice: end(judgement.liquidationPrice),
    bankruptcyPrice: end(judgement.bankruptcyPrice),
  };
}

/** An order's preview for programs. */
export function previewJson(preview: OrderPreview, units: Units) {
  const { quote, costs, obstacle } = preview;
  return {
    obstacle: obstacle === "None" ? null : obstacle,
    sizeDelta: quote === undefined ? null : exactWad(quote.sizeDelta),
    fillPrice: quote === undefined ? null : exactWad(quote.meanPrice),
    impact: units.exact(costs.impact),
    fee: units.exact(costs.fee),
    executionFee: units.exact(costs.executionFee),
    carry: units.exact(costs.carry),
    toOwner: units.exact(preview.toOwner),
    before: standingJson(preview.before, preview.leverageBefore, units),
    after: standingJson(preview.after, preview.leverageAfter, units),
  };
}
