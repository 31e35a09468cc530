import { expect } from "chai";
import { createProgress } from "../../scripts/replay/progress.ts";
import { escapeHtml, renderHtml } from "../../scripts/replay/html.ts";
import { printReport, toJson, wantsColor } from "../../scripts/replay/report.ts";
import {
  formatMoney,
  percentile,
  type ReplayResult,
  type ReplaySummary,
} from "../../scripts/replay/result.ts";

const WAD = 10n ** 18n;
const ESCAPE = "\u001b";
const HOSTILE = `</script><script>alert("&'")</script>`;

function resultOf(summary: Partial<ReplaySummary> = {}): ReplayResult {
  const point = {
    roundId: 1n,
    timestamp: 1_692_308_723,
    price: 1_557n * WAD,
    lpNav: 20_000_000_000_001n,
    insurance: 100_000_000_000n,
    openInterestLong: 3n * WAD,
    openInterestShort: WAD / 2n,
    collateral: 5_000_000n,
    openPositions: 2,
    liquidations: 1,
  };
  return {
    // Two rounds of one second, as real feeds have them.
    series: [point, { ...point, roundId: 2n, price: 1_570n * WAD, liquidations: 3 }],
    liquidations: [
      { timestamp: point.timestamp, price: 1_557n * WAD, full: true, badDebt: 0n },
      { timestamp: point.timestamp, price: 1_570n * WAD, full: false, badDebt: 0n },
      { timestamp: point.timestamp, price: 1_570n * WAD, full: false, badDebt: 12_345_678n },
    ],
    refusals: { Slippage: 1, [HOSTILE]: 2 },
    stillOpen: 2,
    summary: {
      rounds: 2,
      opened: 9,
      refused: 3,
      closed: 4,
      liquidatedFull: 1,
      liquidatedPartial: 2,
      triggered: 5,
      slices: 6,
      protected: 7,
      missed: 0,
      badDebt: 12_345_678n,
      badDebtLp: 0n,
      insurancePaid: 0n,
      haircut: 0n,
      deleveraged: 0,
      deleveragedNotional: 0n,
      insurance: 100_000_000_000n,
      lpResult: -1_234_567_890n,
      keeperRewards: 1n,
      conservationError: 0n,
      latencyMs: { p50: 10.12345, p99: 20, max: 30 },
      latencyRounds: { p50: 0, p99: 1, max: 1 },
      wallSeconds: 1.23456,
      ...summary,
    },
  };
}

describe("the replay's figures", () => {
  it("show money with all its decimals", () => {
    expect(formatMoney(1_234_567_890n)).to.equal("1234.567890");
    expect(formatMoney(-1n)).to.equal("-0.000001");
    expect(formatMoney(0n)).to.equal("0.000000");
    expect(formatMoney(9_007_199_254_740_993_000_001n)).to.equal("9007199254740993.000001");
  });

  it("take percentiles by nearest rank, whatever the order", () => {
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect([0, 1, 50, 99, 100].map((p) => percentile(hundred, p))).to.deep.equal([1, 1, 50, 99, 100]);
    expect(percentile([10, 9], 50)).to.equal(9);
    expect(percentile([], 50)).to.equal(0);
  });
});

describe("the replay's JSON", () => {
  it("has exactly these keys: money as strings in tokens, the rest as numbers", () => {
    expect(JSON.stringify(toJson(resultOf()), undefined, 1)).to.equal(`{
 "rounds": 2,
 "opened": 9,
 "refused": 3,
 "closed": 4,
 "liquidatedFull": 1,
 "liquidatedPartial": 2,
 "triggered": 5,
 "slices": 6,
 "protected": 7,
 "missed": 0,
 "badDebt": "12.345678",
 "badDebtLp": "0.000000",
 "insurancePaid": "0.000000",
 "haircut": "0.000000",
 "deleveraged": 0,
 "deleveragedNotional": "0.000000",
 "insurance": "100000.000000",
 "lpResult": "-1234.567890",
 "keeperRewards": "0.000001",
 "conservationError": "0.000000",
 "latencyMs": {
  "p50": 10.123,
  "p99": 20,
  "max": 30
 },
 "latencyRounds": {
  "p50": 0,
  "p99": 1,
  "max": 1
 },
 "wallSeconds": 1.235
}`);
  });
});

describe("the replay's report on a terminal", () => {
  it("says that a sound replay is sound, with its figures", () => {
    const report = printReport(resultOf(), { color: false });
    expect(report).to.contain("every unit of money accounted for, no liquidation missed");
    for (const text of ["9 / 4 / 2", "1 / 2", "−1,234.57", "12.35", "p50 10, p99 20, max 30", "Slippage"]) {
      expect(report).to.contain(text);
    }
  });

  it("says that a replay is not sound when a unit is missing or a liquidation was missed", () => {
    expect(printReport(resultOf({ conservationError: -1n }), { color: false })).to.match(
      /NOT SOUND[^]*-0\.000001/,
    );
    expect(printReport(resultOf({ missed: 1 }), { color: false })).to.contain("NOT SOUND");
  });

  it("uses colours only when asked to", () => {
    expect(printReport(resultOf(), { color: false })).not.to.contain(ESCAPE);
    expect(printReport(resultOf(), { color: true })).to.contain(ESCAPE);
  });

  it("wants colours on a terminal without NO_COLOR", () => {
    const before = process.env.NO_COLOR;
    try {
      delete process.env.NO_COLOR;
      expect(wantsColor({ isTTY: true })).to.equal(true);
      expect(wantsColor({})).to.equal(false);
      process.env.NO_COLOR = "1";
      expect(wantsColor({ isTTY: true })).to.equal(false);
    } finally {
      if (before === undefined) delete process.env.NO_COLOR;
      else process.env.NO_COLOR = before;
    }
  });
});

describe("the replay's page", () => {
  const terms = { data: HOSTILE, oracle: "streams", traders: 200, seed: 1, leverageMax: 50 } as const;

  it("escapes every text that comes from outside", () => {
    const page = renderHtml(resultOf(), terms);
    expect(page).not.to.contain("<script>alert");
    expect(page.split(escapeHtml(HOSTILE))).to.have.length(3);
    expect(page.match(/<script/g)).to.have.length(3);
    expect(page.match(/<\/script>/g)).to.have.length(3);
  });

  it("needs nothing from outside", () => {
    const page = renderHtml(resultOf(), terms);
    expect(page).to.contain("default-src 'none'");
    expect(page).not.to.match(/<[^>]+\s(src|href)=/);
    expect(page).not.to.match(/@import|url\(/);
  });

  it("marks a liquidation at the round that had its price, even if two share a second", () => {
    const [, json = ""] = /id="figures">([^<]*)</.exec(renderHtml(resultOf())) ?? [];
    const figures = JSON.parse(json) as Record<string, unknown>;
    expect(figures.price).to.deep.equal([1_557, 1_570]);
    expect(figures.full).to.deep.equal([1, 0]);
    expect(figures.fullAt).to.deep.equal([1_557, null]);
    expect(figures.partial).to.deep.equal([0, 2]);
    expect(figures.partialAt).to.deep.equal([null, 1_570]);
  });

  it("says whether the replay was sound", () => {
    expect(renderHtml(resultOf())).to.contain("<strong>Sound</strong>");
    expect(renderHtml(resultOf({ missed: 2 }))).to.contain("<strong>Not sound</strong>");
  });
});

describe("the replay's progress", () => {
  it("is a line every 10 % where there is no terminal", () => {
    const lines: string[] = [];
    const stream = { isTTY: false, write: (text: string) => lines.push(text) };
    const progress = createProgress(stream as unknown as NodeJS.WriteStream);
    progress.note("starting");
    progress.start(257);
    for (let round = 1; round <= 257; round += 1) progress.update(round);
    progress.stop();
    expect(lines).to.have.length(11);
    expect(lines[0]).to.equal("starting…\n");
    expect(lines[1]).to.match(/^10 %: round 26 of 257, \d+ s\n$/);
    expect(lines.at(-1)).to.match(/^100 %: round 257 of 257/);
  });
});
