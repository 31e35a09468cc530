import {
  marketOrder,
  math,
  previewOrder,
  withPrice,
  type MarketState,
  type OrderRequest,
  type PositionState,
} from "@bulkhead/sdk";
import type { Action } from "../action.ts";
import { acceptOf, isUnbounded, STALE } from "../entry.ts";
import { Failure, UsageError } from "../errors.ts";
import type { SendingOptions } from "../options.ts";
import { follow, waitOf } from "../outcome.ts";
import { idOf, wadOf } from "../parse.ts";
import { showPrice, showSize } from "../present/numbers.ts";
import { showResult, sideAndSize } from "../present/position.ts";
import { costFacts, obstaclesOf, previewJson, standingFacts } from "../present/preview.ts";
import { exactWad, unitsOf } from "../present/units.ts";
import type { Session } from "../session.ts";
import { transact, type Preview } from "../transact.ts";
import { readOne } from "./positions.ts";

const { abs } = math.FixedMath;

interface Options extends SendingOptions {
  readonly size?: string;
  readonly slippage: string;
  readonly wait: string | boolean;
}

/** `bulkhead close` */
export const closePosition: Action<readonly [string], Options> = async (session, [given], options) => {
  const { market } = session;
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
  const accept = acceptOf(options.slippage, state.price);
  const request = marketOrder({ exit: position, size, accept }, rules);
  return transact(
    session,
    {
      preview: previewOf(session, state, position, request),
      send: (writer, onSent) => writer.orders.give([{ verb: "commit", request }], { onSent }),
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

function previewOf(
  { market, out, address }: Session,
  state: MarketState,
  position: PositionState,
  { sizeDelta, executionFee, acceptablePrice }: OrderRequest,
): Preview {
  const units = unitsOf(market);
  // A fill needs a fresh price, and has one: it comes at the next observation.
  const fresh = withPrice(state, state.price);
  const preview = previewOrder(fresh, { position, sizeDelta, executionFee, acceptablePrice });
  const { fill, toOwner, before, after, leverageBefore, leverageAfter } = preview;
  const part = sizeDelta === 0n ? "" : `${showSize(abs(sizeDelta))} of `;
  const result = fill && `${showResult(fill.realised, units, out.frame.paint)} ${units.symbol}`;
  const leverage = { before: leverageBefore, after: leverageAfter };
  const isAny = isUnbounded(acceptablePrice);
  return {
    title: `Close position ${position.id}: ${part}${sideAndSize(position.size)} ${units.base} of ${market.symbol} at the market`,
    facts: [
      ...costFacts(preview, units),
      ["worst fill", isAny ? "any price" : showPrice(acceptablePrice)],
      ...(result === undefined ? [] : [["result", result] as const]),
      ...(preview.position === undefined ? [["to the owner", units.sum(toOwner)] as const] : []),
      ...standingFacts(before, preview.position && after, leverage, units),
    ],
    obstacles: [...obstaclesOf(preview.obstacle), ...notTheirs(address, position.owner)],
    remarks: state.priceIsFresh ? [] : [STALE],
    json: {
      action: "close",
      market: market.symbol,
      id: String(position.id),
      worstPrice: isAny ? null : exactWad(acceptablePrice),
      result: fill === undefined ? null : units.exact(fill.realised),
      ...previewJson(preview, units),
    },
  };
}

/** Only its owner trades a position. */
export function notTheirs(address: string | undefined, owner: string): string[] {
  if (address === undefined || address.toLowerCase() === owner.toLowerCase()) return [];
  return [`the position is ${owner}'s, not ${address}'s`];
}
