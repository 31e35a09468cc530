import { fullMulDivDown, fullMulDivUp, max, min } from "../math/FixedMath.ts";
import { lockedAssets as lockedFor, netAssetValue as valueOf } from "../math/PoolMath.ts";
import { pnl, quoteUp } from "../math/PositionMath.ts";
import { accrued, poolAssetsOf, reload, resume, saveCarry, sideCarry, sidePnl, unwatch } from "./accrual.ts";
import { OUTAGE } from "./flags.ts";
import { paramsAt } from "./parameters.ts";
import { copyState, type MarketState, type Mutable, type Refusal } from "./types.ts";

/** Shares that exist in the price but belong to nobody. */
const VIRTUAL_SHARES = 10n ** 6n;
/** The market records the pool's cash in 96 bits. */
const MAX_CASH = (1n << 96n) - 1n;
const MAX_SHARES = (1n << 128n) - 1n;

/** What became of a deposit or a mint, or why the contracts refuse it. */
export interface DepositResult {
  readonly refusal: Refusal | undefined;
  /** Paid, token units. */
  readonly assets: bigint;
  /** Made. */
  readonly shares: bigint;
  readonly state: MarketState;
}

/** What became of a batch of redemptions, or why the contracts refuse it. */
export interface FulfilmentResult {
  readonly refusal: Refusal | undefined;
  /** Shares redeemed; the rest of the batch moves on into the next one. */
  readonly redeemed: bigint;
  /** Set aside for them, token units. */
  readonly assets: bigint;
  readonly state: MarketState;
}

/** What became of a claim, or why the contracts refuse it. */
export interface ClaimResult {
  readonly refusal: Refusal | undefined;
  /** Paid, token units. */
  readonly assets: bigint;
  readonly state: MarketState;
}

/** A controller's redeemed shares and what they were redeemed for: `maxRedeem` and `maxWithdraw` of the vault. */
export interface Claimable {
  readonly shares: bigint;
  /** Token units. */
  readonly assets: bigint;
}

/**
 * The pool's net asset value at `price` and `time`, token units: its money less what traders are owed, plus what they owe
 * up to their collateral. Negative if the pool is broke. `PoolValue#netAssetValue`.
 */
export function netAssetValue(state: MarketState, price: bigint, time: bigint): bigint {
  const netPnl = sidePnl(state, true, price) + sidePnl(state, false, price);
  return valueOf(poolAssetsOf(state), netPnl, traderCarry(state, price, time), state.money.totalBalance);
}

/** Money that must stay in the pool at `price` for open positions, token units. `MarketViews#lockedAssets`. */
export function lockedAssets(state: MarketState, price: bigint, time: bigint): bigint {
  const params = paramsAt(state, time);
  const openInterest = max(state.long.openInterest, state.short.openInterest);
  const notional = quoteUp(openInterest, price, state.quoteScale);
  const profit = max(sidePnl(state, true, price), sidePnl(state, false, price));
  const forProfit = profit > 0n ? lockedFor(profit, params.adlTrigger) : 0n;
  return max(lockedFor(notional, params.maxSideShare), forProfit);
}

/** What brings carry up to `time`, as anyone can: `PerpMarket.accrue`. */
export function accrue(state: MarketState, time: bigint): MarketState {
  const later = copyState(state);
  later.time = time;
  accrueInto(later, time);
  return later;
}

/** What `LiquidityVault.deposit` of `assets` token units does at `time` and the state's latest price, to the unit. */
export function deposit(state: MarketState, assets: bigint, time: bigint): DepositResult {
  return enter(state, time, (supply, value) => ({ assets, shares: sharesFor(supply, assets, value) }));
}

/** What `LiquidityVault.mint` of `shares` does at `time` and the state's latest price, to the unit. */
export function mint(state: MarketState, shares: bigint, time: bigint): DepositResult {
  return enter(state, time, (supply, value) => ({
    assets: fullMulDivUp(shares, value + 1n, supply + VIRTUAL_SHARES),
    shares,
  }));
}

/** The market once `shares` more are requested in redemption. They join the current batch before it has begun, else the next. */
export function requestRedeem(state: MarketState, shares: bigint, time: bigint): MarketState {
  const { pool } = state;
  const begun = hasBegun(state);
  const batch = begun
    ? { nextBatchShares: pool.nextBatchShares + shares }
    : { batchShares: pool.batchShares + shares, fulfillableFrom: time + pool.redemptionPeriod };
  return { ...state, time, pool: { ...pool, ...batch } };
}

/**
 * What `LiquidityVault.fulfillRedeems` does at `time` and the state's latest price, to the unit: the batch is redeemed at
 * the lowest value over the band, all of it or, if what does not back positions is less, the same part of every request.
 */
export function fulfillRedeems(before: MarketState, time: bigint): FulfilmentResult {
  const { currentBatch, fulfillableFrom } = before.pool;
  if (!isFulfillable(before, time)) {
    const refusal = { name: "RedeemBatchNotDue", args: [currentBatch, fulfillableFrom] };
    return { refusal, redeemed: 0n, assets: 0n, state: before };
  }
  const state = copyState(before);
  state.time = time;
  accrueInto(state, time);
  const { pool } = state;
  const shares = pool.batchShares;
  let { redeemed, assets } = redeemable(state, shares, time);
  if (state.carry.poolCash < assets) {
    collect(state);
    ({ redeemed, assets } = redeemable(state, shares, time, state.carry.poolCash));
  }
  const waiting = pool.nextBatchShares + shares - redeemed;
  pool.currentBatch += 1n;
  pool.batchShares = waiting;
  pool.nextBatchShares = 0n;
  if (waiting !== 0n) pool.fulfillableFrom = time + pool.redemptionPeriod;
  pool.reservedAssets += assets;
  if (redeemed !== 0n) {
    state.carry.poolCash -= assets;
    pool.supply -= redeemed;
    accrueInto(state, time);
  }
  return { refusal: undefined, redeemed, assets, state };
}

/** Whether `fulfillRedeems` would go through at `time`. `RedeemRequests#isFulfillable`. */
export function isFulfillable(state: MarketState, time: bigint): boolean {
  const { fulfillableFrom } = state.pool;
  if (time < fulfillableFrom || !hasBegun(state) || (state.carry.flags & OUTAGE) !== 0n) return false;
  return state.priceIsFresh && state.observedAt >= fulfillableFrom;
}

/**
 * What claiming `shares` of a controller's redeemed ones does at `time`, to the unit: pays their part, rounded down; the
 * last take the rest. `LiquidityVault#redeem`.
 */
export function claim(state: MarketState, claimable: Claimable, shares: bigint, time: bigint): ClaimResult {
  if (shares > claimable.shares) {
    const refusal = { name: "ERC4626ExceededMaxRedeem", args: [shares, claimable.shares] };
    return { refusal, assets: 0n, state };
  }
  const assets = shares === 0n ? 0n : (claimable.assets * shares) / claimable.shares;
  const pool = { ...state.pool, reservedAssets: state.pool.reservedAssets - assets };
  return { refusal: undefined, assets, state: { ...state, time, pool } };
}

/**
 * What redeeming `shares` now would bring at `time`, token units, rounded down, if a batch were fulfilled at the latest
 * price with them alone in it, and whether there is enough that does not back positions. An estimate of what a request
 * brings: its batch is fulfilled a period later, at a price nobody knows yet.
 */
export function estimateRedeem(
  state: MarketState,
  shares: bigint,
  time: bigint,
): { readonly redeemed: bigint; readonly assets: bigint } {
  return redeemable(accrue(state, time), shares, time);
}

/* INTERNAL */

/** `Governance#accrue`. */
function accrueInto(state: Mutable<MarketState>, time: bigint): void {
  if (state.price === 0n) return;
  const work = reload(state, state.price, time);
  if (!state.priceIsFresh) unwatch(work);
  else if ((work.carry.flags & OUTAGE) !== 0n) resume(work);
  saveCarry(work);
}

function enter(
  before: MarketState,
  time: bigint,
  amounts: (supply: bigint, value: bigint) => { assets: bigint; shares: bigint },
): DepositResult {
  const refuse = (name: string, ...args: bigint[]): DepositResult => ({
    refusal: { name, args },
    assets: 0n,
    shares: 0n,
    state: before,
  });
  if (!before.priceIsFresh) return refuse("OracleStale");
  const state = copyState(before);
  state.time = time;
  accrueInto(state, time);
  const { value, room } = depositTerms(state, time);
  const { supply } = state.pool;
  if (value < 0n || (value === 0n && supply !== 0n)) return refuse("PoolInsolvent", value);
  const { assets, shares } = amounts(supply, value);
  if (assets === 0n || shares === 0n) return refuse("PoolAmountTooSmall", assets);
  if (assets > room) return refuse("ERC4626ExceededMaxDeposit", assets, room);
  state.pool.supply += shares;
  state.carry.poolCash += assets;
  // Borrow rates follow from what the pool has.
  accrueInto(state, time);
  return { refusal: undefined, assets, shares, state };
}

/** The value deposits are priced at, and the assets there is room for. `PoolValue#_depositTerms`. */
function depositTerms(state: MarketState, time: bigint): { value: bigint; room: bigint } {
  const { insuranceTarget, depositCap } = paramsAt(state, time);
  const { money, pool, carry } = state;
  const insured = money.insuranceReserve + money.insuranceClaim;
  let value = bandOf(state, min(insured, insuranceTarget), time).high;
  if (insured > insuranceTarget) value += insured - insuranceTarget;
  const worth = max(value, 0n);
  const shareRoom = max(MAX_SHARES - pool.supply, 0n);
  const room = min(max(depositCap - worth, 0n), MAX_CASH - carry.poolCash);
  return { value, room: min(room, fullMulDivDown(shareRoom, worth + 1n, pool.supply + VIRTUAL_SHARES)) };
}

/** How many of `shares` the free money, and at most `most`, pays for, and what it pays. `RedeemRequests#_redeemable`. */
function redeemable(
  state: MarketState,
  shares: bigint,
  time: bigint,
  most = poolAssetsOf(state),
): { redeemed: bigint; assets: bigint } {
  const { price, pool } = state;
  const value = max(bandOf(state, 0n, time).low, 0n);
  if (value === 0n) return { redeemed: 0n, assets: 0n };
  const free = min(max(poolAssetsOf(state) - lockedAssets(state, price, time), 0n), most);
  const assetsFor = (amount: bigint): bigint =>
    fullMulDivDown(amount, value + 1n, pool.supply + VIRTUAL_SHARES);
  const redeemed = assetsFor(shares) > free ? sharesFor(pool.supply, free, value) : shares;
  return { redeemed, assets: assetsFor(redeemed) };
}

/** Lowest and highest net asset value over the oracle's band; `insured` counts with what traders can pay. */
function bandOf(state: MarketState, insured: bigint, time: bigint): { low: bigint; high: bigint } {
  const carry = traderCarry(state, state.price, time);
  const collateral = state.money.totalBalance + insured;
  const at = (price: bigint): bigint => {
    const { long, short, quoteScale } = state;
    const netPnl =
      pnl(long.openInterest, long.entryNotional, price, quoteScale) +
      pnl(-short.openInterest, short.entryNotional, price, quoteScale);
    return valueOf(poolAssetsOf(state), netPnl, carry, collateral);
  };
  const [a, b] = [at(state.low), at(state.high)];
  return { low: min(a, b), high: max(a, b) };
}

/** Carry that all traders owe at `time` with `price` as index, token units. `MarketViews#traderResult`. */
function traderCarry(state: MarketState, price: bigint, time: bigint): bigint {
  const carry = accrued(state, paramsAt(state, time), price, time);
  return sideCarry(state, carry, true) + sideCarry(state, carry, false);
}

function sharesFor(supply: bigint, assets: bigint, value: bigint): bigint {
  return fullMulDivDown(assets, supply + VIRTUAL_SHARES, value + 1n);
}

function hasBegun({ pool }: MarketState): boolean {
  return pool.batchShares !== 0n || pool.nextBatchShares !== 0n;
}

/** Brings the pool's claim home, as far as the market can record it. `LiquidityVault#_collect`. */
function collect({ money, carry }: Mutable<MarketState>): void {
  const amount = min(money.poolClaim, MAX_CASH - carry.poolCash);
  carry.poolCash += amount;
  money.poolClaim -= amount;
  money.totalClaim -= amount;
}
