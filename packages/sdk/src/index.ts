export * from "./types.ts";
export * from "./market.ts";
export * from "./orders/crossing.ts";
export * from "./orders/fixing.ts";
export * from "./orders/order.ts";
export * from "./orders/signed.ts";
export * from "./decode/errors.ts";
export * from "./streams/report.ts";
export * as math from "./math/index.ts";
