import { expect } from "chai";
import { MaxUint256, Signature, ZeroAddress } from "ethers";
import { LiquidityVault__factory } from "../../typechain-types/index.ts";
import { openMarket, protocol, WAD, type Desk } from "../shared/market.ts";

/** Errors of ERC-4626 and ERC-20 as the vault declares them. */
const standard = { interface: LiquidityVault__factory.createInterface() };

type Account = Desk["lp"];

/** Passes the time until the current batch is due, with a price after it. */
async function pass({ networkHelpers, file, push }: Desk, dollars = 2_000n): Promise<void> {
  await networkHelpers.time.increase(file.pool.redemptionPeriod);
  await push(dollars);
}

/** A second and a third provider with a tenth of the first one's shares each. */
async function openPool() {
  const desk = await openMarket();
  const { liquidityVault, lp, bob, stranger } = desk;
  const tenth = (await liquidityVault.balanceOf(lp)) / 10n;
  for (const account of [bob, stranger]) await liquidityVault.connect(lp).transfer(account, tenth);
  const ask = (account: Account, shares: bigint) =>
    liquidityVault.connect(account).requestRedeem(shares, account, account);
  const pending = (account: Account) => liquidityVault.pendingRedeemRequest(0, account);
  const claim = async (account: Account): Promise<bigint> => {
    const owed = await liquidityVault.maxWithdraw(account);
    await liquidityVault.connect(account).redeem(await liquidityVault.maxRedeem(account), account, account);
    return owed;
  };
  return { ...desk, tenth, ask, pending, claim };
}

describe("LiquidityVault, in", () => {
  it("gives what it previews", async () => {
    const { liquidityVault, lp, alice, trade, unit, push } = await openMarket();
    await trade(alice, { sizeDelta: 100n * WAD, collateral: 20_000n * unit });
    await push(2_040n);
    const vault = liquidityVault.connect(lp);
    expect(await vault.deposit.staticCall(1_000n * unit, lp)).to.equal(
      await vault.previewDeposit(1_000n * unit),
    );
    expect(await vault.mint.staticCall(10n ** 15n, lp)).to.equal(await vault.previewMint(10n ** 15n));
    // At the higher value over the band: worth less than what was paid at once.
    const shares = await vault.previewDeposit(1_000n * unit);
    expect(await vault.convertToAssets(shares)).to.be.lessThan(1_000n * unit);
  });

  it("takes nothing on a stale price, and says so in its limits", async () => {
    const { liquidityVault, lp, networkHelpers, unit } = await openMarket();
    await networkHelpers.time.increase(5_000);
    const vault = liquidityVault.connect(lp);
    expect(await vault.maxDeposit(lp)).to.equal(0n);
    expect(await vault.maxMint(lp)).to.equal(0n);
    expect(await vault.previewDeposit(unit)).to.be.greaterThan(0n);
    await expect(vault.deposit(unit, lp)).to.be.revertedWithCustomError(protocol, "OracleStale");
  });

  it("takes nothing while it is worth nothing", async () => {
    const { liquidityVault, lp, alice, trade, push, unit } = await openMarket();
    await trade(alice, { sizeDelta: 7_000n * WAD, collateral: 7_000_000n * unit });
    await push(9_000n);
    expect(await liquidityVault.totalAssets()).to.equal(0n);
    expect(await liquidityVault.maxDeposit(lp)).to.equal(0n);
    expect(await liquidityVault.maxMint(lp)).to.equal(0n);
    await expect(liquidityVault.connect(lp).deposit(unit, lp)).to.be.revertedWithCustomError(
      protocol,
      "PoolInsolvent",
    );
  });

  it("takes up to its cap, to the unit", async () => {
    const { liquidityVault, lp, unit, file } = await openMarket();
    const vault = liquidityVault.connect(lp);
    const room = await vault.maxDeposit(lp);
    expect(room).to.equal(file.market.depositCap - 20_000_000n * unit);
    await expect(vault.deposit(room + 1n, lp))
      .to.be.revertedWithCustomError(standard, "ERC4626ExceededMaxDeposit")
      .withArgs(lp.address, room + 1n, room);
    const shares = await vault.maxMint(lp);
    await expect(vault.mint(shares + 10n ** 7n, lp)).to.be.revertedWithCustomError(
      standard,
      "ERC4626ExceededMaxDeposit",
    );
    await vault.mint(shares, lp);
    expect(await vault.maxDeposit(lp)).to.equal(0n);
  });

  it("refuses dust that is worth no share", async () => {
    const { liquidityVault, lp } = await openMarket();
    const vault = liquidityVault.connect(lp);
    await expect(vault.deposit(0, lp)).to.be.revertedWithCustomError(protocol, "PoolAmountTooSmall");
    await expect(vault.mint(0, lp)).to.be.revertedWithCustomError(protocol, "PoolAmountTooSmall");
  });

  it("takes a permit for its shares", async () => {
    const { liquidityVault, ethers, lp, bob } = await openMarket();
    const { chainId } = await ethers.provider.getNetwork();
    const domain = {
      name: await liquidityVault.name(),
      version: "1",
      chainId,
      verifyingContract: await liquidityVault.getAddress(),
    };
    const types = {
      Permit: ["owner", "spender"]
        .map((name) => ({ name, type: "address" }))
        .concat(["value", "nonce", "deadline"].map((name) => ({ name, type: "uint256" }))),
    };
    const value = { owner: lp.address, spender: bob.address, value: 5n, nonce: 0n, deadline: MaxUint256 };
    const { v, r, s } = Signature.from(await lp.signTypedData(domain, types, value));
    await liquidityVault.permit(lp, bob, 5n, MaxUint256, v, r, s);
    await liquidityVault.connect(bob).requestRedeem(5n, bob, lp);
    expect(await liquidityVault.pendingRedeemRequest(0, bob)).to.equal(5n);
  });
});

describe("LiquidityVault, out", () => {
  it("says what it is: ERC-165, ERC-7540's operators and redemption, ERC-7575, ERC-7887", async () => {
    const { liquidityVault } = await openMarket();
    const ids = ["0x01ffc9a7", "0xe3bc4e65", "0x620ee8e4", "0x2f0a18c5", "0xe76cffc7"];
    for (const id of ids) expect(await liquidityVault.supportsInterface(id), id).to.equal(true);
    // Not asynchronous on the way in; never the id of nothing.
    for (const id of ["0xce3bbe50", "0xffffffff", "0x8bf840e3"])
      expect(await liquidityVault.supportsInterface(id), id).to.equal(false);
    expect(await liquidityVault.share()).to.equal(await liquidityVault.getAddress());
  });

  it("requests, waits, redeems at the value of then, and pays", async () => {
    const desk = await openPool();
    const { liquidityVault, lp, bob, ask, pending, tenth, token, alice, trade, unit, market } = desk;
    await trade(alice, { sizeDelta: 100n * WAD, collateral: 50_000n * unit });
    await expect(ask(bob, tenth))
      .to.emit(liquidityVault, "RedeemRequest")
      .withArgs(bob.address, bob.address, 0n, bob.address, tenth);
    expect(await pending(bob)).to.equal(tenth);
    expect(await liquidityVault.maxRedeem(bob)).to.equal(0n);
    expect(await liquidityVault.balanceOf(bob)).to.equal(0n);
    await expect(liquidityVault.fulfillRedeems()).to.be.revertedWithCustomError(
      protocol,
      "RedeemBatchNotDue",
    );
    await pass(desk, 2_100n);
    // A trader's profit of 10,000 comes off, and the band's share of it.
    const supply = await liquidityVault.totalSupply();
    const middle = await liquidityVault.convertToAssets(tenth);
    await expect(liquidityVault.fulfillRedeems()).to.emit(liquidityVault, "RedeemsFulfilled");
    const owed = await liquidityVault.maxWithdraw(bob);
    const half = (2_100n * 175n * 100n * unit) / 10_000n;
    expect(middle - owed).to.be.closeTo((half * tenth) / supply, unit / 100n);
    expect(await pending(bob)).to.equal(0n);
    expect(await liquidityVault.claimableRedeemRequest(0, bob)).to.equal(tenth);
    expect(await liquidityVault.totalSupply()).to.equal(supply - tenth);
    // What is set aside is no longer at risk.
    await trade(alice, { positionId: (await market.nextPositionId()) - 1n }, 2_500n);
    expect(await liquidityVault.maxWithdraw(bob)).to.equal(owed);
    await expect(liquidityVault.connect(bob).withdraw(owed, lp, bob)).to.changeTokenBalances(
      desk.ethers,
      token,
      [lp],
      [owed],
    );
    expect(await liquidityVault.maxRedeem(bob)).to.equal(0n);
    expect(await liquidityVault.reservedAssets()).to.equal(0n);
  });

  it("prices a batch with an observation after it fell due only", async () => {
    const desk = await openPool();
    const { liquidityVault, bob, ask, tenth, networkHelpers, push } = desk;
    await ask(bob, tenth);
    const due = await liquidityVault.fulfillableFrom();
    await networkHelpers.time.increaseTo(due - 10n);
    await push(2_000n);
    await networkHelpers.time.increaseTo(due + 10n);
    expect(await liquidityVault.isFulfillable()).to.equal(false);
    await expect(liquidityVault.fulfillRedeems()).to.be.revertedWithCustomError(
      protocol,
      "RedeemBatchNotDue",
    );
    // Until then nobody knows the price: leaving is still a choice.
    await liquidityVault.connect(bob).cancelRedeemRequest.staticCall(0, bob);
    await push(2_000n);
    expect(await liquidityVault.isFulfillable()).to.equal(true);
    await expect(liquidityVault.connect(bob).cancelRedeemRequest(0, bob)).to.be.revertedWithCustomError(
      protocol,
      "RedeemBatchDue",
    );
    await liquidityVault.fulfillRedeems();
    expect(await liquidityVault.maxRedeem(bob)).to.equal(tenth);
  });

  it("puts requests that come while a batch waits into the next one", async () => {
    const desk = await openPool();
    const { liquidityVault, bob, stranger, ask, pending, tenth } = desk;
    await ask(bob, tenth / 2n);
    await ask(stranger, tenth);
    await ask(bob, tenth / 2n);
    await pass(desk);
    await liquidityVault.fulfillRedeems();
    expect(await liquidityVault.maxRedeem(bob)).to.equal(tenth / 2n);
    expect(await pending(bob)).to.equal(tenth / 2n);
    expect(await pending(stranger)).to.equal(tenth);
    await pass(desk);
    await liquidityVault.fulfillRedeems();
    expect(await liquidityVault.maxRedeem(bob)).to.equal(2n * (tenth / 2n));
    expect(await liquidityVault.maxRedeem(stranger)).to.equal(tenth);
  });

  it("gives shares back that are cancelled, from both batches", async () => {
    const desk = await openPool();
    const { liquidityVault, bob, stranger, ask, pending, tenth } = desk;
    const vault = liquidityVault.connect(bob);
    await ask(bob, tenth / 2n);
    await ask(bob, tenth / 4n);
    await expect(vault.cancelRedeemRequest(0, bob))
      .to.emit(vault, "CancelRedeemRequest")
      .withArgs(bob.address, 0n, bob.address);
    expect(await pending(bob)).to.equal(0n);
    expect(await vault.claimableCancelRedeemRequest(0, bob)).to.equal(tenth / 2n + tenth / 4n);
    await expect(vault.claimCancelRedeemRequest(0, stranger, bob))
      .to.emit(vault, "CancelRedeemClaim")
      .withArgs(bob.address, stranger.address, 0n, bob.address, tenth / 2n + tenth / 4n);
    expect(await vault.balanceOf(stranger)).to.equal(tenth + tenth / 2n + tenth / 4n);
    for (const call of [
      vault.cancelRedeemRequest(0, bob),
      vault.claimCancelRedeemRequest(0, bob, bob),
      vault.cancelRedeemRequest(1, bob),
    ])
      await expect(call).to.be.revertedWithCustomError(protocol, "NothingRequested");
  });

  it("gives all of a batch the same part of what backs no position, whoever claims first, and keeps the rest", async () => {
    const desk = await openPool();
    const { liquidityVault, market, lp, bob, stranger, alice, trade, unit, ask, pending, tenth } = desk;
    // Locks 80 % of the pool.
    await trade(alice, { sizeDelta: 6_400n * WAD, collateral: 6_400_000n * unit });
    // The first request begins a batch of its own; the others share the next.
    await ask(lp, tenth);
    await ask(bob, tenth);
    await ask(stranger, tenth / 2n);
    await pass(desk);
    await liquidityVault.fulfillRedeems();
    await pass(desk);
    const locked = await market.lockedAssets(2_000n * WAD);
    await liquidityVault.fulfillRedeems();
    expect(await liquidityVault.poolAssets()).to.be.greaterThanOrEqual(locked);
    const wanted = new Map([
      [bob, tenth],
      [stranger, tenth / 2n],
    ]);
    const parts = new Map<Account, bigint>();
    for (const [account, shares] of wanted) {
      const redeemed = await liquidityVault.maxRedeem(account);
      expect(redeemed + (await pending(account))).to.be.closeTo(shares, 1n);
      expect(redeemed).to.be.lessThan(shares);
      parts.set(account, (redeemed * WAD) / shares);
    }
    expect(parts.get(bob)).to.be.closeTo(parts.get(stranger)!, 1_000n);
  });

  it("moves on what it can't pay, and pays it to the last unit when it can", async () => {
    const desk = await openPool();
    const { liquidityVault, lp, bob, alice, trade, unit, ask, pending, claim } = desk;
    const { id } = await trade(alice, { sizeDelta: 7_900n * WAD, collateral: 7_900_000n * unit });
    const all = { lp: await liquidityVault.balanceOf(lp), bob: await liquidityVault.balanceOf(bob) };
    await ask(lp, all.lp);
    await ask(bob, all.bob);
    for (let day = 0; day < 4; day += 1) {
      await pass(desk);
      await liquidityVault.fulfillRedeems();
    }
    expect(await pending(lp)).to.be.greaterThan(0n);
    expect(await pending(bob)).to.be.greaterThan(0n);
    // Anyone may take up some of what has come together; nothing is different after it.
    const whole = [await liquidityVault.maxWithdraw(bob), await pending(bob)];
    await liquidityVault.takeUp(bob, 1n);
    await liquidityVault.takeUp(bob, 2n);
    expect([await liquidityVault.maxWithdraw(bob), await pending(bob)]).to.deep.equal(whole);
    await trade(alice, { positionId: id });
    await pass(desk);
    await liquidityVault.fulfillRedeems();
    await pass(desk);
    if (await liquidityVault.isFulfillable()) await liquidityVault.fulfillRedeems();
    expect(await pending(lp)).to.equal(0n);
    expect(await pending(bob)).to.equal(0n);
    await claim(bob);
    await claim(lp);
    expect(await liquidityVault.reservedAssets()).to.equal(0n);
    expect(await liquidityVault.balanceOf(liquidityVault)).to.equal(0n);
  });

  it("waits, and burns nothing, while the shares are worth nothing", async () => {
    const desk = await openPool();
    const { liquidityVault, bob, alice, trade, push, unit, ask, pending, tenth } = desk;
    await trade(alice, { sizeDelta: 7_000n * WAD, collateral: 7_000_000n * unit });
    await ask(bob, tenth);
    await pass(desk, 9_000n);
    await liquidityVault.fulfillRedeems();
    expect(await pending(bob)).to.equal(tenth);
    await push(2_000n);
    await liquidityVault.connect(bob).cancelRedeemRequest(0, bob);
    await liquidityVault.connect(bob).claimCancelRedeemRequest(0, bob, bob);
    expect(await liquidityVault.balanceOf(bob)).to.equal(tenth);
  });

  it("lets operators and allowances request, operators cancel and claim, and nobody else", async () => {
    const desk = await openPool();
    const { liquidityVault, bob, stranger, keeper, tenth, ask } = desk;
    const as = (account: Account) => liquidityVault.connect(account);
    await expect(as(keeper).requestRedeem(tenth, keeper, bob)).to.be.revertedWithCustomError(
      standard,
      "ERC20InsufficientAllowance",
    );
    await as(bob).approve(keeper, 10n);
    await as(keeper).requestRedeem(10n, keeper, bob);
    expect(await liquidityVault.allowance(bob, keeper)).to.equal(0n);
    await expect(as(bob).setOperator(stranger, true))
      .to.emit(liquidityVault, "OperatorSet")
      .withArgs(bob.address, stranger.address, true);
    await as(stranger).requestRedeem(tenth / 2n, bob, bob);
    await as(stranger).cancelRedeemRequest(0, bob);
    await as(stranger).claimCancelRedeemRequest(0, bob, bob);
    await ask(bob, tenth / 2n);
    await pass(desk);
    await liquidityVault.fulfillRedeems();
    await pass(desk);
    await liquidityVault.fulfillRedeems();
    const owed = await liquidityVault.maxWithdraw(bob);
    expect(owed).to.be.greaterThan(0n);
    for (const call of [
      as(keeper).redeem(1n, keeper, bob),
      as(keeper).withdraw(1n, keeper, bob),
      as(keeper).cancelRedeemRequest(0, bob),
      as(keeper).claimCancelRedeemRequest(0, keeper, bob),
    ])
      await expect(call)
        .to.be.revertedWithCustomError(protocol, "NotRequestOperator")
        .withArgs(bob.address, keeper.address);
    await as(stranger).withdraw(owed / 2n, stranger, bob);
    await as(bob).setOperator(stranger, false);
    await expect(as(stranger).withdraw(1n, stranger, bob)).to.be.revertedWithCustomError(
      protocol,
      "NotRequestOperator",
    );
  });

  it("refuses requests of nothing, for nobody, and claims of more than there is", async () => {
    const desk = await openPool();
    const { liquidityVault, bob, ask, tenth } = desk;
    const vault = liquidityVault.connect(bob);
    await expect(ask(bob, 0n)).to.be.revertedWithCustomError(protocol, "ZeroAmount");
    await expect(vault.requestRedeem(1n, ZeroAddress, bob)).to.be.revertedWithCustomError(
      protocol,
      "ZeroAddress",
    );
    await expect(ask(bob, tenth + 1n)).to.be.revertedWithCustomError(standard, "ERC20InsufficientBalance");
    await ask(bob, tenth);
    await pass(desk);
    await vault.fulfillRedeems();
    const [shares, assets] = [await vault.maxRedeem(bob), await vault.maxWithdraw(bob)];
    await expect(vault.redeem(shares + 1n, bob, bob))
      .to.be.revertedWithCustomError(standard, "ERC4626ExceededMaxRedeem")
      .withArgs(bob.address, shares + 1n, shares);
    await expect(vault.withdraw(assets + 1n, bob, bob))
      .to.be.revertedWithCustomError(standard, "ERC4626ExceededMaxWithdraw")
      .withArgs(bob.address, assets + 1n, assets);
    for (const preview of [vault.previewRedeem(1n), vault.previewWithdraw(1n)])
      await expect(preview).to.be.revertedWithCustomError(protocol, "PreviewUnavailable");
    expect(await vault.pendingRedeemRequest(1, bob)).to.equal(0n);
    expect(await vault.claimableRedeemRequest(1, bob)).to.equal(0n);
  });

  it("pays a claim whatever the market is in", async () => {
    const desk = await openPool();
    const { liquidityVault, market, bob, ask, tenth, networkHelpers, claim } = desk;
    await ask(bob, tenth);
    await pass(desk);
    await liquidityVault.fulfillRedeems();
    await networkHelpers.time.increase(5_000);
    await market.noteOutage();
    await market.stopNewRisk();
    expect(await claim(bob)).to.be.greaterThan(0n);
  });
});

describe("LiquidityVault, money", () => {
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
