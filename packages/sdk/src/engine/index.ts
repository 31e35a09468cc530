/**
 * What the market's contracts do, computed off the chain from {@link MarketState}: every function here returns what its
 * Solidity namesake would store and pay, to the unit.
 */
export {
  accrue,
  claim,
  deposit,
  estimateRedeem,
  fulfillRedeems,
  isFulfillable,
  lockedAssets,
  mint,
  netAssetValue,
  requestRedeem,
} from "./pool.ts";
export type { Claimable, ClaimResult, DepositResult, FulfilmentResult } from "./pool.ts";
export { changeCollateral, type CollateralResult } from "./collateral.ts";
export { carryAt, judge, NEVER, type Judgement, type Standing } from "./judgement.ts";
export {
  liquidate,
  type Liquidated,
  type LiquidationReceipt,
  type LiquidationResult,
} from "./liquidations.ts";
export { elevated, paramsAt } from "./parameters.ts";
export { executeTrade, reservePosition, type Fill, type Trade, type TradeResult } from "./trading.ts";
/** What a market is in: the bits of `Carry.flags`, and what follows from them. */
export * as flags from "./flags.ts";
export { NO_YIELD } from "./types.ts";
export type * from "./types.ts";
