import { failureName, math } from "@bulkhead/sdk";
import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { openMarket, orderEvents, protocol, WAD, type Desk } from "../shared/market.ts";
import { createRandom } from "../shared/random.ts";

const SIZE = 10n * WAD;
const [WAITING, HEALTHY, MARGIN_CALL, LIQUIDATABLE, BANKRUPT] = [1n, 2n, 3n, 4n, 5n];
const NEVER = (1n << 256n) - 1n;

describe("PerpLens", () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await openMarket();
  });

  const risk = async (id: bigint) => (await desk.lens.risk(desk.market, [id]))[0]!;

  /** A long and a short with a skew and an hour of carry. */
  async function book() {
    const { trade, alice, bob, unit, networkHelpers, push } = desk;
    const { id: long } = await trade(alice, { sizeDelta: SIZE, collateral: 3_000n * unit });
    const { id: short } = await trade(bob, { sizeDelta: -3n * WAD, collateral: 900n * unit });
    await networkHelpers.time.increase(3_600);
    await push(2_000n);
    return { long, short };
  }

  it("flags ids that are no positions, in every view, and reverts for none", async () => {
    const { lens, market } = desk;
    const { long } = await book();
    const ids = [long, 0n, 99n, NEVER];
    for (const views of [await lens.risk(market, ids), await lens.riskAt(market, ids, 5n * WAD)])
      expect(views.map(({ position }) => position.exists)).to.deep.equal([true, false, false, false]);
    expect((await lens.prices(market, ids)).map(({ exists }) => exists)).to.deep.equal([
      true,
      false,
      false,
      false,
    ]);
    const [liquidatable] = await lens.previewLiquidations(market, ids, 100n * WAD);
    expect([...liquidatable]).to.deep.equal([true, false, false, false]);
    expect([...(await lens.deleveragePreview(market, true, ids)).closed]).to.deep.equal([0n, 0n, 0n, 0n]);
    expect((await lens.explain(market, 99n)).state).to.equal(0n);
    expect(await lens.deficiency(market, 99n)).to.equal(0n);
    expect((await lens.previewCollateral(market, 99n, 1n)).allowed).to.equal(false);
    expect((await lens.pricesIf(market, 99n, 0n, 0n, 0n, WAD)).exists).to.equal(false);
  });

  it("answers all of it without a price too", async () => {
    const { lens, market, aggregator } = desk;
    const { long } = await book();
    await aggregator.push(100, 0, 1, 1);
    const view = await risk(long);
    expect([view.position.exists, view.position.priceIsFresh, view.withdrawable]).to.deep.equal([
      true,
      false,
      0n,
    ]);
    await lens.explain(market, long);
    await lens.status(market);
    await lens.solvency(market);
    const [state, [first, unknown]] = await desk.stateLens.state(market, [long, 99n]);
    expect([state.price, state.low, state.priceIsFresh]).to.deep.equal([0n, 0n, false]);
    expect([first!.size, unknown!.owner]).to.deep.equal([SIZE, ZeroAddress]);
    const [shock] = await lens.stress(market, [-WAD / 2n]);
    expect([shock!.price, shock!.netAssetValue]).to.deep.equal([0n, 0n]);
    expect((await lens.deleveragePreview(market, true, [long])).due).to.equal(false);
  });

  it("names the state at every price on the way down, with what restores it", async () => {
    const { lens, market, commit, alice, unit, push } = desk;
    const { long } = await book();
    const { order } = await commit(alice, { sizeDelta: WAD, collateral: 1_000n * unit });
    expect((await risk(order.positionId)).state).to.equal(WAITING);
    const stateAt = async (dollars: bigint) => (await lens.riskAt(market, [long], dollars * WAD))[0]!.state;
    expect(await stateAt(2_000n)).to.equal(HEALTHY);
    expect(await stateAt(1_730n)).to.equal(MARGIN_CALL);
    expect(await stateAt(1_724n)).to.equal(LIQUIDATABLE);
    expect(await stateAt(1_690n)).to.equal(BANKRUPT);

    await push(1_730n);
    const { warningMargin, position, deficiency } = await risk(long);
    expect(warningMargin).to.equal((position.maintenanceMargin * 5n + 3n) / 4n);
    expect(deficiency).to.equal(warningMargin - position.equity);
    expect(await lens.deficiency(market, long)).to.equal(deficiency);
    // A margin call stops nobody from getting safer.
    const { outcome } = await desk.trade(alice, { positionId: long, sizeDelta: -WAD }, 1_730n);
    expect(outcome).to.include({ kind: "settled" });
    const missing = await lens.deficiency(market, long);
    await market.connect(alice).addCollateral(long, missing + unit);
    expect((await risk(long)).state).to.equal(HEALTHY);
  });

  it("gives the most that can be withdrawn and closed in part, exactly", async () => {
    const { market, alice, trade } = desk;
    const { long } = await book();
    const { withdrawable } = await risk(long);
    // Carry of the next second may take a unit of it.
    await expect(
      market.connect(alice).removeCollateral(long, withdrawable + 20n),
    ).to.be.revertedWithCustomError(protocol, "InsufficientMargin");
    await market.connect(alice).removeCollateral(long, withdrawable - 20n);
    const { reducible } = await risk(long);
    await trade(alice, { positionId: long, sizeDelta: -reducible });
    expect((await market.position(long)).size).to.equal(SIZE - reducible);
    const { id } = await trade(alice, { sizeDelta: SIZE, collateral: 3_000n * desk.unit });
    await trade(alice, { positionId: id, sizeDelta: -(reducible + 1n) });
    expect((await market.position(id)).size).to.equal(0n);
  });

  it("explains a verdict in terms that add up", async () => {
    const { lens, market } = desk;
    for (const id of Object.values(await book())) {
      const e = await lens.explain(market, id);
      const p = e.position;
      const side = p.size > 0n ? 1n : -1n;
      expect(p.pnl).to.equal(side * (e.worth - e.cost));
      const scale = await market.quoteScale();
      const owed = math.PositionMath.carryOwed(math.FixedMath.abs(p.size), e.index, e.entryIndex, scale);
      expect(p.carryOwed).to.equal(owed);
      expect(p.equity).to.equal(p.collateral + p.pnl - owed);
      const ratio = e.baseRatio + e.sizeRatio;
      expect(p.maintenanceMargin).to.equal(math.MarginMath.requirement(p.notional, ratio, e.reserve));
      expect(e.elevated).to.equal(false);
    }
  });

  it("previews trades as they then happen, to the unit", async () => {
    const { lens, market, commit, settle, alice, unit, networkHelpers, push, marginVault, file } = desk;
    const fee = file.orders.minExecutionFee;
    const { long, short } = await book();
    const random = createRandom(7);
    const wishes = [
      { positionId: 0n, sizeDelta: 5n * WAD, collateral: 1_200n * unit },
      { positionId: 0n, sizeDelta: -2n * WAD, collateral: 1n * unit },
      { positionId: long, sizeDelta: WAD, collateral: 0n },
      { positionId: long, sizeDelta: -4n * WAD, collateral: 0n },
      { positionId: long, sizeDelta: 900_000n * WAD, collateral: 5n * unit },
      { positionId: long, sizeDelta: -5n * WAD, collateral: 0n },
      { positionId: long, sizeDelta: 0n, collateral: 0n },
    ];
    for (const wish of wishes) {
      const committed = await commit(alice, wish);
      const id = committed.order.positionId;
      await networkHelpers.time.increase(40 + Number(random.between(0n, 600n)));
      const dollars = random.between(1_950n, 2_050n);
      const round = await push(dollars);
      // At the time of the settlement, with what the commit has paid in already.
      const snapshot = await networkHelpers.takeSnapshot();
      const at = (await networkHelpers.time.latest()) + 1;
      await settle(committed, round);
      const record = await market.position(id);
      const collateral = await marginVault.balanceOf(id);
      const later = await risk(id);
      await snapshot.restore();
      const receipt = await settle(committed, round).then(async (mined) => {
        await snapshot.restore();
        return mined;
      });
      await networkHelpers.time.setNextBlockTimestamp(at);
      await networkHelpers.mine();
      const [preview, view] = await lens.previewTrade(market, id, wish.sizeDelta, 0n, fee, dollars * WAD);
      const outcome = orderEvents(receipt).find(({ kind }) => kind !== "committed")!;
      if (outcome.kind === "failed") {
        expect(failureName(preview.failure)).to.equal(outcome.reason);
        expect(view.position.exists).to.equal(false);
      } else {
        expect(preview.failure).to.equal(0n);
        expect([preview.newSize, preview.newEntryNotional]).to.deep.equal([
          record.size,
          record.entryNotional,
        ]);
        if (record.size !== 0n) {
          expect(preview.newCollateral).to.equal(collateral);
          expect(view.position.equity).to.equal(later.position.equity);
          // Read a second later, with a second more of carry.
          expect(view.liquidationPrice).to.be.closeTo(later.liquidationPrice, WAD / 10_000n);
        }
        await networkHelpers.mine();
      }
      await settle(committed, round);
    }
    expect((await market.position(short)).size).to.equal(-3n * WAD);
  });

  it("previews what collateral changes", async () => {
    const { lens, market, alice, unit } = desk;
    const { long } = await book();
    const added = await lens.previewCollateral(market, long, 500n * unit);
    expect(added.allowed).to.equal(true);
    await market.connect(alice).addCollateral(long, 500n * unit);
    const after = await risk(long);
    expect(after.liquidationPrice).to.be.closeTo(added.later.liquidationPrice, WAD / 1_000n);
    const { withdrawable } = after;
    expect((await lens.previewCollateral(market, long, -withdrawable)).allowed).to.equal(true);
    expect((await lens.previewCollateral(market, long, -withdrawable - 1n)).allowed).to.equal(false);
    expect((await lens.previewCollateral(market, long, 0n)).allowed).to.equal(false);
  });

  it("previews liquidations as they then happen", async () => {
    const { lens, market, keeper, push, networkHelpers } = desk;
    const { long } = await book();
    for (const dollars of [1_724n, 1_690n]) {
      await push(dollars);
      const snapshot = await networkHelpers.takeSnapshot();
      const receipt = await (await market.liquidate([long], keeper)).wait();
      const engine = await market.getAddress();
      const { receipt: done } = receipt!.logs
        .filter(({ address }) => address === engine)
        .map((log) => market.interface.parseLog(log))
        .find((event) => event?.name === "PositionLiquidated")!.args as unknown as { receipt: bigint[] };
      await snapshot.restore();
      await networkHelpers.mine();
      const [[liquidatable], [foreseen]] = await lens.previewLiquidations(market, [long], dollars * WAD);
      expect(liquidatable).to.equal(true);
      for (const term of [
        "collateral",
        "pnl",
        "carry",
        "maintenanceMargin",
        "closedSize",
        "newSize",
        "newEntryNotional",
        "newCollateral",
        "realised",
        "reward",
        "premium",
        "insuranceFee",
        "badDebt",
      ]) {
        expect(foreseen![term as "pnl"], term).to.equal((done as unknown as Record<string, bigint>)[term]);
      }
    }
  });

  it("finds the price that liquidates: beyond it and only beyond it, whatever the carry", async () => {
    const { lens, market, trade, alice, unit, networkHelpers, push } = desk;
    const random = createRandom(11);
    const ids: bigint[] = [];
    for (let i = 0; i < 12; i += 1) {
      const size = random.between(WAD / 10n, 500n * WAD);
      const leverage = random.between(2n, 30n);
      const collateral = (size * 2_000n * unit) / WAD / leverage + 30n * unit;
      const sizeDelta = random.oneIn(2) ? size : -size;
      ids.push((await trade(alice, { sizeDelta, collateral })).id);
      await networkHelpers.time.increase(random.between(1n, 20_000n));
      await push(2_000n);
    }
    await networkHelpers.time.increase(4_000);
    const prices = await lens.prices(market, ids);
    for (const [i, { exists, liquidationPrice, bankruptcyPrice }] of prices.entries()) {
      expect(exists).to.equal(true);
      const isLong = (await market.position(ids[i]!)).size > 0n;
      const step = isLong ? 1n : -1n;
      const at = async (price: bigint) => (await lens.positionsAt(market, [ids[i]!], price))[0]!;
      if (liquidationPrice !== 0n && liquidationPrice !== NEVER) {
        expect((await at(liquidationPrice)).liquidatable).to.equal(true);
        expect((await at(liquidationPrice + step)).liquidatable).to.equal(false);
      }
      if (bankruptcyPrice !== 0n && bankruptcyPrice !== NEVER) {
        expect((await at(bankruptcyPrice)).bankrupt).to.equal(true);
        expect((await at(bankruptcyPrice + step)).bankrupt).to.equal(false);
      }
      for (let k = 0; k < 8; k += 1) {
        const price = random.between(WAD, 20_000n * WAD);
        const beyond = isLong ? price <= liquidationPrice : price >= liquidationPrice;
        expect((await at(price)).liquidatable, `${ids[i]} at ${price}`).to.equal(beyond);
      }
    }
  });

  it("answers what if: size, collateral and time", async () => {
    const { lens, market, trade, alice, unit, networkHelpers, push } = desk;
    const { long, short } = await book();
    const price = 2_000n * WAD;
    const now = (await lens.prices(market, [long]))[0]!;
    const same = await lens.pricesIf(market, long, 0n, 0n, 0n, price);
    expect(same.liquidationPrice).to.be.closeTo(now.liquidationPrice, WAD / 100n);
    const richer = await lens.pricesIf(market, long, 0n, 1_000n * unit, 0n, price);
    expect(now.liquidationPrice - richer.liquidationPrice).to.be.greaterThan(100n * WAD);
    // The longs pay while there are more of them.
    const later = await lens.pricesIf(market, long, 0n, 0n, 30n * 86_400n, price);
    expect(later.liquidationPrice).to.be.greaterThan(same.liquidationPrice);
    expect((await lens.pricesIf(market, short, 4n * WAD, 0n, 0n, price)).exists).to.equal(false);
    // Without impact and fee a trade is as it was foreseen, but for the money these take.
    const half = await lens.pricesIf(market, long, -SIZE / 2n, 0n, 0n, price);
    await networkHelpers.time.increase(1);
    await trade(alice, { positionId: long, sizeDelta: -SIZE / 2n });
    const halved = (await lens.prices(market, [long]))[0]!;
    expect(halved.liquidationPrice).to.be.closeTo(half.liquidationPrice, 5n * WAD);
    await push(2_000n);
  });

  it("foresees the books after shocks as the books then are", async () => {
    const { lens, market, push, unit } = desk;
    await book();
    const shocks = [-90n, -50n, -10n, 0n, 10n, 50n, 90n].map((percent) => (percent * WAD) / 100n);
    const foreseen = await lens.stress(market, shocks);
    for (const s of foreseen) {
      await push(s.price / WAD);
      const books = await lens.solvency(market);
      expect(s.longPnl).to.equal(books.longPnl);
      expect(s.shortPnl).to.equal(books.shortPnl);
      expect(s.netAssetValue).to.be.closeTo(books.netAssetValue, unit);
      expect(s.haircut).to.equal(WAD);
    }
    const [crash] = foreseen;
    // Ten ETH long lose 18,000 on 3,900 of collateral; three short win 5,400.
    expect(crash!.uncovered).to.be.greaterThan(8_000n * unit);
    expect(crash!.fromInsurance).to.equal(crash!.uncovered);
    const [huge] = await lens.stress(market, [20_000_000n * WAD]);
    expect(huge!.haircut).to.be.lessThan(WAD);
    expect(huge!.deleveragingDue).to.equal(true);
  });

  it("lists ids in pages", async () => {
    const { lens, market } = desk;
    await book();
    expect((await lens.idsOf(market, 0, 1)).ids).to.deep.equal([1n]);
    expect((await lens.idsOf(market, 0, NEVER)).ids).to.deep.equal([1n, 2n]);
    expect((await lens.idsOf(market, 5, 10)).ids).to.deep.equal([]);
  });
});
