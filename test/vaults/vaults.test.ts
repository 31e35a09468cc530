import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { LiquidityVault__factory } from "../../typechain-types/index.ts";
import { openMarket, protocol, WAD, type Desk } from "../shared/market.ts";

/** Acts as one of the market's own contracts. */
async function as({ ethers, networkHelpers }: Desk, address: string) {
  await networkHelpers.impersonateAccount(address);
  await networkHelpers.setBalance(address, WAD);
  return ethers.getSigner(address);
}

/** A payment of nothing but what is named. */
function payment(parts: { fromPool?: bigint; toPool?: bigint; toKeeper?: bigint }) {
  const none = {
    fromPool: 0n,
    toPool: 0n,
    toInsurance: 0n,
    toTreasury: 0n,
    toKeeper: 0n,
    keeper: ZeroAddress,
  };
  return { ...none, ...parts };
}

describe("MarginVault", () => {
  it("moves balances for its market only", async () => {
    const { marginVault, market, stranger } = await openMarket();
    const expected = [stranger.address, await market.getAddress()];
    const vault = marginVault.connect(stranger);
    for (const call of [
      () => vault.deposit(1, stranger, 1),
      () => vault.settle(1, payment({})),
      () => vault.close(1, payment({}), stranger),
      () => vault.withdraw(1, stranger, 1),
    ]) {
      await expect(call())
        .to.be.revertedWithCustomError(protocol, "Unauthorized")
        .withArgs(...expected);
    }
  });

  it("debits no more than the position's own balance, whoever asks", async () => {
    const desk = await openMarket();
    const { marginVault, market, alice, bob, trade, unit } = desk;
    const { id } = await trade(alice, { sizeDelta: WAD, collateral: 1_000n * unit });
    await trade(bob, { sizeDelta: WAD, collateral: 1_000n * unit });
    const vault = marginVault.connect(await as(desk, await market.getAddress()));
    const balance = await marginVault.balanceOf(id);
    for (const call of [
      () => vault.withdraw(id, alice, balance + 1n),
      () => vault.settle(id, payment({ toPool: balance, toKeeper: 1n })),
      () => vault.close(id, payment({ toPool: balance, toKeeper: 1n }), alice),
    ]) {
      await expect(call())
        .to.be.revertedWithCustomError(protocol, "MarginVaultInsufficientBalance")
        .withArgs(id, balance, balance + 1n);
    }
    const claim = await marginVault.claimOf(await marginVault.pool());
    await expect(vault.settle(id, payment({ fromPool: claim + 1n }))).to.be.revertedWithCustomError(
      protocol,
      "MarginVaultInsufficientClaim",
    );
  });

  it("pays out and passes on a claim to its last unit, and no more", async () => {
    const { marginVault, keeper, stranger, alice, trade, unit, token, ethers } = await openMarket();
    await trade(alice, { sizeDelta: WAD, collateral: 1_000n * unit });
    const claim = await marginVault.claimOf(keeper);
    const vault = marginVault.connect(keeper);
    await expect(vault.claim(keeper, claim + 1n)).to.be.revertedWithCustomError(
      protocol,
      "MarginVaultInsufficientClaim",
    );
    await expect(vault.transferClaim(stranger, claim + 1n)).to.be.revertedWithCustomError(
      protocol,
      "MarginVaultInsufficientClaim",
    );
    await expect(vault.transferClaim(ZeroAddress, 1)).to.be.revertedWithCustomError(protocol, "ZeroAddress");
    await vault.transferClaim(stranger, claim);
    await expect(marginVault.connect(stranger).claim(keeper, claim)).to.changeTokenBalances(
      ethers,
      token,
      [keeper],
      [claim],
    );
  });

  it("gives donations to insurance", async () => {
    const { marginVault, token, insuranceFund, unit } = await openMarket();
    const before = await insuranceFund.available();
    await token.mint(marginVault, 7n * unit);
    expect(await marginVault.surplus()).to.equal(7n * unit);
    await marginVault.skim();
    expect(await insuranceFund.available()).to.equal(before + 7n * unit);
    await insuranceFund.collect();
    expect(await insuranceFund.reserve()).to.equal(before + 7n * unit);
  });

  it("refuses a token that delivers less than asked, as do the other vaults", async () => {
    const { market, token, alice, lp, liquidityVault, insuranceFund, trade, unit } = await openMarket();
    const { id } = await trade(alice, { sizeDelta: WAD, collateral: 1_000n * unit });
    await token.setTransferFee(100);
    await expect(market.connect(alice).addCollateral(id, unit)).to.be.revertedWithCustomError(
      protocol,
      "MarginVaultUnbacked",
    );
    await expect(liquidityVault.connect(lp).deposit(unit, lp)).to.be.revertedWithCustomError(
      protocol,
      "PoolUnbacked",
    );
    await expect(insuranceFund.connect(lp).donate(unit)).to.be.revertedWithCustomError(
      protocol,
      "InsuranceUnbacked",
    );
  });
});

describe("InsuranceFund", () => {
  it("pays for its market only, and refuses to be given nothing", async () => {
    const { insuranceFund, market, stranger } = await openMarket();
    await expect(insuranceFund.connect(stranger).cover(stranger, 1))
      .to.be.revertedWithCustomError(protocol, "Unauthorized")
      .withArgs(stranger.address, await market.getAddress());
    await expect(insuranceFund.donate(0)).to.be.revertedWithCustomError(protocol, "ZeroAmount");
  });

  it("pays what it has and no more", async () => {
    const desk = await openMarket();
    const { insuranceFund, market, bob, marginVault } = desk;
    const all = await insuranceFund.available();
    await insuranceFund.connect(await as(desk, await market.getAddress())).cover(bob, all + 5n);
    expect(await marginVault.claimOf(bob)).to.equal(all);
    expect(await insuranceFund.available()).to.equal(0n);
  });
});

describe("LiquidityVault", () => {
  it("gives what it previews, for every way in and out", async () => {
    const { liquidityVault, lp, alice, trade, unit, push } = await openMarket();
    await trade(alice, { sizeDelta: 100n * WAD, collateral: 20_000n * unit });
    await push(2_040n);
    const vault = liquidityVault.connect(lp);
    expect(await vault.deposit.staticCall(1_000n * unit, lp)).to.equal(
      await vault.previewDeposit(1_000n * unit),
    );
    expect(await vault.mint.staticCall(10n ** 15n, lp)).to.equal(await vault.previewMint(10n ** 15n));
    expect(await vault.withdraw.staticCall(unit, lp, lp)).to.equal(await vault.previewWithdraw(unit));
    expect(await vault.redeem.staticCall(10n ** 12n, lp, lp)).to.equal(await vault.previewRedeem(10n ** 12n));
    // In at the higher value, out at the lower one.
    const shares = await vault.previewDeposit(1_000n * unit);
    expect(await vault.previewRedeem(shares)).to.be.lessThan(1_000n * unit);
  });

  it("keeps what backs open positions", async () => {
    const { liquidityVault, lp, alice, trade, unit } = await openMarket();
    await trade(alice, { sizeDelta: 4_000n * WAD, collateral: 4_000_000n * unit });
    const vault = liquidityVault.connect(lp);
    const all = await vault.balanceOf(lp);
    expect(await vault.maxRedeem(lp)).to.be.lessThan(all);
    await expect(vault.redeem(all, lp, lp)).to.be.revertedWithCustomError(
      { interface: LiquidityVault__factory.createInterface() },
      "ERC4626ExceededMaxWithdraw",
    );
    // Carry makes the shares worth more by the second; what is free stays as it is.
    await vault.redeem(((await vault.maxRedeem(lp)) * 999n) / 1_000n, lp, lp);
  });

  it("does nothing on a stale price, and says so in its limits", async () => {
    const { liquidityVault, lp, networkHelpers, unit } = await openMarket();
    await networkHelpers.time.increase(5_000);
    const vault = liquidityVault.connect(lp);
    expect(await vault.maxDeposit(lp)).to.equal(0n);
    expect(await vault.maxMint(lp)).to.equal(0n);
    expect(await vault.maxRedeem(lp)).to.equal(0n);
    await expect(vault.deposit(unit, lp)).to.be.revertedWithCustomError(protocol, "OracleStale");
    await expect(vault.redeem(1, lp, lp)).to.be.revertedWithCustomError(protocol, "OracleStale");
  });

  it("refuses dust that is worth no share or asset", async () => {
    const { liquidityVault, lp } = await openMarket();
    const vault = liquidityVault.connect(lp);
    await expect(vault.deposit(0, lp)).to.be.revertedWithCustomError(protocol, "PoolAmountTooSmall");
    await expect(vault.redeem(1, lp, lp)).to.be.revertedWithCustomError(protocol, "PoolAmountTooSmall");
  });

  it("takes no deposit while it is worth nothing", async () => {
    const { liquidityVault, lp, alice, trade, push, unit } = await openMarket();
    await trade(alice, { sizeDelta: 7_000n * WAD, collateral: 7_000_000n * unit });
    await push(9_000n);
    expect(await liquidityVault.totalAssets()).to.equal(0n);
    expect(await liquidityVault.maxDeposit(lp)).to.equal(0n);
    await expect(liquidityVault.connect(lp).deposit(unit, lp)).to.be.revertedWithCustomError(
      protocol,
      "PoolInsolvent",
    );
  });

  it("pays a profit beyond its means cut back, never reverting the close", async () => {
    const desk = await openMarket();
    const { market, alice, trade, token, unit, liquidityVault, marginVault } = desk;
    const total = await desk.wealth();
    const { id } = await trade(alice, { sizeDelta: 7_000n * WAD, collateral: 7_000_000n * unit });
    const before = await token.balanceOf(alice);
    const { outcome } = await trade(alice, { positionId: id }, 9_000n);
    expect(outcome?.kind).to.equal("settled");
    expect(await market.ownerOrZero(id)).to.equal(ZeroAddress);
    const paid = (await token.balanceOf(alice)) - before;
    expect(paid).to.be.lessThan(23_000_000n * unit);
    expect(await liquidityVault.poolAssets()).to.be.greaterThan(0n);
    expect(await marginVault.totalBalance()).to.equal(0n);
    expect(await desk.wealth()).to.equal(total);
  });

  it("makes the first-depositor attack cost more than it brings", async () => {
    const { liquidityVault, lp, alice, bob, token, unit } = await openMarket();
    // Back to an empty pool but for what rounding keeps.
    const vault = liquidityVault;
    await vault.connect(lp).redeem(await vault.maxRedeem(lp), lp, lp);
    const [a0, b0] = [await token.balanceOf(alice), await token.balanceOf(bob)];
    await vault.connect(alice).deposit(1, alice);
    await token.connect(alice).transfer(vault, 10_000n * unit);
    await vault.connect(bob).deposit(1_000n * unit, bob);
    await vault.connect(bob).redeem(await vault.balanceOf(bob), bob, bob);
    await vault
      .connect(alice)
      .redeem(await vault.balanceOf(alice), alice, alice)
      .catch(() => undefined);
    expect((await token.balanceOf(alice)) - a0).to.be.lessThan(0n);
    expect(b0 - (await token.balanceOf(bob))).to.be.lessThan(unit);
  });

  it("moves cash for its market only, and brings its claim home for anyone", async () => {
    const { liquidityVault, market, stranger, alice, trade, unit } = await openMarket();
    await expect(liquidityVault.connect(stranger).provide(1))
      .to.be.revertedWithCustomError(protocol, "Unauthorized")
      .withArgs(stranger.address, await market.getAddress());
    await trade(alice, { sizeDelta: 100n * WAD, collateral: 20_000n * unit });
    const [assets, cash] = [await liquidityVault.poolAssets(), await liquidityVault.cash()];
    await liquidityVault.connect(stranger).collect();
    expect(await liquidityVault.cash()).to.equal(assets);
    expect(assets).to.be.greaterThan(cash);
  });
});
