import { executeTrade, judge, math, maxReduction, maxSize, reservePosition } from "@bulkhead/sdk";
import type { MarketState, PositionState } from "@bulkhead/sdk";
import { expect } from "chai";
import type { Random } from "../../shared/random.ts";
import { drift, emptyMarket, forSeeds, openIn, randomMarket, type MarketWish } from "../marketState.ts";

const { WAD, abs } = math.FixedMath;
const ANY = (1n << 256n) - 1n;
const OWNER = `0x${"b0".repeat(20)}`;

/** What the engine says of an order at the index price; the tools are not asked. */
function failureOf(state: MarketState, position: PositionState, sizeDelta: bigint) {
  const buys = sizeDelta > 0n;
  const trade = {
    sizeDelta,
    acceptablePrice: buys ? ANY : 0n,
    executionFee: state.orderParams.minExecutionFee,
    price: state.price,
    indexPrice: state.price,
    indexIsFresh: state.priceIsFresh,
  };
  return executeTrade(state, position, trade, state.time).failure;
}

function failureOfOpening(state: MarketState, collateral: bigint, sizeDelta: bigint) {
  const reserved = reservePosition(state, OWNER, collateral);
  return failureOf(reserved.state, reserved.position, sizeDelta);
}

/** More size than any rounding is worth: that of thirty token units of margin at the least ratio. */
const beyond = ({ quoteScale, price }: MarketState): bigint => (3_000n * quoteScale) / price + 1n;

describe("maxSize", () => {
  it("executes at that size, fails by one unit more for the reason named, and by all larger ones", () => {
    const seen = new Set<string>();
    forSeeds(150, (random) => {
      const { state } = randomMarket(random);
      const isLong = random.oneIn(2);
      const unit = 10n ** 36n / state.quoteScale;
      const collateral = random.pick([3n, 500n, 30_000n, 2_000_000n]) * unit + random.between(0n, unit);
      const { size, bound } = maxSize(state, { isLong, collateral });
      const fails = (s: bigint) => failureOfOpening(state, collateral, isLong ? s : -s);
      seen.add(bound);
      if (size !== 0n) expect(fails(size)).to.equal("None");
      if (size !== 0n) expect(fails(size + 1n)).to.equal(bound);
      for (let i = 0; i < 20; i += 1)
        expect(fails(size + beyond(state) + random.between(0n, size + 10n ** 20n))).not.to.equal("None");
    });
    expect([...seen].sort()).to.deep.equal(["InsufficientMargin", "PositionCap"]);
  });

  it("adds to an open position as much, with collateral of the order in it", () => {
    forSeeds(150, (random) => {
      const { state, positions } = randomMarket(random);
      const position = positions[0];
      if (position === undefined) return;
      const collateral = random.pick([0n, 1_000n]) * (10n ** 36n / state.quoteScale);
      const isLong = position.size > 0n;
      const { size, bound } = maxSize(state, { position, isLong, collateral });
      const paid = { ...position, collateral: position.collateral + collateral };
      expect(size > 0n && bound !== "Slippage").to.equal(true);
      expect(failureOf(state, paid, isLong ? size : -size)).to.equal("None");
      expect(failureOf(state, paid, isLong ? size + 1n : -size - 1n)).to.equal(bound);
    });
  });

  it("adds less than an opening would have to be", () => {
    const empty = emptyMarket();
    const collateral = 10n ** 9n;
    const { size: most } = maxSize(empty, { isLong: true, collateral });
    const { state, opened } = openIn({ state: empty, positions: [] }, most, collateral);
    const { size } = maxSize(state, { isLong: true, position: opened, collateral: 1_200_000n });
    const worth = math.PositionMath.quoteUp(size, state.price, state.quoteScale);
    expect(worth > 10_000_000n && worth < 50_000_000n).to.equal(true);
    const paid = { ...opened, collateral: opened.collateral + 1_200_000n };
    expect(failureOf(state, paid, size)).to.equal("None");
  });

  const cases: readonly [string, MarketWish, bigint, string][] = [
    ["the side's cap", { params: { maxPositionShare: (8n * WAD) / 10n } }, 10n ** 13n, "OpenInterestCap"],
    ["the position's cap", {}, 10n ** 13n, "PositionCap"],
    ["the margin", {}, 10n ** 9n, "InsufficientMargin"],
  ];
  for (const [name, wish, collateral, bound] of cases)
    it(`is bound by ${name}`, () => {
      const state = emptyMarket(wish);
      const found = maxSize(state, { isLong: true, collateral });
      expect(found.bound).to.equal(bound);
      expect(failureOfOpening(state, collateral, found.size)).to.equal("None");
      expect(failureOfOpening(state, collateral, found.size + 1n)).to.equal(bound);
    });

  it("is none where nothing can be opened, and says why", () => {
    const state = emptyMarket();
    const none = (of: MarketState, collateral: bigint) => maxSize(of, { isLong: true, collateral });
    expect(none(state, 10n ** 6n)).to.deep.equal({ size: 0n, bound: "InsufficientMargin" });
    expect(none(state, 0n)).to.deep.equal({ size: 0n, bound: "OrderCollateralTooLow" });
    expect(none({ ...state, priceIsFresh: false }, 10n ** 9n)).to.deep.equal({
      size: 0n,
      bound: "StalePrice",
    });
    const guarded = { ...state, carry: { ...state.carry, flags: 4n } };
    expect(none(guarded, 10n ** 9n)).to.deep.equal({ size: 0n, bound: "ReduceOnly" });
  });

  it("takes a worse fixing, refuses a better one, and an order against the position", () => {
    const market = openIn({ state: emptyMarket(), positions: [] }, WAD, 10n ** 9n);
    const { state, opened } = market;
    const wish = { isLong: true, collateral: 10n ** 9n };
    const atIndex = maxSize(state, wish).size;
    const worse = maxSize(state, { ...wish, price: (state.price * 1_005n) / 1_000n }).size;
    // Half a percent lost at once, of margins of 2.5 %.
    expect(worse).to.be.below((atIndex * 9n) / 10n);
    expect(() => maxSize(state, { ...wish, price: state.price - 1n })).to.throw(RangeError, "better");
    expect(() => maxSize(state, { ...wish, isLong: false, position: opened })).to.throw(
      RangeError,
      "other side",
    );
  });
});

describe("maxReduction", () => {
  /** A position near liquidation or bankruptcy; in a half of the markets trading costs more than the margin it frees. */
  function strained(random: Random) {
    const isLong = random.oneIn(2);
    const isDear = random.oneIn(2);
    const params = isDear ? { takerFee: WAD / 100n, depth: 1_000n * WAD } : {};
    const empty = { state: emptyMarket({ params }), positions: [] };
    const crowd = openIn(empty, (isLong ? -20n : 20n) * WAD, 20_000_000_000n);
    const { state } = isDear ? crowd : empty;
    const collateral = 50_000_000n + random.between(0n, 50_000_000n);
    const size = (maxSize(state, { isLong, collateral }).size * random.pick([1n, 2n, 4n])) / 4n;
    const entered = openIn({ state, positions: [] }, isLong ? size : -size, collateral);
    const { opened, state: after } = entered;
    const { liquidationPrice, bankruptcyPrice } = judge(after, opened);
    const [near, off] = random.pick([
      [liquidationPrice, 300n],
      [bankruptcyPrice, 100n],
    ]);
    const price = (near * (10_000n + random.signed(off))) / 10_000n;
    return { state: drift(after, random.between(0n, 4_000n), price), position: opened };
  }

  it("executes in part at that size and not at one unit more, in random markets near liquidation", () => {
    const seen = new Set<string>();
    forSeeds(300, (random) => {
      const { state, position } = strained(random);
      const isLong = position.size > 0n;
      const { size, bound } = maxReduction(state, position);
      const { reducible } = judge(state, position);
      const fails = (s: bigint) => failureOf(state, position, isLong ? -s : s);
      seen.add(size === 0n ? `${bound} at all` : bound);
      expect(size <= reducible).to.equal(true);
      if (bound === "BelowMinimum") return expect(size).to.equal(reducible);
      if (size !== 0n) expect(fails(size)).to.equal("None");
      expect(fails(size + 1n)).to.equal("InsufficientMargin");
      for (let i = 1n; i <= 60n; i += 1n) {
        const larger = size + beyond(state) + ((reducible - size) * i) / 60n;
        if (larger <= reducible) expect(fails(larger)).to.equal("InsufficientMargin");
      }
      return undefined;
    });
    expect([...seen].sort()).to.deep.equal([
      "BelowMinimum",
      "InsufficientMargin",
      "InsufficientMargin at all",
    ]);
  });

  it("is all that can go without closing, for a position with margin to spare", () => {
    const { state, opened } = openIn({ state: emptyMarket(), positions: [] }, -WAD, 10n ** 9n);
    const { size, bound } = maxReduction(state, opened);
    expect([size, bound]).to.deep.equal([judge(state, opened).reducible, "BelowMinimum"]);
    const rest = abs(opened.size) - size;
    const worth = (of: bigint) => math.PositionMath.quoteUp(of, state.price, state.quoteScale);
    expect([worth(rest), worth(rest - 1n)]).to.deep.equal([50_000_000n, 49_999_999n]);
  });

  it("needs an open position", () => {
    const { state, position } = reservePosition(emptyMarket(), OWNER, 10n ** 9n);
    expect(() => maxReduction(state, position)).to.throw(RangeError, "not open");
  });
});
