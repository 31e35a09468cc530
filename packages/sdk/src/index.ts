/**
 * Typed access to Bulkhead: contracts, orders, settlement proofs, decoded errors, math. Runs in Node and in browsers.
 *
 * @module @bulkhead/sdk
 */
export * from "./bulkhead.ts";
export * from "./deployments.ts";
export type { ActionOptions, Token } from "./client/desk.ts";
export type { GivenOrder, OrdersClient } from "./client/orders.ts";
export type { PoolClient } from "./client/pool.ts";
export type { PositionsClient } from "./client/positions.ts";
export type { Spender, WalletClient } from "./client/wallet.ts";
export * from "./actions/send.ts";
export * from "./types.ts";
export * from "./contracts.ts";
export * from "./market.ts";
export type { Plain } from "./reads/plain.ts";
export * from "./reads/market.ts";
export * from "./reads/pool.ts";
export * from "./reads/positions.ts";
export * from "./reads/state.ts";
export * from "./engine/index.ts";
export * from "./trader/index.ts";
export * from "./oracle/feed-source.ts";
export * from "./oracle/rounds.ts";
export * from "./oracle/source.ts";
export * from "./oracle/stream-source.ts";
export * from "./orders/book.ts";
export * from "./orders/build/calls.ts";
export * from "./orders/build/market.ts";
export * from "./orders/build/protective.ts";
export * from "./orders/build/resting.ts";
export * from "./orders/build/rules.ts";
export * from "./orders/build/session.ts";
export * from "./orders/build/twap.ts";
export { entryPosition, LAST_POSITION } from "./orders/build/subject.ts";
export type {
  Accept,
  ExitSubject,
  HeldPosition,
  IncreaseSubject,
  OpenSubject,
  Side,
  Subject,
  Terms,
} from "./orders/build/subject.ts";
export * from "./orders/crossing.ts";
export * from "./orders/fixing.ts";
export * from "./orders/order.ts";
export * from "./orders/permit.ts";
export * from "./orders/read.ts";
export * from "./orders/signed.ts";
export * from "./checks.ts";
export * from "./errors.ts";
export { adviceOn, failureAdvice, toBulkheadError, type ErrorName } from "./decode/advice.ts";
export * from "./decode/errors.ts";
export * from "./decode/events.ts";
export type { Units } from "./decode/say.ts";
export { revertData } from "./decode/walk.ts";
export * from "./streams/report.ts";
/** The protocol's arithmetic, the same as `@bulkhead/sdk/math`. */
export * as math from "./math/index.ts";
