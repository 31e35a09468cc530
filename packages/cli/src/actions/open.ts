import {
  breakEven,
  entryPosition,
  limitOrder,
  marketOrder,
  previewOrder,
  restingOrder,
  withPrice,
  type MarketState,
  type OrderCall,
  type OrderPreview,
  type OrderRules,
} from "@bulkhead/sdk";
import type { Action } from "../action.ts";
import {
  acceptOf,
  checkReachable,
  deadlineOf,
  entryPrices,
  isUnbounded,
  sizingOf,
  STALE,
  type EntryPrices,
  type OpenOptions,
} from "../entry.ts";
import { Failure, UsageError } from "../errors.ts";
import { duration } from "../options.ts";
import { follow, waitOf } from "../outcome.ts";
import { approvalOf } from "../parse.ts";
import { showPercent, showPrice, showSize } from "../present/numbers.ts";
import { positionTable, viewPosition } from "../present/position.ts";
import { costFacts, obstaclesOf, previewJson, standingFacts } from "../present/preview.ts";
import type { Fact } from "../present/table.ts";
import { exactWad, unitsOf, type Units } from "../present/units.ts";
import type { Session } from "../session.ts";
import { limitText, sizeEntry, type Sized } from "../size.ts";
import { transact, type Aftermath, type Preview } from "../transact.ts";

/** An entry, thought through. */
interface Plan {
  readonly isLong: boolean;
  readonly prices: EntryPrices;
  readonly sized: Sized;
  readonly preview: OrderPreview;
  /** Worst fill price, wad. */
  readonly worst: bigint;
  readonly calls: readonly OrderCall[];
  readonly remarks: readonly string[];
}

/** `bulkhead open` */
export const openPosition: Action<readonly [string], OpenOptions> = async (session, [side], options) => {
  const { market } = session;
  const units = unitsOf(market);
  const how = approvalOf(options.approve);
  const seconds = waitOf(options.wait);
  const [{ state }, rules] = await Promise.all([market.positions.state(), market.orders.rules()]);
  const plan = await planEntry(session, options, { state, rules, units, isLong: side === "long" });
  const isMarket = plan.prices.limit === undefined;
  return transact(
    session,
    {
      preview: previewOf(plan, units, market.symbol),
      payment: { spender: "marginVault", amount: plan.sized.collateral, how },
      send: (writer, onSent) => writer.orders.give(plan.calls, { onSent }),
      afterwards: async (sent) => {
        const [entry] = sent.orders;
        if (entry === undefined) throw new Failure("the book has logged no order");
        const ids = { orderId: entry.orderId, positionId: String(entry.positionId) };
        if (!isMarket) return { json: ids };
        const after = await follow(session, entry.orderId, sent.receipt.blockNumber, seconds);
        await showResult(session, entry.positionId, after, units);
        return { ...after, json: { ...ids, ...after.json } };
      },
    },
    options,
  );
};

async function planEntry(
  session: Session,
  options: OpenOptions,
  {
    state: now,
    rules,
    units,
    isLong,
  }: { state: MarketState; rules: OrderRules; units: Units; isLong: boolean },
): Promise<Plan> {
  if (now.price === 0n) throw new Failure("the market has no price now: there is nothing to go by");
  const prices = entryPrices(options, isLong, now);
  // A fill needs a fresh price, and has one: it comes at the next observation.
  const state = withPrice(now, prices.limit ?? now.price);
  const sizing = await sizingOf(options, units, () =>
    session.market.wallet.balance(session.requireAddress()),
  );
  if (sizing.by === "risk" && isLong !== sizing.stopPrice < state.price)
    throw new UsageError("--stop-loss: it is on the other side of the price");
  const sized = sizeEntry(state, isLong, sizing, rules.leastFee);
  if ("obstacle" in sized)
    throw new Failure(
      `no size will do: ${limitText(sized.obstacle)} (${sized.obstacle})`,
      "Give more collateral, or ask for less.",
    );
  const { size, collateral } = sized;
  if (collateral < rules.leastFee)
    throw new Failure(`the collateral has to pay the execution fee, ${units.sum(rules.leastFee)}`);
  const accept = acceptOf(options.slippage, state.price);
  const terms = { open: isLong ? "long" : "short", size, collateral, accept } as const;
  const deadline = deadlineOf(rules, duration("--expires", options.expires));
  const entry: OrderCall =
    prices.limit === undefined
      ? { verb: "commit", request: marketOrder(terms, rules) }
      : { verb: "place", request: limitOrder({ ...terms, limitPrice: prices.limit, deadline }, rules) };
  const { executionFee, acceptablePrice } = entry.request;
  const preview = previewOrder(state, {
    sizeDelta: entry.request.sizeDelta,
    collateral,
    executionFee,
    acceptablePrice,
  });
  if (preview.after !== undefined) checkReachable(prices.stopLoss, isLong, preview.after.liquidationPrice);
  return {
    isLong,
    prices,
    sized,
    preview,
    worst: acceptablePrice,
    calls: [entry, ...exitsOf(entry, prices, preview, rules, deadline)],
    remarks: [...(now.priceIsFresh ? [] : [STALE]), ...(sized.remark === undefined ? [] : [sized.remark])],
  };
}

/** Exits go along with the entry, about the position that it opens. */
function exitsOf(
  { request }: OrderCall,
  { stopLoss, takeProfit, trail }: EntryPrices,
  { after }: OrderPreview,
  rules: OrderRules,
  deadline: bigint,
): OrderCall[] {
  if ((stopLoss ?? takeProfit ?? trail) === undefined || !("sizeDelta" in request)) return [];
  const exit = { ...entryPosition(request), liquidationPrice: after?.liquidationPrice };
  const triggers = { stopPrice: stopLoss, limitPrice: takeProfit, trail };
  return [{ verb: "place", request: restingOrder({ exit, ...triggers, accept: "any", deadline }, rules) }];
}

function previewOf(plan: Plan, units: Units, symbol: string): Preview {
  const { isLong, prices, sized, preview, worst } = plan;
  const side = isLong ? "long" : "short";
  const where = prices.limit === undefined ? "at the market" : `at ${showPrice(prices.limit)} or better`;
  return {
    title: `Open ${side} ${showSize(sized.size)} ${units.base} of ${symbol} ${where}`,
    facts: [
      ["collateral", units.sum(sized.collateral)],
      ...costFacts(preview, units),
      ["worst fill", isUnbounded(worst) ? "any price" : showPrice(worst)],
      ...standingFacts(undefined, preview.after, { after: preview.leverageAfter }, units),
      ...breakEvenFacts(plan),
      ...exitFacts(prices),
      ...riskFacts(sized, units),
    ],
    obstacles: obstaclesOf(preview.obstacle),
    remarks: plan.remarks,
    json: {
      action: "open",
      market: symbol,
      side,
      size: exactWad(sized.size),
      collateral: units.exact(sized.collateral),
      limitPrice: prices.limit === undefined ? null : exactWad(prices.limit),
      worstPrice: isUnbounded(worst) ? null : exactWad(worst),
      stopLoss: prices.stopLoss === undefined ? null : exactWad(prices.stopLoss),
      takeProfit: prices.takeProfit === undefined ? null : exactWad(prices.takeProfit),
      lossAtStop: sized.risk === undefined ? null : units.exact(sized.risk.loss),
      ...previewJson(preview, units),
    },
  };
}

function breakEvenFacts({ preview, sized }: Plan): Fact[] {
  const { position, state } = preview;
  if (position === undefined || preview.obstacle !== "None") return [];
  const price = breakEven(state, position, { paidIn: sized.collateral });
  return price === undefined ? [] : [["break-even", showPrice(price)]];
}

function exitFacts({ stopLoss, takeProfit, trail }: EntryPrices): Fact[] {
  const behind =
    trail === undefined ? undefined : "ratio" in trail ? showPercent(trail.ratio) : showPrice(trail.distance);
  return [
    ...(stopLoss === undefined ? [] : [["stop-loss", showPrice(stopLoss)] as const]),
    ...(takeProfit === undefined ? [] : [["take-profit", showPrice(takeProfit)] as const]),
    ...(behind === undefined ? [] : [["trailing stop", `${behind} behind the best price`] as const]),
  ];
}

function riskFacts({ risk }: Sized, units: Units): Fact[] {
  return risk === undefined
    ? []
    : [["loss at the stop", `${units.sum(risk.loss)} of at most ${units.sum(risk.budget)}`]];
}

/** The position as it has become. */
async function showResult(session: Session, id: bigint, after: Aftermath, units: Units): Promise<void> {
  const { market, out } = session;
  if (out.json || !("outcome" in after.json) || after.json.outcome !== "settled") return;
  const { state, positions } = await market.positions.state([id]);
  if (positions[0]!.size === 0n) return;
  out.print(`\n${positionTable([viewPosition(state, positions[0]!)], units, out.frame, false)}`);
}
