import type { RestingOrder, TwapOrder, WaitingOrder } from "@bulkhead/sdk";
import { showDuration, showPercent, showPrice, showShort, showSize } from "./numbers.ts";
import { table, type Column, type Frame } from "./table.ts";
import { exactWad, type Units } from "./units.ts";

const ANY_PRICE = (1n << 256n) - 1n;
/** Digits of an id that people are shown, and may type. */
export const ID_DIGITS = 10;

/** What an order does, in words. */
export function whatOf(waiting: WaitingOrder, units: Units): string {
  const { kind, order } = waiting;
  if (kind === "protective") {
    const what = order.topUpBudget === 0n ? "reduce" : `top up, ${units.sum(order.topUpBudget)} left`;
    return `${what}, to ${showPercent(order.targetRatio)}`;
  }
  const { sizeDelta } = order;
  if (sizeDelta === 0n) return "close all";
  const trade = `${sizeDelta > 0n ? "buy" : "sell"} ${showSize(sizeDelta > 0n ? sizeDelta : -sizeDelta)}`;
  return "reduceOnly" in order && order.reduceOnly ? `${trade}, reduce only` : trade;
}

/** What an order waits for. */
export function triggerOf({ kind, order }: WaitingOrder): string {
  switch (kind) {
    case "market":
      return "next price";
    case "slices":
      return `slice ${order.next + 1n} of ${order.slices}, every ${showDuration(order.interval)}`;
    case "protective":
      return `margin at ${showPercent(order.triggerRatio)}`;
    case "resting":
      return [
        ...(order.limitPrice === 0n ? [] : [`limit ${showPrice(order.limitPrice)}`]),
        ...(order.stopPrice === 0n ? [] : [`stop ${showPrice(order.stopPrice)}`]),
        ...(order.trail === 0n ? [] : [`trail ${showTrail(order)}`]),
      ].join(", ");
  }
}

function showTrail({ trail, trailIsRatio }: RestingOrder): string {
  return trailIsRatio ? showPercent(trail) : showPrice(trail);
}

/** Seconds since 1970 after which it waits no more; slices end by themselves. */
function deadlineOf({ kind, order }: WaitingOrder): bigint | undefined {
  return kind === "slices" ? undefined : order.deadline;
}

/** Orders that wait, a line each. `now`: time of the newest block, seconds. */
export function orderTable(
  orders: readonly WaitingOrder[],
  units: Units,
  now: bigint,
  frame: Frame,
  owners: boolean,
): string {
  const right = { align: "right" } as const;
  const columns: Column<WaitingOrder>[] = [
    { title: "ORDER", cell: ({ orderId }) => orderId.slice(0, ID_DIGITS) },
    { title: "KIND", spare: 2, cell: ({ kind }) => kind },
    { title: "POSITION", ...right, cell: ({ order }) => String(order.positionId) },
    ...(owners
      ? [{ title: "OWNER", spare: 3, cell: ({ order }: WaitingOrder) => showShort(order.owner) }]
      : []),
    { title: "WHAT", cell: (waiting) => whatOf(waiting, units) },
    { title: "WAITS FOR", cell: triggerOf },
    {
      title: "WORST",
      ...right,
      spare: 4,
      cell: ({ kind, order }) => (kind === "protective" ? "-" : showWorst(order)),
    },
    { title: "FEE", ...right, spare: 5, cell: ({ order }) => units.money(order.executionFee) },
    { title: "ENDS IN", ...right, spare: 1, cell: (waiting) => showEndsIn(deadlineOf(waiting), now, frame) },
  ];
  return table(columns, orders, frame);
}

function showWorst({
  acceptablePrice,
}: RestingOrder | TwapOrder | { readonly acceptablePrice: bigint }): string {
  return acceptablePrice === 0n || acceptablePrice === ANY_PRICE ? "any" : showPrice(acceptablePrice);
}

function showEndsIn(deadline: bigint | undefined, now: bigint, { paint }: Frame): string {
  if (deadline === undefined) return "-";
  return deadline < now ? paint("red", "over") : showDuration(deadline - now);
}

/** An order for programs; what it has none of is null. */
export function orderJson({ kind, orderId, order }: WaitingOrder, units: Units) {
  const common = {
    orderId,
    kind,
    positionId: String(order.positionId),
    owner: order.owner,
    executionFee: units.exact(order.executionFee),
  };
  const price = (wad: bigint): string | null => (wad === 0n || wad === ANY_PRICE ? null : exactWad(wad));
  if (kind === "protective")
    return {
      ...common,
      triggerRatio: exactWad(order.triggerRatio),
      targetRatio: exactWad(order.targetRatio),
      topUpBudget: units.exact(order.topUpBudget),
      deadline: Number(order.deadline),
    };
  const trade = { ...common, sizeDelta: exactWad(order.sizeDelta), worstPrice: price(order.acceptablePrice) };
  if (kind === "market")
    return { ...trade, deadline: Number(order.deadline), committedAt: Number(order.committedAt) };
  if (kind === "slices")
    return {
      ...trade,
      slices: Number(order.slices),
      next: Number(order.next),
      interval: Number(order.interval),
      startedAt: Number(order.startedAt),
      reduceOnly: order.reduceOnly,
    };
  return {
    ...trade,
    limitPrice: price(order.limitPrice),
    stopPrice: price(order.stopPrice),
    trail: order.trail === 0n ? null : exactWad(order.trail),
    trailIsRatio: order.trailIsRatio,
    reduceOnly: order.reduceOnly,
    deadline: Number(order.deadline),
    placedAt: Number(order.placedAt),
  };
}
