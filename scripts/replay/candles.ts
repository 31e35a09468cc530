import { quote, rowError, unixSeconds, type Row, type Table } from "./csv.ts";

/** An OHLC bar. Prices: quote currency per 1.0 base asset, 8 decimals. */
export interface Candle {
  /** Opening of the bar, Unix seconds. */
  readonly timestamp: number;
  readonly open: bigint;
  readonly high: bigint;
  readonly low: bigint;
  readonly close: bigint;
}

/** What a feed answers at a time: Unix seconds; 8 decimals. */
export interface Observation {
  readonly time: number;
  readonly answer: bigint;
}

export const CANDLE_COLUMNS = ["timestamp", "open", "high", "low", "close"];

/** Chainlink's ETH/USD feed on Ethereum posts when the price has moved 1/200 = 0.5 % from its last answer… */
export const DEVIATION_DIVISOR = 200n;
/** …or when this time has passed since, seconds. */
export const HEARTBEAT = 3_600;

/** Decimals of an answer. */
const DECIMALS = 8;

/** Reads candles off a table that has their columns. Throws InputError. */
export function readCandles({ rows }: Table): Candle[] {
  const candles = rows.map(readCandle);
  for (const [i, row] of rows.entries()) {
    const [before, now] = [candles[i - 1]?.timestamp ?? 0, candles[i]?.timestamp ?? 0];
    if (now <= before) {
      throw rowError(
        row,
        `timestamp ${now} does not come after ${before} of the row before; bars go oldest first`,
      );
    }
  }
  const [only, second] = rows;
  if (only !== undefined && second === undefined) {
    throw rowError(
      only,
      "one candle alone; at least two are expected, as their distance is the length of a bar",
    );
  }
  return candles;
}

/**
 * The observations that a feed (0.5 % deviation, 3,600 s heartbeat) makes of a price that walks from each bar's open
 * over its extremes to its close: a rising bar visits its low first, a falling one its high. The three legs take a third
 * of the bar each, at constant speed; between a close and the next open the price holds, then jumps within a second.
 * Each step of 0.5 % is an observation at a second of its own; steps that fall in one second are merged into one.
 */
export function observe(candles: readonly Candle[]): Observation[] {
  const [first, ...path] = pricePath(candles);
  if (first === undefined) return [];
  const observations = [first];
  let last = first;
  let from = first;
  for (const to of path) {
    for (
      let next = nextObservation(last, from, to);
      next !== undefined;
      next = nextObservation(last, from, to)
    ) {
      observations.push(next);
      last = next;
    }
    from = to;
  }
  return observations;
}

/** Corners of the price's way through the bars, times never falling. */
function pricePath(candles: readonly Candle[]): Observation[] {
  const length = usualBarLength(candles);
  return candles.flatMap((candle, i): Observation[] => {
    const { timestamp: start, open, high, low, close } = candle;
    const before = candles[i - 1];
    const bar = Math.min(length, (candles[i + 1]?.timestamp ?? Infinity) - start);
    const [extreme, opposite] = close >= open ? [low, high] : [high, low];
    return [
      ...(before === undefined ? [] : [{ time: start - 1, answer: before.close }]),
      { time: start, answer: open },
      { time: start + Math.floor(bar / 3), answer: extreme },
      { time: start + Math.floor((2 * bar) / 3), answer: opposite },
      { time: start + bar - 1, answer: close },
    ];
  });
}

/** The first observation after `last` on the leg from one corner (excluded) to another (included), if there is one. */
function nextObservation(last: Observation, from: Observation, to: Observation): Observation | undefined {
  const crossing = nextCrossing(last, from, to);
  const heartbeat = last.time + HEARTBEAT;
  if (crossing !== undefined && crossing.time <= heartbeat) return crossing;
  if (heartbeat > to.time) return undefined;
  return { time: heartbeat, answer: priceAt(heartbeat, from, to) };
}

/** The first second on the leg, later than `last`, in which the price is 0.5 % or more from the last answer. */
function nextCrossing(last: Observation, from: Observation, to: Observation): Observation | undefined {
  const rises = to.answer > last.answer;
  const target = stepFrom(last.answer, rises);
  if (rises ? to.answer < target : to.answer > target) return undefined;
  const way = to.answer - from.answer;
  const seconds = BigInt(to.time - from.time);
  // The leg's start may lie beyond the target, when the leg before had no second left.
  const ahead = rises ? target > from.answer : target < from.answer;
  const duration = ahead ? divUp((target - from.answer) * seconds, way) : 0n;
  const time = Math.max(from.time + Number(duration), last.time + 1);
  if (time > to.time) return undefined;

  const price = priceAt(time, from, to);
  let answer = target;
  for (let next = target; rises ? next <= price : next >= price; next = stepFrom(next, rises)) answer = next;
  return { time, answer };
}

/** The nearest answer that is 0.5 % or more away. */
function stepFrom(answer: bigint, up: boolean): bigint {
  const step = divUp(answer, DEVIATION_DIVISOR);
  return up ? answer + step : answer - step;
}

/** Price on a leg, rounded towards where the leg began. */
function priceAt(time: number, from: Observation, to: Observation): bigint {
  if (time >= to.time) return to.answer;
  return from.answer + ((to.answer - from.answer) * BigInt(time - from.time)) / BigInt(to.time - from.time);
}

/** Quotient of two numbers of the same sign, rounded up. */
function divUp(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return quotient * b === a ? quotient : quotient + 1n;
}

/** The distance between neighbours that occurs most often, seconds: some bars may be missing. */
function usualBarLength(candles: readonly Candle[]): number {
  const counts = new Map<number, number>();
  for (const [i, { timestamp }] of candles.entries()) {
    const next = candles[i + 1];
    if (next === undefined) break;
    const length = next.timestamp - timestamp;
    counts.set(length, (counts.get(length) ?? 0) + 1);
  }
  const [usual] = [...counts].sort(([a, m], [b, n]) => n - m || a - b);
  return usual?.[0] ?? 0;
}

function readCandle(row: Row): Candle {
  const [open, high, low, close] = [
    price(row, "open"),
    price(row, "high"),
    price(row, "low"),
    price(row, "close"),
  ];
  const show = (column: string): string => `${column} ${row.fields[column] ?? ""}`;
  if (high < low)
    throw rowError(row, `${show("high")} is below ${show("low")}; the high is the bar's largest price`);
  for (const [column, value] of [
    ["open", open],
    ["close", close],
  ] as const) {
    if (value >= low && value <= high) continue;
    throw rowError(
      row,
      `${show(column)} lies outside ${show("low")} to ${show("high")}; all prices lie in between`,
    );
  }
  return { timestamp: unixSeconds(row, "timestamp"), open, high, low, close };
}

/** A decimal string as an integer with 8 decimals, exactly; further decimals are cut off. */
function price(row: Row, column: string): bigint {
  const text = row.fields[column] ?? "";
  const [, whole, fraction = ""] = /^(\d{1,40})(?:\.(\d+))?$/.exec(text) ?? [];
  if (whole === undefined) {
    throw rowError(
      row,
      `${column} ${quote(text)} is not a price; a plain decimal number, as 1684.25, is expected`,
    );
  }
  const value = BigInt(whole + fraction.slice(0, DECIMALS).padEnd(DECIMALS, "0"));
  if (value === 0n) throw rowError(row, `${column} ${quote(text)} is not above zero, as a price must be`);
  return value;
}
