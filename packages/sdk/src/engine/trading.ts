import { MAX_ENTRY_NOTIONAL, MAX_PRICE, MAX_SIZE } from "../math/Constants.ts";
import { splitFee, tradeFee } from "../math/FeeMath.ts";
import { abs, min } from "../math/FixedMath.ts";
import { withinShare } from "../math/PoolMath.ts";
import { entryShare, equity, pnl, quoteDown, quoteUp } from "../math/PositionMath.ts";
import { impact as impactOf } from "../math/PricingMath.ts";
import type { FailureName } from "../orders/order.ts";
import { load, saveCarry, sidePnl, skewOf, unwatch, type Work } from "./accrual.ts";
import { isReduceOnly } from "./flags.ts";
import { hasMargin, initialMargin, maintenanceMargin, reserveOf } from "./margin.ts";
import { elevated } from "./parameters.ts";
import {
  carryOf,
  cashAfter,
  coverBadDebt,
  indexOf,
  resultOf,
  savePosition,
  settle,
  type Bill,
} from "./settlement.ts";
import type { MarketState, PositionState } from "./types.ts";

/** An order with its price, as the market executes it. */
export interface Trade {
  /** Signed base wad; 0 closes the whole position. */
  readonly sizeDelta: bigint;
  /** Worst fill price, wad: highest for buys, lowest for sells. */
  readonly acceptablePrice: bigint;
  /** Token units, to who settles. */
  readonly executionFee: bigint;
  /** Fill price before impact, wad: the fixing. */
  readonly price: bigint;
  /** Latest price, wad, used for carry and health. */
  readonly indexPrice: bigint;
  readonly indexIsFresh: boolean;
  /** Whether a never-opened position outlives a failure, because more of the order is to come. */
  readonly keepsReserved?: boolean;
}

/** What a trade does. Token units, base wad. */
export interface Fill {
  /** Signed size that is traded, remainders too small to stay included. */
  readonly sizeDelta: bigint;
  /** Paid (+) or received (−) over the price. */
  readonly impact: bigint;
  /** Realised by a decrease, before the haircut. */
  readonly pnl: bigint;
  /** Realised after the haircut, before carry. */
  readonly realised: bigint;
  /** Carry settled with it: owed (+) or received (−). */
  readonly carry: bigint;
  /** Trading fee. */
  readonly fee: bigint;
  /** Money that changes hands for the size: what a buyer pays, a seller receives. */
  readonly notional: bigint;
  /** The position afterwards if the bill can be paid; what is missing is negative `collateral`. */
  readonly later: PositionState;
}

/** What became of an order. */
export interface TradeResult {
  readonly failure: FailureName;
  /** As planned; also of trades that fail for their margin or price, `undefined` for those refused before. */
  readonly fill: Fill | undefined;
  /** The position afterwards; `undefined` once it is closed or released. */
  readonly position: PositionState | undefined;
  /** Sent to the owner: of a position that closes, or is released. Token units. */
  readonly toOwner: bigint;
  /** Loss beyond the collateral, token units. */
  readonly badDebt: bigint;
  /** The market afterwards. */
  readonly state: MarketState;
}

/** A fill and what pays for it. */
interface Plan {
  readonly failure: FailureName;
  readonly fill: Fill | undefined;
  readonly bill: Bill | undefined;
}

/**
 * What `PerpMarket.execute` does with an order of the position's owner at `time`, to the unit: the position, the market,
 * and all money that moves. `feeTo` is an account beside pool, insurance and treasury.
 *
 * @param state The market before, no later than `time`.
 * @param position The position before; one of size 0 waits for its opening order.
 * @throws RangeError where the contracts revert, for amounts they can't hold.
 */
export function executeTrade(
  state: MarketState,
  position: PositionState,
  trade: Trade,
  time: bigint,
): TradeResult {
  const work = load(state, trade.indexPrice, time);
  if (!trade.indexIsFresh) unwatch(work);
  const { failure, fill, bill } = plan(work, position, trade);
  if (failure !== "None" || fill === undefined || bill === undefined)
    return { ...reject(work, position, trade), failure, fill, badDebt: 0n };
  savePosition(work, position, fill.later);
  const closes = fill.later.size === 0n;
  const { left, badDebt } = settle(work, bill, closes);
  if (!increases(position, trade.sizeDelta)) coverBadDebt(work, badDebt);
  saveCarry(work);
  return {
    failure,
    fill,
    position: closes ? undefined : { ...fill.later, collateral: left },
    toOwner: closes ? left : 0n,
    badDebt,
    state: work.state,
  };
}

/** The market once a position is reserved for an opening order, with its collateral in; `OrderBook.commit`. */
export function reservePosition(
  state: MarketState,
  owner: string,
  collateral: bigint,
): { readonly state: MarketState; readonly position: PositionState } {
  const { money, nextPositionId: id } = state;
  return {
    state: {
      ...state,
      nextPositionId: id + 1n,
      money: { ...money, totalBalance: money.totalBalance + collateral },
    },
    position: { id, owner, size: 0n, entryNotional: 0n, carryIndex: 0n, openedAt: 0n, collateral },
  };
}

function plan(work: Work, before: PositionState, trade: Trade): Plan {
  return increases(before, trade.sizeDelta)
    ? planIncrease(work, before, trade)
    : planDecrease(work, before, trade);
}

function increases(before: PositionState, sizeDelta: bigint): boolean {
  return before.size === 0n || (sizeDelta !== 0n && before.size > 0n === sizeDelta > 0n);
}

/* INCREASE */

function planIncrease(work: Work, before: PositionState, trade: Trade): Plan {
  const none = { fill: undefined, bill: undefined };
  if (!trade.indexIsFresh) return { failure: "StalePrice", ...none };
  if (isReduceOnly(work.carry.flags)) return { failure: "ReduceOnly", ...none };
  work.params = elevated(work.params, work.carry.flags);
  const wrongSize = checkSize(work, before, trade);
  if (wrongSize !== "None") return { failure: wrongSize, ...none };
  const { fill, bill } = fillIncrease(work, before, trade);
  if (before.entryNotional + fill.notional > MAX_ENTRY_NOTIONAL)
    return { failure: "OpenInterestCap", fill, bill };
  if (!isAcceptable(work, fill, trade)) return { failure: "Slippage", fill, bill };
  const enough = hasInitialMargin(work, fill, bill, trade);
  return { failure: enough ? "None" : "InsufficientMargin", fill, bill };
}

function fillIncrease(work: Work, before: PositionState, trade: Trade): { fill: Fill; bill: Bill } {
  const { sizeDelta } = trade;
  const priced = priceOf(work, sizeDelta, trade.price);
  const carry = before.size === 0n ? 0n : carryOf(work.state, before, work.carry);
  const result = resultOf(work, 0n, carry, 0n);
  const bill = billOf(work, before, trade, priced.fee, carry, result);
  const later = {
    ...before,
    size: before.size + sizeDelta,
    entryNotional: before.entryNotional + priced.notional,
    carryIndex: indexOf(work.carry, sizeDelta > 0n),
    openedAt: before.size === 0n ? work.time : before.openedAt,
    collateral: cashAfter(bill),
  };
  return { fill: { sizeDelta, ...priced, pnl: 0n, realised: result + carry, carry, later }, bill };
}

/** Minimum and caps at the index price. */
function checkSize({ state, params, poolAssets }: Work, before: PositionState, trade: Trade): FailureName {
  const { sizeDelta, indexPrice } = trade;
  const size = abs(before.size + sizeDelta);
  if (size > MAX_SIZE) return "OpenInterestCap";
  const notional = quoteUp(size, indexPrice, state.quoteScale);
  if (notional < params.minNotional) return "BelowMinimum";
  const side = sizeDelta > 0n ? state.long : state.short;
  const sideNotional = quoteUp(side.openInterest + abs(sizeDelta), indexPrice, state.quoteScale);
  if (!withinShare(sideNotional, poolAssets, params.maxSideShare)) return "OpenInterestCap";
  return withinShare(notional, poolAssets, params.maxPositionShare) ? "None" : "PositionCap";
}

function hasInitialMargin({ state, params }: Work, { later }: Fill, bill: Bill, trade: Trade): boolean {
  const cash = cashAfter(bill);
  const at = (price: bigint): boolean =>
    hasMargin(params, state.quoteScale, later, cash, price, initialMargin);
  return cash >= 0n && at(trade.indexPrice) && (trade.price === trade.indexPrice || at(trade.price));
}

/* DECREASE */

function planDecrease(work: Work, before: PositionState, trade: Trade): Plan {
  const { fill, bill } = fillDecrease(work, before, trade);
  if (!isAcceptable(work, fill, trade)) return { failure: "Slippage", fill, bill };
  if (fill.later.size === 0n) return { failure: "None", fill, bill };
  const cash = cashAfter(bill);
  const enough =
    cash >= 0n &&
    hasMargin(work.params, work.state.quoteScale, fill.later, cash, trade.indexPrice, maintenanceMargin);
  return { failure: enough ? "None" : "InsufficientMargin", fill, bill };
}

function fillDecrease(work: Work, before: PositionState, trade: Trade): { fill: Fill; bill: Bill } {
  const { state, params, carry: now, price: indexPrice } = work;
  const isLong = before.size > 0n;
  const size = abs(before.size);
  let closed = trade.sizeDelta === 0n ? size : min(abs(trade.sizeDelta), size);
  // A remainder too small to be worth its liquidation is closed along.
  if (quoteUp(size - closed, trade.indexPrice, state.quoteScale) < params.minNotional) closed = size;
  const sizeDelta = isLong ? -closed : closed;
  const priced = priceOf(work, sizeDelta, trade.price);
  const share = entryShare(isLong, before.entryNotional, closed, size);
  const gain = isLong ? priced.notional - share : share - priced.notional;
  const carry = carryOf(state, before, now);
  const result = resultOf(work, gain, carry, gain > 0n ? sidePnl(state, isLong, indexPrice) : 0n);
  const bill = billOf(work, before, trade, priced.fee, carry, result);
  const rest =
    closed === size
      ? { size: 0n, entryNotional: 0n, carryIndex: 0n, openedAt: 0n }
      : {
          size: before.size + sizeDelta,
          entryNotional: before.entryNotional - share,
          carryIndex: indexOf(now, isLong),
        };
  const later = { ...before, ...rest, collateral: cashAfter(bill) };
  return { fill: { sizeDelta, ...priced, pnl: gain, realised: result + carry, carry, later }, bill };
}

/* SHARED */

/** Impact, fee, and the money that changes hands for a size at a price. `Trading#_price`. */
export function priceOf(
  { state, params }: Pick<Work, "state" | "params">,
  delta: bigint,
  price: bigint,
): { readonly impact: bigint; readonly fee: bigint; readonly notional: bigint } {
  const { quoteScale } = state;
  const skew = skewOf(state);
  const impact = impactOf(skew, delta, params.depth, params.maxPremium, price, quoteScale);
  const fee = tradeFee(skew, delta, price, quoteScale, params.takerFee, params.makerFee);
  const size = abs(delta);
  const notional =
    delta > 0n ? quoteUp(size, price, quoteScale) + impact : quoteDown(size, price, quoteScale) - impact;
  return { impact, fee, notional: notional > 0n ? notional : 0n };
}

function billOf(
  { params }: Work,
  before: PositionState,
  trade: Trade,
  fee: bigint,
  carryOwed: bigint,
  result: bigint,
): Bill {
  return {
    balance: before.collateral,
    result,
    carryOwed,
    toKeeper: trade.executionFee,
    ...splitFee(fee, params.poolFeeShare, params.insuranceFeeShare),
  };
}

/** Whether the mean price is no worse than the acceptable one, to one token unit. */
function isAcceptable({ state }: Work, { sizeDelta, notional }: Fill, trade: Trade): boolean {
  const limit = min(trade.acceptablePrice, MAX_PRICE);
  return sizeDelta > 0n
    ? notional <= quoteUp(sizeDelta, limit, state.quoteScale)
    : notional >= quoteDown(-sizeDelta, limit, state.quoteScale);
}

/** Ends an order without a trade. `Rejection#_reject`. */
function reject(
  work: Work,
  position: PositionState,
  trade: Trade,
): Pick<TradeResult, "position" | "toOwner" | "state"> {
  const isOpen = position.size !== 0n;
  const fee = isOpen ? min(trade.executionFee, spare(work, position)) : trade.executionFee;
  const closes = !isOpen && trade.keepsReserved !== true;
  if (fee === 0n && !closes) return { position, toOwner: 0n, state: work.state };
  const bill = {
    balance: position.collateral,
    result: 0n,
    carryOwed: 0n,
    toKeeper: fee,
    toPool: 0n,
    toInsurance: 0n,
    toTreasury: 0n,
  };
  const { left } = settle(work, bill, closes);
  return {
    position: closes ? undefined : { ...position, collateral: left },
    toOwner: closes ? left : 0n,
    state: work.state,
  };
}

/** What a failed order may cost: equity above the maintenance margin and cash above the reserve. `Rejection#_spare`. */
function spare({ state, params, price, carry }: Work, position: PositionState): bigint {
  if (price === 0n) return 0n;
  const size = abs(position.size);
  const notional = quoteUp(size, price, state.quoteScale);
  const profit = pnl(position.size, position.entryNotional, price, state.quoteScale);
  const worth = equity(position.collateral, profit, carryOf(state, position, carry));
  const excess = worth - maintenanceMargin(params, size, notional);
  const reserve = reserveOf(params, notional);
  if (excess <= 0n || position.collateral <= reserve) return 0n;
  return min(excess, position.collateral - reserve);
}
