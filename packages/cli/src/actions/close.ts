import { marketOrder, math, previewOrder, withPrice, type OrderCall } from "@bulkhead/sdk";
import type { Action } from "../action.ts";
import { acceptOf } from "../entry.ts";
import { Failure, UsageError } from "../errors.ts";
import type { SendingOptions } from "../options.ts";
import { follow, waitOf } from "../outcome.ts";
import { idOf, wadOf } from "../parse.ts";
import { showPrice, showSize } from "../present/numbers.ts";
import { showResult, sideAndSize } from "../present/position.ts";
import { costFacts, obstaclesOf, previewJson, standingFacts } from "../present/preview.ts";
import { exactWad, unitsOf } from "../present/units.ts";
import { transact } from "../transact.ts";
import { readOne } from "./positions.ts";

const { abs } = math.FixedMath;

interface Options extends SendingOptions {
  readonly size?: string;
  readonly slippage: string;
  readonly wait: string | boolean;
}

/** `bulkhead close` */
export const closePosition: Action<readonly [string], Options> = async (session, [given], options) => {
  const { market, out } = session;
  const units = unitsOf(market);
  const seconds = waitOf(options.wait);
  const size = options.size === undefined ? undefined : wadOf("--size", options.size);
  const [{ state, position }, rules] = await Promise.all([
    readOne(market, idOf(given)),
    market.orders.rules(),
  ]);
  if (state.price === 0n) throw new Failure("the market has no price now: there is nothing to go by");
  const most = abs(position.size);
  if (size !== undefined && size > most)
    throw new UsageError(`--size: position ${position.id} has ${showSize(most)}; leave it out to close all`);
  const request = marketOrder(
    { exit: position, size, accept: acceptOf(options.slippage, state.price) },
    rules,
  );
  const { sizeDelta, executionFee, acceptablePrice } = request;
  const preview = previewOrder(withPrice(state, state.price), {
    position,
    sizeDelta,
    executionFee,
    acceptablePrice,
  });
  const { fill, toOwner } = preview;
  const call: OrderCall = { verb: "commit", request };
  const unbounded = acceptablePrice === 0n || acceptablePrice === (1n << 256n) - 1n;
  const part =
    size === undefined ? sideAndSize(position.size) : `${showSize(size)} of ${sideAndSize(position.size)}`;
  return transact(
    session,
    {
      preview: {
        title: `Close position ${position.id}: ${part} ${units.base} of ${market.symbol} at the market`,
        facts: [
          ...costFacts(preview, units),
          ["worst fill", unbounded ? "any price" : showPrice(acceptablePrice)],
          ...(fill === undefined
            ? []
            : [["result", `${showResult(fill.realised, units, out.frame.paint)} ${units.symbol}`] as const]),
          ...(preview.position === undefined ? [["to the owner", units.sum(toOwner)] as const] : []),
          ...standingFacts(
            preview.before,
            preview.position && preview.after,
            { before: preview.leverageBefore, after: preview.leverageAfter },
            units,
          ),
        ],
        obstacles: [...obstaclesOf(preview.obstacle), ...notTheirs(session.address, position.owner)],
        remarks: state.priceIsFresh
          ? []
          : ["the latest price is stale: the order fills once there is a new one"],
        json: {
          action: "close",
          market: market.symbol,
          id: String(position.id),
          worstPrice: unbounded ? null : exactWad(acceptablePrice),
          result: fill === undefined ? null : units.exact(fill.realised),
          ...previewJson(preview, units),
        },
      },
      send: (writer, onSent) => writer.orders.give([call], { onSent }),
      afterwards: async (sent) => {
        const [order] = sent.orders;
        if (order === undefined) throw new Failure("the book has logged no order");
        const after = await follow(session, order.orderId, sent.receipt.blockNumber, seconds);
        return { ...after, json: { orderId: order.orderId, ...after.json } };
      },
    },
    options,
  );
};

/** Only its owner trades a position. */
export function notTheirs(address: string | undefined, owner: string): string[] {
  if (address === undefined || address.toLowerCase() === owner.toLowerCase()) return [];
  return [`the position is ${owner}'s, not ${address}'s`];
}
