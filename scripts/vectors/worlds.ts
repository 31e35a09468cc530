import { perYear, perYearPerDay, usdc, wad } from "../../deploy/params/units.ts";
import type { WorldSettings } from "./world.ts";

/** One trader may be a whole side: a walk needs no crowd. */
const alone = { maxPositionShare: wad("0.8") };

/** Markets that differ in what they bring out. */
export const WORLDS: Readonly<Record<string, WorldSettings>> = {
  "the market as it is deployed": { decimals: 6, liquidity: 20_000_000n, insurance: 100_000n, market: alone },
  "a thin pool with little insurance": {
    decimals: 6,
    liquidity: 60_000n,
    insurance: 500n,
    market: { ...alone, insuranceTarget: usdc("50000"), depth: wad("300") },
  },
  "steep margins and dear carry, in a token of 18 decimals": {
    decimals: 18,
    liquidity: 3_000_000n,
    insurance: 20_000n,
    market: {
      ...alone,
      depth: wad("2000"),
      maintenanceSlope: wad("8"),
      initialSlope: wad("16"),
      maxFundingRate: perYear("10"),
      maxFundingVelocity: perYearPerDay("100"),
      maxBorrowRate: perYear("5"),
    },
  },
  "terms that tighten, and surplus insurance": {
    decimals: 8,
    liquidity: 1_000_000n,
    insurance: 90_000n,
    market: { ...alone, insuranceTarget: usdc("50000") },
    tightens: true,
  },
  "profits cut, positions and deposits capped": {
    decimals: 6,
    liquidity: 300_000n,
    insurance: 50_000n,
    swing: 400n,
    market: {
      maxPositionShare: wad("0.3"),
      maxPayoutShare: wad("0.1"),
      adlTrigger: wad("0.09"),
      adlTarget: wad("0.05"),
      depositCap: usdc("305000"),
      insuranceTarget: usdc("50000"),
    },
  },
};
