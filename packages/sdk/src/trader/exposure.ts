import { abs } from "../math/FixedMath.ts";
import type { Correlations } from "./correlation.ts";

/** A position as part of a trader's exposure. */
export interface ExposedPosition {
  /** The market's, as in the correlations. */
  readonly symbol: string;
  /** Signed notional at the index price, long > 0; units of one token for all positions. */
  readonly notional: bigint;
  /** Equity, same units: the most this position can lose; default: without bound. */
  readonly equity?: bigint | undefined;
}

/** What the trader loses if one market moves and the others follow as they have; same units as the notionals. */
export interface Shock {
  /** The market that moves. */
  readonly symbol: string;
  /** Its move, a ratio. */
  readonly move: number;
  /** What the other markets do along: move · beta, in the order of the correlations' symbols. */
  readonly moves: readonly number[];
  /** Sum over all positions, (+) loss; an estimate, rounded up. */
  readonly loss: bigint;
  /** The same with each position's loss at most its equity: what isolation saves is the difference. */
  readonly isolatedLoss: bigint;
}

/** What isolated positions are together. */
export interface Exposure {
  /** Σ |notional|. */
  readonly gross: bigint;
  /** Σ notional. */
  readonly net: bigint;
  /** Net notional of each market, in the order of the correlations' symbols. */
  readonly bySymbol: readonly { readonly symbol: string; readonly net: bigint }[];
  /** Standard deviation of the PnL over the horizon, all positions together, as a ratio of `gross`. */
  readonly volatility: number;
  /** The same if all of them moved against the trader at once, which no correlation makes worse. */
  readonly undiversified: number;
  /**
   * How many independent positions of equal risk would be as spread: (tr C)² / tr C² of the covariances C of the markets'
   * PnL. 1 if they all move as one, with or against each other; the number of markets at most.
   */
  readonly independentPositions: number;
  /** For each market the worse of its moves up and down, the worst first. */
  readonly shocks: readonly Shock[];
}

/** How far and how long. */
export interface ExposureOptions {
  /** Seconds that volatility and shocks are for; default: a day. */
  readonly horizon?: number | undefined;
  /** Size of a shock in standard deviations of the market that moves; default: 3. */
  readonly deviations?: number | undefined;
}

const DAY = 86_400;
const YEAR = 365 * 86_400;
const DEVIATIONS = 3;
/** Floating-point ratios become integers of this many parts. */
const PARTS = 10n ** 12n;

/**
 * What a trader's positions are together. On the chain each stands alone and none can lose another's collateral; but
 * prices move together, so that three longs may be one bet. Betas and volatilities are those of the correlations' time,
 * and in a crash correlations rise: read it as a lower bound of what can go wrong at once.
 *
 * @throws RangeError for a position of a market that the correlations don't have, or options that are not above 0.
 * @example
 * const correlations = correlation({ "ETH/USD": ethRounds, "BTC/USD": btcRounds });
 * const { independentPositions, shocks } = exposure(
 *   [
 *     { symbol: "ETH/USD", notional: 50_000_000_000n, equity: 5_000_000_000n },
 *     { symbol: "BTC/USD", notional: 50_000_000_000n, equity: 5_000_000_000n },
 *   ],
 *   correlations,
 * );
 */
export function exposure(
  positions: readonly ExposedPosition[],
  correlations: Correlations,
  { horizon = DAY, deviations = DEVIATIONS }: ExposureOptions = {},
): Exposure {
  if (!(horizon > 0)) throw new RangeError(`horizon: ${horizon} is not above 0`);
  if (!(deviations > 0)) throw new RangeError(`deviations: ${deviations} is not above 0`);
  const { symbols } = correlations;
  const unknown = positions.find(({ symbol }) => !symbols.includes(symbol));
  if (unknown !== undefined) throw new RangeError(`symbol: ${unknown.symbol} is not in the correlations`);
  const gross = positions.reduce((sum, { notional }) => sum + abs(notional), 0n);
  const bySymbol = symbols.map((symbol) => ({
    symbol,
    net: positions.reduce((sum, x) => (x.symbol === symbol ? sum + x.notional : sum), 0n),
  }));
  const overHorizon = correlations.volatilities.map((x) => x * Math.sqrt(horizon / YEAR));
  const shares = bySymbol.map(({ net }) => (gross === 0n ? 0 : Number(net) / Number(gross)));
  const risks = shares.map((share, i) => share * overHorizon[i]!);
  return {
    gross,
    net: bySymbol.reduce((sum, { net }) => sum + net, 0n),
    bySymbol,
    ...spreadOf(risks, correlations.matrix),
    shocks: shocksOf(positions, correlations, overHorizon, deviations),
  };
}

/** Of the risk of each market, signed. */
function spreadOf(
  risks: readonly number[],
  matrix: Correlations["matrix"],
): Pick<Exposure, "volatility" | "undiversified" | "independentPositions"> {
  const covariances = risks.map((a, i) => risks.map((b, j) => a * b * matrix[i]![j]!));
  const variance = covariances.flat().reduce((sum, x) => sum + x, 0);
  const trace = risks.reduce((sum, a) => sum + a * a, 0);
  const squares = covariances.flat().reduce((sum, x) => sum + x * x, 0);
  return {
    volatility: Math.sqrt(Math.max(variance, 0)),
    undiversified: risks.reduce((sum, a) => sum + Math.abs(a), 0),
    independentPositions: squares === 0 ? 0 : (trace * trace) / squares,
  };
}

function shocksOf(
  positions: readonly ExposedPosition[],
  { symbols, matrix }: Correlations,
  overHorizon: readonly number[],
  deviations: number,
): readonly Shock[] {
  const shocks = symbols.flatMap((symbol, i) => {
    const both = [-1, 1].map((sign): Shock => {
      // beta · move = ρ · σ / σ_i · (± deviations · σ_i).
      const moves = matrix[i]!.map((rho, j) => Math.max(sign * deviations * rho * overHorizon[j]!, -1));
      return { symbol, move: moves[i]!, moves, ...lossOf(positions, symbols, moves) };
    });
    return both.sort(byLoss).slice(0, 1);
  });
  return shocks.sort(byLoss);
}

function byLoss(a: Shock, b: Shock): number {
  return a.loss < b.loss ? 1 : a.loss > b.loss ? -1 : 0;
}

function lossOf(
  positions: readonly ExposedPosition[],
  symbols: readonly string[],
  moves: readonly number[],
): Pick<Shock, "loss" | "isolatedLoss"> {
  let loss = 0n;
  let isolatedLoss = 0n;
  for (const { symbol, notional, equity } of positions) {
    const move = BigInt(Math.round(moves[symbols.indexOf(symbol)]! * Number(PARTS)));
    const gained = notional * move;
    // Towards the loss.
    const lost = gained > 0n ? -(gained / PARTS) : (-gained + PARTS - 1n) / PARTS;
    loss += lost;
    isolatedLoss += equity !== undefined && lost > equity ? (equity > 0n ? equity : 0n) : lost;
  }
  return { loss, isolatedLoss };
}
