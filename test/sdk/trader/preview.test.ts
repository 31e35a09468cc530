import { executeTrade, judge, leverageOf, math, previewOrder, withPrice } from "@bulkhead/sdk";
import { expect } from "chai";
import { drift, emptyMarket, forSeeds, openIn, randomMarket } from "../marketState.ts";

const { WAD } = math.FixedMath;

describe("previewOrder", () => {
  it("itemises all costs: what an opening takes from the collateral and the price is their sum", () => {
    forSeeds(150, (random) => {
      const { state } = randomMarket(random);
      const unit = 10n ** 36n / state.quoteScale;
      const collateral = 5_000n * unit;
      const size = ((100n * unit + random.between(0n, 20_000n * unit)) * state.quoteScale) / state.price;
      const preview = previewOrder(state, { sizeDelta: random.oneIn(2) ? size : -size, collateral });
      expect(preview.obstacle).to.equal("None");
      const { costs, after, position, quote, fill } = preview;
      expect(costs).to.include({ fee: quote!.fee, impact: fill!.impact, carry: 0n });
      expect(costs.total).to.equal(costs.fee + costs.impact + costs.executionFee);
      // Equity after is what was paid in less the costs, to the roundings of the notional's two quotes.
      const lost = collateral - after!.equity;
      expect(lost - costs.total >= 0n && lost - costs.total <= 2n).to.equal(true);
      expect(after).to.deep.equal(judge(preview.state, position!));
      expect(preview.leverageAfter).to.equal(leverageOf(after!));
      expect([preview.before, preview.leverageBefore]).to.deep.equal([undefined, undefined]);
    });
  });

  it("puts the collateral of an increase in first, as the order book does", () => {
    const { state, opened } = openIn({ state: emptyMarket(), positions: [] }, WAD, 100_000_000n);
    const alone = previewOrder(state, { position: opened, sizeDelta: WAD });
    expect(alone.obstacle).to.equal("InsufficientMargin");
    const paid = previewOrder(state, { position: opened, sizeDelta: WAD, collateral: 100_000_000n });
    expect(paid.obstacle).to.equal("None");
    expect(paid.position!.collateral).to.equal(
      opened.collateral + 100_000_000n - paid.costs.fee - paid.costs.executionFee,
    );
    expect(paid.before).to.deep.equal(judge(state, opened));
    expect(paid.leverageBefore! < paid.leverageAfter!).to.equal(true);
    const { money } = paid.state;
    expect(money.totalBalance).to.equal(paid.position!.collateral);
  });

  it("sends a close to the owner, with carry among the costs", () => {
    const { state, opened } = openIn({ state: emptyMarket(), positions: [] }, 100n * WAD, 10n ** 11n);
    const later = drift(state, 86_400n, 2_010n * WAD);
    const { costs, toOwner, position, after, leverageAfter, fill } = previewOrder(later, {
      position: opened,
      sizeDelta: 0n,
    });
    expect(costs.carry > 0n && costs.impact < 0n).to.equal(true);
    const cash = costs.fee + costs.executionFee + costs.carry;
    expect(toOwner).to.equal(opened.collateral + fill!.pnl - cash);
    expect([position, after, leverageAfter]).to.deep.equal([undefined, undefined, undefined]);
  });

  it("tells what a failure costs, and what comes back", () => {
    const state = emptyMarket();
    const tight = previewOrder(state, {
      sizeDelta: WAD,
      collateral: 10n ** 9n,
      acceptablePrice: state.price,
    });
    expect(tight.obstacle).to.equal("Slippage");
    expect(tight.costs).to.include({ executionFee: 100_000n, fee: 0n, total: 100_000n });
    expect(tight.toOwner).to.equal(10n ** 9n - 100_000n);
    const { opened, state: open } = openIn({ state, positions: [] }, WAD, 10n ** 9n);
    const stays = previewOrder(open, { position: opened, sizeDelta: WAD, acceptablePrice: state.price });
    expect(stays.obstacle).to.equal("Slippage");
    expect(stays.position!.collateral).to.equal(opened.collateral - 100_000n);
  });

  it("names what the order book refuses before it takes any money", () => {
    const { state, opened } = openIn({ state: emptyMarket(), positions: [] }, WAD, 10n ** 9n);
    const obstacle = (wish: Parameters<typeof previewOrder>[1]) => {
      const preview = previewOrder(state, wish);
      expect([preview.costs.total, preview.state]).to.deep.equal([0n, state]);
      return preview.obstacle;
    };
    const waiting = { ...opened, size: 0n };
    expect(obstacle({ sizeDelta: 0n, collateral: 10n ** 9n })).to.equal("OrderSizeZero");
    expect(obstacle({ sizeDelta: 1n << 111n })).to.equal("OrderSizeTooLarge");
    expect(obstacle({ sizeDelta: WAD, executionFee: 1n })).to.equal("OrderExecutionFeeOutOfBounds");
    expect(obstacle({ sizeDelta: WAD, collateral: 99_999n })).to.equal("OrderCollateralTooLow");
    expect(obstacle({ position: waiting, sizeDelta: WAD })).to.equal("PositionNotOpen");
    expect(obstacle({ position: opened, sizeDelta: -WAD, collateral: 1n })).to.equal(
      "OrderCollateralUnexpected",
    );
  });

  it("fills at a fixing beside the index price, and judges at the index", () => {
    const state = emptyMarket();
    const price = 2_004n * WAD;
    const { quote, after } = previewOrder(state, { sizeDelta: WAD, collateral: 10n ** 9n, price });
    expect([quote!.price, after!.price]).to.deep.equal([price, state.price]);
    expect(after!.pnl < -4_000_000n).to.equal(true);
  });

  it("lets a position be closed while the market has no price, at the fixing's", () => {
    const { state, opened } = openIn({ state: emptyMarket(), positions: [] }, WAD, 10n ** 9n);
    const dark = { ...state, price: 0n, priceIsFresh: false };
    const close = { position: opened, sizeDelta: 0n, price: 2_000n * WAD };
    expect(previewOrder(dark, close).obstacle).to.equal("None");
    const part = previewOrder(dark, { ...close, sizeDelta: -WAD / 2n });
    expect([part.before!.price, part.after!.price]).to.deep.equal([close.price, close.price]);
    expect(previewOrder(dark, { ...close, sizeDelta: WAD }).obstacle).to.equal("StalePrice");
    expect(() => previewOrder(dark, { position: opened, sizeDelta: 0n })).to.throw(RangeError, "price");
  });

  it("agrees with the engine's own trade about the market afterwards", () => {
    const { state, opened } = openIn({ state: emptyMarket(), positions: [] }, 3n * WAD, 10n ** 10n);
    const at = withPrice(state, 2_050n * WAD);
    const trade = {
      sizeDelta: -WAD,
      acceptablePrice: 0n,
      executionFee: 300_000n,
      price: at.price,
      indexPrice: at.price,
      indexIsFresh: true,
    };
    const { state: later } = executeTrade(at, opened, trade, state.time + 60n);
    const wish = { position: opened, sizeDelta: -WAD, executionFee: 300_000n };
    expect(previewOrder(at, wish, state.time + 60n).state).to.deep.equal(later);
  });
});
