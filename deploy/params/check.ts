import type { MarketFile, MarketParams, OrderParams } from "./types.ts";

const WAD = 10n ** 18n;
const YEAR = 365n * 24n * 3600n;
const DAY = 24n * 3600n;
const MAX_PRICE = 10n ** 30n;
const UINT96 = (1n << 96n) - 1n;
const UINT112 = (1n << 112n) - 1n;

/** A parameter outside the hard bounds that the contracts enforce. */
export class ParameterError extends Error {
  override readonly name = "ParameterError";
  /** Which parameter. */
  readonly parameter: string;

  constructor(parameter: string, value: bigint, min: bigint, max: bigint) {
    super(`${parameter} is ${value}; it must be from ${min} to ${max}`);
    this.parameter = parameter;
  }
}

type Bound = readonly [parameter: string, value: bigint, min: bigint, max: bigint];

/** Bounds of market parameters: the mirror of `ParamChecks.check(MarketParams)`, in its order. */
export function marketBounds(p: MarketParams): readonly Bound[] {
  return [
    ["depth", p.depth, WAD, UINT112],
    ["maintenanceBase", p.maintenanceBase, WAD / 1_000n, WAD / 5n],
    ["maxPremium", p.maxPremium, 0n, p.maintenanceBase],
    ["maintenanceSlope", p.maintenanceSlope, WAD / 2n, 10n * WAD],
    ["initialBase", p.initialBase, p.maintenanceBase + 1n, WAD / 2n],
    ["initialSlope", p.initialSlope, p.maintenanceSlope, 18n * WAD],
    ["takerFee", p.takerFee, 0n, WAD / 100n],
    ["makerFee", p.makerFee, 0n, p.takerFee],
    ["liquidationFee", p.liquidationFee, 0n, WAD / 20n],
    ["keeperShare", p.keeperShare, 0n, p.liquidationFee],
    ["liquidationBuffer", p.liquidationBuffer, 0n, WAD / 10n],
    ["maxSideShare", p.maxSideShare, WAD / 100n, WAD],
    ["maxPayoutShare", p.maxPayoutShare, WAD / 10n, WAD],
    ["maxFundingRate", p.maxFundingRate, 0n, (10n * WAD) / YEAR],
    ["maxFundingVelocity", p.maxFundingVelocity, 0n, (100n * WAD) / YEAR / DAY],
    ["maxBorrowRate", p.maxBorrowRate, 0n, (5n * WAD) / YEAR],
    ["poolFeeShare", p.poolFeeShare, 0n, WAD],
    ["insuranceFeeShare", p.insuranceFeeShare, 0n, WAD - p.poolFeeShare],
    ["minNotional", p.minNotional, 1n, UINT96],
    ["minKeeperReward", p.minKeeperReward, 0n, p.minNotional / 10n],
    ["maxPositionShare", p.maxPositionShare, WAD / 1_000n, p.maxSideShare],
    ["warningFactor", p.warningFactor, WAD + 1n, 10n * WAD],
    ["elevatedMove", p.elevatedMove, WAD / 100n, WAD],
    ["haltedMove", p.haltedMove, p.elevatedMove + 1n, 10n * WAD],
    ["elevatedFactor", p.elevatedFactor, WAD, 5n * WAD],
    ["adlTrigger", p.adlTrigger, WAD / 50n, p.maxPayoutShare],
    ["adlTarget", p.adlTarget, WAD / 100n, p.adlTrigger - 1n],
    ["breakerWindow", p.breakerWindow, 60n, 7n * DAY],
    ["coolDown", p.coolDown, 60n, 7n * DAY],
    ["gracePeriod", p.gracePeriod, 0n, DAY],
    ["depositCap", p.depositCap, 0n, UINT96],
    ["insuranceTarget", p.insuranceTarget, 1_000n * p.minNotional, UINT96],
    ["maxKeeperReward", p.maxKeeperReward, p.minKeeperReward, 100n * p.minNotional],
  ];
}

/** Bounds of order parameters: the mirror of `ParamChecks.check(OrderParams)`. */
export function orderBounds(p: OrderParams): readonly Bound[] {
  return [
    ["settlementDelay", p.settlementDelay, 1n, 600n],
    ["fallbackDelay", p.fallbackDelay, p.settlementDelay, DAY],
    ["fallbackSpread", p.fallbackSpread, 0n, WAD / 20n],
    ["freshness", p.freshness, 0n, 600n],
    ["executionGas", p.executionGas, 0n, 5_000_000n],
    ["maxExecutionFee", p.maxExecutionFee, p.minExecutionFee, UINT96],
  ];
}

/** Bounds of the oracle's settings, as its constructors have them. */
function oracleBounds({ oracle, market }: MarketFile): readonly Bound[] {
  const { feed, second, collateral, stream } = oracle;
  const priced = Object.entries({ feed, second, collateral, stream }).flatMap(([name, p]): Bound[] => [
    [`${name}.maxAge`, p.maxAge, 1n, name === "stream" ? 3_600n : 7n * DAY],
    [`${name}.minPrice`, p.minPrice, 1n, p.maxPrice - 1n],
    [`${name}.maxPrice`, p.maxPrice, 2n, MAX_PRICE],
  ]);
  const highest = [feed, second, stream].reduce((most, p) => (p.maxPrice > most ? p.maxPrice : most), 0n);
  return [
    ["uncertainty", oracle.uncertainty, market.maxPremium, WAD / 10n],
    ["oracle.gracePeriod", oracle.gracePeriod, 0n, DAY],
    ...priced,
    ["second.maxDeviation", second.maxDeviation, 1n, WAD],
    // The highest price must be one to be believed in units of the collateral token too.
    ["collateral.minPrice", collateral.minPrice, (highest * WAD + MAX_PRICE - 1n) / MAX_PRICE, MAX_PRICE],
    ["stream.proofWindow", stream.proofWindow, 0n, 7n * DAY],
  ];
}

/** Throws {@link ParameterError} for the first parameter outside its bounds. */
export function checkParams(file: MarketFile): void {
  const bounds = [
    ...marketBounds(file.market),
    ...orderBounds(file.orders),
    ...oracleBounds(file),
    ["redemptionPeriod", file.pool.redemptionPeriod, 3_600n, 30n * DAY] as const,
    // Who is in a market has a day at least to leave before its parameters change.
    ["riskDelay", file.governance.riskDelay, DAY, 30n * DAY] as const,
  ];
  for (const [parameter, value, min, max] of bounds) {
    if (value < min || value > max) throw new ParameterError(parameter, value, min, max);
  }
}
