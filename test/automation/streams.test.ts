import { expect } from "chai";
import { id as hashOf, ZeroAddress } from "ethers";
import {
  LiquidationUpkeep__factory,
  SettlementUpkeep__factory,
  StreamsOracleStandIn__factory,
} from "../../typechain-types/index.ts";
import { encodeStreamsReport } from "../shared/streamsReport.ts";
import { LIMITS, REPORT_MISSING, type Lookup, type Streams } from "../shared/automation.ts";
import { mined, protocol, WAD, type Wish } from "../shared/market.ts";
import { commitMany, liquidationData, openStaffedMarket, poison, settlementData, shardData } from "./desk.ts";

const STREAM = hashOf("ETH / USD stream");
const FEE = 10n ** 15n;

/** A market on streams, an upkeep of each kind that pays in LINK or native, and a source of reports. */
async function open(paysNative = false) {
  const desk = await openStaffedMarket();
  const { automation, operator, oracle, networkHelpers, market, lens, config, unit, orderBook } = desk;
  const { link, weth } = automation;
  const standIn = await new StreamsOracleStandIn__factory(operator).deploy();
  const at = await oracle.getAddress();
  await networkHelpers.setCode(at, await desk.ethers.provider.getCode(standIn));
  const streams = StreamsOracleStandIn__factory.connect(at, operator);
  await streams.setUp(STREAM, link, FEE);

  /** One report a second, unless it is missing; it holds for the second before as well. */
  let price = 2_000n;
  const missing = new Set<bigint>();
  const asked: Lookup[] = [];
  const report = (time: bigint, dollars = price, feedId = STREAM) =>
    encodeStreamsReport({ feedId, validFrom: time - 1n, observedAt: time, price: dollars * WAD });
  const source: Streams = (lookup) => {
    asked.push(lookup);
    return missing.has(lookup.time) ? REPORT_MISSING : [report(lookup.time)];
  };
  const submit = async (dollars = price) => {
    const time = BigInt(await networkHelpers.time.latest());
    await streams.submit([report(time, dollars)], ZeroAddress, { value: FEE });
    return time;
  };
  await submit();

  const settings = { ...config, streams: at, feeToken: paysNative ? weth : link, paysNative };
  const liquidation = await new LiquidationUpkeep__factory(operator).deploy(market, lens, settings);
  const settlement = await new SettlementUpkeep__factory(operator).deploy(market, settings);
  const fund = async (amount: bigint) => {
    for (const upkeep of [liquidation, settlement]) {
      if (paysNative) await operator.sendTransaction({ to: upkeep, value: amount });
      else await link.transfer(upkeep, amount);
    }
  };
  await fund(FEE * 100n);
  const register = async (upkeep: { getAddress(): Promise<string> }, limit = 12) =>
    automation.register({ target: await upkeep.getAddress(), checkData: shardData(0, 1, limit) });
  const wish: Wish = { sizeDelta: WAD, collateral: 115n * unit };
  const watch = async (count: number, by = wish) => {
    const orders = await commitMany(desk, count, by);
    for (const { order } of orders) await settlement.watch(order);
    return orders;
  };
  const live = async (orders: Awaited<ReturnType<typeof watch>>) => {
    let count = 0;
    for (const { orderId, order } of orders)
      if ((await orderBook.commitmentOf(order.owner, order.slot)) === orderId) count += 1;
    return count;
  };
  const setPrice = (dollars: bigint) => (price = dollars);
  return {
    ...desk,
    streams,
    source,
    report,
    submit,
    missing,
    asked,
    setPrice,
    liquidation,
    settlement,
    register,
    watch,
    wish,
    live,
  };
}

describe("upkeeps on Data Streams", () => {
  for (const paysNative of [false, true]) {
    it(`settle and liquidate with reports that they pay for in ${paysNative ? "native" : "LINK"}`, async () => {
      const desk = await open(paysNative);
      const { automation, register, liquidation, settlement, source, watch, live, networkHelpers, asked } =
        desk;
      const [liquidate, settle] = [await register(liquidation), await register(settlement)];
      expect((await automation.run(liquidate, source)).reason).to.equal("NotNeeded");
      expect((await automation.run(settle, source)).reason).to.equal("NotNeeded");
      expect(asked).to.deep.equal([]);

      const orders = await watch(2);
      const [first] = orders;
      expect((await automation.run(settle, source)).reason).to.equal("NotNeeded");
      await networkHelpers.time.increase(35);
      const run = await automation.run(settle, source);
      expect(run.performed).to.equal(true);
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
      expect([...asked[0]!.feeds]).to.deep.equal([STREAM]);
      const ids = orders.map(({ orderId }) => orderId);
      const either = [ids, ids.toReversed()].map((list) =>
        settlementData(list, [moment + 1n, moment + 1n], [desk.report(moment + 1n)]),
      );
      expect(run.performData).to.be.oneOf(either);
      expect(await live(orders)).to.equal(0);
      expect(run.performGas).to.be.lessThan(600_000n);

      expect((await automation.run(liquidate, source)).reason).to.equal("NotNeeded");
      desk.setPrice(1_880n);
      const crash = await automation.run(liquidate, source);
      expect(crash.performed).to.equal(true);
      expect((await desk.view(first!.order.positionId)).liquidatable).to.equal(false);
      expect(crash.performGas).to.be.lessThan(500_000n);
      expect((await automation.run(liquidate, source)).reason).to.equal("NotNeeded");
      const paid = await (paysNative
        ? desk.ethers.provider.getBalance(liquidation)
        : automation.link.balanceOf(liquidation));
      expect(paid).to.equal(FEE * 99n);
    });
  }

  it("wait for a report that is missing, which holds up no other order", async () => {
    const desk = await open();
    const { automation, register, settlement, source, watch, live, networkHelpers, missing } = desk;
    const settle = await register(settlement);
    const stuck = await watch(1);
    missing.add(stuck[0]!.order.committedAt + 31n);
    await networkHelpers.time.increase(5);
    const good = await watch(1);
    await networkHelpers.time.increase(40);
    const run = await automation.run(settle, source);
    expect(run.performed).to.equal(false);
    expect(run.reason).to.equal("NotNeeded");
    expect(await live(good)).to.equal(1);
    // The oldest one comes first only for so long.
    await networkHelpers.time.increase(300);
    const young = await watch(1);
    await networkHelpers.time.increase(35);
    for (let block = 0; block < 12; block += 1) {
      await automation.run(settle, source);
      await networkHelpers.mine();
    }
    expect([await live(stuck), await live(good), await live(young)]).to.deep.equal([1, 0, 0]);
    missing.clear();
    for (let block = 0; block < 4; block += 1) {
      await automation.run(settle, source);
      await networkHelpers.mine();
    }
    expect(await live(stuck)).to.equal(0);
  });

  it("settle with one report all orders that it holds, and those only", async () => {
    const desk = await open();
    const { automation, register, settlement, source, watch, live, networkHelpers } = desk;
    const settle = await register(settlement, 30);
    const orders = [...(await watch(3)), ...(await watch(2))];
    const other = await watch(1);
    expect(other[0]!.order.committedAt - orders[0]!.order.committedAt).to.be.greaterThan(2n);
    await networkHelpers.time.increase(60);
    const run = await automation.run(settle, source);
    expect(run.performed).to.equal(true);
    expect(await live(orders)).to.equal(2);
    expect(await live(other)).to.equal(1);
    for (let i = 0; i < 3; i += 1) await automation.run(settle, source);
    expect([await live(orders), await live(other)]).to.deep.equal([0, 0]);
  });

  it("keep within the registry's limit of performData, the report included", async () => {
    const desk = await open();
    const { automation, register, settlement, source, watch, live, networkHelpers } = desk;
    const settle = await register(settlement, 100);
    const orders = await watch(20);
    await networkHelpers.time.increase(60);
    const run = await automation.run(settle, source);
    expect(BigInt(run.performData.length / 2 - 1)).to.be.most(LIMITS.maxPerformDataSize);
    expect(run.performed).to.equal(true);
    expect(await live(orders))
      .to.be.greaterThan(0)
      .and.lessThan(12);
  });

  it("do nothing with a report of another stream or without money for its fee", async () => {
    const desk = await open();
    const {
      automation,
      register,
      settlement,
      liquidation,
      source,
      watch,
      networkHelpers,
      report,
      operator,
      ethers,
    } = desk;
    const settle = await register(settlement);
    const [order] = await watch(1);
    await networkHelpers.time.increase(60);
    const foreign: Streams = ({ time }) => [report(time, 2_000n, hashOf("another"))];
    expect((await automation.run(settle, foreign)).reason).to.equal("NotNeeded");
    expect((await automation.run(settle, () => ["0x1234"])).reason).to.equal("CallbackReverted");
    expect((await automation.run(settle, () => [])).reason).to.equal("CallbackReverted");
    const two: Streams = ({ time }) => [report(time), report(time + 1n)];
    expect((await automation.run(settle, two)).reason).to.equal("NotNeeded");

    await settlement.withdraw(automation.link, operator, FEE * 100n);
    expect((await automation.run(settle, source)).reason).to.equal("NotNeeded");
    const time = order!.order.committedAt + 31n;
    const data = settlementData([order!.orderId], [time], [report(time)]);
    await expect(settlement.performUpkeep(data))
      .to.be.revertedWithCustomError(protocol, "UpkeepFeeUnfunded")
      .withArgs(0n, FEE);
    await expect(
      settlement.performUpkeep(settlementData([order!.orderId], [time], [report(time), report(time)])),
    ).to.be.revertedWithCustomError(protocol, "UpkeepReportsUnexpected");
    expect(await liquidation.checkErrorHandler(REPORT_MISSING, "0x")).to.deep.equal([false, "0x"]);
    await expect(settlement.performUpkeep(`0x${"12".repeat(64)}`)).to.be.revert(ethers);
  });

  it("spend nothing on reports for less than a settlement or a liquidation", async () => {
    const desk = await open();
    const {
      settlement,
      liquidation,
      watch,
      networkHelpers,
      report,
      orderBook,
      market,
      submit,
      keeper,
      stranger,
    } = desk;
    const [dead, alive] = await watch(2);
    await networkHelpers.time.increase(60);
    const time = dead!.order.committedAt + 31n;
    await desk.streams.submit([report(time)], ZeroAddress, { value: FEE });
    await mined(
      orderBook.settle(
        dead!.order,
        desk.ethers.AbiCoder.defaultAbiCoder().encode(["uint32"], [time]),
        keeper,
      ),
    );
    const now = BigInt(await networkHelpers.time.latest());
    // The entry is struck off without a report only, the word forgotten likewise.
    await expect(
      settlement.connect(stranger).performUpkeep(settlementData([dead!.orderId], [0n], [report(now)])),
    ).to.be.revertedWithCustomError(protocol, "UpkeepNothingDone");
    await settlement.connect(stranger).performUpkeep(settlementData([dead!.orderId], [0n]));
    await submit(1_500n);
    await market.liquidate([dead!.order.positionId], keeper);
    await expect(
      liquidation.connect(stranger).performUpkeep(liquidationData([], [0n], [report(now)])),
    ).to.be.revertedWithCustomError(protocol, "UpkeepNothingDone");
    await liquidation.connect(stranger).performUpkeep(liquidationData([], [0n]));
    expect(await settlement.watchedCount()).to.equal(1n);
    expect(alive!.orderId).to.equal(await settlement.watchedAt(0));
  });

  it("settle the others of a report when one can't be", async () => {
    const desk = await open();
    const { automation, register, settlement, watch, wish, live, networkHelpers, orderBook } = desk;
    const settle = await register(settlement);
    const marked = { ...wish, acceptablePrice: 5_000n * WAD };
    const orders = [...(await watch(1)), ...(await watch(1, marked)), ...(await watch(1))];
    const [, bad] = orders;
    await networkHelpers.time.increase(60);
    const both: Streams = ({ time }) => [
      encodeStreamsReport({
        feedId: STREAM,
        validFrom: time - 5n,
        observedAt: time + 5n,
        price: 2_000n * WAD,
      }),
    ];
    await poison(
      desk,
      orderBook,
      orderBook.interface.getFunction("settle").selector,
      bad!.order.acceptablePrice,
      true,
    );
    expect((await automation.run(settle, both)).performed).to.equal(true);
    expect(await live(orders)).to.equal(1);
    expect(await live([bad!])).to.equal(1);
  });

  it("begin the grace period after an outage with a report", async () => {
    const desk = await open();
    const {
      automation,
      register,
      liquidation,
      settlement,
      source,
      watch,
      networkHelpers,
      market,
      file,
      view,
      setPrice,
    } = desk;
    const [liquidate, settle] = [await register(liquidation), await register(settlement)];
    const [order] = await watch(1);
    await networkHelpers.time.increase(60);
    expect((await automation.run(settle, source)).performed).to.equal(true);
    await networkHelpers.time.increase(7_200);
    await market.noteOutage();
    setPrice(1_880n);
    expect((await automation.run(liquidate, source)).performed).to.equal(true);
    expect(await market.resumesAt()).to.be.greaterThan(0n);
    expect((await automation.run(liquidate, source)).reason).to.equal("NotNeeded");
    await networkHelpers.time.increase(file.market.gracePeriod);
    expect((await automation.run(liquidate, source)).performed).to.equal(true);
    expect((await view(order!.order.positionId)).liquidatable).to.equal(false);
  });
});
