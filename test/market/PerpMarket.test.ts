import { math } from "@bulkhead/sdk";
import { expect } from "chai";
import { ZeroAddress, type TransactionReceipt } from "ethers";
import type { PerpMarket } from "../../typechain-types/index.ts";
import { openMarket, protocol, WAD, type Desk } from "../shared/market.ts";

const SIZE = 10n * WAD;

describe("PerpMarket", () => {
  for (const [tokenDecimals, feedDecimals] of [
    [6, 8],
    [8, 0],
    [18, 18],
  ] as const) {
    it(`opens and closes exactly, with a token of ${tokenDecimals} and a feed of ${feedDecimals} decimals`, async () => {
      const desk = await openMarket({ tokenDecimals, feedDecimals });
      const { alice, token, unit, market, marginVault, file } = desk;
      const [before, total] = [await token.balanceOf(alice), await desk.wealth()];
      const scale = await market.quoteScale();
      const { depth, maxPremium, takerFee, makerFee } = file.market;

      const { id } = await desk.trade(alice, { sizeDelta: SIZE, collateral: 5_000n * unit });
      const openPrice = 2_000n * WAD;
      const openImpact = math.PricingMath.impact(0n, SIZE, depth, maxPremium, openPrice, scale);
      const openFee = math.FeeMath.tradeFee(0n, SIZE, openPrice, scale, takerFee, makerFee);
      const entry = math.PositionMath.quoteUp(SIZE, openPrice, scale) + openImpact;
      const opened = await market.position(id);
      expect([opened.size, opened.entryNotional]).to.deep.equal([SIZE, entry]);
      const fee = file.orders.minExecutionFee;
      expect(await marginVault.balanceOf(id)).to.equal(5_000n * unit - openFee - fee);

      const { receipt } = await desk.trade(alice, { positionId: id }, 2_100n);
      const closePrice = 2_100n * WAD;
      const closeImpact = math.PricingMath.impact(SIZE, -SIZE, depth, maxPremium, closePrice, scale);
      const closeFee = math.FeeMath.tradeFee(SIZE, -SIZE, closePrice, scale, takerFee, makerFee);
      const pnl = math.PositionMath.quoteDown(SIZE, closePrice, scale) - closeImpact - entry;
      const event = await eventOf(market, receipt, "PositionDecreased");
      const carry = event?.args.carry as bigint;
      expect(event?.args.pnl).to.equal(pnl);
      expect(await token.balanceOf(alice)).to.equal(before - openFee - fee + pnl - carry - closeFee - fee);
      expect(await desk.wealth()).to.equal(total);
      expect(await market.ownerOrZero(id)).to.equal(ZeroAddress);
      expect(await marginVault.totalBalance()).to.equal(0n);
    });
  }

  describe("collateral", () => {
    let desk: Desk;
    let id: bigint;
    beforeEach(async () => {
      desk = await openMarket();
      ({ id } = await desk.trade(desk.alice, { sizeDelta: SIZE, collateral: 3_000n * desk.unit }));
    });

    it("is added by anyone, also while the feed is broken", async () => {
      const { market, bob, marginVault, aggregator, unit } = desk;
      await aggregator.push(100, 0, 1, 1);
      const before = await marginVault.balanceOf(id);
      await expect(market.connect(bob).addCollateral(id, unit))
        .to.emit(market, "CollateralAdded")
        .withArgs(id, bob.address, unit);
      expect(await marginVault.balanceOf(id)).to.equal(before + unit);
    });

    it("goes to the owner, on the word of the owner or whom they approved", async () => {
      const { market, alice, bob, token, unit, ethers } = desk;
      await expect(market.connect(bob).removeCollateral(id, unit))
        .to.be.revertedWithCustomError(protocol, "NotPositionOperator")
        .withArgs(id, bob.address);
      await market.connect(alice).approve(bob, id);
      await expect(market.connect(bob).removeCollateral(id, unit)).to.changeTokenBalances(
        ethers,
        token,
        [alice, bob],
        [unit, 0],
      );
    });

    it("leaves the initial margin and the liquidation reserve", async () => {
      const { market, alice, unit, view } = desk;
      const { equity, initialMargin } = await view(id);
      const spare = equity - initialMargin;
      await expect(market.connect(alice).removeCollateral(id, spare + unit)).to.be.revertedWithCustomError(
        protocol,
        "InsufficientMargin",
      );
      await market.connect(alice).removeCollateral(id, spare - unit);
      // A profit makes up the margin, but the cash for a liquidation must stay.
      await desk.push(2_400n);
      await expect(market.connect(alice).removeCollateral(id, 600n * unit)).to.be.revertedWithCustomError(
        protocol,
        "InsufficientCash",
      );
    });

    it("refuses nothing, unknown, closed and waiting positions", async () => {
      const { market, alice, unit, commit } = desk;
      await expect(market.addCollateral(id, 0)).to.be.revertedWithCustomError(protocol, "ZeroAmount");
      await expect(market.connect(alice).removeCollateral(id, 0)).to.be.revertedWithCustomError(
        protocol,
        "ZeroAmount",
      );
      await expect(market.addCollateral(99, unit))
        .to.be.revertedWithCustomError(protocol, "PositionNotOpen")
        .withArgs(99);
      const { order } = await commit(alice, { sizeDelta: SIZE, collateral: 3_000n * unit });
      await expect(market.connect(alice).removeCollateral(order.positionId, 1)).to.be.revertedWithCustomError(
        protocol,
        "PositionNotOpen",
      );
      await desk.trade(alice, { positionId: id });
      await expect(market.addCollateral(id, unit)).to.be.revertedWithCustomError(protocol, "PositionNotOpen");
    });
  });

  describe("liquidation", () => {
    let desk: Desk;
    let id: bigint;
    beforeEach(async () => {
      desk = await openMarket();
      ({ id } = await desk.trade(desk.alice, { sizeDelta: SIZE, collateral: 1_000n * desk.unit }));
    });

    it("happens below the exact liquidation price and not above it", async () => {
      const { lens, market } = desk;
      const target = await market.getAddress();
      const [prices] = await lens.prices(target, [id]);
      const at = async (price: bigint) => (await lens.positionsAt(target, [id], price))[0]!.liquidatable;
      // Carry accrues at the asked price too; at the opening moment it moves the threshold by less than a cent.
      expect(await at(prices!.liquidationPrice - WAD / 100n)).to.equal(true);
      expect(await at(prices!.liquidationPrice + WAD / 100n)).to.equal(false);
    });

    it("skips healthy, unknown and repeated positions", async () => {
      const { market, keeper } = desk;
      expect(await market.liquidate.staticCall([id, 0, 99], keeper)).to.equal(0n);
      await desk.push(1_920n);
      expect(await market.liquidate.staticCall([id, id, 99, id], keeper)).to.equal(1n);
      expect(await market.liquidate.staticCall([], keeper)).to.equal(0n);
    });

    it("closes a part when that restores the position, for a reward", async () => {
      const { market, keeper, marginVault, view } = desk;
      await desk.push(1_930n);
      const before = await marginVault.claimOf(keeper);
      await expect(market.connect(keeper).liquidate([id], keeper)).to.emit(market, "PositionLiquidated");
      const after = await view(id);
      expect(after.size).to.be.greaterThan(0n).and.lessThan(SIZE);
      expect(after.liquidatable).to.equal(false);
      expect(after.equity).to.be.greaterThan(after.initialMargin);
      expect(await marginVault.claimOf(keeper)).to.be.greaterThan(before);
      expect(await market.liquidate.staticCall([id], keeper)).to.equal(0n);
    });

    /** A position so small that it is closed whole, with something left for its owner. */
    async function smallOne(): Promise<bigint> {
      const small = await desk.trade(desk.alice, { sizeDelta: WAD / 25n, collateral: 6n * desk.unit });
      await desk.push(1_920n);
      return small.id;
    }

    it("closes all and returns what is left; a blocked owner claims it later", async () => {
      const { market, keeper, alice, token, marginVault } = desk;
      const small = await smallOne();
      await token.setBlocked(alice, true);
      await market.connect(keeper).liquidate([small], keeper);
      expect(await market.ownerOrZero(small)).to.equal(ZeroAddress);
      const claim = await marginVault.claimOf(alice);
      expect(claim).to.be.greaterThan(0n);
      await expect(marginVault.connect(alice).claim(alice, claim)).to.be.revertedWithCustomError(
        token,
        "Blocked",
      );
      await token.setBlocked(alice, false);
      await expect(marginVault.connect(alice).claim(alice, claim)).to.changeTokenBalances(
        desk.ethers,
        token,
        [alice],
        [claim],
      );
    });

    it("has insurance pay bad debt and the reward first, the pool only the rest", async () => {
      const { market, keeper, insuranceFund, liquidityVault, unit } = desk;
      await desk.push(1_800n);
      const [fund, pool] = [await insuranceFund.available(), await liquidityVault.poolAssets()];
      const collateral = await desk.marginVault.balanceOf(id);
      await expect(market.connect(keeper).liquidate([id], keeper)).to.emit(market, "BadDebtRealised");
      const paid = fund - (await insuranceFund.available());
      expect(paid).to.be.greaterThan(1_000n * unit);
      // The pool got the whole collateral and the bad debt; insurance also paid the keeper.
      const reward = 36n * unit;
      expect((await liquidityVault.poolAssets()) - pool).to.equal(collateral + paid - reward);
    });

    it("has the pool bear what an empty insurance fund can't, the reward included", async () => {
      const { market, keeper, insuranceFund, marginVault, ethers, networkHelpers, unit } = desk;
      // Drains the fund the only way there is: as the market, for somebody.
      const engine = await market.getAddress();
      await networkHelpers.impersonateAccount(engine);
      await networkHelpers.setBalance(engine, WAD);
      await insuranceFund
        .connect(await ethers.getSigner(engine))
        .cover(desk.bob, await insuranceFund.available());
      await desk.push(1_800n);
      const before = await marginVault.claimOf(keeper);
      const receipt = await (await market.connect(keeper).liquidate([id], keeper)).wait();
      const event = await eventOf(market, receipt!, "BadDebtRealised");
      expect(event?.args.fromInsurance).to.equal(0n);
      expect(event?.args.fromPool).to.equal(event?.args.badDebt);
      expect((await marginVault.claimOf(keeper)) - before).to.equal(36n * unit);
    });

    it("can't be re-entered by a token that calls back", async () => {
      const { market, keeper, token } = desk;
      const small = await smallOne();
      const again = market.interface.encodeFunctionData("liquidate", [[id], keeper.address]);
      await token.setHook(await market.getAddress(), again);
      await market.connect(keeper).liquidate([small], keeper);
      expect(await token.hookSucceeded()).to.equal(false);
      expect((await token.hookResult()).slice(0, 10)).to.equal(
        market.interface.getError("ReentrancyGuardReentrantCall")!.selector,
      );
    });

    it("needs a receiver for the reward and a fresh price", async () => {
      const { market, networkHelpers, keeper } = desk;
      await expect(market.liquidate([id], ZeroAddress)).to.be.revertedWithCustomError(
        protocol,
        "ZeroAddress",
      );
      await networkHelpers.time.increase(5_000);
      await expect(market.liquidate([id], keeper)).to.be.revertedWithCustomError(protocol, "OracleStale");
    });
  });

  it("keeps the functions of its order book to it", async () => {
    const { market, orderBook, stranger, alice } = await openMarket();
    const asStranger = market.connect(stranger);
    const expected = [stranger.address, await orderBook.getAddress()];
    const trade = {
      positionId: 1,
      owner: alice,
      sizeDelta: 1,
      acceptablePrice: 0,
      executionFee: 0,
      price: 1,
      indexPrice: 1,
      indexIsFresh: true,
      feeTo: stranger,
      keepsReserved: false,
    };
    for (const call of [
      () => asStranger.reserve(alice, alice, 1),
      () => asStranger.depositFor(1, alice, 1),
      () => asStranger.execute(trade),
      () => asStranger.release(1, 0, stranger, false),
    ]) {
      await expect(call())
        .to.be.revertedWithCustomError(protocol, "Unauthorized")
        .withArgs(...expected);
    }
  });

  it("takes the pool's cash from its liquidity vault only", async () => {
    const { market, liquidityVault, stranger } = await openMarket();
    const expected = [stranger.address, await liquidityVault.getAddress()];
    const asStranger = market.connect(stranger);
    for (const call of [() => asStranger.addPoolCash(1), () => asStranger.takePoolCash(1)]) {
      await expect(call())
        .to.be.revertedWithCustomError(protocol, "Unauthorized")
        .withArgs(...expected);
    }
  });

  it("is an ERC-721 collection that takes no ether", async () => {
    const { market, alice, bob, stranger, trade, unit } = await openMarket();
    const { id } = await trade(alice, { sizeDelta: WAD, collateral: 1_000n * unit });
    for (const interfaceId of ["0x01ffc9a7", "0x80ac58cd", "0x5b5e139f"])
      expect(await market.supportsInterface(interfaceId)).to.equal(true);
    expect(await market.name()).to.equal("Bulkhead ETH/USD");
    expect(await market.symbol()).to.equal("bh-ETH/USD");
    expect(await market.tokenURI(id)).to.match(/^data:application\/json;base64,/);
    await expect(market.tokenURI(99)).to.be.revertedWithCustomError(market, "TokenDoesNotExist");
    const asAlice = market.connect(alice);
    for (const call of [
      () => asAlice.approve(bob, id, { value: 1 }),
      () => asAlice.transferFrom(alice, bob, id, { value: 1 }),
    ]) {
      await expect(call()).to.be.revertedWithCustomError(protocol, "EtherNotAccepted");
    }
    await asAlice.approve(bob, id);
    expect(await market.isOperator(id, bob)).to.equal(true);
    expect(await market.isOperator(id, stranger)).to.equal(false);
    expect(await market.isOperator(99, stranger)).to.equal(false);
    const before = await market.position(id);
    await market.connect(bob).transferFrom(alice, bob, id);
    expect(await market.ownerOf(id)).to.equal(bob.address);
    expect(await market.position(id)).to.deep.equal(before);
  });
});

/** The market's event of this name in a receipt. */
async function eventOf(market: PerpMarket, receipt: TransactionReceipt, name: string) {
  const address = await market.getAddress();
  return receipt.logs
    .filter((log) => log.address === address)
    .map((log) => market.interface.parseLog(log))
    .find((event) => event?.name === name);
}
