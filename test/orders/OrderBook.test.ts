import { encodeRoundProof } from "@bulkhead/sdk";
import { expect } from "chai";
import { ZeroAddress, ZeroHash } from "ethers";
import { HistoryAggregator__factory } from "../../typechain-types/index.ts";
import { openMarket, orderEvents, protocol, WAD, type Desk } from "../shared/market.ts";

const SIZE = 10n * WAD;

describe("OrderBook", () => {
  let desk: Desk;
  let collateral: bigint;
  beforeEach(async () => {
    desk = await openMarket();
    collateral = 3_000n * desk.unit;
  });

  describe("commit", () => {
    it("refuses what can't become a trade, by name", async () => {
      const { orderBook, alice, request, file, unit } = desk;
      const { minExecutionFee, maxExecutionFee } = file.orders;
      const earliest = await orderBook.earliestDeadline();
      const max = 2n ** 111n - 1n;
      const cases: [Parameters<typeof request>[0], string][] = [
        [{ collateral }, "OrderSizeZero"],
        [{ sizeDelta: max + 1n, collateral }, "OrderSizeTooLarge"],
        [{ sizeDelta: SIZE, collateral, executionFee: minExecutionFee - 1n }, "OrderExecutionFeeOutOfBounds"],
        [{ sizeDelta: SIZE, collateral, executionFee: maxExecutionFee + 1n }, "OrderExecutionFeeOutOfBounds"],
        [{ sizeDelta: SIZE, collateral, deadline: earliest - 1n }, "OrderDeadlineTooEarly"],
        [{ sizeDelta: SIZE, collateral: minExecutionFee - 1n }, "OrderCollateralTooLow"],
        [{ positionId: 99n, sizeDelta: SIZE, collateral: unit }, "PositionNotOpen"],
      ];
      for (const [wish, error] of cases) {
        await expect(orderBook.connect(alice).commit(await request(wish))).to.be.revertedWithCustomError(
          protocol,
          error,
        );
      }
    });

    it("lets only the owner or whom they approved change a position", async () => {
      const { orderBook, alice, bob, market, request, trade } = desk;
      const { id } = await trade(alice, { sizeDelta: SIZE, collateral });
      const close = await request({ positionId: id, acceptablePrice: 0n });
      await expect(orderBook.connect(bob).commit(close)).to.be.revertedWithCustomError(
        protocol,
        "NotPositionOperator",
      );
      await market.connect(alice).setApprovalForAll(bob, true);
      await orderBook.connect(bob).commit(close);
    });

    it("takes collateral with an increase only", async () => {
      const { orderBook, alice, request, trade } = desk;
      const { id } = await trade(alice, { sizeDelta: SIZE, collateral });
      const wish = await request({ positionId: id, sizeDelta: -SIZE, collateral: 1n, acceptablePrice: 0n });
      await expect(orderBook.connect(alice).commit(wish)).to.be.revertedWithCustomError(
        protocol,
        "OrderCollateralUnexpected",
      );
    });

    it("puts the collateral into the position's own balance at once", async () => {
      const { alice, commit, marginVault, market } = desk;
      const { order } = await commit(alice, { sizeDelta: SIZE, collateral });
      expect(await marginVault.balanceOf(order.positionId)).to.equal(collateral);
      expect(await market.ownerOf(order.positionId)).to.equal(alice.address);
    });
  });

  describe("settle", () => {
    it("takes the committed order only, and once", async () => {
      const { alice, commit, settle, push, networkHelpers } = desk;
      const committed = await commit(alice, { sizeDelta: SIZE, collateral });
      await networkHelpers.time.increase(40);
      const roundId = await push(2_000n);
      for (const change of [{ acceptablePrice: 1n }, { slot: 1n }, { owner: ZeroAddress }]) {
        const order = { ...committed.order, ...change };
        await expect(settle({ ...committed, order }, roundId)).to.be.revertedWithCustomError(
          protocol,
          "OrderUnknown",
        );
      }
      await settle(committed, roundId);
      await expect(settle(committed, roundId))
        .to.be.revertedWithCustomError(protocol, "OrderUnknown")
        .withArgs(committed.orderId);
    });

    it("takes an owner's slots in order and uses them again", async () => {
      const { orderBook, alice, commit, settle, push, networkHelpers } = desk;
      const first = await commit(alice, { sizeDelta: SIZE, collateral });
      const second = await commit(alice, { sizeDelta: SIZE, collateral });
      expect([first.order.slot, second.order.slot]).to.deep.equal([0n, 1n]);
      expect(await orderBook.commitmentOf(alice, 0)).to.equal(first.orderId);
      expect(await orderBook.commitmentOf(alice, 1)).to.equal(second.orderId);
      await networkHelpers.time.increase(40);
      await settle(first, await push(2_000n));
      expect(await orderBook.commitmentOf(alice, 0)).to.equal(ZeroHash);
      const third = await commit(alice, { sizeDelta: SIZE, collateral });
      expect(third.order.slot).to.equal(0n);
      expect(third.orderId).not.to.equal(first.orderId);
    });

    it("needs a receiver for the fee", async () => {
      const { orderBook, alice, commit, push, networkHelpers } = desk;
      const { order } = await commit(alice, { sizeDelta: SIZE, collateral });
      await networkHelpers.time.increase(40);
      const proof = encodeRoundProof(await push(2_000n));
      await expect(orderBook.settle(order, proof, ZeroAddress)).to.be.revertedWithCustomError(
        protocol,
        "ZeroAddress",
      );
    });

    it("fills at the fixing however late it is settled, and whatever the price is then", async () => {
      const { alice, commit, settle, push, networkHelpers, market } = desk;
      const [early, late] = [
        await commit(alice, { sizeDelta: WAD, collateral }),
        await commit(alice, { sizeDelta: WAD, collateral }),
      ];
      await networkHelpers.time.increase(40);
      const fixing = await push(2_000n);
      await settle(early, fixing);
      const skewed = (await market.position(early.order.positionId)).entryNotional;
      await networkHelpers.time.increase(600);
      await push(2_050n);
      await settle(late, fixing);
      const entry = (await market.position(late.order.positionId)).entryNotional;
      // The second long meets the skew of the first: 1 of depth 50,000, so 2,000 · 1/50,000 = 0.04 more.
      expect(entry - skewed).to.equal(40_000n);
    });

    it("falls back to the last price, worse by the spread, when no observation comes", async () => {
      const { alice, commit, settle, networkHelpers, market } = desk;
      const committed = await commit(alice, { sizeDelta: WAD, collateral });
      await networkHelpers.time.increase(900 + 62);
      await settle(committed, (6n << 64n) | 1n);
      // 2,000 · 1.005 and the impact of 1 on an empty market, 0.0201.
      expect((await market.position(committed.order.positionId)).entryNotional).to.equal(2_010_020_100n);
    });

    const failures: [string, (desk: Desk) => Promise<{ reason: string; id: bigint; refunded: boolean }>][] = [
      [
        "Slippage",
        (d) => failing(d, { sizeDelta: SIZE, collateral: 3_000n * d.unit, acceptablePrice: 1_990n * WAD }),
      ],
      ["BelowMinimum", (d) => failing(d, { sizeDelta: WAD / 1_000n, collateral: 3_000n * d.unit })],
      ["OpenInterestCap", (d) => failing(d, { sizeDelta: 9_000n * WAD, collateral: 9_000_000n * d.unit })],
      ["InsufficientMargin", (d) => failing(d, { sizeDelta: SIZE, collateral: 300n * d.unit })],
    ];
    for (const [name, run] of failures) {
      it(`closes an order that fails for ${name}, pays the keeper and refunds the rest`, async () => {
        expect(await run(desk)).to.include({ reason: name, refunded: true });
      });
    }

    it("refunds an order whose fixing is not to be believed", async () => {
      expect(await failing(desk, { sizeDelta: SIZE, collateral }, 5n)).to.include({
        reason: "NoPrice",
        refunded: true,
      });
    });

    it("takes no new risk on a stale price, but lets a position close", async () => {
      const { alice, commit, settle, push, networkHelpers, trade, market } = desk;
      const { id } = await trade(alice, { sizeDelta: SIZE, collateral });
      const increase = await commit(alice, { positionId: id, sizeDelta: SIZE, collateral });
      const close = await commit(alice, { positionId: id });
      await networkHelpers.time.increase(40);
      const fixing = await push(2_000n);
      await networkHelpers.time.increase(5_000);
      expect(outcome(await settle(increase, fixing))).to.equal("StalePrice");
      expect(outcome(await settle(close, fixing))).to.equal("settled");
      expect(await market.ownerOrZero(id)).to.equal(ZeroAddress);
    });

    it("closes orders of positions that are gone or have another owner, at nobody's cost", async () => {
      const { alice, bob, commit, settle, push, networkHelpers, trade, market, marginVault } = desk;
      const { id } = await trade(alice, { sizeDelta: SIZE, collateral });
      const [first, second] = [
        await commit(alice, { positionId: id }),
        await commit(alice, { positionId: id }),
      ];
      await market.connect(alice).transferFrom(alice, bob, id);
      await networkHelpers.time.increase(40);
      const fixing = await push(2_000n);
      const balance = await marginVault.balanceOf(id);
      expect(outcome(await settle(first, fixing))).to.equal("OwnerChanged");
      expect(await marginVault.balanceOf(id)).to.equal(balance);
      await trade(bob, { positionId: id });
      expect(outcome(await settle(second, fixing))).to.equal("PositionGone");
    });
  });

  describe("expire", () => {
    it("releases an order when its feed no longer answers, and not before", async () => {
      const { orderBook, alice, commit, networkHelpers, externals, operator, token, ethers } = desk;
      const { order } = await commit(alice, { sizeDelta: SIZE, collateral });
      await expect(orderBook.expire(order)).to.be.revertedWithCustomError(protocol, "OrderNotExpired");
      await networkHelpers.time.increaseTo(order.deadline + 1n);
      await expect(orderBook.expire(order)).to.be.revertedWithCustomError(protocol, "OrderSettleable");

      const dead = await new HistoryAggregator__factory(operator).deploy(8, "dead");
      const proxy = await ethers.getContractAt("EACAggregatorProxy", externals.feed);
      await proxy.proposeAggregator(dead);
      await proxy.confirmAggregator(dead);
      await expect(orderBook.expire(order, { gasLimit: 400_000 })).to.be.revertedWithCustomError(
        protocol,
        "InsufficientGas",
      );
      await expect(orderBook.expire(order)).to.changeTokenBalances(ethers, token, [alice], [collateral]);
    });
  });
});

/** Opens at `dollars` expecting failure; says the reason and whether everything but the fee came back. */
async function failing(desk: Desk, wish: Parameters<Desk["trade"]>[1], dollars?: bigint) {
  const { alice, token, market, marginVault, file, keeper } = desk;
  const before = await token.balanceOf(alice);
  const { outcome: event, id } = await desk.trade(alice, wish, dollars);
  const fee = file.orders.minExecutionFee;
  const refunded =
    before - (await token.balanceOf(alice)) === fee &&
    (await marginVault.claimOf(keeper)) === fee &&
    (await market.ownerOrZero(id)) === ZeroAddress;
  return { reason: event?.kind === "failed" ? event.reason : String(event?.kind), id, refunded };
}

function outcome(receipt: Parameters<typeof orderEvents>[0]): string {
  const event = orderEvents(receipt)[0];
  return event?.kind === "failed" ? event.reason : String(event?.kind);
}
