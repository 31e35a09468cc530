import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import {
  count,
  group,
  moneyToNumber,
  showExactly,
  showMoney,
  showPrice,
  showTime,
  wadToNumber,
} from "./format.ts";
import { ORACLE_NAMES, type ReplayOptions } from "./options.ts";
import { SOUND, UNSOUND } from "./report.ts";
import { isSound, type ReplayResult } from "./result.ts";

const require = createRequire(import.meta.url);

/** What was asked for, as far as the page names it. */
export type ReplayTerms = Pick<ReplayOptions, "data" | "oracle" | "traders" | "seed" | "leverageMax">;

interface PlotSeries {
  /** Name of its values in the figures. */
  readonly key: string;
  readonly label: string;
  /** Name of its colour in the style sheet. */
  readonly ink: string;
  /** For markers: name of the figures that say how many liquidations each stands for. */
  readonly counts?: string;
  readonly hollow?: boolean;
}

interface Plot {
  readonly title: string;
  readonly series: readonly PlotSeries[];
}

const PLOTS: readonly Plot[] = [
  {
    title: "Price and liquidations",
    series: [
      { key: "price", label: "Price", ink: "ink" },
      { key: "partialAt", label: "Partial liquidations", ink: "partial", counts: "partial", hollow: true },
      { key: "fullAt", label: "Full liquidations", ink: "full", counts: "full" },
    ],
  },
  {
    title: "Net asset value of the liquidity providers, USDC",
    series: [{ key: "lpNav", label: "NAV", ink: "accent" }],
  },
  { title: "Insurance fund, USDC", series: [{ key: "insurance", label: "Insurance", ink: "accent" }] },
  {
    title: "Open interest, base asset",
    series: [
      { key: "openInterestLong", label: "Long", ink: "long" },
      { key: "openInterestShort", label: "Short", ink: "short" },
    ],
  },
  {
    title: "Collateral of all positions, USDC",
    series: [{ key: "collateral", label: "Collateral", ink: "accent" }],
  },
  { title: "Open positions", series: [{ key: "openPositions", label: "Positions", ink: "accent" }] },
];

/** The page as one file that needs nothing else: styles, scripts and figures are inside. */
export function renderHtml(result: ReplayResult, terms?: ReplayTerms): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>Bulkhead replay</title>
<style>${readFileSync(require.resolve("uplot/dist/uPlot.min.css"), "utf8")}${asset("style.css")}</style>
</head>
<body>
<main>
${headerHtml(result, terms)}
${cardsHtml(result)}
<p class="faint">Hover or tap for the figures after a round. Drag across a plot to zoom in, double-click to zoom out.</p>
<noscript><p>The plots need JavaScript.</p></noscript>
${PLOTS.map(plotHtml).join("\n")}
${refusalsHtml(result)}
${liquidationsHtml(result)}
</main>
<span id="probe" hidden></span>
<script type="application/json" id="figures">${jsonForHtml(figures(result))}</script>
<script>${script(readFileSync(require.resolve("uplot/dist/uPlot.iife.min.js"), "utf8"))}</script>
<script>${script(asset("plots.js"))}</script>
</body>
</html>
`;
}

/** Text as HTML shows it, in elements and quoted attributes. */
export function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}

function headerHtml(result: ReplayResult, terms: ReplayTerms | undefined): string {
  const { series, summary } = result;
  const [first, last] = [series[0], series[series.length - 1]];
  const sound = isSound(result);
  const span =
    first && last ? `${showTime(first.timestamp)} to ${showTime(last.timestamp)} UTC` : "no rounds";
  const lines = [`${span}, ${count(summary.rounds, "round")} in ${summary.wallSeconds.toFixed(1)} s`];
  if (terms !== undefined) {
    const { data, oracle, traders, seed, leverageMax } = terms;
    lines.push(
      `${data} as ${ORACLE_NAMES[oracle]}, ${group(traders)} traders, seed ${seed}, leverage up to ${leverageMax}×`,
    );
  }
  return `<h1>Bulkhead replay</h1>
${lines.map((line) => `<p class="faint">${escapeHtml(line)}</p>`).join("\n")}
<p class="verdict${sound ? "" : " unsound"}"><strong>${sound ? "Sound" : "Not sound"}</strong>: ${escapeHtml(
    sound ? SOUND : UNSOUND,
  )}. Money in − money out − balances: ${showExactly(summary.conservationError)} USDC. Missed liquidations: ${group(
    summary.missed,
  )}.</p>`;
}

function cardsHtml({ summary: s, stillOpen }: ReplayResult): string {
  const { latencyRounds: rounds, latencyMs: time } = s;
  const ms = (value: number): string => `${group(Math.round(value))} ms`;
  const cards: readonly (readonly [title: string, figure: string, note?: string])[] = [
    ["LP result", showMoney(s.lpResult), "USDC"],
    ["Insurance fund", showMoney(s.insurance), "USDC"],
    ["Bad debt", showMoney(s.badDebt), `USDC, of which LPs bore ${showMoney(s.badDebtLp)}`],
    ["Keeper rewards", showMoney(s.keeperRewards), "USDC"],
    ["Positions opened", group(s.opened), `${group(s.closed)} closed, ${group(stillOpen)} still open`],
    [
      "Liquidations",
      group(s.liquidatedFull + s.liquidatedPartial),
      `${group(s.liquidatedFull)} full, ${group(s.liquidatedPartial)} partial`,
    ],
    [
      "Liquidated after, median",
      `${count(rounds.p50, "round")}, ${ms(time.p50)}`,
      `p99 ${count(rounds.p99, "round")}, ${ms(time.p99)}; max ${count(rounds.max, "round")}, ${ms(time.max)}`,
    ],
    [
      "Orders that waited",
      group(s.triggered + s.slices + s.protected),
      `${group(s.triggered)} triggered, ${group(s.slices)} slices, ${group(s.protected)} protective; ` +
        `${count(s.refused, "order")} refused`,
    ],
  ];
  const html = cards.map(([title, figure, note = ""]) => {
    const shown = [
      `<span class="figure">${escapeHtml(figure)}</span>`,
      `<span class="faint">${escapeHtml(note)}</span>`,
    ];
    return `<div class="card"><dt>${escapeHtml(title)}</dt><dd>${shown.join("<br>")}</dd></div>`;
  });
  return `<dl class="cards">\n${html.join("\n")}\n</dl>`;
}

function plotHtml({ title, series }: Plot): string {
  const data = escapeHtml(JSON.stringify({ series }));
  const label = escapeHtml(`${title}, over time`);
  return `<section class="plot"><h2>${escapeHtml(title)}</h2>
<div class="canvas" role="img" aria-label="${label}" data-plot="${data}"></div></section>`;
}

function refusalsHtml({ refusals }: ReplayResult): string {
  const rows = Object.entries(refusals).sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
  if (rows.length === 0) return "";
  const body = rows.map(([reason, count]) => row([reason, group(count)], [1]));
  return details("Orders refused, by reason", row(["Reason", "Orders"], [1], "th"), body);
}

function liquidationsHtml({ liquidations }: ReplayResult): string {
  if (liquidations.length === 0) return "";
  const body = liquidations.map(({ timestamp, price, full, badDebt }) =>
    row([showTime(timestamp), showPrice(price), full ? "full" : "partial", showMoney(badDebt)], [1, 3]),
  );
  const head = row(["Time, UTC", "Price", "Kind", "Bad debt, USDC"], [1, 3], "th");
  return details(`Liquidations (${group(liquidations.length)})`, head, body);
}

function details(title: string, head: string, body: readonly string[]): string {
  const table = `<table class="rows"><thead>${head}</thead><tbody>${body.join("\n")}</tbody></table>`;
  return `<details><summary>${escapeHtml(title)}</summary><div class="scroll">${table}</div></details>`;
}

function row(cells: readonly string[], numeric: readonly number[], tag: "th" | "td" = "td"): string {
  const html = cells.map((cell, i) => {
    const kind = numeric.includes(i) ? ' class="number"' : "";
    return `<${tag}${kind}>${escapeHtml(cell)}</${tag}>`;
  });
  return `<tr>${html.join("")}</tr>`;
}

/** The plots' values, one per round; null where there is no marker. */
function figures({ series, liquidations }: ReplayResult): Record<string, readonly (number | null)[]> {
  const full = series.map(() => 0);
  const partial = series.map(() => 0);
  // Rounds may share a timestamp: the price tells them apart.
  const exactly = new Map(series.map(({ timestamp, price }, i) => [`${timestamp} ${price}`, i]));
  const byTime = new Map(series.map(({ timestamp }, i) => [timestamp, i]));
  for (const { timestamp, price, full: isFull } of liquidations) {
    const index = exactly.get(`${timestamp} ${price}`) ?? byTime.get(timestamp);
    const counts = isFull ? full : partial;
    if (index !== undefined) counts[index] = (counts[index] ?? 0) + 1;
  }
  const price = series.map((point) => wadToNumber(point.price));
  const where = (counts: readonly number[]): (number | null)[] =>
    counts.map((count, i) => (count === 0 ? null : (price[i] ?? null)));
  return {
    time: series.map(({ timestamp }) => timestamp),
    price,
    full,
    partial,
    fullAt: where(full),
    partialAt: where(partial),
    lpNav: series.map(({ lpNav }) => moneyToNumber(lpNav)),
    insurance: series.map(({ insurance }) => moneyToNumber(insurance)),
    openInterestLong: series.map(({ openInterestLong }) => wadToNumber(openInterestLong)),
    openInterestShort: series.map(({ openInterestShort }) => wadToNumber(openInterestShort)),
    collateral: series.map(({ collateral }) => moneyToNumber(collateral)),
    openPositions: series.map(({ openPositions }) => openPositions),
  };
}

/** JSON that can't end the script element that it stands in. */
function jsonForHtml(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}

/** A script that can't end the element that it stands in. */
function script(source: string): string {
  return source.replaceAll(/<\/(script)/gi, "<\\/$1");
}

function asset(name: string): string {
  return readFileSync(new URL(`page/${name}`, import.meta.url), "utf8");
}
