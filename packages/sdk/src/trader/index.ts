/**
 * A trader's tools: what an order would do, how large it may be, what is at risk. Pure functions over `MarketState` and
 * `PositionState`, computed by the engine and so to the unit; only the statistics of price series are floating point.
 */
export type { Obstacle, OrderWish } from "./attempt.ts";
export { breakEven, type BreakEvenWish } from "./breakEven.ts";
export { collateralFor, type CollateralBound, type LeverageWish } from "./collateral.ts";
export { correlation, type Correlations, type Sampling } from "./correlation.ts";
export {
  exposure,
  type ExposedPosition,
  type Exposure,
  type ExposureOptions,
  type Shock,
} from "./exposure.ts";
export { fundingForecast, type FundingStep } from "./funding.ts";
export { leverageOf } from "./leverage.ts";
export { previewOrder, type Costs, type OrderPreview } from "./preview.ts";
export { withPrice, type Observed } from "./prices.ts";
export { quote, type Quote } from "./quote.ts";
export { sizeFromRisk, type RiskBound, type RiskSizing, type RiskWish } from "./risk.ts";
export { scenarios, type LiquidationOutcome, type PositionScenario, type Scenario } from "./scenarios.ts";
export { SeriesError, type PricePoint, type SeriesProblem } from "./series.ts";
export { maxReduction, maxSize, type SizeBound, type SizeWish } from "./size.ts";
