import { styleText } from "node:util";
import Table from "cli-table3";
import { group, showExactly, showLatency, showMoney, showTime } from "./format.ts";
import { ORACLE_NAMES, type OracleKind } from "./options.ts";
import { formatMoney, isSound, type Latency, type ReplayResult } from "./result.ts";

/** The summary as JSON carries it: money as decimal strings in whole tokens, counts and latencies as numbers. */
export interface ReplayJson {
  readonly rounds: number;
  readonly opened: number;
  readonly refused: number;
  readonly closed: number;
  readonly liquidatedFull: number;
  readonly liquidatedPartial: number;
  readonly triggered: number;
  readonly slices: number;
  readonly protected: number;
  readonly missed: number;
  readonly badDebt: string;
  readonly badDebtLp: string;
  readonly insurancePaid: string;
  readonly haircut: string;
  readonly deleveraged: number;
  readonly deleveragedNotional: string;
  readonly insurance: string;
  readonly lpResult: string;
  readonly keeperRewards: string;
  readonly conservationError: string;
  readonly latencyMs: Latency;
  readonly latencyRounds: Latency;
  readonly wallSeconds: number;
}

/** The summary for machines. */
export function toJson({ summary }: ReplayResult): ReplayJson {
  return {
    rounds: summary.rounds,
    opened: summary.opened,
    refused: summary.refused,
    closed: summary.closed,
    liquidatedFull: summary.liquidatedFull,
    liquidatedPartial: summary.liquidatedPartial,
    triggered: summary.triggered,
    slices: summary.slices,
    protected: summary.protected,
    missed: summary.missed,
    badDebt: formatMoney(summary.badDebt),
    badDebtLp: formatMoney(summary.badDebtLp),
    insurancePaid: formatMoney(summary.insurancePaid),
    haircut: formatMoney(summary.haircut),
    deleveraged: summary.deleveraged,
    deleveragedNotional: formatMoney(summary.deleveragedNotional),
    insurance: formatMoney(summary.insurance),
    lpResult: formatMoney(summary.lpResult),
    keeperRewards: formatMoney(summary.keeperRewards),
    conservationError: formatMoney(summary.conservationError),
    latencyMs: roundLatency(summary.latencyMs),
    latencyRounds: roundLatency(summary.latencyRounds),
    wallSeconds: toThousandth(summary.wallSeconds),
  };
}

/** No lines between the table's rows. */
const NO_RULES = { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" };

/** The report for a terminal. `color`: by default on a terminal, unless NO_COLOR is set. */
export function printReport(
  result: ReplayResult,
  {
    color = wantsColor(process.stdout),
    oracle = "feed",
  }: { readonly color?: boolean; readonly oracle?: OracleKind } = {},
): string {
  const { summary: s, series } = result;
  const paint = (style: "red" | "green" | "bold" | "yellow", text: string): string =>
    color ? styleText(style, text, { validateStream: false }) : text;
  const mustBeZero = (isZero: boolean, text: string): string => paint(isZero ? "green" : "red", text);
  const [first, last] = [series[0], series[series.length - 1]];

  const table = new Table({ style: { head: [], border: [] }, colAligns: ["left", "right"], chars: NO_RULES });
  table.push(
    ["Rounds", group(s.rounds)],
    ["Prices", first && last ? `${showTime(first.timestamp)} to ${showTime(last.timestamp)} UTC` : "none"],
    ["Prices come as", ORACLE_NAMES[oracle]],
    ["Positions opened / closed / still open", [s.opened, s.closed, result.stillOpen].map(group).join(" / ")],
    ["Resting orders triggered / slices traded", [s.triggered, s.slices].map(group).join(" / ")],
    ["Positions topped up or reduced by protection", group(s.protected)],
    ["Liquidations: full / partial", [s.liquidatedFull, s.liquidatedPartial].map(group).join(" / ")],
    ["Liquidations missed", mustBeZero(s.missed === 0, group(s.missed))],
    ["From crossing to liquidation, rounds", showLatency(s.latencyRounds)],
    ["From crossing to liquidation, ms", showLatency(s.latencyMs)],
    ["Orders refused", group(s.refused)],
    ...refusalRows(result),
    ["Positions deleveraged", group(s.deleveraged)],
    ["Profit cut by the haircut, USDC", showMoney(s.haircut)],
    ["LP result, USDC", showMoney(s.lpResult)],
    ["Insurance fund, USDC", showMoney(s.insurance)],
    ["Keeper rewards, USDC", showMoney(s.keeperRewards)],
    ["Bad debt, USDC", paint(s.badDebt === 0n ? "green" : "yellow", showMoney(s.badDebt))],
    ["  of which borne by LPs", paint(s.badDebtLp === 0n ? "green" : "yellow", showMoney(s.badDebtLp))],
    [
      "Money in − money out − balances, USDC",
      mustBeZero(s.conservationError === 0n, showExactly(s.conservationError)),
    ],
    ["Wall-clock time", `${s.wallSeconds.toFixed(1)} s`],
  );
  const verdict = isSound(result) ? paint("green", SOUND) : paint("red", `NOT SOUND, ${UNSOUND}`);
  return `\n${paint("bold", "Bulkhead replay")}: ${verdict}\n${table.toString()}`;
}

/** The verdict in words. */
export const SOUND = "every unit of money accounted for, no liquidation missed";
export const UNSOUND = "a figure that must be 0 is not";

/** Whether a stream shows colours: it is a terminal, and NO_COLOR (https://no-color.org) is not set. */
export function wantsColor(stream: { readonly isTTY?: boolean }): boolean {
  const { NO_COLOR: noColor } = process.env;
  return stream.isTTY === true && (noColor === undefined || noColor === "");
}

function refusalRows({ refusals }: ReplayResult): [string, string][] {
  return Object.entries(refusals)
    .sort(([a, m], [b, n]) => n - m || a.localeCompare(b))
    .map(([reason, count]) => [`  ${reason}`, group(count)]);
}

function roundLatency({ p50, p99, max }: Latency): Latency {
  return { p50: toThousandth(p50), p99: toThousandth(p99), max: toThousandth(max) };
}

function toThousandth(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
