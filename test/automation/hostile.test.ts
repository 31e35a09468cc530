import { encodeRoundProof } from "@bulkhead/sdk";
import { expect } from "chai";
import { MaxUint256 } from "ethers";
import { SettlementUpkeep__factory } from "../../typechain-types/index.ts";
import { mined, protocol, WAD } from "../shared/market.ts";
import { commitMany, openStaffedMarket, poison, refreshData, settlementData, shardData } from "./desk.ts";
import { openStreamsMarket } from "./streamsDesk.ts";

/** As `openStreamsMarket`, with a settlement upkeep that is registered. */
async function open(leastFee = true) {
  const desk = await openStreamsMarket();
  if (leastFee) await desk.settlement.setLeastFee(desk.file.orders.minExecutionFee);
  return { ...desk, upkeepId: await desk.register(desk.settlement) };
}

describe("a settlement upkeep on Data Streams that is late", () => {
  it("has the newest report brought once for an order that opens, and settles it then", async () => {
    const { upkeepId, run, settlement, watch, live, pass, streams, endOf, spent } = await open();
    const orders = await watch(2);
    await pass(200);
    const newest = await run(upkeepId);
    expect(newest.performed).to.equal(true);
    expect(await live(orders)).to.equal(2);
    expect(await streams.latestAt()).to.equal(newest.lookup!.time);
    expect((await run(upkeepId)).performed).to.equal(true);
    expect(await live(orders)).to.equal(0);
    expect((await streams.reportAt(endOf(orders[0]!.order.committedAt + 31n))).price).to.equal(2_000n * WAD);
    expect(await spent(settlement)).to.equal(2n);
  });

  it("needs the order's own report only for one that closes", async () => {
    const { upkeepId, run, settlement, watch, live, pass, spent } = await open();
    const [opened] = await watch(1);
    await pass(33);
    expect((await run(upkeepId)).performed).to.equal(true);
    const positionId = opened!.order.positionId;
    const closing = await watch(1, { positionId, sizeDelta: 0n, acceptablePrice: 0n });
    await pass(300);
    expect((await run(upkeepId)).performed).to.equal(true);
    expect(await live(closing)).to.equal(0);
    expect(await spent(settlement)).to.equal(2n);
  });

  it("pays for no second report of that kind, nor for one that is not wanted", async () => {
    const desk = await open();
    const { settlement, watch, pass, report, stranger, missing, endOf, spent, upkeepId, run, file } = desk;
    const other = settlement.connect(stranger);
    const [order] = await watch(1);
    const id = order!.orderId;
    missing.add(endOf(order!.order.committedAt + 31n));
    const refresh = async (seconds: bigint | number, age = 0n) =>
      other.performUpkeep(refreshData([report((await pass(seconds)) - age)], id));
    const nothing = async (call: Promise<unknown>) =>
      expect(call).to.be.revertedWithCustomError(protocol, "UpkeepNothingDone");
    await nothing(refresh(33));
    await nothing(refresh(100, 70n));
    await refresh(2);
    await nothing(refresh(2));
    await nothing(refresh(100));
    expect(await spent(settlement)).to.equal(1n);
    // Its own report is asked for from now on.
    const asks = await run(upkeepId);
    expect([asks.reason, asks.lookup?.time]).to.deep.equal(["NotNeeded", order!.order.committedAt + 31n]);
    const [late] = await watch(1);
    const { settlementDelay, fallbackDelay } = file.orders;
    const again = async () =>
      other.performUpkeep(
        refreshData([report(await pass(settlementDelay + fallbackDelay + 40n))], late!.orderId),
      );
    await nothing(again());
    await nothing(other.performUpkeep(refreshData([report(await pass(2))], `0x${"12".repeat(32)}`)));
  });

  it("lets no order that can't open now hold up others", async () => {
    const desk = await open();
    const { upkeepId, run, watch, live, pass, report, bring, networkHelpers, spent, settlement } = desk;
    const [first] = await watch(1);
    await pass(33);
    expect((await run(upkeepId)).performed).to.equal(true);
    // Nothing opens in the oracle's grace period after an outage.
    const end = await pass(200);
    await bring([report(end, { validFromTimestamp: end - 100n })]);
    const opening = await watch(1);
    const positionId = first!.order.positionId;
    const closing = await watch(1, { positionId, sizeDelta: 0n, acceptablePrice: 0n });
    await pass(33);
    for (let block = 0; block < 4; block += 1) {
      await run(upkeepId);
      await networkHelpers.mine();
    }
    expect([await live(opening), await live(closing)]).to.deep.equal([1, 0]);
    expect(await spent(settlement)).to.equal(2n);
    // In the end it fails for want of a fresh price, and pays.
    await pass(1_000);
    expect((await run(upkeepId)).performed).to.equal(true);
    expect(await live(opening)).to.equal(0);
  });
});

describe("a settlement upkeep that is abused", () => {
  it("pays for no report with which orders are settled that pay nothing", async () => {
    const desk = await open();
    const { upkeepId, run, settlement, watch, live, pass, bring, report, marginVault, keeper, spent } = desk;
    const [opened] = await watch(1);
    await pass(33);
    expect((await run(upkeepId)).performed).to.equal(true);
    const positionId = opened!.order.positionId;
    // At this price nothing is to spare of the position's money.
    desk.setPrice(1_906n);
    await bring([report(await pass(2))]);
    expect((await desk.view(positionId)).liquidatable).to.equal(true);
    const [before, claim] = [await spent(settlement), await marginVault.claimOf(keeper)];
    const orders = [];
    for (let i = 0; i < 4; i += 1)
      orders.push(...(await watch(1, { positionId, sizeDelta: WAD / 10n, acceptablePrice: 1n })));
    await pass(33);
    for (let i = 0; i < 6; i += 1) {
      expect((await run(upkeepId)).reason).to.equal("SimulationFailed");
      await pass(2);
    }
    expect(await marginVault.claimOf(keeper)).to.equal(claim);
    expect(await live(orders)).to.equal(4);
    expect(await spent(settlement)).to.equal(before);

    // Nor is the newest report for them, once they are late.
    await pass(100);
    const late = await run(upkeepId);
    expect([late.reason, late.lookup!.time < orders.at(-1)!.order.committedAt + 32n]).to.deep.equal([
      "SimulationFailed",
      true,
    ]);
    const newest = report(await pass(2));
    for (const { orderId } of orders)
      await expect(settlement.performUpkeep(refreshData([newest], orderId))).to.be.revertedWithCustomError(
        protocol,
        "UpkeepNothingDone",
      );

    // With a report that costs nothing they go.
    const end = desk.endOf(orders[0]!.order.committedAt + 31n);
    await bring([report(end), newest]);
    await settlement.performUpkeep(settlementData([orders[0]!.orderId], [end], [report(end)]));
    expect(await live(orders)).to.equal(3);
  });

  it("goes on asking for reports while an order can't be released", async () => {
    const desk = await open();
    const { upkeepId, run, watch, live, pass, orderBook, missing, endOf, file, wish, networkHelpers } = desk;
    const marked = { ...wish, acceptablePrice: 5_000n * WAD };
    const stuck = await watch(1, marked);
    missing.add(endOf(stuck[0]!.order.committedAt + 31n));
    const { settlementDelay, fallbackDelay } = file.orders;
    await pass(settlementDelay + fallbackDelay + file.oracle.stream.proofWindow + 100n);
    await networkHelpers.time.increase(3_600);
    const { selector } = orderBook.interface.getFunction("expire");
    await poison(desk, orderBook, selector, stuck[0]!.order.acceptablePrice);
    const good = await watch(1);
    await pass(33);
    for (let block = 0; block < 2; block += 1) {
      await run(upkeepId);
      await networkHelpers.mine();
    }
    expect([await live(stuck), await live(good)]).to.deep.equal([1, 0]);
  });

  it("clears away what is done where it keeps further orders of a position from the list", async () => {
    const desk = await openStaffedMarket();
    const { automation, operator, unit, trade, alice, keeper, orderBook, networkHelpers, push } = desk;
    const upkeep = await new SettlementUpkeep__factory(operator).deploy(desk.market, desk.config);
    const settle = await automation.register({
      target: await upkeep.getAddress(),
      checkData: shardData(0, 1, 12),
    });
    const { id } = await trade(alice, { sizeDelta: WAD, collateral: 5_000n * unit });
    const wish = { positionId: id, sizeDelta: WAD / 10n, acceptablePrice: MaxUint256 };
    const orders = await commitMany(desk, 4, wish);
    for (const { order } of orders) await upkeep.watch(order);
    await networkHelpers.time.increase(40);
    const proof = encodeRoundProof(await push(2_000n));
    // Another keeper is faster each time.
    for (const { order } of orders) await mined(orderBook.settle(order, proof, keeper));
    const [next] = await commitMany(desk, 1, wish);
    await expect(upkeep.watch(next!.order)).to.be.revertedWithCustomError(protocol, "UpkeepPositionCrowded");
    expect((await automation.run(settle)).performed).to.equal(true);
    await upkeep.watch(next!.order);
  });
});
