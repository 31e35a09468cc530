import { ethUsd } from "./markets/eth-usd.ts";
import type { MarketFile } from "./types.ts";

/** Parameter files by the name the command line takes. */
export const marketFiles: Readonly<Record<string, MarketFile>> = { "eth-usd": ethUsd };

export * from "./types.ts";
