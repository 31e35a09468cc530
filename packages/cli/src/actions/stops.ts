import { judge, previewOrder, restingOrder, withPrice, type OrderCall } from "@bulkhead/sdk";
import type { Action } from "../action.ts";
import { checkReachable, checkSides, deadlineOf } from "../entry.ts";
import { Failure, UsageError } from "../errors.ts";
import { duration, type SendingOptions } from "../options.ts";
import { idOf, priceOf, trailOf, wadOf } from "../parse.ts";
import { showDuration, showPercent, showPrice, showSize } from "../present/numbers.ts";
import { showEnd, showResult, sideAndSize } from "../present/position.ts";
import type { Fact } from "../present/table.ts";
import { exactWad, unitsOf } from "../present/units.ts";
import { transact } from "../transact.ts";
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
  const { market, out } = session;
  const units = unitsOf(market);
  const [stopLoss, takeProfit] = [
    priceOf("--stop-loss", options.stopLoss),
    priceOf("--take-profit", options.takeProfit),
  ];
  const trail = trailOf(options.trailing);
  if ((stopLoss ?? takeProfit ?? trail) === undefined)
    throw new UsageError("at which price? Give --stop-loss, --take-profit or --trailing");
  const size = options.size === undefined ? undefined : wadOf("--size", options.size);
  const wait = duration("--expires", options.expires);
  const [{ state, position }, rules] = await Promise.all([
    readOne(market, idOf(given)),
    market.orders.rules(),
  ]);
  if (state.price === 0n) throw new Failure("the market has no price now: there is nothing to go by");
  checkSides({ stopLoss, takeProfit }, position.size > 0n, state.price);
  const { liquidationPrice } = judge(state, position);
  if (options.beyondLiquidation !== true) checkReachable(stopLoss, position.size > 0n, liquidationPrice);
  const request = restingOrder(
    {
      exit: { id: position.id, size: position.size, liquidationPrice },
      size,
      stopPrice: stopLoss,
      limitPrice: takeProfit,
      trail,
      accept: "any",
      deadline: deadlineOf(rules, wait),
      beyondLiquidation: options.beyondLiquidation === true,
    },
    rules,
  );
  const call: OrderCall = { verb: "place", request };
  const { sizeDelta, executionFee } = request;
  const at = (price: bigint) => {
    const {
      obstacle,
      fill,
      toOwner,
      position: rest,
    } = previewOrder(withPrice(state, price), { position, sizeDelta, executionFee });
    return { obstacle, result: fill?.realised ?? 0n, toOwner, closes: rest === undefined };
  };
  const triggerFact = (name: string, price: bigint | undefined): Fact[] => {
    if (price === undefined) return [];
    const { obstacle, result, toOwner, closes } = at(price);
    const what = `result ${showResult(result, units, out.frame.paint)}${closes ? `, ${units.sum(toOwner)} to the owner` : ""}`;
    return [[name, `${showPrice(price)}: ${obstacle === "None" ? what : `would fail, ${obstacle}`}`]];
  };
  const triggerJson = (price: bigint | undefined) => {
    if (price === undefined) return null;
    const { obstacle, result, toOwner } = at(price);
    return {
      price: exactWad(price),
      obstacle: obstacle === "None" ? null : obstacle,
      result: units.exact(result),
      toOwner: units.exact(toOwner),
    };
  };
  const behind =
    trail === undefined ? "" : "ratio" in trail ? showPercent(trail.ratio) : showPrice(trail.distance);
  const part = size === undefined ? "" : `${showSize(size)} of `;
  return transact(
    session,
    {
      preview: {
        title: `Stop for position ${position.id}: closes ${part}${sideAndSize(position.size)} ${units.base} of ${market.symbol}`,
        facts: [
          ["price now", showPrice(state.price)],
          ...triggerFact("stop-loss", stopLoss),
          ...triggerFact("take-profit", takeProfit),
          ...(trail === undefined ? [] : [["trailing stop", `${behind} behind the best price`] as const]),
          ["liquidation", showEnd(liquidationPrice)],
          ["fee", `${units.sum(executionFee)} once it is executed`],
          ["waits", showDuration(BigInt(wait))],
        ],
        obstacles: notTheirs(session.address, position.owner),
        json: {
          action: "stop",
          market: market.symbol,
          id: String(position.id),
          stopLoss: triggerJson(stopLoss),
          takeProfit: triggerJson(takeProfit),
          trailing: trail === undefined ? null : exactWad("ratio" in trail ? trail.ratio : trail.distance),
          trailingIsRatio: trail === undefined ? null : "ratio" in trail,
          executionFee: units.exact(executionFee),
          deadline: Number(request.deadline),
        },
      },
      send: (writer, onSent) => writer.orders.give([call], { onSent }),
      afterwards: async ({ orders }) => ({ json: { orderId: orders[0]?.orderId } }),
    },
    options,
  );
};

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
