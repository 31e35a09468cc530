import { expect } from "chai";
import { EACAggregatorProxy__factory, HistoryAggregator__factory } from "../../typechain-types/index.ts";
import { openMarket, WAD } from "../shared/market.ts";

describe("a pool under stress", () => {
  it("redeems no batch while an outage's grace period forbids liquidations", async () => {
    const desk = await openMarket();
    const { liquidityVault, market, lp, bob, alice, stranger, keeper, trade, unit, push, file } = desk;
    const { time } = desk.networkHelpers;
    const half = (await liquidityVault.balanceOf(lp)) / 2n;
    await liquidityVault.connect(lp).transfer(bob, half);
    const { id } = await trade(alice, { sizeDelta: 500n * WAD, collateral: 60_000n * unit });
    await trade(stranger, { sizeDelta: -WAD, collateral: 2_000_000n * unit });
    await liquidityVault.connect(bob).requestRedeem(half, bob, bob);
    await time.increase(file.pool.redemptionPeriod);
    await market.noteOutage();
    await push(1_400n);
    // Starts the grace period, and liquidates nobody.
    await market.liquidate([id], keeper);
    expect(await liquidityVault.isFulfillable()).to.equal(false);
    await time.increase(file.market.gracePeriod + 1n);
    await push(1_400n);
    await market.liquidate([id], keeper);
    await liquidityVault.fulfillRedeems();
    expect(await liquidityVault.maxWithdraw(bob)).to.be.lessThanOrEqual(
      await liquidityVault.convertToAssets(half),
    );
  });

  it("gives a deposit nothing of what insurance is about to pay for a loss", async () => {
    const { liquidityVault, market, bob, alice, keeper, trade, unit, push, leave } = await openMarket();
    const { id } = await trade(alice, { sizeDelta: 500n * WAD, collateral: 60_000n * unit });
    await push(1_600n);
    const room = await liquidityVault.maxDeposit(bob);
    await liquidityVault.connect(bob).deposit(room, bob);
    await market.liquidate([id], keeper);
    expect(await leave(bob, await liquidityVault.balanceOf(bob), 1_600n)).to.be.lessThanOrEqual(room);
  });

  it("shows a token that calls out in the middle of a deposit or a close no money twice", async () => {
    const { liquidityVault, token, alice, bob, trade, unit } = await openMarket();
    const { interface: abi } = liquidityVault;
    const before = await liquidityVault.convertToAssets(WAD);
    await token.setHook(liquidityVault, abi.encodeFunctionData("convertToAssets", [WAD]));
    await liquidityVault.connect(bob).deposit(20_000_000n * unit, bob);
    expect(BigInt(await token.hookResult())).to.be.closeTo(before, 10n);
    const { id } = await trade(alice, { sizeDelta: 5_000n * WAD, collateral: 4_000_000n * unit });
    await token.setHook(liquidityVault, abi.encodeFunctionData("totalAssets"));
    await trade(alice, { positionId: id }, 2_400n);
    expect(BigInt(await token.hookResult())).to.be.closeTo(await liquidityVault.totalAssets(), unit);
  });

  it("sets borrow rates anew after a redemption and after a deposit", async () => {
    const { liquidityVault, market, lp, bob, alice, trade, unit, leave } = await openMarket();
    await trade(alice, { sizeDelta: 2_000n * WAD, collateral: 2_000_000n * unit });
    const isRight = async (): Promise<void> => {
      const { longBorrowRate } = await market.carry();
      await market.accrue();
      expect((await market.carry()).longBorrowRate).to.equal(longBorrowRate);
    };
    await leave(lp, ((await liquidityVault.balanceOf(lp)) * 7n) / 10n);
    await isRight();
    await liquidityVault.connect(bob).deposit(40_000_000n * unit, bob);
    await isRight();
  });

  it("takes no deposit without shares and worth less than nothing", async () => {
    const { liquidityVault, lp, bob, alice, trade, unit, leave, push, marginVault, operator } =
      await openMarket();
    await leave(lp, await liquidityVault.balanceOf(lp));
    await marginVault.connect(operator).fund(liquidityVault, 1_000_000n * unit);
    await trade(alice, { sizeDelta: 300n * WAD, collateral: 400_000n * unit });
    await push(6_000n);
    expect(await liquidityVault.maxDeposit(bob)).to.equal(0n);
    expect(await liquidityVault.maxMint(bob)).to.equal(0n);
  });

  it("counts no PnL where there is no price at all", async () => {
    for (const sizeDelta of [7_000n * WAD, -7_000n * WAD]) {
      const { liquidityVault, alice, trade, unit, push } = await openMarket();
      await trade(alice, { sizeDelta, collateral: 7_000_000n * unit });
      await push(5n);
      expect(await liquidityVault.totalAssets()).to.equal(await liquidityVault.poolAssets());
    }
  });

  it("answers every view while a new aggregator has no round yet, and takes claims and requests", async () => {
    const { liquidityVault, market, lp, externals, operator, networkHelpers, push, file } =
      await openMarket();
    const vault = liquidityVault.connect(lp);
    await vault.requestRedeem(10n ** 15n, lp, lp);
    await networkHelpers.time.increase(file.pool.redemptionPeriod);
    await push(2_000n);
    await vault.fulfillRedeems();
    const proxy = EACAggregatorProxy__factory.connect(externals.feed, operator);
    const empty = await new HistoryAggregator__factory(operator).deploy(8, "ETH / USD");
    await proxy.proposeAggregator(empty);
    await proxy.confirmAggregator(empty);
    expect(await vault.totalAssets()).to.equal(await vault.poolAssets());
    for (const limit of [vault.maxDeposit(lp), vault.maxMint(lp)]) expect(await limit).to.equal(0n);
    for (const amount of [vault.convertToShares(1n), vault.convertToAssets(WAD), vault.previewDeposit(1n)])
      expect(await amount).to.be.greaterThan(0n);
    expect(await vault.previewMint(WAD)).to.be.greaterThan(0n);
    expect(await vault.isFulfillable()).to.equal(false);
    await vault.requestRedeem(10n ** 15n, lp, lp);
    await vault.redeem(await vault.maxRedeem(lp), lp, lp);
    // What such a feed is, can be noted too.
    await market.noteOutage();
  });

  it("redeems whatever is given to its claim, also more than its cash can record", async () => {
    const { liquidityVault, lp, push, token, marginVault, networkHelpers, operator, file } = await openMarket(
      { tokenDecimals: 18 },
    );
    await token.mint(operator, 2n ** 97n);
    const shares = await liquidityVault.balanceOf(lp);
    await liquidityVault.connect(lp).requestRedeem(shares, lp, lp);
    await marginVault.connect(operator).fund(liquidityVault, 2n ** 96n);
    await networkHelpers.time.increase(file.pool.redemptionPeriod);
    await push(2_000n);
    await liquidityVault.fulfillRedeems();
    const first = await liquidityVault.maxRedeem(lp);
    expect(first).to.be.greaterThan(0n);
    await networkHelpers.time.increase(file.pool.redemptionPeriod);
    await push(2_000n);
    await liquidityVault.fulfillRedeems();
    expect(await liquidityVault.maxRedeem(lp)).to.equal(shares);
    await liquidityVault.connect(lp).redeem(shares, lp, lp);
  });
});
