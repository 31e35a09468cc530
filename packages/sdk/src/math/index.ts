/**
 * The protocol's arithmetic in bigint: every function returns what its Solidity namesake returns, to the unit, and
 * throws RangeError where that one reverts. Imports nothing.
 *
 * @module @bulkhead/sdk/math
 */

/** Integer arithmetic with the rounding direction in the name; wad and its conversions. */
export * as FixedMath from "./FixedMath.ts";
/** A position's worth: notional, PnL, carry owed, equity. */
export * as PositionMath from "./PositionMath.ts";
/** Fill prices: the skew's price impact. */
export * as PricingMath from "./PricingMath.ts";
/** Who is deleveraged, and how much of a side's profit the pool can't pay. */
export * as DeleverageMath from "./DeleverageMath.ts";
/** Trading fees, by what a trade does to the skew, and who gets them. */
export * as FeeMath from "./FeeMath.ts";
/** The circuit breaker: its levels and the price that it measures moves from. */
export * as BreakerMath from "./BreakerMath.ts";
/** Funding and borrow over time: rates, indices and what a side owes. */
export * as CarryMath from "./CarryMath.ts";
/** Initial and maintenance margin. */
export * as MarginMath from "./MarginMath.ts";
/** How much a liquidation closes, at what premium and for what reward. */
export * as LiquidationMath from "./LiquidationMath.ts";
/** The pool: net asset value, what a payout may take, what stays locked. */
export * as PoolMath from "./PoolMath.ts";
/** Rounds of Data Feeds and what an answer is worth. */
export * as OracleMath from "./OracleMath.ts";
/** Orders that protect a position by its margin ratio. */
export * as ProtectionMath from "./ProtectionMath.ts";
/** When a limit, a stop or a trailing stop is reached. */
export * as TriggerMath from "./TriggerMath.ts";
/** Liquidation and bankruptcy prices. */
export * as PriceSolver from "./PriceSolver.ts";
