import { exposure, type Correlations } from "@bulkhead/sdk";
import { expect } from "chai";

const DAY = 86_400;
const M = 1_000_000n;

/** Two markets of 100 % and 50 % a year, this much correlated. */
const two = (rho: number): Correlations => ({
  symbols: ["ETH", "BTC"],
  matrix: [
    [1, rho],
    [rho, 1],
  ],
  volatilities: [1, 0.5],
  interval: 3_600,
  observations: 100,
  from: 0,
  to: 360_000,
});
const YEAR = 365 * DAY;
const year = { horizon: YEAR, deviations: 1 };

describe("exposure", () => {
  const long = [
    { symbol: "ETH", notional: 100n * M },
    { symbol: "BTC", notional: 200n * M },
  ];

  it("adds notionals up exactly: gross, net, and net of each market", () => {
    const { gross, net, bySymbol } = exposure([...long, { symbol: "ETH", notional: -30n * M - 1n }], two(0));
    expect([gross, net]).to.deep.equal([330n * M + 1n, 270n * M - 1n]);
    expect(bySymbol).to.deep.equal([
      { symbol: "ETH", net: 70n * M - 1n },
      { symbol: "BTC", net: 200n * M },
    ]);
  });

  it("has the volatility of the whole, worked by hand: 100 at 100 % and 200 at 50 % of 300", () => {
    const whole = (rho: number) => exposure(long, two(rho), year).volatility;
    near(whole(1), 200 / 300, 1e-12);
    near(whole(0), Math.sqrt(2) * (100 / 300), 1e-12);
    near(whole(-1), 0, 1e-12);
    near(exposure(long, two(0.3), year).undiversified, 200 / 300, 1e-12);
    near(exposure(long, two(0)).volatility, whole(0) / Math.sqrt(365), 1e-12);
  });

  it("counts how many independent positions there really are: two, one, and something between", () => {
    const count = (rho: number) => exposure(long, two(rho)).independentPositions;
    near(count(0), 2, 1e-12);
    near(count(1), 1, 1e-12);
    near(count(-1), 1, 1e-12);
    // (2a)² / (2a² + 2 · 0.64 a²).
    near(count(0.8), 4 / (2 + 2 * 0.64), 1e-12);
    near(exposure([long[0]!], two(0)).independentPositions, 1, 1e-12);
    expect(exposure([], two(0))).to.include({ gross: 0n, independentPositions: 0, volatility: 0 });
  });

  it("moves every market by its beta to the one that is shocked, worst first", () => {
    const { shocks } = exposure(long, two(0.8), { horizon: YEAR / 4, deviations: 1 });
    const [eth, btc] = [shocks.find((s) => s.symbol === "ETH")!, shocks.find((s) => s.symbol === "BTC")!];
    // Half a year's deviation: ETH 50 %, BTC 25 %; the other by 0.8 of its own.
    expect(eth.moves.map((x) => Number(x.toFixed(9)))).to.deep.equal([-0.5, -0.2]);
    expect(btc.moves.map((x) => Number(x.toFixed(9)))).to.deep.equal([-0.4, -0.25]);
    expect([eth.loss, btc.loss]).to.deep.equal([90n * M, 90n * M]);
    const hedged = exposure([long[0]!, { symbol: "BTC", notional: -200n * M }], two(1), year);
    expect(hedged.shocks[0]!.loss <= 1n).to.equal(true);
  });

  it("takes the move that hurts: up against shorts", () => {
    const { shocks } = exposure([{ symbol: "ETH", notional: -100n * M }], two(0.8), {
      ...year,
      deviations: 3,
    });
    expect(shocks[0]).to.deep.include({ symbol: "ETH", move: 3, loss: 300n * M });
  });

  it("shows what isolation saves: no position loses more than its equity, yet all lose at once", () => {
    const positions = [
      { symbol: "ETH", notional: 100n * M, equity: 10n * M },
      { symbol: "BTC", notional: 200n * M, equity: 150n * M },
    ];
    const [worst] = exposure(positions, two(1), { horizon: YEAR / 4, deviations: 1 }).shocks;
    expect([worst!.loss, worst!.isolatedLoss]).to.deep.equal([100n * M, 60n * M]);
    const broke = [{ symbol: "ETH", notional: 100n * M, equity: -5n * M }];
    expect(exposure(broke, two(0), year).shocks[0]!.isolatedLoss).to.equal(0n);
  });

  it("lets no price fall below zero, however large the shock", () => {
    const [worst] = exposure([long[0]!], two(0), { ...year, deviations: 5 }).shocks;
    expect([worst!.move, worst!.loss]).to.deep.equal([-1, 100n * M]);
  });

  it("refuses a market without correlations, and options of nothing", () => {
    expect(() => exposure([{ symbol: "DOGE", notional: 1n }], two(0))).to.throw(RangeError, "DOGE");
    expect(() => exposure(long, two(0), { horizon: 0 })).to.throw(RangeError, "horizon");
    expect(() => exposure(long, two(0), { deviations: -1 })).to.throw(RangeError, "deviations");
  });
});

/** The chain's matchers take whole numbers only. */
function near(actual: number | undefined, expected: number, tolerance: number): void {
  expect(
    Math.abs((actual ?? NaN) - expected) <= tolerance,
    `${actual} is within ${tolerance} of ${expected}`,
  ).to.equal(true);
}
