import { expect } from "chai";
import { ZeroAddress } from "ethers";
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
