import { CANDLE_COLUMNS, observe, readCandles } from "./candles.ts";
import { InputError, readTable, rowError, unixSeconds, wholeNumber, type Row, type Table } from "./csv.ts";

export { InputError } from "./csv.ts";

/** A round of a Chainlink feed, as its proxy reports it. */
export interface Round {
  /** Phase · 2^64 + the aggregator's own round number. */
  readonly roundId: bigint;
  /** Quote currency per 1.0 base asset, 8 decimals. */
  readonly answer: bigint;
  /** Unix seconds. */
  readonly startedAt: number;
  /** Unix seconds; neighbours may share it. */
  readonly updatedAt: number;
}

/** What a file holds: rounds that a feed really made, or candles turned into rounds. */
export type InputKind = "chainlink" | "candles";

const CHAINLINK_COLUMNS = ["roundId", "answer", "startedAt", "updatedAt", "answeredInRound"];

/** The first phase of a proxy, and the bits that a phase is shifted by. */
const FIRST_PHASE = 1n;
const PHASE_SHIFT = 64n;

/** Proxies count rounds in uint80; aggregators answer in int192. */
const MAX_ROUND_ID = (1n << 80n) - 1n;
const MAX_ANSWER = (1n << 191n) - 1n;

/**
 * Loads a price history: Chainlink rounds as they are, or OHLC candles as the rounds that a feed would have made of
 * them (see candles.ts). The header tells which; further columns are ignored. Throws {@link InputError}.
 */
export async function loadRounds(file: string): Promise<{ rounds: Round[]; kind: InputKind }> {
  const table = await readTable(file);
  const has = (columns: readonly string[]): boolean => columns.every((name) => table.columns.includes(name));
  if (has(CHAINLINK_COLUMNS)) return { rounds: readRounds(table), kind: "chainlink" };
  if (has(CANDLE_COLUMNS)) return { rounds: roundsOfCandles(table), kind: "candles" };
  throw new InputError(
    `${file}:1: unknown header; ${CHAINLINK_COLUMNS.join(",")} (Chainlink rounds) ` +
      `or ${CANDLE_COLUMNS.join(",")} (candles) is expected`,
  );
}

function roundsOfCandles(table: Table): Round[] {
  return observe(readCandles(table)).map(({ time, answer }, i) => ({
    roundId: (FIRST_PHASE << PHASE_SHIFT) + BigInt(i + 1),
    answer,
    startedAt: time,
    updatedAt: time,
  }));
}

function readRounds({ rows }: Table): Round[] {
  const rounds = rows.map(readRound);
  for (const [i, row] of rows.entries()) {
    const [before, now] = [rounds[i - 1], rounds[i]];
    if (before !== undefined && now !== undefined) checkOrder(row, before, now);
  }
  return rounds;
}

function readRound(row: Row): Round {
  const id = wholeNumber(row, "roundId", 1n, MAX_ROUND_ID, "the proxy's round id is expected");
  const round: Round = {
    // An aggregator read directly gives no phase: as a proxy's first.
    roundId: id >> PHASE_SHIFT === 0n ? (FIRST_PHASE << PHASE_SHIFT) + id : id,
    answer: wholeNumber(
      row,
      "answer",
      1n,
      MAX_ANSWER,
      "a positive price with 8 decimals, as 168416000000, is expected",
    ),
    startedAt: unixSeconds(row, "startedAt"),
    updatedAt: unixSeconds(row, "updatedAt"),
  };
  if (round.startedAt > round.updatedAt) {
    throw rowError(
      row,
      `startedAt ${round.startedAt} is after updatedAt ${round.updatedAt}; a round starts first`,
    );
  }
  return round;
}

function checkOrder(row: Row, before: Round, now: Round): void {
  if (now.roundId <= before.roundId) {
    const was = before.roundId;
    throw rowError(
      row,
      `roundId ${now.roundId} does not come after ${was} of the row before; ids must increase`,
    );
  }
  for (const column of ["startedAt", "updatedAt"] as const) {
    if (now[column] >= before[column]) continue;
    const was = before[column];
    throw rowError(
      row,
      `${column} ${now[column]} is before ${was} of the row before; time must not go backwards`,
    );
  }
}
