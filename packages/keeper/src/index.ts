export * from "./config.ts";
export { runKeeper, type Progress } from "./runtime/engine.ts";
