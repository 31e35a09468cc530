import { math } from "@bulkhead/sdk";
import { expect } from "chai";
import type { LogDescription, TransactionReceipt } from "ethers";
import { RISK_ADMIN } from "../../deploy/governance.ts";
import { AccessManager__factory } from "../../typechain-types/index.ts";
import { mined, openMarket, START_PRICE, WAD, type Desk } from "../shared/market.ts";

const { CarryMath, FeeMath } = math;
const SIZE = 10n * WAD;
const DAY = 86_400;

/** The counters by their names. */
const NAMES = [
  "fees",
  "borrow",
  "fundingReceived",
  "fundingPaid",
  "pnlReceived",
  "pnlPaid",
  "carryReceived",
  "carryPaid",
  "badDebt",
  "insured",
  "rewards",
] as const;

type Counters = Record<(typeof NAMES)[number], bigint>;

const NOTHING = Object.fromEntries(NAMES.map((name) => [name, 0n])) as Counters;

async function read({ market }: Desk): Promise<Counters> {
  const counters = await market.poolYield();
  return Object.fromEntries(NAMES.map((name) => [name, counters[name]])) as Counters;
}

/** The pool has what was brought, by LPs and as gifts, and what the counters say. */
async function expectIdentity(desk: Desk, brought: bigint): Promise<void> {
  const y = await read(desk);
  const gained = y.fees + y.pnlReceived + y.carryReceived + y.insured;
  const lost = y.pnlPaid + y.carryPaid + y.badDebt + y.rewards;
  expect(await desk.liquidityVault.poolAssets()).to.equal(brought + gained - lost);
}

/** What an accrual at `dollars` and `time` counts, from carry and sides as they stand. */
async function accrualAt(desk: Desk, dollars: bigint, time: bigint): Promise<Partial<Counters>> {
  const { market } = desk;
  const [carry, long, short, params, scale] = await Promise.all([
    market.carry(),
    market.side(true),
    market.side(false),
    market.params(),
    market.quoteScale(),
  ]);
  const price = dollars * WAD;
  const elapsed = time - carry.updatedAt;
  const skew = long.openInterest - short.openInterest;
  const velocity = CarryMath.velocity(skew, params.depth, params.maxFundingVelocity);
  const { integral } = CarryMath.integrateFunding(
    carry.fundingRate,
    velocity,
    params.maxFundingRate,
    elapsed,
  );
  const parts = (index: bigint, funding: bigint, borrow: bigint) =>
    CarryMath.splitMove(index, CarryMath.moveIndex(index, funding + borrow, price), borrow, price);
  const ofLong = parts(carry.longIndex, integral, carry.longBorrowRate * elapsed);
  const ofShort = parts(carry.shortIndex, -integral, carry.shortBorrowRate * elapsed);
  const received = (x: bigint) => (x > 0n ? x : 0n);
  const sum = (ofL: bigint, ofS: bigint) => (ofL * long.openInterest + ofS * short.openInterest) / scale;
  return {
    borrow: sum(ofLong.borrow, ofShort.borrow),
    fundingReceived: sum(received(ofLong.funding), received(ofShort.funding)),
    fundingPaid: sum(received(-ofLong.funding), received(-ofShort.funding)),
  };
}

/** Does something at a price; returns its receipt, what it added to each counter, and what had to accrue. */
async function during(desk: Desk, dollars: bigint, act: () => Promise<TransactionReceipt>) {
  const before = await read(desk);
  const snapshot = await desk.networkHelpers.takeSnapshot();
  const { timestamp } = (await desk.ethers.provider.getBlock((await act()).blockNumber))!;
  await snapshot.restore();
  const accrued = await accrualAt(desk, dollars, BigInt(timestamp));
  const receipt = await act();
  const again = (await desk.ethers.provider.getBlock(receipt.blockNumber))!;
  expect(again.timestamp).to.equal(timestamp);
  const after = await read(desk);
  const added = Object.fromEntries(NAMES.map((name) => [name, after[name] - before[name]])) as Counters;
  return { receipt, added, accrued };
}

function eventsOf({ market, addresses }: Desk, receipt: TransactionReceipt, name: string): LogDescription[] {
  return receipt.logs
    .filter(({ address }) => address === addresses.market)
    .map((log) => market.interface.parseLog(log))
    .filter((log): log is LogDescription => log?.name === name);
}

/** The pool's part of a trading fee. */
async function poolFee({ market }: Desk, fee: bigint): Promise<bigint> {
  const { poolFeeShare, insuranceFeeShare } = await market.params();
  return FeeMath.splitFee(fee, poolFeeShare, insuranceFeeShare).toPool;
}

/** PnL and carry of a settlement as the counters have them. */
function settled(realised: bigint, carry: bigint): Partial<Counters> {
  return {
    ...(realised > 0n ? { pnlPaid: realised } : { pnlReceived: -realised }),
    ...(carry > 0n ? { carryReceived: carry } : { carryPaid: -carry }),
  };
}

describe("the pool's yield", () => {
  for (const tokenDecimals of [6, 18]) {
    for (const [profit, dollars] of [
      ["a profit", 2_100n],
      ["a loss", 1_900n],
    ] as const) {
      it(`tells the parts of ${profit} apart, with a token of ${tokenDecimals} decimals`, async () => {
        const desk = await openMarket({ tokenDecimals });
        const { alice, bob, unit, networkHelpers } = desk;
        const brought = 20_000_000n * unit;
        const wish = { sizeDelta: 200n * WAD, collateral: 100_000n * unit };
        const open = await during(desk, START_PRICE, async () => (await desk.trade(alice, wish)).receipt);
        const [opened] = eventsOf(desk, open.receipt, "PositionIncreased");
        const fee = await poolFee(desk, opened!.args.fee as bigint);
        expect(open.added).to.deep.equal({ ...NOTHING, fees: fee });
        await desk.trade(bob, { sizeDelta: -50n * WAD, collateral: 50_000n * unit });
        await networkHelpers.time.increase(DAY);

        const id = opened!.args.positionId as bigint;
        const close = await during(
          desk,
          dollars,
          async () => (await desk.trade(alice, { positionId: id }, dollars)).receipt,
        );
        const [closed] = eventsOf(desk, close.receipt, "PositionDecreased");
        const { realised, carry, fee: closeFee } = closed!.args as unknown as Record<string, bigint>;
        expect(realised! > 0n).to.equal(dollars > START_PRICE);
        expect(carry!).to.be.greaterThan(0n);
        expect(close.added).to.deep.equal({
          ...NOTHING,
          ...close.accrued,
          fees: await poolFee(desk, closeFee!),
          ...settled(realised!, carry!),
        });
        // More longs: they pay, shorts are paid.
        expect(close.added.fundingReceived).to.be.greaterThan(close.added.fundingPaid);
        expect(close.added.fundingPaid).to.be.greaterThan(0n);
        expect(close.added.borrow).to.be.greaterThan(0n);
        await expectIdentity(desk, brought);
      });
    }
  }

  it("counts funding both ways, whichever side pays it", async () => {
    const desk = await openMarket();
    const { alice, bob, unit, market, networkHelpers } = desk;
    const collateral = 100_000n * unit;
    const { id: long } = await desk.trade(alice, { sizeDelta: 50n * WAD, collateral });
    await desk.trade(bob, { sizeDelta: -300n * WAD, collateral });
    await networkHelpers.time.increase(DAY);
    await desk.push(START_PRICE);
    const accrue = await during(desk, START_PRICE, () => mined(market.accrue()));
    expect(accrue.added).to.deep.equal({ ...NOTHING, ...accrue.accrued });
    // Six shorts pay to each long.
    const { fundingReceived, fundingPaid } = accrue.added;
    expect(fundingReceived).to.be.closeTo(6n * fundingPaid, 6n);
    expect(fundingPaid).to.be.greaterThan(0n);

    // The long leaves with what it was paid.
    const close = await during(
      desk,
      START_PRICE,
      async () => (await desk.trade(alice, { positionId: long })).receipt,
    );
    expect(close.added.carryPaid).to.be.greaterThan(0n);
    expect(close.added.carryReceived).to.equal(0n);
    await expectIdentity(desk, 20_000_000n * unit);
  });

  it("tells before an accrual what it will count, and is exact however often it comes", async () => {
    const desk = await openMarket();
    const { alice, bob, unit, market, networkHelpers } = desk;
    await desk.trade(alice, { sizeDelta: 300n * WAD, collateral: 100_000n * unit });
    await desk.trade(bob, { sizeDelta: -100n * WAD, collateral: 50_000n * unit });
    const accruals = 20n;
    for (let i = 0n; i < accruals; i += 1n) {
      await networkHelpers.time.increase(1_800);
      await mined(market.accrue());
    }
    await networkHelpers.mine();
    const [now, pending, result] = await Promise.all([
      read(desk),
      market.poolYieldAt(2_500n * WAD),
      market.traderResult(2_500n * WAD),
    ]);
    expect(pending.borrow).to.be.greaterThanOrEqual(now.borrow);
    const net = pending.borrow + pending.fundingReceived - pending.fundingPaid;
    const due = result.carryOwed + pending.carryReceived - pending.carryPaid;
    // A unit of each part for each of the accruals, stored and pending.
    expect(net).to.be.closeTo(due, 3n * (accruals + 3n));
    expect(net).to.be.greaterThan(1_000n);
    // Two accruals in one block: the second finds nothing to count.
    await desk.ethers.provider.send("evm_setAutomine", [false]);
    const sent = [await market.accrue({ gasLimit: 1_000_000 }), await market.accrue({ gasLimit: 1_000_000 })];
    await networkHelpers.mine();
    await desk.ethers.provider.send("evm_setAutomine", [true]);
    const blocks = await Promise.all(sent.map(async (tx) => (await tx.wait())!.blockNumber));
    expect(blocks[0]).to.equal(blocks[1]);
    const twice = await market.poolYield();
    const after = await market.traderResult(START_PRICE);
    expect(twice.borrow + twice.fundingReceived - twice.fundingPaid).to.be.closeTo(
      after.carryOwed,
      // And what has accrued since, in a second.
      3n * (accruals + 3n) + 2_000n,
    );
  });

  it("counts nothing where an order fails, and nothing for collateral", async () => {
    const desk = await openMarket();
    const { alice, unit, market } = desk;
    const { id } = await desk.trade(alice, { sizeDelta: SIZE, collateral: 3_000n * unit });
    const before = await read(desk);
    const failed = await desk.trade(alice, {
      positionId: id,
      sizeDelta: SIZE,
      acceptablePrice: WAD,
    });
    expect(failed.outcome?.kind).to.equal("failed");
    await market.connect(alice).addCollateral(id, unit);
    await market.connect(alice).removeCollateral(id, unit);
    expect(await read(desk)).to.deep.equal(before);
    await expectIdentity(desk, 20_000_000n * unit);
  });

  describe("in a liquidation", () => {
    async function crash(drained: boolean) {
      const desk = await openMarket();
      const { alice, bob, unit, market, insuranceFund, keeper, ethers, networkHelpers } = desk;
      const { id } = await desk.trade(alice, { sizeDelta: SIZE, collateral: 1_000n * unit });
      if (drained) {
        const engine = await market.getAddress();
        await networkHelpers.impersonateAccount(engine);
        await networkHelpers.setBalance(engine, WAD);
        const signer = await ethers.getSigner(engine);
        await insuranceFund.connect(signer).cover(bob, await insuranceFund.available());
      }
      await desk.push(1_800n);
      const liquidation = await during(desk, 1_800n, () =>
        mined(market.connect(keeper).liquidate([id], keeper)),
      );
      const [event] = eventsOf(desk, liquidation.receipt, "PositionLiquidated");
      const receipt = event!.args.receipt as Record<string, bigint>;
      return { desk, ...liquidation, liquidated: receipt };
    }

    it("has bad debt that insurance pays", async () => {
      const { desk, added, accrued, liquidated } = await crash(false);
      const { badDebt, badDebtFromInsurance, realised, carry, reward, rewardFromInsurance } = liquidated;
      expect(badDebt!).to.be.greaterThan(0n);
      expect(badDebtFromInsurance).to.equal(badDebt);
      expect(rewardFromInsurance).to.equal(reward);
      expect(added).to.deep.equal({
        ...NOTHING,
        ...accrued,
        ...settled(realised! + carry!, carry!),
        badDebt,
        insured: badDebt,
      });
      await expectIdentity(desk, 20_000_000n * desk.unit);
    });

    it("has bad debt and a reward that the pool bears", async () => {
      const { desk, added, accrued, liquidated } = await crash(true);
      const { badDebt, badDebtFromInsurance, realised, carry, rewardFromPool } = liquidated;
      expect(badDebtFromInsurance).to.equal(0n);
      expect(rewardFromPool!).to.be.greaterThan(0n);
      expect(added).to.deep.equal({
        ...NOTHING,
        ...accrued,
        ...settled(realised! + carry!, carry!),
        badDebt,
        rewards: rewardFromPool,
      });
      await expectIdentity(desk, 20_000_000n * desk.unit);
    });

    it("has the premium as a fee, as far as it was paid", async () => {
      const desk = await openMarket();
      const { alice, unit, market, keeper } = desk;
      const { id } = await desk.trade(alice, { sizeDelta: SIZE, collateral: 1_000n * unit });
      // Longs are left to be closed: the skew they reduce pays them no premium. Shorts make it one.
      await desk.trade(desk.bob, { sizeDelta: -40n * WAD, collateral: 20_000n * unit });
      await desk.push(1_930n);
      const { receipt, added, accrued } = await during(desk, 1_930n, () =>
        mined(market.connect(keeper).liquidate([id], keeper)),
      );
      const [event] = eventsOf(desk, receipt, "PositionLiquidated");
      const { premium, realised, carry, badDebt } = event!.args.receipt as Record<string, bigint>;
      expect(badDebt).to.equal(0n);
      expect(premium!).to.be.greaterThan(0n);
      expect(added).to.deep.equal({
        ...NOTHING,
        ...accrued,
        ...settled(realised! + carry!, carry!),
        fees: premium,
      });
      await expectIdentity(desk, 20_000_000n * unit);
    });
  });

  it("has the profits and the carry of a deleverage", async () => {
    const desk = await openMarket();
    const { liquidityVault, lp, market, operator, bob, file, token, unit, alice, stranger } = desk;
    const manager = AccessManager__factory.connect(await market.authority(), operator);
    await manager.grantRole(RISK_ADMIN.id, bob, 0);
    // The breaker is calm, so that there is new risk at all these prices.
    await market.connect(bob).setParams({ ...file.market, elevatedMove: WAD, haltedMove: 10n * WAD });
    const held = await token.balanceOf(lp);
    const shares = await liquidityVault.balanceOf(lp);
    await desk.leave(lp, (shares * 99n) / 100n);
    const brought = 20_000_000n * unit - ((await token.balanceOf(lp)) - held);
    const ids: bigint[] = [];
    for (const [account, dollars] of [
      [alice, 1_000n],
      [alice, 1_100n],
      [stranger, 1_400n],
    ] as const) {
      const wish = { sizeDelta: 30n * WAD, collateral: 30_000n * unit };
      ids.push((await desk.trade(account, wish, dollars)).id);
    }
    await desk.push(2_800n);
    const { receipt, added, accrued } = await during(desk, 2_800n, () => mined(market.deleverage(true, ids)));
    const cuts = eventsOf(desk, receipt, "PositionDeleveraged");
    expect(cuts.length).to.be.greaterThan(1);
    let [realised, carry] = [0n, 0n];
    for (const { args } of cuts) {
      realised += args.realised as bigint;
      carry += args.carry as bigint;
    }
    expect(carry).to.be.greaterThan(0n);
    expect(added).to.deep.equal({ ...NOTHING, ...accrued, ...settled(realised, carry) });
    await expectIdentity(desk, brought);
  });

  it("leaves to its claim what others credit there: surplus, gifts, fees of a keeper that names the pool", async () => {
    const desk = await openMarket();
    const { alice, lp, stranger, unit, market, marginVault, liquidityVault, insuranceFund, file } = desk;
    let brought = 20_000_000n * unit;
    const { insuranceTarget, minNotional } = file.market;
    expect(minNotional).to.be.greaterThan(0n);
    await insuranceFund.donate(insuranceTarget - (await insuranceFund.available()) + 7n * unit);
    const surplus = await insuranceFund.surplus();
    await insuranceFund.releaseSurplus();
    brought += surplus;
    await expectIdentity(desk, brought);
    await marginVault.connect(stranger).fund(liquidityVault, 3n * unit);
    brought += 3n * unit;
    await liquidityVault.connect(lp).deposit(11n * unit, lp);
    brought += 11n * unit;
    await expectIdentity(desk, brought);

    const { id } = await desk.trade(alice, { sizeDelta: SIZE, collateral: 1_000n * unit });
    await desk.push(1_920n);
    const receipt = await mined(market.liquidate([id], liquidityVault));
    const [event] = eventsOf(desk, receipt, "PositionLiquidated");
    const { reward } = event!.args.receipt as Record<string, bigint>;
    brought += reward!;
    await expectIdentity(desk, brought);
    await liquidityVault.collect();
    await expectIdentity(desk, brought);
  });
});
