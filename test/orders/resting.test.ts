import { encodeRoundProof, parseOrderEvent, type RestingOrder, type TwapOrder } from "@bulkhead/sdk";
import { expect } from "chai";
import { MaxUint256, ZeroAddress, type BigNumberish } from "ethers";
import { mined, openMarket, protocol, START_PRICE, WAD, type Desk } from "../shared/market.ts";

const SIZE = WAD;
const NONE = "0x";

type Account = Desk["alice"];

interface RestingWish {
  readonly positionId?: bigint;
  readonly sizeDelta?: BigNumberish;
  readonly collateral?: bigint;
  readonly acceptablePrice?: bigint;
  readonly executionFee?: bigint;
  readonly deadline?: bigint;
  readonly limitPrice?: bigint;
  readonly stopPrice?: bigint;
  readonly trail?: bigint;
  readonly trailIsRatio?: boolean;
  readonly reduceOnly?: boolean;
  readonly beyondLiquidation?: boolean;
}

/** The desk with what resting orders need. Prices in whole dollars. */
async function openDesk() {
  const desk = await openMarket();
  const { orderBook, file, keeper, networkHelpers, push } = desk;
  const { time } = networkHelpers;
  const request = async (wish: RestingWish) => ({
    positionId: 0n,
    sizeDelta: 0n,
    collateral: 0n,
    acceptablePrice: BigInt(wish.sizeDelta ?? 0n) > 0n ? MaxUint256 : 0n,
    executionFee: file.orders.minExecutionFee,
    deadline: BigInt(await time.latest()) + 30n * 86_400n,
    limitPrice: 0n,
    stopPrice: 0n,
    trail: 0n,
    trailIsRatio: false,
    reduceOnly: false,
    beyondLiquidation: false,
    ...wish,
  });
  const place = async (account: Account, wish: RestingWish): Promise<RestingOrder> => {
    const receipt = await mined(orderBook.connect(account).place(await request(wish)));
    for (const log of receipt.logs) {
      const event = parseOrderEvent(log);
      if (event?.kind === "placed") return event.order;
    }
    throw new Error("nothing was placed");
  };
  /** A round `after` seconds from now; its proof. */
  const observe = async (dollars: bigint, after = 60): Promise<string> => {
    await time.increase(after);
    return encodeRoundProof(await push(dollars));
  };
  const trigger = (order: RestingOrder, proof: string, peak = NONE) =>
    orderBook.connect(keeper).trigger(order, proof, peak, keeper);
  return { ...desk, time, restingRequest: request, place, observe, trigger };
}

const usd = (dollars: bigint): bigint => dollars * WAD;

describe("resting orders", () => {
  let desk: Awaited<ReturnType<typeof openDesk>>;
  let collateral: bigint;

  beforeEach(async () => {
    desk = await openDesk();
    collateral = 500n * desk.unit;
  });

  describe("place", () => {
    it("refuses what can never be of use, by name", async () => {
      const { orderBook, restingRequest, alice, time, file } = desk;
      const limitPrice = usd(1_900n);
      const entry = { sizeDelta: SIZE, collateral, limitPrice };
      for (const [wish, error] of [
        [{ ...entry, limitPrice: 0n }, "OrderTriggerMissing"],
        [{ ...entry, limitPrice: 10n ** 30n + 1n }, "OrderTriggerOutOfBounds"],
        [{ ...entry, stopPrice: 10n ** 30n + 1n }, "OrderTriggerOutOfBounds"],
        [{ ...entry, trail: WAD, trailIsRatio: true }, "OrderTriggerOutOfBounds"],
        [{ ...entry, trail: 10n ** 30n + 1n }, "OrderTriggerOutOfBounds"],
        [{ ...entry, deadline: BigInt(await time.latest()) }, "OrderDeadlineTooEarly"],
        [{ ...entry, sizeDelta: 0n }, "OrderSizeZero"],
        [{ ...entry, sizeDelta: 2n ** 111n }, "OrderSizeTooLarge"],
        [{ ...entry, collateral: 0n }, "OrderCollateralTooLow"],
        [{ ...entry, executionFee: file.orders.maxExecutionFee + 1n }, "OrderExecutionFeeOutOfBounds"],
        [{ ...entry, reduceOnly: true }, "OrderNotReducing"],
        [{ ...entry, positionId: 99n }, "PositionNotOpen"],
        [{ ...entry, positionId: 99n, reduceOnly: true }, "PositionNotOpen"],
      ] as const) {
        await expect(
          orderBook.connect(alice).place(await restingRequest(wish)),
          error,
        ).to.be.revertedWithCustomError(protocol, error);
      }
    });

    it("lets only who may act for a position attach an exit, and only one that reduces it", async () => {
      const { orderBook, restingRequest, alice, stranger, trade } = desk;
      const { id } = await trade(alice, { sizeDelta: SIZE, collateral });
      const exit = { positionId: id, stopPrice: usd(1_700n), reduceOnly: true };
      await expect(
        orderBook.connect(stranger).place(await restingRequest(exit)),
      ).to.be.revertedWithCustomError(protocol, "NotPositionOperator");
      await expect(
        orderBook.connect(alice).place(await restingRequest({ ...exit, sizeDelta: SIZE })),
      ).to.be.revertedWithCustomError(protocol, "OrderNotReducing");
      await expect(
        orderBook.connect(alice).place(await restingRequest({ ...exit, collateral: 1n })),
      ).to.be.revertedWithCustomError(protocol, "OrderCollateralUnexpected");
    });

    it("refuses a stop the position can't live to see, unless its owner knows", async () => {
      const { orderBook, restingRequest, alice, trade, lens, addresses, place } = desk;
      const { id } = await trade(alice, { sizeDelta: SIZE, collateral });
      const { liquidationPrice } = (await lens.prices(addresses.market, [id]))[0]!;
      const exit = { positionId: id, stopPrice: liquidationPrice, reduceOnly: true };
      await expect(orderBook.connect(alice).place(await restingRequest(exit)))
        .to.be.revertedWithCustomError(protocol, "OrderStopBeyondLiquidation")
        .withArgs(id, liquidationPrice);
      await place(alice, { ...exit, stopPrice: liquidationPrice + WAD / 100n });
      await place(alice, { ...exit, beyondLiquidation: true });
    });
  });

  describe("trigger", () => {
    it("refuses it in one transaction with the entry too, by the entry's own price", async () => {
      const { orderBook, restingRequest, request, alice, unit } = desk;
      const { interface: abi } = orderBook;
      // 2,000 of notional with 100: liquidated at about 1,930.
      const entry = { sizeDelta: SIZE, collateral: 100n * unit };
      const limit = { ...entry, limitPrice: usd(1_800n) };
      const bracket = async (first: string, stopPrice: bigint, beyondLiquidation = false) => {
        const exit = { positionId: MaxUint256, stopPrice, reduceOnly: true, beyondLiquidation };
        const second = abi.encodeFunctionData("place", [await restingRequest(exit)]);
        return orderBook.connect(alice).multicall.staticCall([first, second]);
      };
      const market = abi.encodeFunctionData("commit", [(await request(entry)) as never]);
      const tight = abi.encodeFunctionData("commit", [
        (await request({ ...entry, acceptablePrice: usd(2_010n) })) as never,
      ]);
      const resting = abi.encodeFunctionData("place", [await restingRequest(limit)]);
      for (const first of [market, tight]) {
        await expect(bracket(first, usd(1_920n))).to.be.revertedWithCustomError(
          protocol,
          "OrderStopBeyondLiquidation",
        );
        await bracket(first, usd(1_920n), true);
        await bracket(first, usd(1_940n));
      }
      // The same stop is within reach of an entry at 1,800, and one at 1,720 is not.
      await bracket(resting, usd(1_740n));
      await expect(bracket(resting, usd(1_720n))).to.be.revertedWithCustomError(
        protocol,
        "OrderStopBeyondLiquidation",
      );
      const wrongWay = abi.encodeFunctionData("place", [
        await restingRequest({
          positionId: MaxUint256,
          sizeDelta: SIZE,
          stopPrice: usd(1_940n),
          reduceOnly: true,
        }),
      ]);
      await expect(
        orderBook.connect(alice).multicall.staticCall([market, wrongWay]),
      ).to.be.revertedWithCustomError(protocol, "OrderNotReducing");
    });

    it("opens a long at the first price at or below its limit, refusing all others", async () => {
      const { alice, place, observe, trigger, market, marginVault } = desk;
      const early = await observe(1_900n);
      const order = await place(alice, { sizeDelta: SIZE, collateral, limitPrice: usd(1_950n) });
      expect(await marginVault.balanceOf(order.positionId)).to.equal(collateral);
      const tooSoon = await observe(1_940n, 10);
      for (const proof of [early, tooSoon])
        await expect(trigger(order, proof)).to.be.revertedWithCustomError(protocol, "OrderObservationTooOld");
      await expect(trigger(order, await observe(1_951n))).to.be.revertedWithCustomError(
        protocol,
        "OrderNotCrossed",
      );
      const first = await observe(1_950n);
      const second = await observe(1_940n, 5);
      await expect(trigger(order, second)).to.be.revertedWithCustomError(protocol, "OrderNotFirstCrossing");
      await trigger(order, first);
      const { size, entryNotional } = await market.position(order.positionId);
      expect(size).to.equal(SIZE);
      expect(entryNotional >= 1_950n * desk.unit && entryNotional < 1_951n * desk.unit).to.equal(true);
      await expect(trigger(order, first)).to.be.revertedWithCustomError(protocol, "OrderUnknown");
    });

    it("closes at the market beyond a stop, not at the stop", async () => {
      const { alice, trade, place, observe, trigger, market, token } = desk;
      const { id } = await trade(alice, { sizeDelta: SIZE, collateral });
      const order = await place(alice, { positionId: id, stopPrice: usd(1_900n), reduceOnly: true });
      const before = await token.balanceOf(alice);
      await trigger(order, await observe(1_800n));
      expect(await market.ownerOrZero(id)).to.equal(ZeroAddress);
      const back = (await token.balanceOf(alice)) - before;
      // About 500 − 200 of loss − fees.
      expect(back > 295n * desk.unit && back < 300n * desk.unit).to.equal(true);
    });

    it("fills one leg of a pair and ends the other with it", async () => {
      const { alice, trade, place, observe, trigger, market } = desk;
      const { id } = await trade(alice, { sizeDelta: 2n * SIZE, collateral: 2n * collateral });
      const pair = { positionId: id, sizeDelta: -SIZE, limitPrice: usd(2_100n), stopPrice: usd(1_900n) };
      const order = await place(alice, { ...pair, reduceOnly: true });
      await trigger(order, await observe(2_100n));
      expect((await market.position(id)).size).to.equal(SIZE);
      await expect(trigger(order, await observe(1_900n))).to.be.revertedWithCustomError(
        protocol,
        "OrderUnknown",
      );
    });

    it("trails the best price shown, by a ratio or a price", async () => {
      const { alice, trade, place, observe, trigger, market } = desk;
      const { id } = await trade(alice, { sizeDelta: SIZE, collateral });
      const ratio = { positionId: id, trail: WAD / 10n, trailIsRatio: true, reduceOnly: true };
      const order = await place(alice, ratio);
      const peak = await observe(2_400n);
      const above = await observe(2_161n);
      await expect(trigger(order, above, peak)).to.be.revertedWithCustomError(protocol, "OrderNotCrossed");
      const crossing = await observe(2_160n);
      await expect(trigger(order, crossing)).to.be.revertedWithCustomError(protocol, "OrderNotCrossed");
      await expect(trigger(order, peak, crossing)).to.be.revertedWithCustomError(
        protocol,
        "OrderPeakAfterCrossing",
      );
      await expect(
        trigger(order, crossing, encodeRoundProof((6n << 64n) | 1n)),
      ).to.be.revertedWithCustomError(protocol, "OrderObservationTooOld");
      await trigger(order, crossing, peak);
      expect(await market.ownerOrZero(id)).to.equal(ZeroAddress);
    });

    it("becomes a market order when the crossing is too old to be a price", async () => {
      const { alice, trade, place, observe, trigger, market, orderBook, time, push, keeper, settle } = desk;
      const { id } = await trade(alice, { sizeDelta: SIZE, collateral });
      const order = await place(alice, { positionId: id, stopPrice: usd(1_900n), reduceOnly: true });
      const crossing = await observe(1_890n);
      await time.increase(3_600);
      const receipt = await mined(trigger(order, crossing));
      const event = receipt.logs.map((log) => parseOrderEvent(log)).find((e) => e?.kind === "committed");
      if (event?.kind !== "committed") throw new Error("no order was committed");
      expect(event.order.slot).to.equal(order.slot);
      expect((await market.position(id)).size).to.equal(SIZE);
      await expect(orderBook.connect(alice).cancel(order)).to.be.revertedWithCustomError(
        protocol,
        "OrderUnknown",
      );
      await time.increase(40);
      await settle(event, await push(1_950n));
      expect(await market.ownerOrZero(id)).to.equal(ZeroAddress);
      expect((await desk.marginVault.claimOf(keeper)) > 0n).to.equal(true);
    });

    it("goes on resting when it can't trade now", async () => {
      const { alice, place, observe, trigger, orderBook } = desk;
      const order = await place(alice, {
        sizeDelta: SIZE,
        collateral,
        limitPrice: usd(1_950n),
        acceptablePrice: usd(1_000n),
      });
      await expect(trigger(order, await observe(1_950n))).to.be.revertedWithCustomError(
        protocol,
        "OrderNotFillable",
      );
      expect(await orderBook.commitmentOf(alice, order.slot)).not.to.equal(`0x${"0".repeat(64)}`);
    });

    it("needs a receiver, a live order and a position that is still its owner's", async () => {
      const { alice, bob, trade, place, observe, trigger, orderBook, market, time } = desk;
      const { id } = await trade(alice, { sizeDelta: SIZE, collateral });
      const wish = { positionId: id, stopPrice: usd(1_900n), reduceOnly: true };
      const order = await place(alice, wish);
      const brief = await place(alice, { ...wish, deadline: BigInt(await time.latest()) + 100n });
      const proof = await observe(1_890n);
      await expect(orderBook.trigger(order, proof, NONE, ZeroAddress)).to.be.revertedWithCustomError(
        protocol,
        "ZeroAddress",
      );
      await time.increase(100);
      await expect(trigger(brief, proof)).to.be.revertedWithCustomError(protocol, "OrderExpired");
      await market.connect(alice).transferFrom(alice, bob, id);
      await expect(trigger(order, await observe(1_880n))).to.be.revertedWithCustomError(
        protocol,
        "OrderVoid",
      );
      // It stays void when the position comes back.
      await market.connect(bob).transferFrom(bob, alice, id);
      await expect(trigger(order, await observe(1_870n))).to.be.revertedWithCustomError(
        protocol,
        "OrderVoid",
      );
    });

    it("waits for its position to open, and then for an observation after that", async () => {
      const { alice, commit, settle, place, observe, trigger, time, push, market } = desk;
      const entry = await commit(alice, { sizeDelta: SIZE, collateral });
      const exit = await place(alice, {
        positionId: entry.order.positionId,
        stopPrice: usd(1_900n),
        reduceOnly: true,
      });
      await time.increase(40);
      const fixing = await push(1_890n);
      await expect(trigger(exit, encodeRoundProof(fixing))).to.be.revertedWithCustomError(
        protocol,
        "PositionNotOpen",
      );
      await settle(entry, fixing);
      await expect(trigger(exit, encodeRoundProof(fixing))).to.be.revertedWithCustomError(
        protocol,
        "OrderObservationTooOld",
      );
      await trigger(exit, await observe(1_880n));
      expect(await market.ownerOrZero(entry.order.positionId)).to.equal(ZeroAddress);
    });
  });

  describe("cancel", () => {
    it("refunds an entry to the unit, by its owner, or by anyone after its deadline", async () => {
      const { alice, stranger, place, orderBook, token, time, marginVault } = desk;
      const before = await token.balanceOf(alice);
      const wish = { sizeDelta: SIZE, collateral, limitPrice: usd(1_900n) };
      const first = await place(alice, wish);
      await expect(orderBook.connect(stranger).cancel(first)).to.be.revertedWithCustomError(
        protocol,
        "NotPositionOperator",
      );
      await orderBook.connect(alice).cancel(first);
      const second = await place(alice, { ...wish, deadline: BigInt(await time.latest()) + 100n });
      expect(second.slot).to.equal(first.slot);
      await time.increase(101);
      await orderBook.connect(stranger).cancel(second);
      expect(await token.balanceOf(alice)).to.equal(before);
      expect(await marginVault.totalBalance()).to.equal(0n);
    });

    it("leaves an open position alone", async () => {
      const { alice, trade, place, orderBook, market } = desk;
      const { id } = await trade(alice, { sizeDelta: SIZE, collateral });
      const order = await place(alice, { positionId: id, stopPrice: usd(1_900n), reduceOnly: true });
      await orderBook.connect(alice).cancel(order);
      await expect(orderBook.connect(alice).cancel(order)).to.be.revertedWithCustomError(
        protocol,
        "OrderUnknown",
      );
      expect((await market.position(id)).size).to.equal(SIZE);
    });
  });
});

describe("orders in slices", () => {
  let desk: Awaited<ReturnType<typeof openDesk>>;

  beforeEach(async () => {
    desk = await openDesk();
  });

  const placeTwap = async (
    account: Account,
    wish: Partial<Record<keyof TwapOrder | "collateral", unknown>>,
  ) => {
    const request = {
      positionId: 0n,
      sizeDelta: 10n * WAD,
      collateral: 0n,
      acceptablePrice: MaxUint256,
      executionFee: desk.file.orders.minExecutionFee,
      interval: 600n,
      slices: 3n,
      reduceOnly: false,
      ...wish,
    } as never;
    const receipt = await mined(desk.orderBook.connect(account).placeTwap(request));
    for (const log of receipt.logs) {
      const event = parseOrderEvent(log);
      if (event?.kind === "twapPlaced") return event.order;
    }
    throw new Error("nothing was placed");
  };
  const slice = (order: TwapOrder, proof: string) =>
    desk.orderBook.connect(desk.keeper).settleSlice(order, proof, desk.keeper);

  it("trade the whole size, each at the fixing of its own moment, a failed one passed over", async () => {
    const { alice, market, observe, unit } = desk;
    // The second slice finds the price above the acceptable one.
    const terms = { collateral: 5_000n * unit, acceptablePrice: usd(2_010n) };
    const order = await placeTwap(alice, terms);
    const first = await observe(START_PRICE);
    await slice(order, first);
    expect((await market.position(order.positionId)).size).to.equal((10n * WAD) / 3n);
    const afterFirst = { ...order, next: 1n };
    await expect(slice(order, first)).to.be.revertedWithCustomError(protocol, "OrderUnknown");
    await expect(slice(afterFirst, first)).to.be.revertedWithCustomError(protocol, "OracleFixingPending");
    const receipt = await mined(slice(afterFirst, await observe(2_100n, 600)));
    const event = receipt.logs.map((log) => parseOrderEvent(log)).find((e) => e?.kind === "slice");
    expect(event?.kind === "slice" && event.reason).to.equal("Slippage");
    await slice({ ...order, next: 2n }, await observe(1_990n, 600));
    const whole = 10n * WAD;
    expect((await market.position(order.positionId)).size).to.equal(whole - whole / 3n);
    await expect(slice({ ...order, next: 3n }, first)).to.be.revertedWithCustomError(
      protocol,
      "OrderUnknown",
    );
  });

  it("refund a position of which no slice ever traded", async () => {
    const { alice, market, observe, unit, token, marginVault, keeper } = desk;
    const before = await token.balanceOf(alice);
    const order = await placeTwap(alice, { collateral: 5_000n * unit, acceptablePrice: 1n, slices: 2n });
    await slice(order, await observe(START_PRICE));
    expect(await market.ownerOrZero(order.positionId)).to.equal(alice.address);
    await slice({ ...order, next: 1n }, await observe(START_PRICE, 600));
    expect(await market.ownerOrZero(order.positionId)).to.equal(ZeroAddress);
    const fees = 2n * desk.file.orders.minExecutionFee;
    expect(await marginVault.claimOf(keeper)).to.equal(fees);
    expect(before - (await token.balanceOf(alice))).to.equal(fees);
  });

  it("refund it as well when the last slice has no price", async () => {
    const { alice, market, observe, unit, push, time } = desk;
    const order = await placeTwap(alice, { collateral: 5_000n * unit, acceptablePrice: 1n, slices: 2n });
    await slice(order, await observe(START_PRICE));
    await time.increase(600);
    await slice({ ...order, next: 1n }, encodeRoundProof(await push(0n)));
    expect(await market.ownerOrZero(order.positionId)).to.equal(ZeroAddress);
  });

  it("are cancelled by their owner, but for a slice that has its fixing", async () => {
    const { alice, stranger, orderBook, observe, unit, market, time } = desk;
    const order = await placeTwap(alice, { collateral: 5_000n * unit });
    await expect(orderBook.connect(stranger).cancelTwap(order)).to.be.revertedWithCustomError(
      protocol,
      "NotPositionOperator",
    );
    const proof = await observe(START_PRICE);
    await expect(orderBook.connect(alice).cancelTwap(order)).to.be.revertedWithCustomError(
      protocol,
      "OrderSettleable",
    );
    await slice(order, proof);
    await orderBook.connect(alice).cancelTwap({ ...order, next: 1n });
    expect((await market.position(order.positionId)).size).to.equal((10n * WAD) / 3n);
    const unopened = await placeTwap(alice, { collateral: 5_000n * unit });
    await time.increase(40);
    await orderBook.connect(alice).cancelTwap(unopened);
    expect(await market.ownerOrZero(unopened.positionId)).to.equal(ZeroAddress);
  });

  it("give a position that changed hands before it opened back to its new owner", async () => {
    const { alice, bob, orderBook, observe, market, token, unit } = desk;
    const collateral = 5_000n * unit;
    const order = await placeTwap(alice, { collateral });
    await market.connect(alice).transferFrom(alice, bob, order.positionId);
    const proof = await observe(START_PRICE);
    // The slice has its fixing, but nobody can settle it.
    await expect(slice(order, proof)).to.be.revertedWithCustomError(protocol, "OrderVoid");
    const before = await token.balanceOf(bob);
    await orderBook.connect(bob).cancelTwap(order);
    expect((await token.balanceOf(bob)) - before).to.equal(collateral);
  });

  it("are refused where they make no sense, and void once the position has changed hands", async () => {
    const { alice, bob, orderBook, observe, trade, unit, market, keeper } = desk;
    const collateral = 5_000n * unit;
    const { id } = await trade(alice, { sizeDelta: WAD, collateral });
    for (const [wish, error] of [
      [{ slices: 1n }, "OrderSlicesOutOfBounds"],
      [{ slices: 1_001n }, "OrderSlicesOutOfBounds"],
      [{ interval: 0n }, "OrderIntervalOutOfBounds"],
      [{ interval: 604_801n }, "OrderIntervalOutOfBounds"],
      [{ sizeDelta: 2n }, "OrderSizeZero"],
      [{ reduceOnly: true }, "OrderNotReducing"],
      [{ positionId: id, reduceOnly: true }, "OrderNotReducing"],
    ] as const) {
      const request = {
        positionId: 0n,
        sizeDelta: 10n * WAD,
        collateral: "positionId" in wish ? 0n : collateral,
        acceptablePrice: MaxUint256,
        executionFee: desk.file.orders.minExecutionFee,
        interval: 600n,
        reduceOnly: false,
        slices: 3n,
        ...(wish as object),
      };
      await expect(orderBook.connect(alice).placeTwap(request)).to.be.revertedWithCustomError(
        protocol,
        error,
      );
    }
    const order = await placeTwap(alice, {
      positionId: id,
      sizeDelta: -WAD,
      slices: 2n,
      reduceOnly: true,
      acceptablePrice: 0n,
    });
    await expect(
      orderBook.settleSlice(order, await observe(START_PRICE), ZeroAddress),
    ).to.be.revertedWithCustomError(protocol, "ZeroAddress");
    await market.connect(alice).transferFrom(alice, bob, id);
    await expect(
      orderBook.settleSlice(order, await observe(START_PRICE), keeper),
    ).to.be.revertedWithCustomError(protocol, "OrderVoid");
  });
});
