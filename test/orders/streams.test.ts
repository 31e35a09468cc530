import { encodeRoundProof, parseOrderEvent, type RestingOrder } from "@bulkhead/sdk";
import { expect } from "chai";
import { MaxUint256 } from "ethers";
import { mined, openMarket, orderEvents, protocol, WAD } from "../shared/market.ts";

const ETHER = WAD;
const UNIT = 10n ** 6n;
const COLLATERAL = 10_000n * UNIT;

/** A market on a stream. Reports follow each other; `spread` is how far bid and ask are from the price, in dollars. */
async function open() {
  const desk = await openMarket({ onStream: true });
  const { stream, networkHelpers } = desk;
  if (stream === undefined) throw new Error("the market is not on a stream");
  const report = async (dollars: bigint, spread = 0n): Promise<bigint> => {
    const at = await networkHelpers.time.latest();
    const [bid, ask] = [(dollars - spread) * WAD, (dollars + spread) * WAD];
    await stream.bring(stream.sign(dollars, at, { bid, ask }));
    return BigInt(at);
  };
  return { ...desk, stream, report };
}

describe("orders at a stream's prices", () => {
  it("buy at the ask and sell at the bid, and are worth the price in between", async () => {
    const { alice, commit, settle, report, networkHelpers, view } = await open();
    const trade = async (wish: Parameters<typeof commit>[1], spread: bigint) => {
      const committed = await commit(alice, wish);
      await networkHelpers.time.increase(40);
      const receipt = await settle(committed, await report(2_000n, spread));
      const outcome = orderEvents(receipt).find(({ kind }) => kind === "settled");
      if (outcome?.kind !== "settled") throw new Error("the order did not trade");
      return { price: outcome.price, id: committed.order.positionId };
    };
    const opened = await trade({ sizeDelta: ETHER, collateral: COLLATERAL }, 2n);
    expect(opened.price).to.equal(2_002n * WAD);
    const { pnl, price } = await view(opened.id);
    expect(price).to.equal(2_000n * WAD);
    expect(pnl).to.be.within(-3n * UNIT, -2n * UNIT);
    const closed = await trade({ positionId: opened.id, sizeDelta: 0n, acceptablePrice: 0n }, 3n);
    expect(closed.price).to.equal(1_997n * WAD);
    const short = await trade({ sizeDelta: -ETHER, collateral: COLLATERAL, acceptablePrice: 0n }, 5n);
    expect(short.price).to.equal(1_995n * WAD);
    expect((await trade({ positionId: short.id, acceptablePrice: MaxUint256 }, 1n)).price).to.equal(
      2_001n * WAD,
    );
  });

  it("settle at the report of their moment, whatever else is brought before", async () => {
    const { alice, keeper, commit, orderBook, file, stream, networkHelpers } = await open();
    const { time } = networkHelpers;
    const { order } = await commit(alice, { sizeDelta: ETHER, collateral: COLLATERAL });
    const moment = Number(order.committedAt + file.orders.settlementDelay);
    await time.increase(60);
    const before = stream.sign(1_990n, moment);
    const fixing = stream.sign(2_010n, moment + 3);
    const after = stream.sign(2_050n, moment + 4);
    await stream.bring(after, before);
    const settle = (at: number) =>
      orderBook.connect(keeper).settle(order, encodeRoundProof(BigInt(at)), keeper);
    for (const at of [moment, moment + 4])
      await expect(settle(at)).to.be.revertedWithCustomError(protocol, "OracleReportNotOfMoment");
    await expect(settle(moment + 3)).to.be.revertedWithCustomError(protocol, "OracleReportMissing");
    await stream.bring(fixing);
    const receipt = await mined(settle(moment + 3));
    const event = receipt.logs.map((log) => parseOrderEvent(log)).find((e) => e?.kind === "settled");
    expect(event?.kind === "settled" ? event.price : undefined).to.equal(2_010n * WAD);
  });

  it("that open wait for a fresh price which somebody only has to bring, so nobody chooses that they fail", async () => {
    const { alice, keeper, commit, trade, orderBook, file, stream, networkHelpers, settle } = await open();
    const { time } = networkHelpers;
    const held = await trade(alice, { sizeDelta: ETHER, collateral: COLLATERAL });
    const orders = [
      await commit(alice, { sizeDelta: ETHER, collateral: COLLATERAL }),
      await commit(alice, { sizeDelta: ETHER, collateral: COLLATERAL }),
      await commit(alice, { positionId: held.id, sizeDelta: 0n, acceptablePrice: 0n }),
    ] as const;
    const { settlementDelay, fallbackDelay } = file.orders;
    const at = Number(orders[2].order.committedAt + settlementDelay + 1n);
    await time.increaseTo(at + 100);
    await stream.bring(stream.sign(2_000n, at));
    const proof = encodeRoundProof(BigInt(at));
    const until = orders[0].order.committedAt + 2n * settlementDelay + fallbackDelay;
    await expect(orderBook.connect(keeper).settle(orders[0].order, proof, keeper))
      .to.be.revertedWithCustomError(protocol, "OrderPriceDue")
      .withArgs(orders[0].orderId, until);
    // Closing needs none.
    expect(orderEvents(await settle(orders[2], BigInt(at))).map(({ kind }) => kind)).to.include("settled");
    await stream.bring(stream.sign(2_010n, await time.latest()));
    expect(orderEvents(await settle(orders[0], BigInt(at))).map(({ kind }) => kind)).to.include("settled");
    // Nobody waits for longer than for the order's own price.
    await time.increaseTo(orders[1].order.committedAt + 2n * settlementDelay + fallbackDelay + 1n);
    expect(orderEvents(await settle(orders[1], BigInt(at)))).to.deep.include.members([
      {
        kind: "failed",
        orderId: orders[1].orderId,
        positionId: orders[1].order.positionId,
        reason: "StalePrice",
      },
    ]);
  });

  it("end without a price where the stream rested too long, and give the money back", async () => {
    const { alice, commit, settle, file, stream, networkHelpers, token } = await open();
    const before = await token.balanceOf(alice);
    const committed = await commit(alice, { sizeDelta: ETHER, collateral: COLLATERAL });
    const { settlementDelay, fallbackDelay } = file.orders;
    const late = Number(committed.order.committedAt + settlementDelay + fallbackDelay + 1n);
    await networkHelpers.time.increaseTo(late);
    const validFromTimestamp = committed.order.committedAt;
    await stream.bring(stream.sign(2_000n, late, { validFromTimestamp }));
    const receipt = await settle(committed, BigInt(late));
    expect(orderEvents(receipt)).to.deep.include.members([
      {
        kind: "failed",
        orderId: committed.orderId,
        positionId: committed.order.positionId,
        reason: "NoPrice",
      },
    ]);
    expect(await token.balanceOf(alice)).to.equal(before - committed.order.executionFee);
  });

  it("are released only when nobody can have brought their report for as long as the proof window", async () => {
    const { alice, stranger, commit, orderBook, file, networkHelpers } = await open();
    const deadline = (await orderBook.earliestDeadline()) + 60n;
    const { order, orderId } = await commit(alice, { sizeDelta: ETHER, collateral: COLLATERAL, deadline });
    const { settlementDelay, fallbackDelay } = file.orders;
    const end = order.committedAt + settlementDelay + fallbackDelay + file.oracle.stream.proofWindow;
    expect(order.deadline).to.be.lessThan(end);
    await networkHelpers.time.increaseTo(end - 2n);
    await expect(orderBook.connect(stranger).expire(order)).to.be.revertedWithCustomError(
      protocol,
      "OrderSettleable",
    );
    await networkHelpers.time.increaseTo(end + 2n);
    await expect(orderBook.connect(stranger).expire(order))
      .to.emit(orderBook, "OrderExpired")
      .withArgs(orderId, order.positionId);
  });

  describe("that rest", () => {
    /** A long with a stop-loss at 1,900, and the means to show reports to it. */
    async function stopped() {
      const desk = await open();
      const { alice, trade, orderBook, keeper, networkHelpers, stream } = desk;
      const { id } = await trade(alice, { sizeDelta: ETHER, collateral: COLLATERAL });
      const { time } = networkHelpers;
      const receipt = await mined(
        orderBook.connect(alice).place({
          positionId: id,
          sizeDelta: 0n,
          collateral: 0n,
          acceptablePrice: 0n,
          executionFee: desk.file.orders.minExecutionFee,
          deadline: (await time.latest()) + 86_400,
          limitPrice: 0n,
          stopPrice: 1_900n * WAD,
          trail: 0n,
          trailIsRatio: false,
          reduceOnly: true,
          beyondLiquidation: false,
        }),
      );
      const placed = orderEvents(receipt).find(({ kind }) => kind === "placed");
      if (placed?.kind !== "placed") throw new Error("no order was placed");
      const order: RestingOrder = placed.order;
      await time.increase(60);
      const now = await time.latest();
      await stream.bring(stream.sign(1_990n, now - 10));
      const trigger = async (at: number) =>
        orderEvents(
          await mined(orderBook.connect(keeper).trigger(order, encodeRoundProof(BigInt(at)), "0x", keeper)),
        );
      return { ...desk, now, trigger, orderId: placed.orderId };
    }

    it("fill at the bid of the report that crosses, if the report before it is shown too", async () => {
      const { stream, now, trigger } = await stopped();
      await stream.bring(
        stream.sign(1_950n, now - 6),
        stream.sign(1_895n, now - 3, { bid: 1_894n * WAD, ask: 1_896n * WAD }),
      );
      const [event] = await trigger(now - 3);
      expect(event?.kind === "settled" ? event.price : undefined).to.equal(1_894n * WAD);
    });

    it("can't be filled at a later report that has crossed too", async () => {
      const { stream, now, trigger } = await stopped();
      await stream.bring(stream.sign(1_895n, now - 6), stream.sign(1_850n, now - 3));
      await expect(trigger(now - 3)).to.be.revertedWithCustomError(protocol, "OrderNotFirstCrossing");
    });

    it("become market orders when the report before the crossing is withheld", async () => {
      const { stream, now, trigger, orderBook, orderId } = await stopped();
      stream.sign(1_895n, now - 6);
      await stream.bring(stream.sign(1_850n, now - 3));
      const events = await trigger(now - 3);
      expect(events.map(({ kind }) => kind)).to.include("triggered");
      expect(events.map(({ kind }) => kind)).to.not.include("settled");
      expect(orderId).to.not.equal(await orderBook.commitmentOf(orderId.slice(0, 42), 0n));
    });
  });

  it("are liquidated at a report's price, never at the bid", async () => {
    const { alice, keeper, trade, report, market, networkHelpers } = await open();
    const { id } = await trade(alice, { sizeDelta: 10n * ETHER, collateral: 1_000n * UNIT });
    await networkHelpers.time.increase(30);
    await report(2_000n, 300n);
    await market.connect(keeper).liquidate([id], keeper);
    expect((await market.position(id)).size).to.equal(10n * ETHER);
    await networkHelpers.time.increase(30);
    await report(1_905n);
    await expect(market.connect(keeper).liquidate([id], keeper)).to.emit(market, "PositionLiquidated");
  });

  it("can't have liquidations held up by whoever notes an outage that is none", async () => {
    const { market, stranger, networkHelpers } = await open();
    await networkHelpers.time.increase(600);
    await expect(market.connect(stranger).noteOutage()).to.be.revertedWithCustomError(protocol, "NoOutage");
  });
});
