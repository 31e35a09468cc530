/** A price at a time: seconds, and any unit that stays the same throughout its series. */
export interface PricePoint {
  readonly time: number | bigint;
  readonly price: number | bigint;
}

/** Why price series tell nothing. */
export type SeriesProblem = "unsorted" | "price" | "apart" | "short" | "flat" | "few";

/** Price series that no statistics can be made of; the message says which, and what would be right. */
export class SeriesError extends Error {
  override readonly name = "SeriesError";
  readonly problem: SeriesProblem;

  constructor(problem: SeriesProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}

/** More than a century of hours; times in milliseconds are soon beyond it. */
const MAX_SAMPLES = 1_000_000;

/** Series sampled at the same times. */
export interface Aligned {
  /** Seconds of the first and the last sample. */
  readonly from: number;
  readonly to: number;
  /** Log returns from one sample to the next, by symbol; all of the same length. */
  readonly returns: ReadonlyMap<string, readonly number[]>;
}

/**
 * Samples series every `interval` seconds over the time they have in common, each at its last price up to then, and
 * takes log returns. Of points at the same second the last one counts.
 *
 * @throws SeriesError for a series that is not in order of time, has a price that is not above 0, or nothing in common
 * with the others.
 */
export function align(series: Readonly<Record<string, readonly PricePoint[]>>, interval: number): Aligned {
  const all = Object.entries(series).map(([symbol, points]) => [symbol, checked(symbol, points)] as const);
  const from = Math.max(...all.map(([, points]) => points[0]!.time));
  const end = Math.min(...all.map(([, points]) => points.at(-1)!.time));
  if (end < from) throw new SeriesError("apart", `no time is in all of ${Object.keys(series).join(", ")}`);
  const steps = Math.floor((end - from) / interval);
  if (!(steps <= MAX_SAMPLES))
    throw new RangeError(
      `interval: ${interval} s from ${from} to ${end} is more than ${MAX_SAMPLES} samples`,
    );
  const returns = new Map(all.map(([symbol, points]) => [symbol, logReturns(points, from, interval, steps)]));
  return { from, to: from + steps * interval, returns };
}

function checked(symbol: string, points: readonly PricePoint[]): { time: number; price: number }[] {
  if (points.length === 0) throw new SeriesError("short", `${symbol} has no prices`);
  const plain = points.map(({ time, price }) => ({ time: Number(time), price: Number(price) }));
  plain.forEach(({ time, price }, i) => {
    if (!(price > 0) || !Number.isFinite(price))
      throw new SeriesError("price", `${symbol}: price ${price} at ${time} is not above 0`);
    if (i > 0 && !(time >= plain[i - 1]!.time))
      throw new SeriesError("unsorted", `${symbol}: ${time} comes after ${plain[i - 1]!.time}; oldest first`);
  });
  return plain;
}

function logReturns(
  points: readonly { time: number; price: number }[],
  from: number,
  interval: number,
  steps: number,
): number[] {
  const returns: number[] = [];
  let i = 0;
  let before = 0;
  for (let step = 0; step <= steps; step += 1) {
    while (i + 1 < points.length && points[i + 1]!.time <= from + step * interval) i += 1;
    const level = Math.log(points[i]!.price);
    if (step > 0) returns.push(level - before);
    before = level;
  }
  return returns;
}
