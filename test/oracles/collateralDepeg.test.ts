import { expect } from "chai";
import { openFeed, USD } from "../shared/feed.ts";
import { openMarket, protocol, WAD } from "../shared/market.ts";

/** A market whose collateral has a feed, at a dollar; a long and a short of ten ETH at 2,000 dollars. */
async function openPegged() {
  let feed: Awaited<ReturnType<typeof openFeed>> | undefined;
  const desk = await openMarket({
    extras: async ({ networkHelpers }, operator) => {
      feed = await openFeed(USD, await networkHelpers.time.latest(), 8, operator);
      return { collateralFeed: feed.address };
    },
  });
  const { time } = desk.networkHelpers;
  let round = 1n;
  /** The collateral's price from now on, in cents. */
  const peg = async (cents: bigint): Promise<void> => {
    round += 1n;
    const now = await time.latest();
    await feed!.aggregator.push(round, (cents * USD) / 100n, now, now);
  };
  const { trade, alice, bob, unit } = desk;
  const long = (await trade(alice, { sizeDelta: 10n * WAD, collateral: 3_000n * unit })).id;
  const short = (await trade(bob, { sizeDelta: -10n * WAD, collateral: 3_000n * unit })).id;
  return { ...desk, peg, long, short };
}

describe("a depeg of the collateral to 88 cents", () => {
  it("is a rise of the price to every position: the short can be liquidated, the long's profit is paid in full", async () => {
    const desk = await openPegged();
    const { market, keeper, alice, long, short, peg, push, trade, view, wealth, unit, token } = desk;
    const before = await wealth();
    await push(2_000n);
    expect((await view(short)).liquidatable).to.equal(false);
    await peg(88n);
    // 2,272.72 tokens: 2,727 less for the short, and as much more for the long.
    const [bear, bull] = [await view(short), await view(long)];
    expect(bear.liquidatable).to.equal(true);
    expect(bull.pnl).to.be.closeTo(2_727n * unit, 30n * unit);
    expect(bear.pnl).to.be.closeTo(-2_727n * unit, 30n * unit);
    await expect(market.connect(keeper).liquidate([short], keeper)).to.emit(market, "PositionLiquidated");
    expect((await view(short)).liquidatable).to.equal(false);

    const held = await token.balanceOf(alice);
    const { outcome } = await trade(alice, { positionId: long, sizeDelta: -10n * WAD });
    expect(outcome).to.include({ kind: "settled" });
    const paid = (await token.balanceOf(alice)) - held;
    expect(paid).to.be.closeTo(3_000n * unit + 2_727n * unit, 60n * unit);
    expect(await market.checkSolvency.staticCall()).to.equal(true);
    expect(await wealth()).to.equal(before);
  });

  it("leaves an order that was committed before it at the price of its own time", async () => {
    const { trade, commit, settle, push, peg, networkHelpers, alice, bob, view, unit, long } =
      await openPegged();
    const committed = await commit(alice, { positionId: long, sizeDelta: WAD });
    await networkHelpers.time.increase(40);
    const observed = await push(2_000n);
    await networkHelpers.time.increase(5);
    await peg(88n);
    const entry = (await view(long)).entryNotional;
    // Round 2 of the collateral is the first one after the fixing.
    await settle(committed, observed, 0n, (1n << 64n) | 2n);
    expect((await view(long)).entryNotional - entry).to.be.closeTo(2_000n * unit, 10n * unit);
    const later = await trade(bob, { sizeDelta: WAD, collateral: 3_000n * unit });
    expect((await view(later.id)).entryNotional).to.be.closeTo(2_272n * unit, 10n * unit);
  });

  it("below what is believed stops all that needs a price, and nothing is liquidated", async () => {
    const { market, keeper, short, peg, push, liquidityVault, lp, unit, oracle } = await openPegged();
    await push(2_000n);
    await peg(19n);
    for (const refused of [
      market.connect(keeper).liquidate([short], keeper),
      liquidityVault.connect(lp).deposit(unit, lp),
    ]) {
      await expect(refused).to.be.revertedWithCustomError(protocol, "OracleAnswerOutOfBounds");
    }
    expect(await oracle.peek()).to.deep.equal([0n, 0n, false]);
    await peg(100n);
    await liquidityVault.connect(lp).deposit(unit, lp);
  });
});
