import { expect } from "chai";
import { RISK_ADMIN } from "../../deploy/governance.ts";
import type { MarketParams } from "../../deploy/params/types.ts";
import { AccessManager__factory } from "../../typechain-types/index.ts";
import { openMarket, WAD, type Desk } from "../shared/market.ts";

/** Changes parameters as a risk administrator without a delay. */
async function change(desk: Desk, changes: Partial<MarketParams>): Promise<void> {
  const { market, operator, bob, file } = desk;
  const manager = AccessManager__factory.connect(await market.authority(), operator);
  await manager.grantRole(RISK_ADMIN.id, bob, 0);
  await market.connect(bob).setParams({ ...file.market, ...changes });
}

const FREE = { maxBorrowRate: 0n, maxFundingRate: 0n, maxFundingVelocity: 0n };

/** Without carry, and with a breaker that stays calm. */
const CALM = { ...FREE, elevatedMove: WAD, haltedMove: 10n * WAD };

describe("a stressed market", () => {
  it("goes on when the limit of funding is lowered below the rate", async () => {
    for (const changes of [{ maxFundingRate: 0n, maxFundingVelocity: 0n }, { maxFundingRate: 10n ** 9n }]) {
      const desk = await openMarket();
      const { trade, alice, bob, unit, networkHelpers, push, market, view } = desk;
      const { id } = await trade(alice, { sizeDelta: 500n * WAD, collateral: 200_000n * unit });
      await networkHelpers.time.increase(200_000);
      const { id: other } = await trade(bob, { sizeDelta: -499n * WAD, collateral: 200_000n * unit });
      expect((await market.carry()).fundingRate).to.be.greaterThan(10n ** 9n);
      await change(desk, changes);
      const [before, otherBefore] = [await view(id), await view(other)];
      await networkHelpers.time.increase(3_600);
      await push(2_000n);
      // An hour at the hard bound of the rate is worth a thousandth of the notional.
      for (const [now, then] of [
        [await view(id), before],
        [await view(other), otherBefore],
      ] as const)
        expect(now.carryOwed).to.be.closeTo(then.carryOwed, 2_000n * unit);
      await trade(alice, { positionId: id });
      await trade(bob, { positionId: other });
      expect((await market.side(true)).openInterest + (await market.side(false)).openInterest).to.equal(0n);
    }
  });

  it("gives nothing to who deposits before surplus insurance is released and leaves after it", async () => {
    const { insuranceFund, liquidityVault, leave, operator, stranger, token, file, unit } =
      await openMarket();
    const missing = file.market.insuranceTarget - (await insuranceFund.available());
    await insuranceFund.connect(operator).donate(missing + 200_000n * unit);
    const before = await token.balanceOf(stranger);
    await liquidityVault.connect(stranger).deposit(70_000_000n * unit, stranger);
    await insuranceFund.releaseSurplus();
    await leave(stranger, await liquidityVault.balanceOf(stranger));
    expect(await token.balanceOf(stranger)).to.be.lessThanOrEqual(before);
  });

  it("settles the carry of what is deleveraged, not of what remains", async () => {
    const desk = await openMarket();
    const {
      trade,
      alice,
      unit,
      networkHelpers,
      push,
      leave,
      market,
      insuranceFund,
      liquidityVault,
      lp,
      view,
    } = desk;
    await change(desk, { ...CALM, maxBorrowRate: desk.file.market.maxBorrowRate });
    await leave(lp, ((await liquidityVault.balanceOf(lp)) * 995n) / 1_000n);
    const { id } = await trade(alice, { sizeDelta: 35n * WAD, collateral: 9_000n * unit });
    for (let day = 0; day < 40; day += 1) {
      await networkHelpers.time.increase(86_400);
      await push(2_000n);
    }
    await push(4_140n);
    const before = await view(id);
    expect(before.carryOwed).to.be.greaterThan(1_000n * unit);
    const insured = await insuranceFund.available();
    await market.deleverage(true, [id]);
    const after = await view(id);
    expect(after.size).to.be.greaterThan(0n).and.lessThan(before.size);
    expect(await insuranceFund.available()).to.equal(insured);
    // Equity is what it was, but for roundings, and a second of carry.
    expect(after.equity).to.be.closeTo(before.equity, unit);
  });

  it("always has somebody to deleverage, however a side is split", async () => {
    const desk = await openMarket();
    const { trade, alice, unit, push, leave, market, liquidityVault, lp } = desk;
    await change(desk, { ...CALM, maxPremium: 0n });
    await leave(lp, ((await liquidityVault.balanceOf(lp)) * 99n) / 100n);
    const ids: bigint[] = [];
    for (let i = 0; i < 3; i += 1) {
      const wish = { sizeDelta: 30_000_000_000_333_333_333n, collateral: 30_000n * unit };
      ids.push((await trade(alice, wish, 1_000n)).id);
    }
    for (const dollars of [2_777n, 2_801n, 2_833n]) {
      await push(dollars);
      expect((await market.deleverage.staticCall(true, ids)) > 0n).to.equal(true);
    }
  });

  it("does not let providers leave until a side is due for deleveraging", async () => {
    const desk = await openMarket();
    const { trade, alice, unit, leave, lens, market, liquidityVault, lp } = desk;
    await change(desk, CALM);
    await leave(lp, ((await liquidityVault.balanceOf(lp)) * 99n) / 100n);
    await trade(alice, { sizeDelta: -155n * WAD, collateral: 100_000n * unit }, 1_000n);
    const paid = await leave(lp, await liquidityVault.balanceOf(lp), 400n);
    expect(paid).to.be.greaterThan(0n);
    expect(await liquidityVault.pendingRedeemRequest(0, lp)).to.be.greaterThan(0n);
    expect((await lens.status(market)).shortDeleveragingDue).to.equal(false);
  });

  it("starts the grace period with the first accrual after an outage", async () => {
    const { market, lens, networkHelpers, push } = await openMarket();
    await networkHelpers.time.increase(5_000);
    await market.noteOutage();
    await market.accrue();
    expect((await lens.status(market)).resumesAt).to.equal(0n);
    await push(2_000n);
    await market.accrue();
    const { resumesAt } = await lens.status(market);
    expect(resumesAt).to.be.greaterThan(0n);
    await networkHelpers.time.increaseTo(resumesAt);
    await market.accrue();
    expect((await lens.status(market)).outage).to.equal(false);
  });
});
