import { executeTrade, fundingForecast, judge, previewOrder } from "@bulkhead/sdk";
import { math } from "@bulkhead/sdk";
import { expect } from "chai";
import { drift, emptyMarket, forSeeds, openIn, randomMarket } from "../marketState.ts";

const { WAD } = math.FixedMath;
const ANY = (1n << 256n) - 1n;
const HOUR = 3_600n;
const DAY = 24n * HOUR;
const YEAR = 365n * DAY;
const close = { sizeDelta: 0n, executionFee: 0n, indexIsFresh: true };

describe("fundingForecast", () => {
  it("is the carry that a close at each time settles, to the unit, in random markets", () => {
    const signs = new Set<string>();
    forSeeds(150, (random) => {
      const { state, positions } = randomMarket(random);
      const times = [0n, 1n, HOUR, 7n * HOUR, random.between(0n, 60n * DAY)];
      for (const position of positions) {
        const rows = fundingForecast(state, position, times);
        for (const [i, row] of rows.entries()) {
          const time = state.time + times[i]!;
          const { price } = state;
          const acceptablePrice = position.size < 0n ? ANY : 0n;
          const trade = { ...close, acceptablePrice, price, indexPrice: price };
          const { fill } = executeTrade(state, position, trade, time);
          expect([row.time, row.carry]).to.deep.equal([time, fill!.carry]);
          expect(row.carry).to.equal(judge(state, position, time).carryOwed);
          expect(row.accrued).to.equal(row.carry - rows[0]!.carry);
          expect(row.funding + row.borrow).to.equal(row.accrued);
          signs.add(String(row.funding < 0n ? "received" : "paid"));
        }
      }
    });
    expect([...signs].sort()).to.deep.equal(["paid", "received"]);
  });

  it("is worked by hand: funding of a day at a skew of a hundredth of the depth, and the borrow beside it", () => {
    const { state, opened } = openIn({ state: emptyMarket(), positions: [] }, 500n * WAD, 10n ** 12n);
    const [row] = fundingForecast(state, opened, [DAY]);
    // The rate rises from 0 to 9 % a year over the day: on 1,000,000 dollars half of 0.09 / 365.
    const expected = (10n ** 12n * 45n) / 1_000n / 365n;
    expect(row!.funding - expected < 1_000n && expected - row!.funding < 1_000n).to.equal(true);
    expect((row!.fundingRate * YEAR * 1_000n) / WAD).to.equal(89n);
    // 50 % a year at full use, of which a million dollars of twenty is a twentieth.
    const borrow = (10n ** 12n * 25n) / 1_000n / 365n;
    expect(row!.borrow - borrow < 20_000n && borrow - row!.borrow < 20_000n).to.equal(true);
    expect(row!.annualRate).to.equal((row!.fundingRate + row!.borrowRate) * YEAR);
  });

  it("pays the side that gives skew back, and tells a wish's own effect by its preview", () => {
    const { state } = openIn({ state: emptyMarket(), positions: [] }, 500n * WAD, 10n ** 12n);
    const charged = drift(state, DAY, state.price);
    const preview = previewOrder(charged, { sizeDelta: -100n * WAD, collateral: 10n ** 11n });
    const [small] = fundingForecast(preview.state, preview.position!, [DAY]);
    expect(small!.funding < 0n && small!.annualRate < 0n).to.equal(true);
    const larger = previewOrder(charged, { sizeDelta: -900n * WAD, collateral: 10n ** 12n });
    const [large] = fundingForecast(larger.state, larger.position!, [40n * DAY]);
    // Its own size has turned the skew: after a while it pays itself.
    expect(large!.fundingRate < 0n && large!.annualRate > 0n).to.equal(true);
  });

  it("refuses a position that is not open, the past, and a market without a price", () => {
    const { state, opened } = openIn({ state: emptyMarket(), positions: [] }, WAD, 10n ** 9n);
    expect(() => fundingForecast(state, { ...opened, size: 0n }, [DAY])).to.throw(RangeError, "not open");
    expect(() => fundingForecast(state, opened, [-1n])).to.throw(RangeError, "elapsed");
    expect(() => fundingForecast({ ...state, price: 0n }, opened, [DAY])).to.throw(RangeError, "price");
  });
});
