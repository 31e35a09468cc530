import type { MarketFile } from "../types.ts";
import { perYear, perYearPerDay, usdc, wad } from "../units.ts";

/**
 * ETH/USD with USDC collateral. The numbers were chosen by replaying five stretches of real prices with 400 traders up
 * to 45×: with a keeper at once, or one round late, liquidity providers bear no bad debt.
 */
export const ethUsd: MarketFile = {
  symbol: "ETH/USD",
  tokenDecimals: 6,
  baseIsNative: true,
  market: {
    // Base (ETH). About the size that moves spot by the clamp on large venues; larger is cheaper to trade and riskier.
    depth: wad("50000"),
    // Ratio. At most maintenanceBase, or a discount could be taken out by self-liquidation.
    maxPremium: wad("0.01"),
    // Ratio. 5 bp for taking skew, 2 bp for giving it back: the large venues' entry tier.
    takerFee: wad("0.0005"),
    makerFee: wad("0.0002"),
    // Ratio. 1 %: twice the feed's deviation threshold, so one ordinary round can't cross it whole.
    maintenanceBase: wad("0.01"),
    // Ratio per depth. 1: twice what closing the position's own size can cost.
    maintenanceSlope: wad("1"),
    // Ratio. 2 %: 50× on the margin that isn't the liquidation reserve.
    initialBase: wad("0.02"),
    initialSlope: wad("2"),
    // Ratio of the closed notional. 0.5 %: pays the keeper and builds insurance.
    liquidationFee: wad("0.005"),
    // Ratio of the closed notional, and its bounds in USDC: covers gas at the low end, no windfall at the high end.
    keeperShare: wad("0.002"),
    minKeeperReward: usdc("2"),
    maxKeeperReward: usdc("200"),
    // Ratio. Room above the initial margin after a partial liquidation, so that the next round doesn't repeat it.
    liquidationBuffer: wad("0.005"),
    // USDC. 25 times the least reward.
    minNotional: usdc("50"),
    // Ratio of pool assets. One side's open interest; the rest is what redemptions can take.
    maxSideShare: wad("0.8"),
    // Ratio of pool assets. One position; a quarter of what a side may hold, so that no one trader is the market.
    maxPositionShare: wad("0.2"),
    // Of the maintenance margin. A quarter above it a trader is told.
    warningFactor: wad("1.25"),
    // Ratio against the price of up to an hour ago. A tenth is a day of alarm, a quarter a crash: 12 March 2020.
    elevatedMove: wad("0.1"),
    haltedMove: wad("0.25"),
    elevatedFactor: wad("1.5"),
    // Seconds.
    breakerWindow: 3_600n,
    coolDown: 3_600n,
    // Seconds. Time to top up after an outage.
    gracePeriod: 600n,
    // USDC. What the insurance fund keeps before the pool gets the rest.
    insuranceTarget: usdc("1000000"),
    // USDC. What the pool may grow to by deposits: five times that of the studies of risk.
    depositCap: usdc("100000000"),
    // Ratios of pool assets a side's profit is deleveraged at, and down to: before the haircut begins.
    adlTrigger: wad("0.7"),
    adlTarget: wad("0.6"),
    // Ratio of pool assets one side's profit may claim before it is cut pro rata.
    maxPayoutShare: wad("0.8"),
    // Per year. Bound of funding, and how fast it moves at full skew: 9 a day reaches the bound in under half a day.
    maxFundingRate: perYear("4"),
    maxFundingVelocity: perYearPerDay("9"),
    // Per year at full utilisation.
    maxBorrowRate: perYear("0.5"),
    // Ratios of the trading fee; the remaining 10 % goes to the treasury.
    poolFeeShare: wad("0.7"),
    insuranceFeeShare: wad("0.2"),
  },
  orders: {
    // Seconds. The feed's observation-to-inclusion time on mainnet is one or two blocks; 30 s is above its tail.
    settlementDelay: 30n,
    // Seconds. In a quiet hour an order waits at most this long for an observation.
    fallbackDelay: 900n,
    // Ratio. The feed's deviation threshold: the true price is within it of the last observation.
    fallbackSpread: wad("0.005"),
    // Seconds. A keeper that is there at once fills a stop at the crossing; one that comes later gets the next price.
    freshness: 60n,
    // Gas. Settling an opening order, the dearest of the executions, and a third more for its proof and a tip.
    executionGas: 250_000n,
    // USDC. The floor is that gas at 0.2 gwei with ETH at 2,000; the greatest fee lets it rise to 30 gwei at 2,600.
    minExecutionFee: usdc("0.1"),
    maxExecutionFee: usdc("20"),
  },
  governance: {
    // Seconds. Users see a change of parameters coming for two days.
    riskDelay: 172_800n,
  },
  pool: {
    // Seconds. A redemption takes one to two days: no one round of prices is worth entering or leaving for.
    redemptionPeriod: 86_400n,
  },
  oracle: {
    // Ratio. A little more than half of the largest jump from one round to the next in 8,400 of April to November 2023,
    // 3.28 %: who deposits before a round and redeems after it, or the other way round, pays it twice.
    uncertainty: wad("0.0175"),
    // Seconds. Time to top up after an outage, before liquidations; what Chainlink's documentation of the uptime feeds
    // uses.
    gracePeriod: 3_600n,
    feed: {
      // Seconds. Heartbeat 3,600 s plus ten minutes for inclusion.
      maxAge: 4_200n,
      // Wad prices nobody would believe: a feed outside them stops new risk.
      minPrice: wad("10"),
      maxPrice: wad("1000000"),
    },
    second: {
      // Seconds. A heartbeat of a day, plus ten minutes.
      maxAge: 87_000n,
      minPrice: wad("10"),
      maxPrice: wad("1000000"),
      // Ratio. Two thresholds of 0.5 %, and the largest jump of 3.28 % which one of them has and the other not yet.
      maxDeviation: wad("0.045"),
    },
    collateral: {
      // Seconds. USDC/USD has a heartbeat of a day; ten minutes for inclusion.
      maxAge: 87_000n,
      // Wad prices: a dollar token outside them is none any more, and nothing is opened against it.
      minPrice: wad("0.2"),
      maxPrice: wad("5"),
    },
    stream: {
      // Seconds. Reports are made every second; a minute without one is an outage.
      maxAge: 60n,
      // Seconds. Keepers have an hour to bring the report of an order's moment before it may be released.
      proofWindow: 3_600n,
      minPrice: wad("10"),
      maxPrice: wad("1000000"),
    },
  },
};
