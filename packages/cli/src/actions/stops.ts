import {
  judge,
  previewOrder,
  restingOrder,
  withPrice,
  type MarketState,
  type PositionState,
  type RestingRequest,
} from "@bulkhead/sdk";
import type { Action } from "../action.ts";
import { checkReachable, checkSides, deadlineOf, type EntryPrices } from "../entry.ts";
import { Failure, UsageError } from "../errors.ts";
import { duration, type SendingOptions } from "../options.ts";
import { idOf, priceOf, trailOf, wadOf } from "../parse.ts";
import { showDuration, showPercent, showPrice, showSize } from "../present/numbers.ts";
import { showEnd, showResult, sideAndSize } from "../present/position.ts";
import type { Paint } from "../present/paint.ts";
import type { Fact } from "../present/table.ts";
import { exactWad, unitsOf, type Units } from "../present/units.ts";
import type { Session } from "../session.ts";
import { transact, type Preview } from "../transact.ts";
import { notTheirs } from "./close.ts";
import { listOrders } from "./orders.ts";
import { readOne } from "./positions.ts";

interface SetOptions extends SendingOptions {
  readonly stopLoss?: string;
  readonly takeProfit?: string;
  readonly trailing?: string;
  readonly size?: string;
  readonly expires: string;
  readonly beyondLiquidation?: true;
}

/** `bulkhead stops set` */
export const setStops: Action<readonly [string], SetOptions> = async (session, [given], options) => {
  const { market } = session;
  const prices = {
    stopLoss: priceOf("--stop-loss", options.stopLoss),
    takeProfit: priceOf("--take-profit", options.takeProfit),
    trail: trailOf(options.trailing),
  };
  const { stopLoss, takeProfit, trail } = prices;
  if ((stopLoss ?? takeProfit ?? trail) === undefined)
    throw new UsageError("at which price? Give --stop-loss, --take-profit or --trailing");
  const size = options.size === undefined ? undefined : wadOf("--size", options.size);
  const wait = duration("--expires", options.expires);
  const [{ state, position }, rules] = await Promise.all([
    readOne(market, idOf(given)),
    market.orders.rules(),
  ]);
  if (state.price === 0n) throw new Failure("the market has no price now: there is nothing to go by");
  const beyondLiquidation = options.beyondLiquidation === true;
  const { liquidationPrice } = judge(state, position);
  checkSides(prices, position.size > 0n, state.price);
  if (!beyondLiquidation) checkReachable(stopLoss, position.size > 0n, liquidationPrice);
  const exit = { id: position.id, size: position.size, liquidationPrice };
  const triggers = { stopPrice: stopLoss, limitPrice: takeProfit, trail };
  const terms = { accept: "any", deadline: deadlineOf(rules, wait), beyondLiquidation } as const;
  const request = restingOrder({ exit, size, ...triggers, ...terms }, rules);
  return transact(
    session,
    {
      preview: previewOf(session, { state, position, liquidationPrice, prices, request, wait }),
      send: (writer, onSent) => writer.orders.give([{ verb: "place", request }], { onSent }),
      afterwards: async ({ orders }) => ({ json: { orderId: orders[0]?.orderId } }),
    },
    options,
  );
};

/** A stop, thought through. */
interface Plan {
  readonly state: MarketState;
  readonly position: PositionState;
  readonly liquidationPrice: bigint;
  readonly prices: Omit<EntryPrices, "limit">;
  readonly request: RestingRequest;
  /** Seconds. */
  readonly wait: number;
}

function previewOf({ market, out, address }: Session, plan: Plan): Preview {
  const { state, position, liquidationPrice, prices, request, wait } = plan;
  const { stopLoss, takeProfit, trail } = prices;
  const units = unitsOf(market);
  const { sizeDelta, executionFee } = request;
  const behind = trail && ("ratio" in trail ? showPercent(trail.ratio) : showPrice(trail.distance));
  const part = sizeDelta === 0n ? "" : `${showSize(sizeDelta > 0n ? sizeDelta : -sizeDelta)} of `;
  return {
    title: `Stop for position ${position.id}: closes ${part}${sideAndSize(position.size)} ${units.base} of ${market.symbol}`,
    facts: [
      ["price now", showPrice(state.price)],
      ...triggerFacts("stop-loss", plan, stopLoss, units, out.frame.paint),
      ...triggerFacts("take-profit", plan, takeProfit, units, out.frame.paint),
      ...(behind === undefined ? [] : [["trailing stop", `${behind} behind the best price`] as const]),
      ["liquidation", showEnd(liquidationPrice)],
      ["fee", `${units.sum(executionFee)} once it is executed`],
      ["waits", showDuration(BigInt(wait))],
    ],
    obstacles: notTheirs(address, position.owner),
    json: {
      action: "stop",
      market: market.symbol,
      id: String(position.id),
      stopLoss: triggerJson(plan, stopLoss, units),
      takeProfit: triggerJson(plan, takeProfit, units),
      trailing: trail === undefined ? null : exactWad("ratio" in trail ? trail.ratio : trail.distance),
      trailingIsRatio: trail === undefined ? null : "ratio" in trail,
      executionFee: units.exact(executionFee),
      deadline: Number(request.deadline),
    },
  };
}

/** What the order would do at a price that triggers it. */
function outcomeAt({ state, position, request: { sizeDelta, executionFee } }: Plan, price: bigint) {
  const preview = previewOrder(withPrice(state, price), { position, sizeDelta, executionFee });
  const { obstacle, fill, toOwner } = preview;
  return { obstacle, result: fill?.realised ?? 0n, toOwner, closes: preview.position === undefined };
}

function triggerFacts(
  name: string,
  plan: Plan,
  price: bigint | undefined,
  units: Units,
  paint: Paint,
): Fact[] {
  if (price === undefined) return [];
  const { obstacle, result, toOwner, closes } = outcomeAt(plan, price);
  const paid = closes ? `, ${units.sum(toOwner)} to the owner` : "";
  const what =
    obstacle === "None" ? `result ${showResult(result, units, paint)}${paid}` : `would fail, ${obstacle}`;
  return [[name, `${showPrice(price)}: ${what}`]];
}

function triggerJson(plan: Plan, price: bigint | undefined, units: Units) {
  if (price === undefined) return null;
  const { obstacle, result, toOwner } = outcomeAt(plan, price);
  return {
    price: exactWad(price),
    obstacle: obstacle === "None" ? null : obstacle,
    result: units.exact(result),
    toOwner: units.exact(toOwner),
  };
}

/** `bulkhead stops list` */
export const listStops: Action<readonly [], { readonly owner?: string; readonly all?: true }> = (
  session,
  _,
  options,
) =>
  listOrders(
    session,
    options,
    ({ kind, order }) => kind === "protective" || (kind === "resting" && order.reduceOnly),
  );
