import { holds, type ReportV3 } from "@bulkhead/sdk";
import { expect } from "chai";
import { loadRounds } from "../../scripts/replay/rounds.ts";
import { LOCAL_TERMS, createFeed, pointsOf } from "../../scripts/streams/feed.ts";
import { ETH_USD, WAD } from "./reports.ts";

const TERMS = { ...LOCAL_TERMS, feedId: ETH_USD };
const POINTS = [
  { time: 100, price: 10n * WAD },
  { time: 101, price: 11n * WAD },
  { time: 110, price: 12n * WAD },
  { time: 130, price: 13n * WAD },
];

/** `from-to: price` of each report, in whole units. */
function brief(reports: readonly ReportV3[]): string[] {
  return reports.map(
    ({ validFromTimestamp, observationsTimestamp, price }) =>
      `${validFromTimestamp}-${observationsTimestamp}: ${price / WAD}`,
  );
}

describe("feed of a local Data Streams server", () => {
  it("starts with the first price, and gives a report per change and one up to now", () => {
    const feed = createFeed(POINTS, TERMS);
    expect(feed.advance(99)).to.deep.equal([]);
    expect(brief(feed.advance(105))).to.deep.equal(["100-100: 10", "101-101: 11", "102-105: 11"]);
    expect(brief(feed.advance(105))).to.deep.equal([]);
    expect(brief(feed.advance(104))).to.deep.equal([]);
    expect(brief(feed.advance(110))).to.deep.equal(["106-109: 11", "110-110: 12"]);
    expect(brief(feed.advance(140))).to.deep.equal(["111-129: 12", "130-130: 13", "131-140: 13"]);
    expect(brief(feed.advance(141))).to.deep.equal(["141-141: 13"]);
  });

  for (const step of [1, 2, 3, 7, 50]) {
    it(`holds every second once, at the price of that second, when read every ${step} s`, () => {
      const feed = createFeed(POINTS, TERMS);
      const reports: ReportV3[] = [];
      for (let now = 98; now <= 150; now += step) reports.push(...feed.advance(now));
      reports.push(...feed.advance(150));
      for (let second = 98; second <= 150; second += 1) {
        const held = reports.filter((report) => holds(report, BigInt(second)));
        const price = POINTS.findLast(({ time }) => time <= second)?.price;
        expect(
          held.map((report) => report.price),
          `second ${second}`,
        ).to.deep.equal(price === undefined ? [] : [price]);
      }
    });
  }

  it("puts bid and ask half the spread away from the price", () => {
    const feed = createFeed([{ time: 1, price: 2_000n * WAD }], { ...TERMS, spreadBps: 10n });
    expect(feed.advance(1)[0]).to.include({ bid: 1_999n * WAD, ask: 2_001n * WAD, expiresAt: 2_592_001n });
  });

  it("takes prices of rounds with 18 decimals, shifted where asked, and the last of those at one time", () => {
    const round = { roundId: 1n, startedAt: 1, updatedAt: 5, answer: 184_000_000_000n };
    expect(pointsOf([round, { ...round, roundId: 2n, answer: 1n }])).to.deep.equal([
      { time: 5, price: 10n ** 10n },
    ]);
    expect(pointsOf([round], 100)).to.deep.equal([{ time: 105, price: 1_840n * WAD }]);
  });

  it("takes a real day", async () => {
    const { rounds } = await loadRounds("data/chainlink-eth-usd-2023-08-flash-crash.csv");
    const points = pointsOf(rounds);
    const end = points.at(-1)!.time;
    const reports = createFeed(points, TERMS).advance(end);
    for (const { time, price } of points) {
      expect(
        reports.filter((report) => holds(report, BigInt(time))).map((report) => report.price),
      ).to.deep.equal([price]);
    }
  });
});
