import { executeTrade, judge, math, reservePosition, sizeFromRisk, withPrice } from "@bulkhead/sdk";
import type { MarketState, RiskWish } from "@bulkhead/sdk";
import { expect } from "chai";
import type { Random } from "../../shared/random.ts";
import { emptyMarket, forSeeds, openIn, randomMarket } from "../marketState.ts";

const { WAD } = math.FixedMath;
const ANY = (1n << 256n) - 1n;
const OWNER = `0x${"b0".repeat(20)}`;
const DOLLAR = 1_000_000n;

/** What being stopped costs, or why it doesn't come to that: by the engine's own trades, the tools are not asked. */
function stopOut(state: MarketState, wish: RiskWish, collateral: bigint, sizeDelta: bigint) {
  const { stopPrice, entryPrice = state.price, holding = 0n } = wish;
  const entryState = withPrice(state, entryPrice);
  const order = (at: MarketState, delta: bigint, buys: boolean) => ({
    sizeDelta: delta,
    acceptablePrice: buys ? ANY : 0n,
    executionFee: state.orderParams.minExecutionFee,
    price: at.price,
    indexPrice: at.price,
    indexIsFresh: true,
  });
  const isLong = sizeDelta > 0n;
  const reserved = reservePosition(entryState, OWNER, collateral);
  const entryOrder = order(entryState, sizeDelta, isLong);
  const entry = executeTrade(reserved.state, reserved.position, entryOrder, state.time);
  if (entry.position === undefined || entry.failure !== "None") return { failure: entry.failure };
  const stoppedAt = state.time + holding;
  const atStop = withPrice({ ...entry.state, time: stoppedAt }, stopPrice);
  const { standing } = judge(atStop, entry.position);
  const exit = executeTrade(atStop, entry.position, order(atStop, 0n, !isLong), stoppedAt);
  return { standing, loss: collateral - exit.toOwner };
}

function randomWish(random: Random, state: MarketState): RiskWish {
  const unit = 10n ** 36n / state.quoteScale;
  const away = 20n + random.pick([50n, 200n, 2_000n, 4_000n]);
  return {
    account: 5_000n * unit + random.between(0n, 50_000n * unit),
    riskShare: random.pick([WAD / 200n, WAD / 50n, (9n * WAD) / 10n]),
    stopPrice: (state.price * (10_000n + (random.oneIn(2) ? away : -away))) / 10_000n,
    holding: random.pick([0n, 0n, 36_000n]),
  };
}

describe("sizeFromRisk", () => {
  it("loses at most the budget when stopped, and with one unit more size it would not hold", () => {
    const seen = new Set<string>();
    forSeeds(120, (random) => {
      const { state } = randomMarket(random);
      const wish = randomWish(random, state);
      const { sizeDelta, collateral, budget, loss, bound } = sizeFromRisk(state, wish);
      expect(budget).to.equal((wish.account * wish.riskShare) / WAD);
      seen.add(bound);
      if (sizeDelta === 0n) return;
      expect(sizeDelta > 0n).to.equal(wish.stopPrice < state.price);
      const stopped = stopOut(state, wish, collateral, sizeDelta);
      expect(stopped).to.deep.equal({ standing: "healthy", loss });
      expect(loss <= budget).to.equal(true);
      expect(collateral <= wish.account).to.equal(true);
      const more = stopOut(state, wish, wish.account, sizeDelta + (sizeDelta > 0n ? 1n : -1n));
      if (bound === "Risk") expect(more.loss! > budget).to.equal(true);
      else if (bound === "Liquidation") expect(more.standing).not.to.equal("healthy");
      else expect(more.failure).to.equal(bound);
      for (let i = 1n; i <= 20n; i += 1n) {
        const larger = stopOut(state, wish, wish.account, sizeDelta + (sizeDelta * i) / 10n);
        const holds = larger.standing === "healthy" && larger.loss <= budget;
        expect(holds).to.equal(false);
      }
      const less = stopOut(state, wish, collateral - 1n, sizeDelta);
      expect(less.standing === "healthy" && less.failure === undefined).to.equal(false);
    });
    expect([...seen].sort()).to.deep.equal(["InsufficientMargin", "Liquidation", "PositionCap", "Risk"]);
  });

  it("comes within a unit's worth of the budget: nothing of it is left unused", () => {
    const state = emptyMarket();
    const wish = { account: 50_000n * DOLLAR, riskShare: WAD / 100n, stopPrice: 1_900n * WAD };
    const { sizeDelta, loss, budget, bound } = sizeFromRisk(state, wish);
    expect([budget, bound]).to.deep.equal([500n * DOLLAR, "Risk"]);
    expect(budget - loss < 10n).to.equal(true);
    // 500 of risk over 100 a piece would be 5 ETH, if nothing else cost anything.
    expect(sizeDelta > (48n * WAD) / 10n && sizeDelta < 5n * WAD).to.equal(true);
  });

  it("counts every cost: fees and execution fees both ways, impact at both prices", () => {
    const { state } = openIn({ state: emptyMarket(), positions: [] }, 400n * WAD, 10n ** 11n);
    const wish = { account: 90_000n * DOLLAR, riskShare: WAD / 50n, stopPrice: 1_950n * WAD };
    const { entry, exit, loss, sizeDelta } = sizeFromRisk(state, wish);
    const move = math.PositionMath.quoteUp(sizeDelta, 50n * WAD, state.quoteScale);
    const costs = entry!.costs.total + exit!.costs.total;
    expect(entry!.costs.fee > 0n && exit!.costs.fee > 0n && entry!.costs.impact > 0n).to.equal(true);
    expect(loss - move - costs <= 2n && loss - move - costs >= -2n).to.equal(true);
  });

  it("passes over sizes that are liquidated before the stop, and takes the loss for what it is", () => {
    const state = emptyMarket();
    const wish = {
      account: 10_000n * DOLLAR,
      riskShare: WAD / 5n,
      stopPrice: 1_800n * WAD,
      collateral: 1_000n * DOLLAR,
    };
    const { sizeDelta, bound, collateral, loss, budget } = sizeFromRisk(state, wish);
    expect([bound, collateral]).to.deep.equal(["Liquidation", wish.collateral]);
    expect(loss < budget).to.equal(true);
    expect(stopOut(state, wish, collateral, sizeDelta).standing).to.equal("marginCall");
    expect(stopOut(state, wish, collateral, sizeDelta + 1n).standing).to.equal("liquidatable");
  });

  it("sizes an entry at another price than the latest", () => {
    const state = emptyMarket();
    const wish = { account: 20_000n * DOLLAR, riskShare: WAD / 100n, stopPrice: 1_960n * WAD };
    const long = sizeFromRisk(state, { ...wish, entryPrice: 1_980n * WAD });
    const short = sizeFromRisk(state, { ...wish, entryPrice: 1_940n * WAD });
    expect(long.sizeDelta > 0n && short.sizeDelta < 0n).to.equal(true);
    for (const [sizing, entryPrice] of [
      [long, 1_980n * WAD],
      [short, 1_940n * WAD],
    ] as const)
      expect(stopOut(state, { ...wish, entryPrice }, sizing.collateral, sizing.sizeDelta).loss).to.equal(
        sizing.loss,
      );
  });

  it("finds none where the least size risks too much, and says why", () => {
    const wish = { account: 100n * DOLLAR, riskShare: WAD / 1_000n, stopPrice: 1_900n * WAD };
    expect(sizeFromRisk(emptyMarket(), wish)).to.include({ sizeDelta: 0n, bound: "Risk", loss: 0n });
    const closed = { ...emptyMarket(), priceIsFresh: false };
    expect(sizeFromRisk(closed, wish)).to.include({ sizeDelta: 0n, bound: "StalePrice" });
  });

  it("refuses a stop at the entry, and shares and accounts that make no sense", () => {
    const state = emptyMarket();
    const wish = { account: DOLLAR, riskShare: WAD, stopPrice: WAD };
    expect(() => sizeFromRisk(state, { ...wish, stopPrice: state.price })).to.throw(RangeError, "stopPrice");
    expect(() => sizeFromRisk(state, { ...wish, riskShare: WAD + 1n })).to.throw(RangeError, "riskShare");
    expect(() => sizeFromRisk(state, { ...wish, account: 0n })).to.throw(RangeError, "account");
    expect(() => sizeFromRisk(state, { ...wish, holding: -1n })).to.throw(RangeError, "holding");
  });
});
