import { executeTrade, math, quote, reservePosition, withPrice } from "@bulkhead/sdk";
import { expect } from "chai";
import { emptyMarket, forSeeds, openIn, randomMarket } from "../marketState.ts";

const { WAD, abs } = math.FixedMath;
const ANY = (1n << 256n) - 1n;

describe("quote", () => {
  it("is the price, impact and fee that the engine fills with, in random markets", () => {
    forSeeds(200, (random) => {
      const { state } = randomMarket(random);
      const unit = 10n ** 36n / state.quoteScale;
      const collateral = 50_000n * unit;
      const notional = 100n * unit + random.between(0n, 30_000n * unit);
      const size = (notional * state.quoteScale) / state.price;
      const sizeDelta = random.oneIn(2) ? size : -size;
      const price = (state.price * (10_000n + random.signed(50n))) / 10_000n;
      const { state: reserved, position } = reservePosition(state, `0x${"b0".repeat(20)}`, collateral);
      const trade = {
        sizeDelta,
        acceptablePrice: sizeDelta > 0n ? ANY : 0n,
        executionFee: 0n,
        price,
        indexPrice: state.price,
        indexIsFresh: true,
      };
      const { fill, failure } = executeTrade(reserved, position, trade, state.time);
      const quoted = quote(state, sizeDelta, price);
      expect(failure).to.equal("None");
      expect(quoted).to.include({ impact: fill!.impact, fee: fill!.fee, notional: fill!.notional });
      expect(quoted.takerSize + quoted.makerSize).to.equal(abs(sizeDelta));
      expect(quoted.takerFee + quoted.makerFee).to.equal(quoted.fee);
      const limited = { ...trade, acceptablePrice: quoted.meanPrice };
      expect(executeTrade(reserved, position, limited, state.time).failure).to.equal("None");
      // Two token units' worth better than the mean is refused.
      const worth = (2n * state.quoteScale) / size + 1n;
      const tight = quoted.meanPrice + (sizeDelta > 0n ? -worth : worth);
      expect(
        executeTrade(reserved, position, { ...limited, acceptablePrice: tight }, state.time).failure,
      ).to.equal("Slippage");
    });
  });

  it("charges the maker's fee on what gives skew back and the taker's on the rest", () => {
    const { state } = openIn({ state: emptyMarket(), positions: [] }, 10n * WAD, 10_000_000_000n);
    const across = quote(state, -15n * WAD);
    expect(across).to.include({ makerSize: 10n * WAD, takerSize: 5n * WAD });
    // 2 bp of 20,000 and 5 bp of 10,000 dollars.
    expect(across).to.include({ makerFee: 4_000_000n, takerFee: 5_000_000n });
    expect(quote(state, -10n * WAD).impact).to.be.below(0n);
    expect(quote(state, 10n * WAD).impact).to.be.above(0n);
  });

  it("is worked by hand: 100 ETH into an empty market of 50,000 ETH depth pay 0.1 % over the price at the end", () => {
    // Mean premium is half of 100 / 50,000.
    const { impact, meanPrice, notional } = quote(emptyMarket(), 100n * WAD);
    expect(impact).to.equal(200_000_000n);
    expect(notional).to.equal(200_200_000_000n);
    expect(meanPrice).to.equal(2_002n * WAD);
  });

  it("refuses a trade of nothing, and a market without a price", () => {
    const state = emptyMarket();
    expect(() => quote(state, 0n)).to.throw(RangeError, "sizeDelta");
    expect(() => quote({ ...state, price: 0n }, WAD)).to.throw(RangeError, "price");
  });
});

describe("withPrice", () => {
  it("changes the price, when and how freshly it was observed, and the band, and nothing else", () => {
    const state = emptyMarket();
    const moved = withPrice(state, 1_999n * WAD + 1n);
    const { price, observedAt, priceIsFresh, low, high, ...rest } = moved;
    expect({ price, observedAt, priceIsFresh }).to.deep.equal({
      price: 1_999n * WAD + 1n,
      observedAt: state.time,
      priceIsFresh: true,
    });
    // 1.75 % of it, rounded up.
    const half = (1_999n * WAD * 175n) / 10_000n + 1n;
    expect([low, high]).to.deep.equal([price - half, price + half]);
    expect({ ...state, ...rest }).to.deep.equal(state);
    expect(withPrice(state, WAD, { observedAt: 5n, fresh: false })).to.include({
      observedAt: 5n,
      priceIsFresh: false,
    });
  });

  it("refuses prices that the market can't have", () => {
    const state = emptyMarket();
    expect(() => withPrice(state, 0n)).to.throw(RangeError, "price");
    expect(() => withPrice(state, 10n ** 30n + 1n)).to.throw(RangeError, "price");
  });
});
