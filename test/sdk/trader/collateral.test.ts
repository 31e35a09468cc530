import { collateralFor, executeTrade, judge, leverageOf, math, reservePosition } from "@bulkhead/sdk";
import type { MarketState, PositionState } from "@bulkhead/sdk";
import { expect } from "chai";
import { emptyMarket, forSeeds, openIn, randomMarket } from "../marketState.ts";

const { WAD } = math.FixedMath;
const ANY = (1n << 256n) - 1n;
const OWNER = `0x${"b0".repeat(20)}`;

/** Leverage after an order at the index price, or why it failed; the tools are not asked. */
function leverageAfter(state: MarketState, before: PositionState, sizeDelta: bigint): bigint | string {
  const trade = {
    sizeDelta,
    acceptablePrice: sizeDelta > 0n ? ANY : 0n,
    executionFee: state.orderParams.minExecutionFee,
    price: state.price,
    indexPrice: state.price,
    indexIsFresh: true,
  };
  const { failure, position, state: later } = executeTrade(state, before, trade, state.time);
  if (position === undefined || failure !== "None") return failure;
  const { notional, equity } = judge(later, position);
  return (notional * WAD + equity - 1n) / equity;
}

function leverageOfOpening(state: MarketState, collateral: bigint, sizeDelta: bigint): bigint | string {
  const reserved = reservePosition(state, OWNER, collateral);
  return leverageAfter(reserved.state, reserved.position, sizeDelta);
}

describe("collateralFor", () => {
  it("reaches the leverage, and with one unit less exceeds it or fails, in random markets", () => {
    const seen = new Set<string>();
    forSeeds(150, (random) => {
      const { state } = randomMarket(random);
      const unit = 10n ** 36n / state.quoteScale;
      const notional = 100n * unit + random.between(0n, 20_000n * unit);
      const size = (notional * state.quoteScale) / state.price;
      const sizeDelta = random.oneIn(2) ? size : -size;
      const leverage = random.pick([WAD / 2n, WAD, 5n * WAD, 20n * WAD, 38n * WAD, 100n * WAD]);
      const { collateral, bound } = collateralFor(state, { sizeDelta, leverage });
      seen.add(bound);
      expect(leverageOfOpening(state, collateral!, sizeDelta)).to.satisfy((x: bigint) => x <= leverage);
      const less = leverageOfOpening(state, collateral! - 1n, sizeDelta);
      if (bound === "Leverage") expect(less).to.satisfy((x: bigint) => x > leverage);
      else expect(less).to.equal(bound);
    });
    expect([...seen].sort()).to.deep.equal(["InsufficientMargin", "Leverage"]);
  });

  it("says what to add with an increase, which may be nothing", () => {
    const { state, opened } = openIn({ state: emptyMarket(), positions: [] }, WAD, 1_000_000_000n);
    const wish = { position: opened, sizeDelta: WAD };
    const { collateral, bound } = collateralFor(state, { ...wish, leverage: 3n * WAD });
    const paid = (amount: bigint) => ({ ...opened, collateral: opened.collateral + amount });
    expect(bound).to.equal("Leverage");
    expect(leverageAfter(state, paid(collateral!), WAD)).to.satisfy((x: bigint) => x <= 3n * WAD);
    expect(leverageAfter(state, paid(collateral! - 1n), WAD)).to.satisfy((x: bigint) => x > 3n * WAD);
    expect(collateralFor(state, { ...wish, leverage: 5n * WAD })).to.deep.equal({
      collateral: 0n,
      bound: "None",
    });
  });

  it("has no answer for an order that fails with any collateral, and says why", () => {
    const state = emptyMarket();
    const refusal = (of: MarketState, sizeDelta: bigint) => collateralFor(of, { sizeDelta, leverage: WAD });
    expect(refusal(state, WAD / 1_000n)).to.deep.equal({ collateral: undefined, bound: "BelowMinimum" });
    expect(refusal(state, 10n ** 5n * WAD)).to.deep.equal({
      collateral: undefined,
      bound: "OpenInterestCap",
    });
    expect(refusal({ ...state, priceIsFresh: false }, WAD)).to.deep.equal({
      collateral: undefined,
      bound: "StalePrice",
    });
  });

  it("refuses a leverage of nothing, and an order that reduces", () => {
    const { state, opened } = openIn({ state: emptyMarket(), positions: [] }, WAD, 10n ** 9n);
    expect(() => collateralFor(state, { sizeDelta: WAD, leverage: 0n })).to.throw(RangeError, "leverage");
    expect(() => collateralFor(state, { position: opened, sizeDelta: -WAD, leverage: WAD })).to.throw(
      RangeError,
      "adds nothing",
    );
  });
});

describe("leverageOf", () => {
  it("is notional over equity, rounded up, and undefined without equity", () => {
    expect(leverageOf({ notional: 2_000n, equity: 400n })).to.equal(5n * WAD);
    expect(leverageOf({ notional: 10n, equity: 3n })).to.equal((10n * WAD) / 3n + 1n);
    expect(leverageOf({ notional: 10n, equity: 0n })).to.equal(undefined);
    expect(leverageOf({ notional: 10n, equity: -3n })).to.equal(undefined);
    expect(leverageOf({ notional: 0n, equity: 0n })).to.equal(0n);
  });
});
