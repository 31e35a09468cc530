/**
 * A client of Chainlink Data Streams, for Node: signed reports over REST and WebSocket. Needs the packages `ws` and
 * `p-retry`. Reports themselves are read and written by `@bulkhead/sdk`.
 *
 * @module @bulkhead/sdk/streams
 */
export * from "./auth.ts";
export * from "./client.ts";
export { StreamsError, type StreamsProblem } from "./errors.ts";
