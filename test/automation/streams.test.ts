import { encodeRoundProof } from "@bulkhead/sdk";
import { expect } from "chai";
import { hexlify, toUtf8Bytes } from "ethers";
import { createDon } from "../../deploy/streams.ts";
import { LIMITS, REPORT_MISSING, type Streams } from "../shared/automation.ts";
import { mined, protocol, WAD } from "../shared/market.ts";
import { ETH_USD } from "../shared/stream.ts";
import { liquidationData, poison, settlementData } from "./desk.ts";
import { INTERVAL, openStreamsMarket } from "./streamsDesk.ts";

const OTHER = `0x0003${"22".repeat(30)}`;

describe("upkeeps on Data Streams", () => {
  for (const paysNative of [false, true]) {
    it(`settle and liquidate with reports that they pay for in ${paysNative ? "native" : "LINK"}`, async () => {
      const desk = await openStreamsMarket(paysNative);
      const { register, run, liquidation, settlement, watch, live, pass, asked, endOf, fee, spent } = desk;
      const [liquidate, settle] = [await register(liquidation), await register(settlement)];
      expect((await run(liquidate)).reason).to.equal("NotNeeded");
      expect((await run(settle)).reason).to.equal("NotNeeded");
      expect(asked).to.deep.equal([]);

      const orders = await watch(2);
      const [first] = orders;
      expect((await run(settle)).reason).to.equal("NotNeeded");
      await pass(33);
      const settled = await run(settle);
      expect(settled.performed).to.equal(true);
      const moment = first!.order.committedAt + 30n;
      expect(asked).to.deep.equal([
        {
          feedParamKey: "feedIDs",
          feeds: asked[0]!.feeds,
          timeParamKey: "timestamp",
          time: moment + 1n,
          extraData: asked[0]!.extraData,
        },
      ]);
      expect([...asked[0]!.feeds]).to.deep.equal([ETH_USD]);
      const ids = orders.map(({ orderId }) => orderId);
      const end = endOf(moment + 1n);
      const either = [ids, ids.toReversed()].map((list) =>
        settlementData(
          list,
          list.map(() => end),
          [desk.report(end)],
        ),
      );
      expect(settled.performData).to.be.oneOf(either);
      expect(await live(orders)).to.equal(0);
      expect(await desk.streams.latestAt()).to.equal(end);

      await pass(4);
      expect((await run(liquidate)).reason).to.equal("NotNeeded");
      desk.setPrice(1_880n);
      const crash = await run(liquidate);
      expect(crash.performed).to.equal(true);
      expect((await desk.view(first!.order.positionId)).liquidatable).to.equal(false);
      await pass(2);
      expect((await run(liquidate)).reason).to.equal("NotNeeded");
      expect([await spent(settlement), await spent(liquidation)]).to.deep.equal([1n, 1n]);
      const pot = await (paysNative ? desk.weth : desk.link).balanceOf(
        paysNative ? desk.feeManager : await desk.rewardManager.getAddress(),
      );
      expect(pot).to.equal(2n * fee);
      expect(settled.performGas).to.be.lessThan(800_000n);
      expect(crash.performGas).to.be.lessThan(700_000n);
    });
  }

  it("wait for a report that is missing, which holds up no other order", async () => {
    const desk = await openStreamsMarket();
    const { register, run, settlement, watch, live, networkHelpers, missing, endOf, pass } = desk;
    const settle = await register(settlement);
    const stuck = await watch(1);
    missing.add(endOf(stuck[0]!.order.committedAt + 31n));
    await networkHelpers.time.increase(5);
    const good = await watch(1);
    await pass(33);
    const early = await run(settle);
    expect([early.performed, early.reason]).to.deep.equal([false, "NotNeeded"]);
    expect(await live(good)).to.equal(1);
    // The oldest one comes first only for so long.
    await pass(300);
    const young = await watch(1);
    await pass(33);
    for (let block = 0; block < 12; block += 1) {
      await run(settle);
      await networkHelpers.mine();
    }
    expect([await live(stuck), await live(good), await live(young)]).to.deep.equal([1, 0, 0]);
    missing.clear();
    for (let block = 0; block < 4; block += 1) {
      await run(settle);
      await networkHelpers.mine();
    }
    expect(await live(stuck)).to.equal(0);
  });

  it("settle with one report all orders that it holds, and those only", async () => {
    const desk = await openStreamsMarket();
    const { register, run, settlement, live, endOf, pass, networkHelpers, wish } = desk;
    const { time } = networkHelpers;
    const settle = await register(settlement, 30);
    const first = endOf(BigInt(await time.latest()) + 40n) - 30n;
    // The interval of their moments begins a second after the first one's.
    await time.setNextBlockTimestamp(first - INTERVAL);
    const orders = await desk.commitAlike(3);
    await time.setNextBlockTimestamp(first - INTERVAL + 1n);
    orders.push(...(await desk.commitAlike(2, wish)));
    await time.setNextBlockTimestamp(first);
    const other = await desk.commitAlike(1);
    for (const { order } of [...orders, ...other]) await settlement.watch(order);
    await pass(40);
    const both = await run(settle);
    expect(both.performed).to.equal(true);
    expect([await live(orders), await live(other)]).to.deep.equal([0, 1]);
    expect((await run(settle)).performed).to.equal(true);
    expect(await live(other)).to.equal(0);
  });

  it("keep within the registry's limit of performData, the report included", async () => {
    const desk = await openStreamsMarket();
    const { register, run, settlement, watch, live, pass } = desk;
    const settle = await register(settlement, 100);
    const orders = await watch(20);
    await pass(33);
    const { performData, performed } = await run(settle);
    expect(BigInt(performData.length / 2 - 1)).to.be.most(LIMITS.maxPerformDataSize);
    expect(performed).to.equal(true);
    expect(await live(orders))
      .to.be.greaterThan(0)
      .and.lessThan(20);
    for (let i = 0; i < 6; i += 1) await run(settle);
    expect(await live(orders)).to.equal(0);
  });

  it("do nothing with a report of another stream, a forged one, or without money for its fee", async () => {
    const desk = await openStreamsMarket();
    const { register, run, settlement, liquidation, watch, pass, report, operator, ethers, local } = desk;
    const settle = await register(settlement);
    const [order] = await watch(1);
    await pass(33);
    await local.addFeed(OTHER);
    const foreign: Streams = ({ time }) => [report(time, { feedId: OTHER })];
    expect((await run(settle, foreign)).reason).to.equal("NotNeeded");
    expect((await run(settle, () => ["0x1234"])).reason).to.equal("CallbackReverted");
    expect((await run(settle, () => [])).reason).to.equal("CallbackReverted");
    const two: Streams = ({ time }) => [report(time), report(time + INTERVAL)];
    expect((await run(settle, two)).reason).to.equal("NotNeeded");
    const strangers = createDon({ seed: "strangers", oracles: 16, faulty: 5 }).oracles.slice(0, 6);
    const forged: Streams = ({ time }) => [report(time, {}, { signers: strangers })];
    expect((await run(settle, forged)).reason).to.equal("SimulationFailed");
    expect(await desk.spent(settlement)).to.equal(0n);

    const time = order!.order.committedAt + 31n;
    const id = order!.orderId;
    const end = desk.endOf(time);
    const data = settlementData([id], [end], [report(time)]);
    for (const wish of [{ feedId: OTHER }, { price: 1_999n * WAD, expiresAt: 1n }])
      await expect(settlement.performUpkeep(settlementData([id], [end], [report(time, wish)]))).to.be.revert(
        ethers,
      );
    await settlement.withdraw(desk.link, operator, 100n * desk.fee);
    expect((await run(settle)).reason).to.equal("NotNeeded");
    await expect(settlement.performUpkeep(data))
      .to.be.revertedWithCustomError(protocol, "UpkeepFeeUnfunded")
      .withArgs(0n, desk.fee);
    await expect(
      settlement.performUpkeep(settlementData([id], [end], [report(time), report(time)])),
    ).to.be.revertedWithCustomError(protocol, "UpkeepReportsUnexpected");
    expect(await liquidation.checkErrorHandler(REPORT_MISSING, "0x")).to.deep.equal([false, "0x"]);
    await expect(settlement.performUpkeep(`0x${"12".repeat(64)}`)).to.be.revert(ethers);
    await expect(settlement.performUpkeep(hexlify(toUtf8Bytes("settle")))).to.be.revert(ethers);

    // What another one has paid for costs nothing.
    await desk.bring([report(time)]);
    expect((await run(settle)).performed).to.equal(true);
  });

  it("spend nothing on reports for less than a settlement or a liquidation", async () => {
    const desk = await openStreamsMarket();
    const { settlement, liquidation, watch, pass, report, orderBook, market, keeper, stranger } = desk;
    const [dead, alive] = await watch(2);
    await pass(33);
    const end = desk.endOf(dead!.order.committedAt + 31n);
    await desk.bring([report(end)]);
    await mined(orderBook.settle(dead!.order, encodeRoundProof(end), keeper));
    const now = await pass(2);
    const [settle, liquidate] = [settlement.connect(stranger), liquidation.connect(stranger)];
    // The entry is struck off without a report only, the word forgotten likewise.
    await expect(
      settle.performUpkeep(settlementData([dead!.orderId], [0n], [report(now)])),
    ).to.be.revertedWithCustomError(protocol, "UpkeepNothingDone");
    await expect(
      settle.performUpkeep(settlementData([alive!.orderId], [now], [report(now)])),
    ).to.be.revertedWithCustomError(protocol, "UpkeepNothingDone");
    await settle.performUpkeep(settlementData([dead!.orderId], [0n]));
    desk.setPrice(1_500n);
    await desk.bring([report(now)]);
    await market.liquidate([dead!.order.positionId], keeper);
    const later = await pass(2);
    await expect(
      liquidate.performUpkeep(liquidationData([], [0n], [report(later)])),
    ).to.be.revertedWithCustomError(protocol, "UpkeepNothingDone");
    await liquidate.performUpkeep(liquidationData([], [0n]));
    expect(await settlement.watchedCount()).to.equal(1n);
    expect(alive!.orderId).to.equal(await settlement.watchedAt(0));
    expect([await desk.spent(settlement), await desk.spent(liquidation)]).to.deep.equal([0n, 0n]);
  });

  it("settle the others of a report when one can't be", async () => {
    const desk = await openStreamsMarket();
    const { register, run, settlement, wish, live, pass, orderBook, networkHelpers, endOf } = desk;
    const { time } = networkHelpers;
    const settle = await register(settlement);
    const marked = { ...wish, acceptablePrice: 5_000n * WAD };
    const first = endOf(BigInt(await time.latest()) + 40n) - 30n;
    await time.setNextBlockTimestamp(first);
    const orders = await desk.commitAlike(2);
    await time.setNextBlockTimestamp(first + 1n);
    const [bad] = await desk.commitAlike(1, marked);
    for (const { order } of [orders[0]!, bad!, orders[1]!]) await settlement.watch(order);
    await pass(40);
    const { selector } = orderBook.interface.getFunction("settle");
    await poison(desk, orderBook, selector, bad!.order.acceptablePrice, true);
    expect((await run(settle)).performed).to.equal(true);
    expect([await live(orders), await live([bad!])]).to.deep.equal([0, 1]);
  });

  it("liquidate nothing in the oracle's grace period after a gap, and go on after it", async () => {
    const desk = await openStreamsMarket();
    const { register, run, liquidation, settlement, watch, pass, file, view, streams, report } = desk;
    const [liquidate, settle] = [await register(liquidation), await register(settlement)];
    const [order] = await watch(1);
    await pass(33);
    expect((await run(settle)).performed).to.equal(true);
    desk.setPrice(1_880n);
    const end = await pass(200);
    // The stream's first report after two minutes, as its owner brings it.
    await desk.bring([report(end, { validFromTimestamp: end - 120n })], desk.alice);
    await expect(streams.latest()).to.be.revertedWithCustomError(protocol, "OracleGracePeriod");
    await pass(2);
    expect((await run(liquidate)).reason).to.equal("SimulationFailed");
    await pass(file.oracle.gracePeriod - 10n);
    expect((await run(liquidate)).reason).to.equal("SimulationFailed");
    expect(await desk.spent(liquidation)).to.equal(0n);
    await pass(10);
    expect((await run(liquidate)).performed).to.equal(true);
    expect((await view(order!.order.positionId)).liquidatable).to.equal(false);
  });
});
