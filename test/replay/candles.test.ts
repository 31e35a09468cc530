import { join } from "node:path";
import { expect } from "chai";
import {
  DEVIATION_DIVISOR,
  HEARTBEAT,
  observe,
  readCandles,
  type Candle,
} from "../../scripts/replay/candles.ts";
import { readTable } from "../../scripts/replay/csv.ts";

const DATA = join(import.meta.dirname, "../../data");
const UNIT = 10n ** 8n;

function bar(timestamp: number, open: number, high: number, low: number, close: number): Candle {
  const [o = 0n, h = 0n, l = 0n, c = 0n] = [open, high, low, close].map((price) => BigInt(price) * UNIT);
  return { timestamp, open: o, high: h, low: l, close: c };
}

const distance = (a: bigint, b: bigint): bigint => (a > b ? a - b : b - a);

/** Whether `price` is less than a deviation step from `answer`. */
const isNear = (price: bigint, answer: bigint): boolean =>
  distance(price, answer) * DEVIATION_DIVISOR < answer;

describe("candles as a feed would see them", () => {
  it("starts at the first open", () => {
    expect(observe([bar(300, 100, 100, 100, 100), bar(600, 100, 100, 100, 100)])[0]).to.deep.equal({
      time: 300,
      answer: 100n * UNIT,
    });
  });

  it("visits the low first in a bar that rises", () => {
    const answers = observe([bar(300, 100, 120, 90, 110), bar(600, 110, 110, 110, 110)]).map((o) => o.answer);
    const [lowest, highest] = [answers.indexOf(min(answers)), answers.indexOf(max(answers))];
    expect(lowest).to.be.greaterThan(0);
    expect(lowest).to.be.lessThan(highest);
  });

  it("visits the high first in a bar that falls", () => {
    const answers = observe([bar(300, 110, 120, 90, 100), bar(600, 100, 100, 100, 100)]).map((o) => o.answer);
    expect(answers.indexOf(max(answers))).to.be.lessThan(answers.indexOf(min(answers)));
  });

  it("makes one observation for each 0.5 % of a large move", () => {
    // ln(110/100) / ln(1.005) = 19.1 steps, over a leg of 100 s.
    const rising = observe([bar(300, 100, 110, 100, 110), bar(600, 110, 110, 110, 110)]);
    expect(rising).to.have.length(1 + 19);
    for (const [i, { answer }] of rising.entries()) {
      const before = rising[i - 1]?.answer;
      if (before !== undefined) expect(answer).to.equal(before + (before + 199n) / 200n);
    }
  });

  it("merges steps that have no second of their own", () => {
    // 100 to 200 within 100 s is 138 steps.
    const rising = observe([bar(300, 100, 200, 100, 200), bar(600, 200, 200, 200, 200)]);
    expect(rising.length).to.be.within(80, 101);
    expect(isNear(200n * UNIT, max(rising.map((o) => o.answer)))).to.equal(true);
  });

  it("takes a jump between two bars as one observation", () => {
    const jumping = observe([bar(300, 100, 100, 100, 100), bar(600, 90, 90, 90, 90)]);
    expect(jumping).to.have.length(2);
    expect(jumping[1]?.time).to.equal(600);
    expect(isNear(90n * UNIT, jumping[1]?.answer ?? 0n)).to.equal(true);
  });

  it("keeps the heartbeat over missing bars, at the last close", () => {
    const quiet = observe([
      bar(300, 100, 100, 100, 100),
      bar(600, 100, 100, 100, 100),
      bar(900, 100, 100, 100, 100),
      bar(9_600, 100, 100, 100, 100),
    ]);
    expect(quiet.map(({ time }) => time)).to.deep.equal([300, 3_900, 7_500]);
    expect(quiet.every(({ answer }) => answer === 100n * UNIT)).to.equal(true);
  });

  it("bears bars of a single second", () => {
    const prices = [100, 101, 99, 110];
    const seen = observe(prices.map((price, i) => bar(1_000 + i, price, price, price, price)));
    expect(seen.map(({ time }) => time)).to.deep.equal([1_000, 1_001, 1_002, 1_003]);
  });

  for (const name of [
    "eth-usd-5m-2020-03-black-thursday.csv",
    "eth-usd-5m-2022-06.csv",
    "eth-usd-1m-2024-08-carry-unwind.csv",
  ]) {
    describe(`of ${name}`, () => {
      let candles: readonly Candle[];
      let seen: ReturnType<typeof observe>;

      before(async () => {
        candles = readCandles(await readTable(join(DATA, name)));
        seen = observe(candles);
      });

      it("lets time always go on, and never by more than the heartbeat", () => {
        for (const [i, { time }] of seen.slice(1).entries()) {
          const gap = time - (seen[i]?.time ?? 0);
          expect(gap).to.be.within(1, HEARTBEAT);
        }
      });

      it("moves by whole steps of 0.5 %, unless the heartbeat is due", () => {
        for (const [i, { time, answer }] of seen.slice(1).entries()) {
          const before = seen[i] ?? { time: 0, answer: 0n };
          const moved = !isNear(answer, before.answer);
          expect(moved || time - before.time === HEARTBEAT, `at ${time}`).to.equal(true);
        }
      });

      it("stays inside the bar it is in, or between a close and the next open", () => {
        const length = (candles[1]?.timestamp ?? 0) - (candles[0]?.timestamp ?? 0);
        const start = candles[0]?.timestamp ?? 0;
        for (const { time, answer } of seen) {
          const index = Math.floor((time - start) / length);
          const now = candles[index];
          if (now === undefined) throw new Error(`no bar at ${time}`);
          const close = candles[index - 1]?.close ?? now.open;
          expect(answer >= min([now.low, close]) && answer <= max([now.high, close]), `at ${time}`).to.equal(
            true,
          );
        }
      });

      it("reaches every bar's extremes and close to within 0.5 %", () => {
        let next = 0;
        let last = seen[0]?.answer ?? 0n;
        for (const [i, { timestamp, high, low, close }] of candles.entries()) {
          const end = candles[i + 1]?.timestamp ?? Infinity;
          const answers = [last];
          for (; (seen[next]?.time ?? Infinity) < end; next += 1) answers.push(seen[next]?.answer ?? 0n);
          for (const price of [high, low]) {
            expect(
              answers.some((answer) => isNear(price, answer)),
              `bar ${timestamp}`,
            ).to.equal(true);
          }
          last = answers.at(-1) ?? last;
          expect(isNear(close, last), `close of ${timestamp}`).to.equal(true);
        }
      });
    });
  }
});

function min(values: readonly bigint[]): bigint {
  return values.reduce((a, b) => (a < b ? a : b));
}

function max(values: readonly bigint[]): bigint {
  return values.reduce((a, b) => (a > b ? a : b));
}
