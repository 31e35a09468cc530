import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { ethUsd } from "../../deploy/params/markets/eth-usd.ts";
import { loadRounds, type Round } from "../../scripts/replay/rounds.ts";
import { fillOf, studyForesight } from "../../scripts/study/foresight.ts";

const ROOT = join(import.meta.dirname, "../..");
const TIMING = { settlementDelay: 30, fallbackDelay: 900, fallbackSpread: 5n * 10n ** 15n };

function round(number: number, answer: bigint, startedAt: number, updatedAt = startedAt): Round {
  return { roundId: BigInt(number), answer, startedAt, updatedAt };
}

/** Hardhat's matchers take `closeTo` for integers. */
function near(actual: number, expected: number): void {
  expect(Math.abs(actual - expected), `${actual} is not ${expected}`).to.be.lessThan(1e-12);
}

describe("the study of foresight", () => {
  // Observed at 1,000, 1,100 (landed at 1,120), 1,140 and 2,500.
  const rounds = [
    round(1, 1_000n, 1_000),
    round(2, 1_100n, 1_100, 1_120),
    round(3, 1_080n, 1_140),
    round(4, 1_050n, 2_500),
    round(5, 1_060n, 2_600),
  ];

  it("fills at the last round landed, the next one made, or the first one made after the delay", () => {
    // At 1,110 the second round is made and not landed.
    expect(fillOf(rounds, "latest", 1_110, true, TIMING)).to.deep.equal({ price: 1_000n, exit: 2 });
    expect(fillOf(rounds, "next", 1_110, true, TIMING)).to.deep.equal({ price: 1_080n, exit: 3 });
    expect(fillOf(rounds, "next", 1_099, true, TIMING)).to.deep.equal({ price: 1_100n, exit: 2 });
    expect(fillOf(rounds, "delayed", 1_099, true, TIMING)).to.deep.equal({ price: 1_080n, exit: 3 });
  });

  it("falls back to the last one made, worse for the trader, when the feed is silent", () => {
    // Nothing from 1,140 to 2,500: 1,080 and half a percent of it, rounded up.
    expect(fillOf(rounds, "delayed", 1_110, true, TIMING)).to.deep.equal({ price: 1_086n, exit: 3 });
    expect(fillOf(rounds, "delayed", 1_110, false, TIMING)).to.deep.equal({ price: 1_074n, exit: 3 });
    // To the second: an observation at the end of the wait counts itself.
    expect(fillOf(rounds, "delayed", 2_500 - 930, true, TIMING)).to.deep.equal({ price: 1_050n, exit: 4 });
    expect(fillOf(rounds, "delayed", 2_500 - 931, true, TIMING)).to.deep.equal({ price: 1_086n, exit: 3 });
  });

  it("has no fill where the history ends first", () => {
    expect(fillOf(rounds, "delayed", 2_580, true, TIMING)).to.equal(undefined);
    expect(fillOf(rounds, "next", 2_550, true, TIMING)).to.equal(undefined);
    expect(fillOf(rounds, "latest", 2_600, true, TIMING)).to.equal(undefined);
    expect(fillOf(rounds, "latest", 900, true, TIMING)).to.equal(undefined);
  });

  it("reports the mean gain in the direction of the jump", () => {
    // One jump, +10 %; in its window of ten seconds every commit fares alike under each rule.
    const study = studyForesight(rounds, { jumps: 1, commits: 50, seed: 1, window: 10, timing: TIMING });
    const { latest, next, delayed } = study.gains;
    near(latest.known.mean, 0.1);
    near(latest.known.standardError, 0);
    expect(latest.known.winners).to.equal(1);
    near(latest.exit.mean, 0.08);
    // Filled at 1,080 while 1,100 was known; the next is 1,050.
    near(next.known.mean, 20 / 1_080);
    near(next.exit.mean, -30 / 1_080);
    near(delayed.known.mean, 14 / 1_086);
    expect(delayed.exit.winners).to.equal(0);
  });

  it("finds on real rounds that foresight pays at the latest price and not after the delay", async () => {
    const { rounds: real } = await loadRounds(join(ROOT, "data/chainlink-eth-usd-2023-04-to-2023-12.csv"));
    const timing = { ...TIMING, settlementDelay: Number(ethUsd.orders.settlementDelay) };
    const { gains } = studyForesight(real, { jumps: 100, commits: 2_000, seed: 1, window: 30, timing });
    expect(gains.latest.known.mean).to.be.greaterThan(0.01);
    for (const { mean, standardError } of [gains.delayed.known, gains.delayed.exit]) {
      expect(mean).to.be.lessThan(2 * standardError);
    }
  });

  it("refuses more jumps than there are, by name", () => {
    expect(() =>
      studyForesight(rounds, { jumps: 9, commits: 1, seed: 1, window: 10, timing: TIMING }),
    ).to.throw(RangeError, /^jumps: the history has \d+ that can be traded on, not 9$/);
  });

  it("says on the command line what is wrong, and exits with 2", async function () {
    this.timeout(60_000);
    const run = (...args: string[]) =>
      promisify(execFile)(process.execPath, ["--import", "tsx", "scripts/study-foresight.ts", ...args], {
        cwd: ROOT,
      }).then(
        () => ({ code: 0, stderr: "" }),
        (error: { code: number; stderr: string }) => error,
      );
    for (const [args, message] of [
      [["--jumps", "x"], /--jumps .*whole number/],
      [["--data", "none.csv"], /none\.csv/],
      [["--jumps", "99999"], /jumps: the history has/],
    ] as const) {
      const { code, stderr } = await run(...args);
      expect(stderr).to.match(message);
      expect(code).to.equal(2);
    }
  });
});
