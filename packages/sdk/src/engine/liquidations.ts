import { abs, max, min, mulWadUp } from "../math/FixedMath.ts";
import {
  keeperReward,
  premium as premiumOf,
  sizeToClose,
  type LiquidationTerms,
} from "../math/LiquidationMath.ts";
import { entryShare, equity, pnl as pnlOf, quoteUp } from "../math/PositionMath.ts";
import { load, resume, saveCarry, sidePnl, skewOf, type Work } from "./accrual.ts";
import { OUTAGE } from "./flags.ts";
import { maintenanceMargin } from "./margin.ts";
import {
  carryOf,
  coverBadDebt,
  fundPoolClaim,
  indexOf,
  payFromInsurance,
  resultOf,
  savePosition,
  settle,
} from "./settlement.ts";
import type { MarketState, PositionState } from "./types.ts";

/** Receipt of a liquidation; fields as `contracts/types/LiquidationReceipt.sol`. Token units, base wad. */
export interface LiquidationReceipt {
  readonly observedAt: bigint;
  readonly price: bigint;
  readonly collateral: bigint;
  readonly pnl: bigint;
  readonly carry: bigint;
  readonly maintenanceMargin: bigint;
  readonly closedSize: bigint;
  readonly newSize: bigint;
  readonly newEntryNotional: bigint;
  readonly realised: bigint;
  readonly premium: bigint;
  readonly insuranceFee: bigint;
  readonly reward: bigint;
  readonly rewardFromInsurance: bigint;
  readonly rewardFromPool: bigint;
  readonly badDebt: bigint;
  readonly badDebtFromInsurance: bigint;
  readonly newCollateral: bigint;
}

/** What became of one position of a batch. */
export interface Liquidated {
  /** `undefined` where it was not liquidatable. */
  readonly receipt: LiquidationReceipt | undefined;
  /** The position afterwards; `undefined` once it is closed. */
  readonly position: PositionState | undefined;
}

/** What became of a batch of liquidations. */
export interface LiquidationResult {
  readonly liquidated: readonly Liquidated[];
  readonly state: MarketState;
}

/**
 * What `PerpMarket.liquidate` does with these positions, in this order, at `time` and the state's latest price, to the
 * unit. During an outage and its grace period it does nothing. The reward goes to an account beside pool, insurance and
 * treasury.
 *
 * @param time Seconds.
 * @throws RangeError for a time before the last accrual.
 */
export function liquidate(
  state: MarketState,
  positions: readonly PositionState[],
  time: bigint,
): LiquidationResult {
  const untouched = positions.map((position) => ({ receipt: undefined, position }));
  if (!state.priceIsFresh) return { liquidated: untouched, state };
  const work = load(state, state.price, time);
  if ((work.carry.flags & OUTAGE) !== 0n && !resume(work))
    return { liquidated: untouched, state: work.state };
  const liquidated = positions.map((position) => liquidateOne(work, position, state.observedAt));
  if (liquidated.some(({ receipt }) => receipt !== undefined)) saveCarry(work);
  return { liquidated, state: work.state };
}

function liquidateOne(work: Work, before: PositionState, observedAt: bigint): Liquidated {
  const { state, params, price } = work;
  if (before.size === 0n) return { receipt: undefined, position: before };
  const { collateral } = before;
  const size = abs(before.size);
  const profit = pnlOf(before.size, before.entryNotional, price, state.quoteScale);
  const carry = carryOf(state, before, work.carry);
  const margin = maintenanceMargin(params, size, quoteUp(size, price, state.quoteScale));
  if (equity(collateral, profit, carry) >= margin) return { receipt: undefined, position: before };

  const cut = cutOf(work, before, carry);
  savePosition(work, before, cut.later);
  const closes = cut.later.size === 0n;
  const bill = {
    balance: collateral,
    result: cut.realised,
    carryOwed: carry,
    toKeeper: cut.reward,
    toPool: cut.premium,
    toInsurance: cut.insuranceFee,
    toTreasury: 0n,
  };
  const { left, badDebt, unpaid } = settle(work, bill, closes);
  const badDebtFromInsurance = coverBadDebt(work, badDebt);
  const rewardFromInsurance = unpaid === 0n ? 0n : payFromInsurance(state, unpaid);
  const rewardFromPool = payRewardFromPool(work, unpaid - rewardFromInsurance);
  const { closedSize, realised, premium, insuranceFee, reward, later } = cut;
  const receipt = {
    observedAt,
    price,
    collateral,
    pnl: profit,
    carry,
    maintenanceMargin: margin,
    closedSize,
    newSize: later.size,
    newEntryNotional: later.entryNotional,
    realised,
    premium,
    insuranceFee,
    reward,
    rewardFromInsurance,
    rewardFromPool,
    badDebt,
    badDebtFromInsurance,
    newCollateral: left,
  };
  return { receipt, position: closes ? undefined : { ...later, collateral: left } };
}

/** What is closed, what that realises and costs, and the position that remains. `Liquidations#_fill`. */
function cutOf(work: Work, before: PositionState, carry: bigint) {
  const { state, params, price } = work;
  const scale = state.quoteScale;
  const terms = termsOf(work, before, carry);
  const closedSize = sizeToClose(terms);
  const isLong = before.size > 0n;
  const size = abs(before.size);
  const share = entryShare(isLong, before.entryNotional, closedSize, size);
  const signedClosed = isLong ? closedSize : -closedSize;
  const gained = pnlOf(signedClosed, share, price, scale);
  const closedNotional = quoteUp(closedSize, price, scale);
  const reward = keeperReward(
    closedNotional,
    params.keeperShare,
    params.minKeeperReward,
    params.maxKeeperReward,
  );
  const fee = max(mulWadUp(closedNotional, params.liquidationFee), reward);
  const rest =
    closedSize === size
      ? { size: 0n, entryNotional: 0n, carryIndex: 0n, openedAt: 0n }
      : {
          size: before.size - signedClosed,
          entryNotional: before.entryNotional - share,
          carryIndex: indexOf(work.carry, isLong),
        };
  return {
    closedSize,
    realised: resultOf(work, gained, carry, terms.sidePnl),
    reward,
    insuranceFee: fee - reward,
    premium: premiumOf(before.size, closedSize, terms.skew, terms.depth, terms.maxPremium, price, scale),
    later: { ...before, ...rest },
  };
}

function termsOf(work: Work, position: PositionState, carry: bigint): LiquidationTerms {
  const { state, params, price, poolAssets } = work;
  const { size, entryNotional, collateral } = position;
  return {
    ...params,
    size,
    entryNotional,
    collateral,
    carry,
    price,
    scale: state.quoteScale,
    skew: skewOf(state),
    sidePnl: sidePnl(state, size > 0n, price),
    assets: poolAssets,
  };
}

/** Liquidating promptly is worth more to the pool than the reward costs it. `Liquidations#_rewardFromPool`. */
function payRewardFromPool(work: Work, missing: bigint): bigint {
  const paid = min(missing, work.poolAssets);
  if (paid === 0n) return 0n;
  work.poolAssets -= paid;
  work.flows.rewards += paid;
  fundPoolClaim(work, paid);
  work.state.money.poolClaim -= paid;
  return paid;
}
