import {
  breakEven,
  fundingForecast,
  maxSize,
  previewOrder,
  readState,
  sizeFromRisk,
  type OrderPreview,
} from "@bulkhead/sdk";
import { expect } from "chai";
import { openMarket, WAD, type Desk } from "../../shared/market.ts";

/** An order as the lens takes it, and whether to hold its prices against each other too. */
interface Compared {
  readonly id: bigint;
  readonly sizeDelta: bigint;
  readonly collateral: bigint;
}

describe("the trader's tools, against a market on a chain", () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await openMarket();
  });

  const reading = (ids: readonly bigint[] = []) =>
    readState({ stateLens: desk.stateLens, addresses: desk.addresses }, ids);

  it("opens the largest size through the order book, and not one unit more", async () => {
    const { trade, alice, unit } = desk;
    for (const side of [1n, -1n]) {
      const collateral = 5_000n * unit + 7n;
      const { size, bound } = maxSize((await reading()).state, { isLong: side > 0n, collateral });
      expect(bound).to.equal("InsufficientMargin");
      const more = await trade(alice, { sizeDelta: side * (size + 1n), collateral });
      expect(more.outcome).to.include({ kind: "failed", reason: bound });
      const most = await trade(alice, { sizeDelta: side * size, collateral });
      expect(most.outcome).to.include({ kind: "settled" });
    }
  });

  it("names the cap that an order runs into, and the largest size under it", async () => {
    const { trade, alice, unit } = desk;
    const collateral = 100_000_000n * unit;
    const { size, bound } = maxSize((await reading()).state, { isLong: true, collateral });
    expect(bound).to.equal("OpenInterestCap");
    const more = await trade(alice, { sizeDelta: size + 1n, collateral });
    expect(more.outcome).to.include({ kind: "failed", reason: bound });
    const most = await trade(alice, { sizeDelta: size, collateral });
    expect(most.outcome).to.include({ kind: "settled" });
  });

  /** Holds a preview against the lens, field by field. */
  async function compare(preview: OrderPreview, { id, sizeDelta, collateral }: Compared) {
    const { lens, market, file } = desk;
    const fee = file.orders.minExecutionFee;
    const said = await lens.previewTrade(market, id, sizeDelta, collateral, fee, 2_000n * WAD);
    const [trade, later] = said;
    const { fill, after } = preview;
    expect(trade.failure).to.equal(0n);
    expect([fill!.sizeDelta, fill!.later.size, fill!.later.entryNotional, fill!.fee]).to.deep.equal([
      trade.sizeDelta,
      trade.newSize,
      trade.newEntryNotional,
      trade.fee,
    ]);
    expect([fill!.impact, fill!.pnl, fill!.realised, fill!.carry, fill!.later.collateral]).to.deep.equal([
      trade.impact,
      trade.pnl,
      trade.realised,
      trade.carry,
      trade.newCollateral,
    ]);
    expect([preview.costs.fee, preview.costs.carry]).to.deep.equal([trade.fee, trade.carry]);
    if (after === undefined) return expect(trade.newSize).to.equal(0n);
    const { position } = later;
    expect([after.pnl, after.equity, after.notional, after.carryOwed]).to.deep.equal([
      position.pnl,
      position.equity,
      position.notional,
      position.carryOwed,
    ]);
    expect([after.maintenanceMargin, after.initialMargin]).to.deep.equal([
      position.maintenanceMargin,
      position.initialMargin,
    ]);
    expect([after.liquidationPrice, after.bankruptcyPrice]).to.deep.equal([
      later.liquidationPrice,
      later.bankruptcyPrice,
    ]);
    return expect([
      after.marginRatio,
      after.warningMargin,
      after.withdrawable,
      after.reducible,
    ]).to.deep.equal([later.marginRatio, later.warningMargin, later.withdrawable, later.reducible]);
  }

  it("previews openings, increases, decreases and closes as the lens does", async () => {
    const { trade, alice, bob, unit, push, networkHelpers } = desk;
    const { id: long } = await trade(alice, { sizeDelta: 30n * WAD, collateral: 8_000n * unit });
    const { id: short } = await trade(bob, { sizeDelta: -7n * WAD, collateral: 2_000n * unit });
    await networkHelpers.time.increase(3_600);
    await push(2_000n);
    await compareAll([long, short]);
    await desk.market.accrue();
    await compareAll([long, short]);
  });

  async function compareAll(ids: readonly bigint[]) {
    const { unit } = desk;
    const { state, positions } = await reading(ids);
    const opening = { id: 0n, sizeDelta: -5n * WAD, collateral: 1_000n * unit };
    await compare(previewOrder(state, opening), opening);
    for (const position of positions) {
      const { id } = position;
      const size = position.size > 0n ? WAD : -WAD;
      const orders = [
        { sizeDelta: size, collateral: 50n * unit },
        { sizeDelta: -size, collateral: 0n },
        { sizeDelta: 0n, collateral: 0n },
      ];
      for (const order of orders)
        await compare(previewOrder(state, { position, ...order }), { id, ...order });
    }
  }

  it("previews liquidation prices as the lens gives them once the order is settled", async () => {
    const { trade, alice, unit, lens, market } = desk;
    const { state } = await reading();
    const collateral = 3_000n * unit;
    const { after, leverageAfter } = previewOrder(state, { sizeDelta: 10n * WAD, collateral });
    const { id } = await trade(alice, { sizeDelta: 10n * WAD, collateral });
    const [risk] = await lens.risk(market, [id]);
    expect([after!.liquidationPrice, after!.bankruptcyPrice, after!.equity]).to.deep.equal([
      risk!.liquidationPrice,
      risk!.bankruptcyPrice,
      risk!.position.equity,
    ]);
    expect(leverageAfter! / WAD).to.equal(6n);
  });

  it("loses at a stop on the chain what the sizing has said", async () => {
    const { trade, alice, unit, token } = desk;
    const { state } = await reading();
    const wish = { account: 20_000n * unit, riskShare: WAD / 100n, stopPrice: 1_950n * WAD };
    const { sizeDelta, collateral, loss, budget } = sizeFromRisk(state, wish);
    const before = await token.balanceOf(alice);
    const { id, outcome } = await trade(alice, { sizeDelta, collateral });
    expect(outcome).to.include({ kind: "settled" });
    await trade(alice, { positionId: id }, 1_950n);
    const lost = before - (await token.balanceOf(alice));
    // Beside the carry of the forty seconds that the close waits for its price.
    expect(lost - loss >= 0n && lost - loss < unit / 100n).to.equal(true);
    expect(loss <= budget).to.equal(true);
  });

  it("forecasts the carry that the lens shows later, and a break-even that pays back on the chain", async () => {
    const { trade, alice, unit, view, networkHelpers, push, token } = desk;
    const { id } = await trade(alice, { sizeDelta: 300n * WAD, collateral: 90_000n * unit });
    const { state, positions } = await reading([id]);
    await networkHelpers.time.increase(86_400);
    await push(2_000n);
    const later = await reading([id]);
    const [row] = fundingForecast(state, positions[0]!, [later.state.time - state.time]);
    expect(row!.carry).to.equal((await view(id)).carryOwed);
    // A whole dollar on the safe side, for the close waits for its price.
    const price = breakEven(later.state, later.positions[0]!)!;
    const before = await token.balanceOf(alice);
    await trade(alice, { positionId: id }, price / WAD + 1n);
    const got = (await token.balanceOf(alice)) - before;
    expect(got >= positions[0]!.collateral && got < positions[0]!.collateral + 400n * unit).to.equal(true);
  });
});
