import { math, parseOrderEvent, type OrderEvent, type ProtectiveOrder } from "@bulkhead/sdk";
import { expect } from "chai";
import { MaxUint256, ZeroAddress, type TransactionReceipt } from "ethers";
import { mined, openMarket, protocol, START_PRICE, WAD, type Desk } from "../shared/market.ts";

const PERCENT = WAD / 100n;

interface Wish {
  readonly positionId: bigint;
  readonly triggerRatio?: bigint;
  readonly targetRatio?: bigint;
  readonly topUpBudget?: bigint;
  readonly executionFee?: bigint;
  readonly deadline?: bigint;
}

/** The desk with a position of 5 at 10× of alice's, and the means to protect it. */
async function openDesk() {
  const desk = await openMarket();
  const { orderBook, alice, keeper, file, networkHelpers, trade, push, unit } = desk;
  const { time } = networkHelpers;
  const { id } = await trade(alice, { sizeDelta: 5n * WAD, collateral: 1_010n * unit });
  const request = async (wish: Wish) => ({
    triggerRatio: 4n * PERCENT,
    targetRatio: 8n * PERCENT,
    topUpBudget: 0n,
    executionFee: file.orders.minExecutionFee,
    deadline: BigInt(await time.latest()) + 30n * 86_400n,
    ...wish,
  });
  const place = async (account: Desk["alice"], wish: Wish): Promise<ProtectiveOrder> => {
    const receipt = await mined(orderBook.connect(account).placeProtective(await request(wish)));
    return find(receipt, "protectivePlaced").order;
  };
  const protect = (order: ProtectiveOrder) => orderBook.connect(keeper).protect(order, keeper);
  /** A round some time from now. */
  const observe = async (dollars: bigint) => {
    await time.increase(60);
    return push(dollars);
  };
  return { ...desk, time, id, protectiveRequest: request, place, protect, observe };
}

function find<K extends OrderEvent["kind"]>(
  receipt: TransactionReceipt,
  kind: K,
): Extract<OrderEvent, { kind: K }> {
  for (const log of receipt.logs) {
    const event = parseOrderEvent(log);
    if (event?.kind === kind) return event as Extract<OrderEvent, { kind: K }>;
  }
  throw new Error(`no ${kind}`);
}

describe("protective orders", () => {
  let desk: Awaited<ReturnType<typeof openDesk>>;

  beforeEach(async () => {
    desk = await openDesk();
  });

  it("are refused by name where they make no sense", async () => {
    const { orderBook, alice, bob, market, id, protectiveRequest, file, time, unit } = desk;
    const fee = file.orders.minExecutionFee;
    for (const [wish, error] of [
      // Base 1 %, size 5 of depth 50,000 (0.01 %), and the liquidation fee of 0.5 %.
      [{ triggerRatio: WAD / 100n + WAD / 10_000n + WAD / 200n }, "ProtectionRatioOutOfBounds"],
      [{ triggerRatio: WAD }, "ProtectionRatioOutOfBounds"],
      [{ targetRatio: 4n * PERCENT }, "ProtectionRatioOutOfBounds"],
      [{ targetRatio: WAD }, "ProtectionRatioOutOfBounds"],
      [{ topUpBudget: fee }, "ProtectionBudgetTooLow"],
      [{ executionFee: file.orders.maxExecutionFee + 1n }, "OrderExecutionFeeOutOfBounds"],
      [{ deadline: BigInt(await time.latest()) }, "OrderDeadlineTooEarly"],
      [{ positionId: 99n }, "PositionNotOpen"],
    ] as const) {
      await expect(
        orderBook.connect(alice).placeProtective(await protectiveRequest({ positionId: id, ...wish })),
        error,
      ).to.be.revertedWithCustomError(protocol, error);
    }
    // It may take the owner's money: being allowed to trade for them is not enough.
    await market.connect(alice).approve(bob, id);
    await expect(
      orderBook
        .connect(bob)
        .placeProtective(await protectiveRequest({ positionId: id, topUpBudget: 100n * unit })),
    )
      .to.be.revertedWithCustomError(protocol, "ProtectionNotByOwner")
      .withArgs(id, bob.address);
  });

  it("top the position up to the target, from the owner, while the budget lasts", async () => {
    const { alice, keeper, token, marginVault, id, place, protect, observe, view, file, unit, wealth } = desk;
    const fee = file.orders.minExecutionFee;
    const total = await wealth();
    let order = await place(alice, { positionId: id, topUpBudget: 600n * unit });
    await observe(1_900n);
    await expect(protect(order)).to.be.revertedWithCustomError(protocol, "ProtectionNotDue");
    await observe(1_870n);
    const before = { owner: await token.balanceOf(alice), claim: await marginVault.claimOf(keeper) };
    const first = find(await mined(protect(order)), "toppedUp");
    expect(await token.balanceOf(alice)).to.equal(before.owner - first.amount);
    expect(await marginVault.claimOf(keeper)).to.equal(before.claim + fee);
    expect(first.budget).to.equal(600n * unit - first.amount);
    const { equity, notional } = await view(id);
    // To the unit, but for the carry of the second between.
    expect(equity - math.FixedMath.mulWadUp(notional, 8n * PERCENT)).to.be.within(0n, 1n);

    // The order as it was is gone; it goes on with the rest of the budget, of which the next fall takes all.
    await expect(protect(order)).to.be.revertedWithCustomError(protocol, "OrderUnknown");
    order = { ...order, topUpBudget: first.budget };
    await expect(protect(order)).to.be.revertedWithCustomError(protocol, "ProtectionNotDue");
    await observe(1_780n);
    const second = find(await mined(protect(order)), "toppedUp");
    expect(second.amount).to.equal(first.budget);
    expect(second.budget).to.equal(0n);
    expect(BigInt(second.nextId)).to.equal(0n);
    expect(await wealth()).to.equal(total);
  });

  it("leave everything as it was when the owner's money can't be had", async () => {
    const { alice, token, addresses, id, place, protect, observe, unit, view } = desk;
    const order = await place(alice, { positionId: id, topUpBudget: 600n * unit });
    await observe(1_860n);
    await token.connect(alice).approve(addresses.marginVault, 0n);
    const { collateral } = await view(id);
    await expect(protect(order)).to.be.revert(desk.ethers);
    expect((await view(id)).collateral).to.equal(collateral);
    await token.connect(alice).approve(addresses.marginVault, MaxUint256);
    await protect(order);
  });

  for (const side of ["long", "short"] as const) {
    it(`reduce a ${side} to the target leverage, at a price that nobody knew`, async () => {
      const { bob, orderBook, place, protect, observe, trade, view, market, unit, time, push, settle } = desk;
      const sign = side === "long" ? 1n : -1n;
      const { id } = await trade(bob, { sizeDelta: sign * 5n * WAD, collateral: 1_010n * unit });
      const order = await place(bob, { positionId: id });
      await observe(START_PRICE - sign * 130n);
      const receipt = await mined(protect(order));
      const { nextId } = find(receipt, "reduction");
      const committed = find(receipt, "committed");
      expect(committed.orderId).to.equal(nextId);
      expect(committed.order.owner).to.equal(bob.address);
      expect(committed.order.sizeDelta * sign).to.be.lessThan(0n);
      await expect(protect(order)).to.be.revertedWithCustomError(protocol, "OrderUnknown");
      await time.increase(40);
      await settle(committed, await push(START_PRICE - sign * 130n));
      const { equity, notional } = await view(id);
      // A few basis points from it: a maker's fee is less than was figured with, and impact was not.
      expect((equity * WAD) / notional).to.be.within(
        8n * PERCENT - WAD / 10_000n,
        8n * PERCENT + WAD / 1_000n,
      );
      expect(await market.ownerOf(id)).to.equal(bob.address);
      expect(await orderBook.commitmentOf(bob, committed.order.slot)).to.equal(`0x${"0".repeat(64)}`);
    });
  }

  it("close the whole when what is left would be too small to stand alone", async () => {
    const { bob, place, protect, observe, trade, unit } = desk;
    const { id } = await trade(bob, { sizeDelta: WAD / 30n, collateral: 7n * unit });
    const order = await place(bob, {
      positionId: id,
      triggerRatio: 6n * PERCENT,
      targetRatio: 50n * PERCENT,
    });
    await observe(1_850n);
    expect(find(await mined(protect(order)), "committed").order.sizeDelta).to.equal(0n);
  });

  it("need a fresh price, a receiver, a live order, and a position that is still its owner's", async () => {
    const {
      orderBook,
      alice,
      bob,
      market,
      id,
      place,
      protect,
      observe,
      commit,
      time,
      trade,
      settle,
      push,
      unit,
    } = desk;
    const order = await place(alice, { positionId: id });
    const short = await place(alice, { positionId: id, deadline: BigInt(await time.latest()) + 100n });
    await observe(1_860n);
    await expect(orderBook.protect(order, ZeroAddress)).to.be.revertedWithCustomError(
      protocol,
      "ZeroAddress",
    );
    await time.increase(200);
    await expect(protect(short)).to.be.revertedWithCustomError(protocol, "OrderExpired");
    await time.increase(5_000);
    await expect(protect(order)).to.be.revertedWithCustomError(protocol, "OracleStale");
    await observe(1_860n);
    await market.connect(alice).transferFrom(alice, bob, id);
    await expect(protect(order)).to.be.revertedWithCustomError(protocol, "OrderVoid");
    // Not even back in the first owner's hands.
    await market.connect(bob).transferFrom(bob, alice, id);
    await expect(protect(order)).to.be.revertedWithCustomError(protocol, "OrderVoid");

    // One that waits for its entry is not there to be protected yet; one that is gone never is.
    const entry = await commit(bob, { sizeDelta: WAD, collateral: 300n * unit });
    const early = await place(bob, { positionId: entry.order.positionId });
    await expect(protect(early)).to.be.revertedWithCustomError(protocol, "PositionNotOpen");
    await time.increase(40);
    await settle(entry, await push(1_860n));
    await expect(protect(early)).to.be.revertedWithCustomError(protocol, "ProtectionNotDue");
    await trade(bob, { positionId: entry.order.positionId }, 1_860n);
    await expect(protect(early)).to.be.revertedWithCustomError(protocol, "OrderVoid");
  });

  it("are cancelled by whoever may act for the position, and after their deadline by anyone", async () => {
    const { orderBook, alice, bob, stranger, id, place, time } = desk;
    const order = await place(alice, { positionId: id, deadline: BigInt(await time.latest()) + 1_000n });
    const other = await place(alice, { positionId: id });
    await expect(orderBook.connect(bob).cancelProtective(order))
      .to.be.revertedWithCustomError(protocol, "NotPositionOperator")
      .withArgs(id, bob.address);
    await orderBook.connect(alice).cancelProtective(other);
    await expect(orderBook.connect(alice).cancelProtective(other)).to.be.revertedWithCustomError(
      protocol,
      "OrderUnknown",
    );
    await time.increase(2_000);
    await orderBook.connect(stranger).cancelProtective(order);
  });

  it("come with the entry in one transaction", async () => {
    const { orderBook, bob, protectiveRequest, request, settle, time, push, observe, protect, unit } = desk;
    const { interface: abi } = orderBook;
    const entry = await request({ sizeDelta: 5n * WAD, collateral: 1_010n * unit });
    const guard = await protectiveRequest({ positionId: MaxUint256 });
    const calls = [
      abi.encodeFunctionData("commit", [entry as never]),
      abi.encodeFunctionData("placeProtective", [guard]),
    ];
    const receipt = await mined(orderBook.connect(bob).multicall(calls));
    await time.increase(40);
    await settle(find(receipt, "committed"), await push(START_PRICE));
    await observe(1_870n);
    await protect(find(receipt, "protectivePlaced").order);
    // A trigger beyond the liquidation of the entry to come is refused like one of an open position.
    const useless = await protectiveRequest({ positionId: MaxUint256, triggerRatio: WAD / 100n });
    await expect(
      orderBook.connect(bob).multicall([calls[0]!, abi.encodeFunctionData("placeProtective", [useless])]),
    ).to.be.revertedWithCustomError(protocol, "ProtectionRatioOutOfBounds");
  });
});

describe("execution fees", () => {
  it("are at least what the gas of an execution costs at the base fee, within their bounds", async () => {
    const desk = await openMarket();
    const { orderBook, alice, request, networkHelpers, file, unit, push } = desk;
    const { executionGas, minExecutionFee, maxExecutionFee } = file.orders;
    const gwei = 10n ** 9n;
    const send = async (baseFee: bigint, executionFee: bigint) => {
      const wish = { sizeDelta: WAD, collateral: 500n * unit, executionFee };
      await networkHelpers.setNextBlockBaseFeePerGas(baseFee);
      return orderBook.connect(alice).commit((await request(wish)) as never, {
        gasPrice: baseFee,
        gasLimit: 1_000_000n,
      });
    };
    const cost = (baseFee: bigint, price: bigint) => (baseFee * executionGas * price * unit) / WAD;
    expect(await orderBook.nativePrice()).to.equal(START_PRICE * WAD);
    for (const [baseFee, least] of [
      [10n * gwei, cost(10n * gwei, START_PRICE)],
      [gwei, cost(gwei, START_PRICE)],
      [gwei / 100n, minExecutionFee],
      [1_000n * gwei, maxExecutionFee],
    ] as const) {
      await expect(send(baseFee, least - 1n))
        .to.be.revertedWithCustomError(protocol, "OrderExecutionFeeOutOfBounds")
        .withArgs(least - 1n, least, maxExecutionFee);
      await send(baseFee, least);
    }

    // The price of gas follows the feed, at anybody's call.
    await networkHelpers.setNextBlockBaseFeePerGas(0n);
    await push(1_000n);
    await orderBook.connect(desk.stranger).updateNativePrice({ maxFeePerGas: 10_000n * gwei });
    expect(await orderBook.nativePrice()).to.equal(1_000n * WAD);
    await send(10n * gwei, cost(10n * gwei, 1_000n));
    // A feed without a usable price leaves the last one.
    await desk.aggregator.push(
      100n,
      0n,
      await networkHelpers.time.latest(),
      await networkHelpers.time.latest(),
      {
        maxFeePerGas: 10_000n * gwei,
      },
    );
    await orderBook.updateNativePrice({ maxFeePerGas: 10_000n * gwei });
    expect(await orderBook.nativePrice()).to.equal(1_000n * WAD);
  });

  it("return with an order that never executes", async () => {
    const { orderBook, alice, token, unit, file } = await openMarket();
    const before = await token.balanceOf(alice);
    const receipt = await mined(
      orderBook.connect(alice).place({
        positionId: 0n,
        sizeDelta: WAD,
        collateral: 300n * unit,
        acceptablePrice: MaxUint256,
        executionFee: file.orders.maxExecutionFee,
        deadline: 2n ** 40n - 1n,
        limitPrice: 1_000n * WAD,
        stopPrice: 0n,
        trail: 0n,
        trailIsRatio: false,
        reduceOnly: false,
        beyondLiquidation: false,
      }),
    );
    expect(await token.balanceOf(alice)).to.equal(before - 300n * unit);
    await orderBook.connect(alice).cancel(find(receipt, "placed").order);
    expect(await token.balanceOf(alice)).to.equal(before);
  });
});
