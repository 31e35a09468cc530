import { connectFeedSource, fixingQuery, type WaitingOrder } from "@bulkhead/sdk";
import type { Action } from "../action.ts";
import { Failure, UsageError } from "../errors.ts";
import type { SendingOptions } from "../options.ts";
import { ID_DIGITS, orderJson, orderTable, triggerOf, whatOf } from "../present/order.ts";
import { showDuration, showTime } from "../present/numbers.ts";
import type { Fact } from "../present/table.ts";
import { unitsOf } from "../present/units.ts";
import { ownerOf, type Session } from "../session.ts";
import { transact, type Preview } from "../transact.ts";

interface Whose {
  readonly owner?: string;
  readonly all?: true;
}

/** `bulkhead orders` */
export const showOrders: Action<readonly [], Whose> = (session, _, options) =>
  listOrders(session, options, () => true);

/** Orders that wait, those of them that `wanted` picks. */
export async function listOrders(
  session: Session,
  options: Whose,
  wanted: (waiting: WaitingOrder) => boolean,
): Promise<void> {
  const { market, out } = session;
  const owner = ownerOf(options, session);
  const orders = (await market.orders.waiting({ owner })).filter(wanted);
  const units = unitsOf(market);
  if (out.json) return out.data(orders.map((order) => orderJson(order, units)));
  if (orders.length === 0) return out.print("No orders wait.");
  out.print(orderTable(orders, units, await nowOn(session), out.frame, owner === undefined));
}

/** `bulkhead orders cancel`, `bulkhead stops cancel` */
export const cancelOrder: Action<readonly [string], SendingOptions> = async (session, [id], options) => {
  const waiting = await find(session, id, session.address);
  return transact(
    session,
    {
      preview: previewOf("Cancel", session, waiting, waiting.kind === "market" ? [NOT_CANCELLABLE] : []),
      send: (writer, onSent) => writer.orders.cancel(waiting, { onSent }),
    },
    options,
  );
};

const NOT_CANCELLABLE = "a market order can't be cancelled: it settles, fails or expires";

/** `bulkhead orders settle` */
export const settleOrder: Action<readonly [string], SendingOptions> = async (session, [id], options) => {
  const { market, provider } = session;
  const waiting = await find(session, id);
  if (waiting.kind !== "market")
    throw new UsageError(`order ${shortId(waiting)} is no market order: keepers trigger the others`);
  const { stream, oracle } = market.contracts.addresses;
  if (stream !== undefined)
    throw new Failure("the market has its prices from a stream: its reports are brought by a keeper");
  const [source, params, now] = await Promise.all([
    connectFeedSource(oracle, provider),
    market.contracts.orderBook.orderParams(),
    nowOn(session),
  ]);
  const { settlementDelay, fallbackDelay } = params;
  const moment = waiting.order.committedAt + settlementDelay;
  const fixing = await source.findFixing(fixingQuery(waiting.order, params), now);
  if (!fixing.found)
    throw new Failure(
      `order ${shortId(waiting)} has no price yet: it takes one observed after ${showTime(moment)}`,
      now <= moment
        ? `That is in ${showDuration(moment - now)}, by the chain's clock.`
        : `Without a new one it can be closed from ${showTime(moment + fallbackDelay)} on.`,
    );
  const facts: Fact[] = [["proof", `price ${fixing.id & ((1n << 64n) - 1n)} of the feed`]];
  return transact(
    session,
    {
      preview: previewOf("Settle", session, waiting, [], facts),
      send: (writer, onSent) => writer.orders.settle(waiting.order, fixing.proof, { onSent }),
    },
    options,
  );
};

/** `bulkhead orders expire` */
export const expireOrder: Action<readonly [string], SendingOptions> = async (session, [id], options) => {
  const waiting = await find(session, id);
  if (waiting.kind !== "market")
    throw new UsageError(`order ${shortId(waiting)} is no market order: cancel it`);
  const { order } = waiting;
  const left = order.deadline - (await nowOn(session));
  const early = left >= 0n ? [`its deadline is in ${showDuration(left)}`] : [];
  return transact(
    session,
    {
      preview: previewOf("Expire", session, waiting, early),
      send: (writer, onSent) => writer.orders.expire(order, { onSent }),
    },
    options,
  );
};

function shortId({ orderId }: WaitingOrder): string {
  return orderId.slice(0, ID_DIGITS);
}

/** The order whose id begins so. Says nothing of what was typed at length: it might be something else. */
async function find({ market }: Session, prefix: string, owner?: string): Promise<WaitingOrder> {
  if (!/^0x[0-9a-f]{4,64}$/i.test(prefix))
    throw new UsageError("orderId: expected 0x and at least 4 digits of it, as `bulkhead orders` shows them");
  const all = await market.orders.waiting({ owner });
  const found = all.filter(({ orderId }) => orderId.toLowerCase().startsWith(prefix.toLowerCase()));
  const [first] = found;
  const named = `order ${prefix.slice(0, ID_DIGITS)}`;
  if (first === undefined)
    throw new Failure(
      `no ${named} waits${owner === undefined ? "" : ` for ${owner}`}`,
      "See `bulkhead orders --all`.",
    );
  if (found.length > 1) throw new UsageError(`${named}: ${found.length} orders begin so; give more digits`);
  return first;
}

function previewOf(
  verb: string,
  { market }: Session,
  waiting: WaitingOrder,
  obstacles: readonly string[],
  more: readonly Fact[] = [],
): Preview {
  const units = unitsOf(market);
  const { kind, order } = waiting;
  return {
    title: `${verb} the ${kind} order ${shortId(waiting)} of position ${order.positionId}`,
    facts: [
      ["what", whatOf(waiting, units)],
      ["waits for", triggerOf(waiting)],
      ["owner", order.owner],
      ["fee", units.sum(order.executionFee)],
      ...more,
    ],
    obstacles,
    json: { action: verb.toLowerCase(), order: orderJson(waiting, units) },
  };
}

/** Time of the newest block, seconds. */
export async function nowOn({ provider }: Session): Promise<bigint> {
  return BigInt((await provider.getBlock("latest"))?.timestamp ?? 0);
}
