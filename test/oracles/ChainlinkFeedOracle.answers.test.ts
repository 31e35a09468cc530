import { expect } from "chai";
import { ethers, feed, id, MAX_AGE, openFeed, startTime } from "../shared/feed.ts";
import { protocol, WAD } from "../shared/market.ts";

type Desk = Awaited<ReturnType<typeof trio>>;
type Side = "price" | "collateral";

const LONG_AGE = 9_000;

/** A price feed of 2,000 dollars and a collateral feed of one, of the same decimals; each with a heartbeat of its own. */
async function trio(decimals = 8) {
  const t0 = await startTime();
  const unit = 10n ** BigInt(decimals);
  const collateral = await openFeed(unit, t0, decimals);
  const settings = collateral.settings({ maxAge: LONG_AGE, minPrice: WAD / 5n, maxPrice: 5n * WAD });
  const price = await feed(decimals, { t0, collateral: settings });
  return { price, collateral, oracle: price.oracle, unit, t0, at: price.at };
}

/** Adds a second round to one of the feeds. */
async function answer(desk: Desk, side: Side, value: bigint): Promise<string> {
  await desk[side].aggregator.push(2, value, desk.t0 + 50, desk.t0 + 50);
  return desk[side].address;
}

describe("ChainlinkFeedOracle: answers", () => {
  for (let decimals = 0; decimals <= 18; decimals += 1) {
    it(`scales ${decimals} decimals of each feed to 18 exactly`, async () => {
      const { oracle, t0, price, collateral, unit } = await trio(decimals);
      expect(await oracle.latest()).to.deep.equal([2_000n * WAD, BigInt(t0)]);
      await price.aggregator.push(2, 2_000n * unit + 1n, t0, t0);
      await collateral.push(2, 2n * unit, 0);
      expect((await oracle.latest()).price).to.equal(1_000n * WAD + WAD / unit / 2n);
    });
  }

  const limits = { price: [10n * WAD, 10n ** 6n * WAD], collateral: [WAD / 5n, 5n * WAD] } as const;
  for (const side of ["price", "collateral"] as const) {
    describe(`of the ${side} feed`, () => {
      const [min, max] = limits[side];
      const scale = 10n ** 10n;

      for (const [what, value] of [
        ["zero", 0n],
        ["negative", -1n],
        ["one unit too low", min / scale - 1n],
        ["one unit too high", max / scale + 1n],
        ["beyond all numbers", 2n ** 159n - 1n],
      ] as const) {
        it(`are refused when ${what}`, async () => {
          const desk = await trio();
          const address = await answer(desk, side, value);
          await expect(desk.oracle.latest())
            .to.be.revertedWithCustomError(protocol, "OracleAnswerOutOfBounds")
            .withArgs(address, value, min, max);
          expect(await desk.oracle.peek()).to.deep.equal([0n, 0n, false]);
          expect(await desk.oracle.band(0n)).to.deep.equal([0n, 0n]);
          expect(await desk.oracle.outage()).to.equal(true);
        });
      }

      it("are believed at their bounds", async () => {
        for (const value of [min, max]) {
          const desk = await trio();
          await answer(desk, side, value / scale);
          const price = side === "price" ? value : (2_000n * WAD * WAD) / value;
          expect((await desk.oracle.latest()).price).to.equal(price);
        }
      });

      it("are refused when unfinished", async () => {
        const { oracle, t0, ...desk } = await trio();
        await desk[side].aggregator.push(2, 10n ** 8n, t0 + 50, 0);
        await expect(oracle.latest())
          .to.be.revertedWithCustomError(protocol, "OracleRoundIncomplete")
          .withArgs(desk[side].address, id(1, 2));
        expect((await oracle.peek()).fresh).to.equal(false);
      });

      it("are refused when carried over", async () => {
        const { oracle, t0, ...desk } = await trio();
        await desk[side].aggregator.pushRaw(2, 10n ** 8n, t0 + 50, t0 + 50, 1);
        await expect(oracle.latest())
          .to.be.revertedWithCustomError(protocol, "OracleRoundIncomplete")
          .withArgs(desk[side].address, id(1, 2));
        expect((await oracle.peek()).fresh).to.equal(false);
      });

      it("are refused from the future", async () => {
        const { oracle, t0, ...desk } = await trio();
        const value = side === "price" ? 2_001n * 10n ** 8n : 10n ** 8n;
        await desk[side].aggregator.push(2, value, t0 + 50_000, t0 + 50_000);
        await expect(oracle.latest()).to.be.revertedWithCustomError(protocol, "OracleObservationFromFuture");
        expect((await oracle.peek()).fresh).to.equal(false);
      });

      it("are refused when stale, by the feed's own heartbeat", async () => {
        const desk = await trio();
        const { oracle, price, t0, at } = desk;
        const age = side === "price" ? MAX_AGE : LONG_AGE;
        if (side === "collateral") await price.push(2, 2_001n, LONG_AGE);
        await at(age);
        await oracle.latest();
        await at(age + 1);
        await expect(oracle.latest())
          .to.be.revertedWithCustomError(protocol, "OracleStale")
          .withArgs(desk[side].address, t0, age);
        expect((await oracle.peek()).fresh).to.equal(false);
        expect(await oracle.outage()).to.equal(true);
      });

      it("are missing while a new aggregator has no round, and peek, band and outage say so without reverting", async () => {
        const { oracle, ...desk } = await trio();
        await desk[side].replace();
        await expect(oracle.latest()).to.be.revert(ethers);
        expect(await oracle.peek()).to.deep.equal([0n, 0n, false]);
        expect(await oracle.band(0n)).to.deep.equal([0n, 0n]);
        expect(await oracle.outage()).to.equal(true);
      });
    });
  }

  it("of more decimals than 18 are refused of each feed", async () => {
    const { price, t0 } = await trio();
    const deep = await openFeed(1n, t0, 19);
    const settings = deep.settings();
    for (const others of [{ second: settings, maxDeviation: 1n }, { collateral: settings }]) {
      await expect(feed(8, { t0: price.t0, ...others }))
        .to.be.revertedWithCustomError(protocol, "OracleUnusable")
        .withArgs(deep.address);
    }
  });
});
