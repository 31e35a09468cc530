import { expect } from "chai";
import { openMarket, WAD } from "../shared/market.ts";
import { createRandom } from "../shared/random.ts";

describe("liquidation", () => {
  it("of a batch spares the same positions in any order, and closes as much but for the impact", async () => {
    const desk = await openMarket();
    const { trade, alice, bob, unit, market, keeper, push, networkHelpers, view } = desk;
    const random = createRandom(3);
    const ids: bigint[] = [];
    for (let i = 0; i < 10; i += 1) {
      const size = random.between(WAD, 150n * WAD);
      const leverage = random.between(10n, 32n);
      const collateral = (size * 2_000n * unit) / WAD / leverage + 20n * unit;
      ids.push((await trade(i % 3 === 0 ? bob : alice, { sizeDelta: size, collateral })).id);
    }
    await push(1_870n);
    const due = (await Promise.all(ids.map(view))).filter(({ liquidatable }) => liquidatable);
    expect(due.length).to.be.greaterThan(3).and.lessThan(10);

    const after: { sizes: bigint[]; alive: boolean[] }[] = [];
    for (const order of [ids, ids.toReversed(), [...ids.slice(5), ...ids.slice(0, 5)]]) {
      const snapshot = await networkHelpers.takeSnapshot();
      expect(await market.liquidate.staticCall(order, keeper)).to.equal(BigInt(due.length));
      await market.liquidate(order, keeper);
      const views = await Promise.all(ids.map(view));
      expect(views.some(({ liquidatable }) => liquidatable)).to.equal(false);
      after.push({ sizes: views.map(({ size }) => size), alive: views.map(({ exists }) => exists) });
      await snapshot.restore();
    }
    const [first, ...others] = after;
    expect(first!.sizes.some((size) => size !== 0n)).to.equal(true);
    for (const { sizes, alive } of others) {
      expect(alive).to.deep.equal(first!.alive);
      for (const [i, size] of sizes.entries()) expect(size).to.be.closeTo(first!.sizes[i]!, 2n * WAD);
    }
  });

  it("never follows a permitted opening, increase or withdrawal at the price that permitted it", async () => {
    const desk = await openMarket();
    const { trade, alice, unit, market, lens, keeper } = desk;
    const random = createRandom(5);
    for (let i = 0; i < 8; i += 1) {
      const size = random.between(WAD / 20n, 3_000n * WAD);
      const notional = (size * 2_000n * unit) / WAD;
      const isLong = random.oneIn(2);
      // As little as is let: a tenth of a percent more until it goes through.
      let [id, extra] = [0n, 0n];
      for (; id === 0n; extra += 1n) {
        const collateral = (notional * (25n + extra)) / 1_000n + 4n * unit;
        const opened = await trade(alice, { sizeDelta: isLong ? size : -size, collateral });
        if (opened.outcome?.kind === "settled") id = opened.id;
      }
      expect(await market.liquidate.staticCall([id], keeper)).to.equal(0n);
      const { withdrawable } = (await lens.risk(market, [id]))[0]!;
      const most = (withdrawable * 999n) / 1_000n;
      if (most !== 0n) await market.connect(alice).removeCollateral(id, most);
      expect(await market.liquidate.staticCall([id], keeper)).to.equal(0n);
      await desk.trade(alice, { positionId: id });
    }
  });

  it("of oneself is never worth more than closing", async () => {
    for (const [isLong, dollars] of [
      [true, 1_930n],
      [false, 2_070n],
    ] as const) {
      const desk = await openMarket();
      const { trade, alice, bob, unit, token, market, marginVault, push, networkHelpers } = desk;
      // The others hold the same side, so that closing is paid for its impact.
      await trade(bob, { sizeDelta: isLong ? 400n * WAD : -400n * WAD, collateral: 200_000n * unit });
      const wish = { sizeDelta: isLong ? 30n * WAD : -30n * WAD, collateral: 2_900n * unit };
      const { id } = await trade(alice, wish);
      await push(dollars);
      const worth = async () => (await token.balanceOf(alice)) + (await marginVault.claimOf(alice));
      const before = await worth();
      const snapshot = await networkHelpers.takeSnapshot();
      await trade(alice, { positionId: id }, dollars);
      const closing = (await worth()) - before;
      await snapshot.restore();
      // The reward goes to the owner too, and the rest is closed afterwards.
      await market.connect(alice).liquidate([id], alice);
      expect(await market.liquidate.staticCall([id], alice)).to.equal(0n);
      if ((await market.position(id)).size !== 0n) await trade(alice, { positionId: id }, dollars);
      expect((await worth()) - before).to.be.lessThan(closing);
    }
  });
});
