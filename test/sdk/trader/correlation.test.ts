import { readFile } from "node:fs/promises";
import { correlation, SeriesError, type PricePoint } from "@bulkhead/sdk";
import { expect } from "chai";

const HOUR = 3_600;

/** Points an hour apart with these log returns, from a price of 100. */
function walk(returns: readonly number[], start = 0): PricePoint[] {
  let price = 100;
  const moved = returns.map((x, i) => ({ time: start + (i + 1) * HOUR, price: (price *= Math.exp(x)) }));
  return [{ time: start, price: 100 }, ...moved];
}

/** Rounds of a Chainlink feed, as they stand in `data/`. */
async function rounds(file: string): Promise<PricePoint[]> {
  const [, ...lines] = (await readFile(`data/${file}`, "utf8")).trim().split("\n");
  return lines.map((line) => {
    const [, answer, , updatedAt] = line.split(",");
    return { time: BigInt(updatedAt!), price: BigInt(answer!) };
  });
}

/** Deterministic, and as good as independent. */
const noise = (i: number, frequency: number): number => Math.sin(i * i * frequency + i) / 100;
const some = (frequency: number, count = 60): number[] =>
  Array.from({ length: count }, (_, i) => noise(i + 1, frequency));

describe("correlation", () => {
  const least = { leastObservations: 4 };

  it("is Pearson's of the log returns, worked by hand", () => {
    // x: 1 2 3 4, mean 2.5; y: 2 1 4 3, mean 2.5. Σ dx·dy = 3, Σ dx² = Σ dy² = 5.
    const x = walk([0.01, 0.02, 0.03, 0.04]);
    const y = walk([0.02, 0.01, 0.04, 0.03]);
    const { symbols, matrix, volatilities, observations } = correlation({ x, y }, least);
    expect([symbols, observations]).to.deep.equal([["x", "y"], 4]);
    near(matrix[0]![1], 0.6, 1e-9);
    expect(matrix[1]![0]).to.equal(matrix[0]![1]);
    expect([matrix[0]![0], matrix[1]![1]]).to.deep.equal([1, 1]);
    // Variance 5e-4 / 3 an hour, 8,760 hours a year.
    near(volatilities[0], Math.sqrt((5e-4 / 3) * 8_760), 1e-9);
  });

  it("is 1 for prices in different units, −1 for their inverses, and near 0 for strangers", () => {
    const a = walk(some(0.7));
    const dollars = a.map(({ time, price }) => ({ time, price: Number(price) * 1e8 }));
    const inverse = a.map(({ time, price }) => ({ time, price: 1 / Number(price) }));
    const { matrix } = correlation({ a, dollars, inverse, stranger: walk(some(1.3)) });
    near(matrix[0]![1], 1, 1e-9);
    near(matrix[0]![2], -1, 1e-9);
    expect(Math.abs(matrix[0]![3]!) < 0.3).to.equal(true);
  });

  it("takes bigint prices and times, and the last of two at the same second", () => {
    const plain = walk(some(0.7));
    const wads = plain.map(({ time, price }) => ({
      time: BigInt(time),
      price: BigInt(Math.round(Number(price) * 1e9)) * 10n ** 9n,
    }));
    const doubled = wads.flatMap((point) => [{ ...point, price: 1n }, point]);
    near(correlation({ plain, doubled }).matrix[0]![1], 1, 1e-9);
  });

  it("samples only the time that all series have, each at its last price", () => {
    const early = walk(some(0.7, 100));
    const late = walk(some(0.7, 100), 40 * HOUR).map(({ time, price }) => ({
      time: Number(time) + 600,
      price,
    }));
    const { from, to, observations } = correlation({ early, late });
    expect([from, to, observations]).to.deep.equal([40 * HOUR + 600, 99 * HOUR + 600, 59]);
  });

  it("finds a market correlated with itself only where it is not shifted", async () => {
    const eth = await rounds("chainlink-eth-usd-2023-04-to-2023-12.csv");
    const shifted = eth.map(({ time, price }) => ({ time: Number(time) + 24 * HOUR, price }));
    const { matrix, observations } = correlation({ eth, same: eth, shifted });
    expect(observations > 5_000).to.equal(true);
    near(matrix[0]![1], 1, 1e-9);
    expect(Math.abs(matrix[0]![2]!) < 0.1).to.equal(true);
  });

  it("finds ETH and BTC of the crash of August 2023 to be nearly one", async () => {
    const eth = await rounds("chainlink-eth-usd-2023-08-flash-crash.csv");
    const btc = await rounds("chainlink-btc-usd-2023-08-flash-crash.csv");
    const { matrix, observations, volatilities } = correlation({ eth, btc });
    // As computed outside of the sdk, from the files.
    expect(observations).to.equal(167);
    near(matrix[0]![1], 0.92689, 1e-5);
    near(volatilities[0], 0.57246, 1e-5);
    near(volatilities[1], 0.44581, 1e-5);
  });

  const good = walk(some(0.7));
  const bad: readonly [string, Record<string, readonly PricePoint[]>, string, RegExp][] = [
    ["too few common observations", { good, short: good.slice(0, 20) }, "few", /19 common returns .* 30 are/],
    ["no common time", { good, later: walk(some(0.7), 1e6) }, "apart", /good, later/],
    ["one that is not in order", { good, odd: [...good].reverse() }, "unsorted", /odd: .* oldest first/],
    ["a price of nothing", { good, odd: good.map((p) => ({ ...p, price: 0 })) }, "price", /odd: price 0/],
    [
      "one that never moves",
      { good, flat: good.map((p) => ({ ...p, price: 7 })) },
      "flat",
      /flat does not move/,
    ],
    ["an empty one", { good, empty: [] }, "short", /empty has no prices/],
    ["none at all", {}, "short", /no series/],
  ];
  for (const [name, series, problem, message] of bad)
    it(`refuses series with ${name}`, () => {
      expect(() => correlation(series))
        .to.throw(SeriesError, message)
        .with.property("problem", problem);
    });

  it("refuses more samples than there is memory for, as of times in milliseconds", () => {
    const start = 1_700_000_000_000;
    for (const end of [start + 365 * 86_400_000, Infinity]) {
      const points = [
        { time: start, price: 1 },
        { time: end, price: 2 },
      ];
      expect(() => correlation({ points }, { interval: 3_600 })).to.throw(RangeError, "interval: 3600 s");
    }
  });

  it("refuses an interval of nothing", () => {
    expect(() => correlation({ good }, { interval: 0 })).to.throw(RangeError, "interval");
  });
});

/** The chain's matchers take whole numbers only. */
function near(actual: number | undefined, expected: number, tolerance: number): void {
  expect(
    Math.abs((actual ?? NaN) - expected) <= tolerance,
    `${actual} is within ${tolerance} of ${expected}`,
  ).to.equal(true);
}
