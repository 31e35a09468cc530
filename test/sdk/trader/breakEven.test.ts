import { breakEven, executeTrade, math, withPrice } from "@bulkhead/sdk";
import type { MarketState, PositionState } from "@bulkhead/sdk";
import { expect } from "chai";
import { drift, emptyMarket, forSeeds, openIn, randomMarket } from "../marketState.ts";

const { WAD, abs } = math.FixedMath;
const ANY = (1n << 256n) - 1n;

/** What closing at a price sends to the owner, by the engine's own trade. */
function proceeds(state: MarketState, position: PositionState, price: bigint, executionFee: bigint): bigint {
  const at = withPrice(state, price);
  const acceptablePrice = position.size < 0n ? ANY : 0n;
  const trade = {
    sizeDelta: 0n,
    acceptablePrice,
    executionFee,
    price,
    indexPrice: price,
    indexIsFresh: true,
  };
  return executeTrade(at, position, trade, state.time).toOwner;
}

describe("breakEven", () => {
  it("gives back what went in and falls short by one wad unit worse, whatever carry, skew and costs are", () => {
    forSeeds(150, (random) => {
      const { state, positions } = randomMarket(random);
      const later = drift(state, random.between(0n, 400_000n), state.price);
      for (const position of positions) {
        const paidIn = position.collateral + random.pick([0n, 0n, position.collateral / 50n]);
        const fee = random.pick([state.orderParams.minExecutionFee, state.orderParams.maxExecutionFee]);
        const price = breakEven(later, position, { paidIn, executionFee: fee });
        const worse = position.size > 0n ? -1n : 1n;
        expect(proceeds(later, position, price!, fee) >= paidIn).to.equal(true);
        expect(proceeds(later, position, price! + worse, fee) < paidIn).to.equal(true);
        // Nor does any other price that is worse, but by what a few token units are worth.
        const slack = (10n * state.quoteScale) / abs(position.size) + 1n;
        for (let i = 0n; i < 10n; i += 1n) {
          const other = price! + worse * (slack + (price! * i) / 100n);
          expect(proceeds(later, position, other, fee) < paidIn).to.equal(true);
        }
      }
    });
  });

  it("lies beyond the entry by the costs: up for a long, down for a short", () => {
    for (const side of [1n, -1n]) {
      const { state, opened } = openIn({ state: emptyMarket(), positions: [] }, side * WAD, 10n ** 9n);
      const price = breakEven(state, opened)!;
      // Taker's fee in is paid already; out it is 2 bp of 2,000 as maker, and 0.1 for the execution.
      const gap = side * (price - 2_000n * WAD);
      expect(gap > WAD / 2n - WAD / 100n && gap < WAD / 2n + WAD / 50n).to.equal(true);
      const whole = breakEven(state, opened, { paidIn: 10n ** 9n })!;
      expect(side * (whole - price) > WAD).to.equal(true);
    }
  });

  it("moves away with the carry that is paid", () => {
    const { state, opened } = openIn({ state: emptyMarket(), positions: [] }, 500n * WAD, 10n ** 12n);
    const tomorrow = breakEven(drift(state, 86_400n, state.price), opened)!;
    expect(tomorrow > breakEven(state, opened)!).to.equal(true);
  });

  it("is none for a short that has lost more than it can ever gain", () => {
    const { state, opened } = openIn({ state: emptyMarket(), positions: [] }, -WAD, 10n ** 9n);
    expect(breakEven(state, opened, { paidIn: 10n ** 10n })).to.equal(undefined);
  });

  it("is none for a winner whose profit the pool could not pay", () => {
    const state = emptyMarket({ liquidity: 1_000n, params: { maxPositionShare: (8n * WAD) / 10n } });
    const { state: later, opened } = openIn({ state, positions: [] }, WAD / 10n, 100_000_000n);
    // 80 % of the pool is the most that is ever paid: 800 dollars.
    const has = (paidIn: bigint) => breakEven(later, opened, { paidIn }) !== undefined;
    expect([has(700_000_000n), has(1_000_000_000n)]).to.deep.equal([true, false]);
  });

  it("needs an open position, and an execution fee that the book takes", () => {
    const { state, opened } = openIn({ state: emptyMarket(), positions: [] }, WAD, 10n ** 9n);
    expect(() => breakEven(state, { ...opened, size: 0n })).to.throw(RangeError, "not open");
    expect(() => breakEven(state, opened, { executionFee: 10n ** 9n })).to.throw(RangeError, "executionFee");
  });
});
