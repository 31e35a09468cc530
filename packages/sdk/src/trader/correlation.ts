import { align, SeriesError, type PricePoint } from "./series.ts";

/** How prices have moved together. Statistics in floating point: no money is computed from them but estimates. */
export interface Correlations {
  /** In the order of the rows and columns of `matrix`. */
  readonly symbols: readonly string[];
  /** Pearson's correlation of log returns, [−1, 1]; symmetric, 1 on the diagonal. */
  readonly matrix: readonly (readonly number[])[];
  /** Standard deviation of a year's log return, in the order of `symbols`. */
  readonly volatilities: readonly number[];
  /** Seconds between samples. */
  readonly interval: number;
  /** Returns that each figure is made of. */
  readonly observations: number;
  /** Seconds of the first and the last sample. */
  readonly from: number;
  readonly to: number;
}

/** How to sample the series. */
export interface Sampling {
  /**
   * Seconds between samples; default: an hour, the heartbeat of Chainlink's crypto feeds. Much shorter than the time
   * between prices, and series that don't tick at once seem less correlated than they are (the Epps effect).
   */
  readonly interval?: number | undefined;
  /** Fewer returns than this are refused; default: 30, where the standard error of a correlation is still 0.18. */
  readonly leastObservations?: number | undefined;
}

const HOUR = 3_600;
const YEAR = 365 * 86_400;
const LEAST = 30;

/**
 * Correlation and volatility of log returns of price series, sampled at common times (see {@link Sampling}). Prices may
 * be wads, feed answers or decimals: only their ratios count.
 *
 * @param series By market symbol, each oldest first.
 * @throws SeriesError for series in disorder, apart in time, without a move, or with too few common observations.
 * @throws RangeError for an interval that is not above 0.
 * @example
 * const { symbols, matrix } = correlation({ "ETH/USD": ethRounds, "BTC/USD": btcRounds });
 */
export function correlation(
  series: Readonly<Record<string, readonly PricePoint[]>>,
  { interval = HOUR, leastObservations = LEAST }: Sampling = {},
): Correlations {
  if (!(interval > 0)) throw new RangeError(`interval: ${interval} is not above 0`);
  const symbols = Object.keys(series);
  if (symbols.length === 0) throw new SeriesError("short", "there are no series");
  const { from, to, returns } = align(series, interval);
  const observations = returns.get(symbols[0]!)!.length;
  const least = Math.max(leastObservations, 2);
  if (observations < least)
    throw new SeriesError(
      "few",
      `${observations} common returns of ${interval} s from ${from} to ${to}; ${least} are needed`,
    );
  const deviations = symbols.map((symbol) => deviationsOf(symbol, returns.get(symbol)!));
  const norms = deviations.map((x) => Math.sqrt(dot(x, x)));
  const perYear = Math.sqrt(YEAR / interval / (observations - 1));
  return {
    symbols,
    matrix: deviations.map((x, i) =>
      deviations.map((y, j) => (i === j ? 1 : within(dot(x, y) / (norms[i]! * norms[j]!)))),
    ),
    volatilities: norms.map((norm) => norm * perYear),
    interval,
    observations,
    from,
    to,
  };
}

function deviationsOf(symbol: string, returns: readonly number[]): readonly number[] {
  if (returns.every((x) => x === returns[0]))
    throw new SeriesError(
      "flat",
      `${symbol} does not move, or by the same each time: it is correlated with nothing`,
    );
  const mean = returns.reduce((sum, x) => sum + x, 0) / returns.length;
  return returns.map((x) => x - mean);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, x, i) => sum + x * b[i]!, 0);
}

/** Takes back what rounding has added. */
function within(x: number): number {
  return Math.min(1, Math.max(-1, x));
}
