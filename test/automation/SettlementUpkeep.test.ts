import { toOrder, type Order } from "@bulkhead/sdk";
import { expect } from "chai";
import { MaxUint256, ZeroHash } from "ethers";
import {
  EACAggregatorProxy__factory,
  HistoryAggregator__factory,
  SettlementUpkeep__factory,
} from "../../typechain-types/index.ts";
import { encodeLog, LIMITS } from "../shared/automation.ts";
import { mined, orderEvents, protocol, WAD, type Wish } from "../shared/market.ts";
import { commitMany, openStaffedMarket, poison, settlementData, shardData } from "./desk.ts";

async function open() {
  const desk = await openStaffedMarket();
  const upkeep = await new SettlementUpkeep__factory(desk.operator).deploy(desk.market, desk.config);
  const target = await upkeep.getAddress();
  const { automation, orderBook, operator, unit, networkHelpers, push } = desk;
  const register = (shard = 0, shards = 1, limit = 12) =>
    automation.register({ target, checkData: shardData(shard, shards, limit) });
  const registerLog = async () =>
    automation.register({
      target,
      gasLimit: 500_000n,
      log: {
        source: await orderBook.getAddress(),
        topic0: orderBook.interface.getEvent("OrderCommitted").topicHash,
      },
    });
  const wish: Wish = { sizeDelta: WAD, collateral: 500n * unit };
  /** Commits and watches. */
  const watch = async (count = 1, by: Wish = wish) => {
    const orders = await commitMany(desk, count, by);
    for (const { order } of orders) await upkeep.watch(order);
    return orders;
  };
  /** Lets the fixing of what was committed be observed. */
  const fix = async (dollars = 2_000n) => {
    await networkHelpers.time.increase(40);
    return push(dollars);
  };
  /** Replaces the feed's aggregator. */
  const replaceAggregator = async () => {
    const next = await new HistoryAggregator__factory(operator).deploy(8, "ETH / USD");
    const proxy = EACAggregatorProxy__factory.connect(desk.externals.feed, operator);
    await proxy.proposeAggregator(next);
    await proxy.confirmAggregator(next);
    return next;
  };
  const isLive = async (order: Order) => (await orderBook.commitmentOf(order.owner, order.slot)) !== ZeroHash;
  const live = async (orders: readonly { order: Order }[]) =>
    (await Promise.all(orders.map(({ order }) => isLive(order)))).filter(Boolean).length;
  return { ...desk, upkeep, register, registerLog, wish, watch, fix, replaceAggregator, isLive, live };
}

describe("SettlementUpkeep", () => {
  it("has the registry enrol an order by its log and settle it, across a phase change of the feed", async () => {
    const desk = await open();
    const {
      automation,
      upkeep,
      register,
      registerLog,
      request,
      orderBook,
      alice,
      keeper,
      marginVault,
      wish,
    } = desk;
    const [conditional, log] = [await register(), await registerLog()];
    const receipt = await mined(orderBook.connect(alice).commit(await request(wish)));
    const event = orderEvents(receipt).find(({ kind }) => kind === "committed");
    const [enrolment] = await automation.runLogs(log, receipt);
    expect(enrolment?.performed).to.equal(true);
    expect(await upkeep.watchedCount()).to.equal(1n);
    expect(await upkeep.watchedAt(0)).to.equal(event?.orderId);
    // Each log once.
    expect((await automation.runLogs(log, receipt))[0]?.reason).to.equal("NotNeeded");
    expect((await automation.run(conditional)).reason).to.equal("NotNeeded");

    await desk.networkHelpers.time.increase(40);
    const next = await desk.replaceAggregator();
    expect((await automation.run(conditional)).reason).to.equal("NotNeeded");
    const at = await desk.networkHelpers.time.latest();
    await next.push(1, 2_000n * 10n ** 8n, at, at);
    await next.push(2, 2_100n * 10n ** 8n, at + 1, at + 1);
    const settlement = await automation.run(conditional);
    expect(settlement.performed).to.equal(true);
    expect(settlement.performData).to.equal(settlementData([event!.orderId], [(7n << 64n) | 1n]));
    expect(await upkeep.watchedCount()).to.equal(0n);
    expect(await marginVault.claimOf(keeper)).to.equal(desk.file.orders.minExecutionFee);
    expect((await automation.run(conditional)).reason).to.equal("NotNeeded");
    expect(enrolment?.performGas).to.be.lessThan(220_000n);
    expect(settlement.performGas).to.be.lessThan(360_000n);
  });

  it("settles with the last round before a quiet time once that counts, and not before", async () => {
    const desk = await open();
    const { automation, register, watch, networkHelpers, file, live } = desk;
    const upkeepId = await register();
    const orders = await watch();
    await networkHelpers.time.increase(file.orders.fallbackDelay);
    expect((await automation.run(upkeepId)).reason).to.equal("NotNeeded");
    await networkHelpers.time.increase(100);
    expect((await automation.run(upkeepId)).performed).to.equal(true);
    expect(await live(orders)).to.equal(0);
  });

  it("works a long list off in shards, within the registry's limits", async () => {
    const desk = await open();
    const { automation, register, watch, fix, upkeep, live } = desk;
    const orders = [];
    for (let i = 0; i < 6; i += 1) orders.push(...(await watch(20)));
    const early = await register(0, 1);
    const idle = await automation.run(early);
    expect(idle.reason).to.equal("NotNeeded");
    await fix();
    const shards = [await register(0, 3, 14), await register(1, 3, 14), await register(2, 3, 14)];
    let [gas, check] = [0n, 0n];
    for (let round = 0; round < 20 && (await live(orders)) !== 0; round += 1) {
      for (const upkeepId of shards) {
        const run = await automation.run(upkeepId);
        gas += run.performGas;
        if (run.gasUsed > check) check = run.gasUsed;
        expect(run.reason).to.be.oneOf(["None", "NotNeeded"]);
      }
    }
    expect(await live(orders)).to.equal(0);
    expect(await upkeep.watchedCount()).to.equal(0n);
    expect(check).to.be.lessThan(LIMITS.checkGasLimit);
    expect(gas / 120n).to.be.lessThan(180_000n);
  });

  it("passes over what others settled meanwhile, and strikes it off", async () => {
    const desk = await open();
    const { automation, register, watch, fix, settle, upkeep, live, stranger } = desk;
    const upkeepId = await register();
    const orders = await watch(3);
    const round = await fix();
    const { performData } = await automation.check(upkeepId);
    await settle(orders[1]!, round);
    expect((await automation.perform(upkeepId, performData)).performed).to.equal(true);
    expect(await live(orders)).to.equal(0);
    expect(await upkeep.watchedCount()).to.equal(0n);
    // The same once more is nothing.
    expect((await automation.perform(upkeepId, performData)).performed).to.equal(false);
    await expect(upkeep.connect(stranger).performUpkeep(performData)).to.be.revertedWithCustomError(
      protocol,
      "UpkeepNothingDone",
    );
  });

  it("clears dead entries away a few at a time, or along with a settlement", async () => {
    const desk = await open();
    const { automation, register, watch, fix, settle, upkeep } = desk;
    const upkeepId = await register();
    const orders = await watch(9);
    const round = await fix();
    for (const order of orders.slice(0, 7)) await settle(order, round);
    const run = await automation.run(upkeepId);
    expect(run.performed).to.equal(true);
    expect(await upkeep.watchedCount()).to.equal(0n);

    const others = await watch(9);
    const later = await fix();
    for (const order of others.slice(0, 7)) await settle(order, later);
    await settle(others[7]!, later);
    await settle(others[8]!, later);
    expect((await automation.run(upkeepId)).performed).to.equal(true);
    expect(await upkeep.watchedCount()).to.equal(0n);

    const few = await watch(3);
    const last = await fix();
    for (const order of few) await settle(order, last);
    expect((await automation.run(upkeepId)).reason).to.equal("NotNeeded");
    expect(await upkeep.watchedCount()).to.equal(3n);
  });

  it("settles the others when one reverts or burns all gas, however often it is named", async () => {
    for (const burns of [false, true]) {
      const desk = await open();
      const { automation, register, watch, fix, orderBook, upkeep, live, isLive } = desk;
      const upkeepId = await register();
      const marked = { ...desk.wish, acceptablePrice: 5_000n * WAD };
      const orders = [...(await watch(2)), ...(await watch(1, marked)), ...(await watch(3))];
      const bad = orders[2]!.order;
      await fix();
      await poison(
        desk,
        orderBook,
        orderBook.interface.getFunction("settle").selector,
        bad.acceptablePrice,
        burns,
      );
      expect((await automation.run(upkeepId)).performed).to.equal(true);
      for (let i = 0; i < 3; i += 1) await automation.run(upkeepId);
      expect(await live(orders)).to.equal(1);
      expect(await isLive(bad)).to.equal(true);
      expect(await upkeep.watchedCount()).to.equal(1n);
      // Found again and again, and performed no more: the nodes see that it would revert.
      expect((await automation.run(upkeepId)).reason).to.equal("SimulationFailed");
    }
  });

  it("is not held up by more stuck orders than one perform has room for", async () => {
    const desk = await open();
    const { automation, register, watch, fix, orderBook, live, networkHelpers } = desk;
    const upkeepId = await register(0, 1, 4);
    const stuck = await watch(12);
    const good = await watch(4, { ...desk.wish, collateral: 700n * desk.unit });
    await fix();
    // The time of their commit is what they have in common, and the others have not.
    await poison(
      desk,
      orderBook,
      orderBook.interface.getFunction("settle").selector,
      BigInt(stuck[0]!.order.committedAt),
    );
    for (let block = 0; block < 16 && (await live(good)) !== 0; block += 1) {
      await automation.run(upkeepId);
      await networkHelpers.mine();
    }
    expect(await live(good)).to.equal(0);
    expect(await live(stuck)).to.equal(12);
  });

  it("releases an order that expired while the feed was dead", async () => {
    const desk = await open();
    const { automation, register, watch, networkHelpers, replaceAggregator, upkeep, live, market } = desk;
    const upkeepId = await register();
    const orders = await watch();
    await replaceAggregator();
    await networkHelpers.time.increase(3_000);
    expect((await automation.run(upkeepId)).reason).to.equal("NotNeeded");
    await networkHelpers.time.increase(3_000);
    expect((await automation.run(upkeepId)).performed).to.equal(true);
    expect(await live(orders)).to.equal(0);
    expect(await market.ownerOrZero(orders[0]!.order.positionId)).to.equal(`0x${"0".repeat(40)}`);
    expect(await upkeep.watchedCount()).to.equal(0n);
  });

  it("takes nothing on trust: unknown and repeated orders, wrong proofs, lists that don't match", async () => {
    const desk = await open();
    const { watch, fix, upkeep, stranger, live, ethers, orderBook } = desk;
    const orders = await watch(2);
    const round = await fix();
    const [one, two] = orders.map(({ orderId }) => orderId) as [string, string];
    const other = upkeep.connect(stranger);
    const perform = (ids: string[], proofs: bigint[], reports: string[] = []) =>
      other.performUpkeep(settlementData(ids, proofs, reports), { gasLimit: 5_000_000n });
    await expect(
      perform([one, two, ZeroHash], [round - 1n, MaxUint256, round]),
    ).to.be.revertedWithCustomError(protocol, "UpkeepNothingDone");
    await expect(perform([one], [0n])).to.be.revertedWithCustomError(protocol, "UpkeepNothingDone");
    await expect(perform([one, two], [round]))
      .to.be.revertedWithCustomError(protocol, "UpkeepListMismatch")
      .withArgs(2n, 1n);
    await expect(perform([one], [round], ["0x12"])).to.be.revertedWithCustomError(
      protocol,
      "UpkeepReportsUnexpected",
    );
    await expect(other.performUpkeep("0x")).to.be.revert(ethers);
    await expect(other.performUpkeep(`0x${"00".repeat(31)}07`)).to.be.revert(ethers);
    await perform([one, one, ZeroHash, one, two, one], [round, round, round, round, round - 1n, round]);
    expect(await live(orders)).to.equal(1);
    expect(await upkeep.watchedCount()).to.equal(1n);
    expect(await orderBook.queryFilter(orderBook.filters.OrderSettled())).to.have.length(1);
  });

  it("watches live orders that pay, each once", async () => {
    const desk = await open();
    const { upkeep, orderBook, alice, bob, stranger, wish, fix, settle, market, file } = desk;
    const [first, second] = await commitMany(desk, 2, wish);
    const other = upkeep.connect(stranger);
    await expect(other.watch({ ...first!.order, executionFee: 10n ** 12n })).to.be.revertedWithCustomError(
      protocol,
      "OrderUnknown",
    );
    await expect(other.watch(first!.order)).to.emit(upkeep, "OrderWatched").withArgs(first!.orderId);
    expect(toOrder(await upkeep.watchedOrder(first!.orderId))).to.deep.equal(first!.order);
    await expect(other.watch(first!.order))
      .to.be.revertedWithCustomError(protocol, "UpkeepOrderWatched")
      .withArgs(first!.orderId);
    await market.connect(alice).transferFrom(alice, bob, second!.order.positionId);
    await expect(other.watch(second!.order))
      .to.be.revertedWithCustomError(protocol, "UpkeepOrderWorthless")
      .withArgs(second!.orderId);
    await settle(second!, await fix());
    await expect(other.watch(second!.order)).to.be.revertedWithCustomError(protocol, "OrderUnknown");

    await expect(other.setLeastFee(1n)).to.be.revertedWithCustomError(upkeep, "OwnableUnauthorizedAccount");
    await upkeep.setLeastFee(file.orders.minExecutionFee + 1n);
    const [cheap] = await commitMany(desk, 1, wish);
    await expect(other.watch(cheap!.order)).to.be.revertedWithCustomError(protocol, "UpkeepOrderWorthless");
    const [dear] = await commitMany(desk, 1, { ...wish, executionFee: file.orders.minExecutionFee + 1n });
    await other.watch(dear!.order);
    expect(await orderBook.commitmentOf(alice, dear!.order.slot)).to.equal(dear!.orderId);
  });

  it("drops an order whose position went to another owner: it pays nothing", async () => {
    const desk = await open();
    const { automation, register, watch, fix, upkeep, market, alice, bob, live } = desk;
    const upkeepId = await register();
    const orders = await watch(3);
    await market.connect(alice).transferFrom(alice, bob, orders[0]!.order.positionId);
    await market.connect(alice).transferFrom(alice, bob, orders[2]!.order.positionId);
    await fix();
    await expect(upkeep.strike(orders[1]!.orderId)).to.be.revertedWithCustomError(
      protocol,
      "UpkeepNothingDone",
    );
    await expect(upkeep.connect(bob).strike(orders[0]!.orderId))
      .to.emit(upkeep, "OrderUnwatched")
      .withArgs(orders[0]!.orderId);
    expect((await automation.run(upkeepId)).performed).to.equal(true);
    expect(await upkeep.watchedCount()).to.equal(0n);
    // It is still there for whom it concerns.
    expect(await live(orders)).to.equal(2);
  });

  it("watches no more than a few orders of one position at once", async () => {
    const desk = await open();
    const { upkeep, automation, registerLog, trade, alice, wish, fix, orderBook, request } = desk;
    const { id } = await trade(alice, wish);
    const orders = await commitMany(desk, 5, { positionId: id, sizeDelta: WAD / 10n });
    for (const { order } of orders.slice(0, 4)) await upkeep.watch(order);
    await expect(upkeep.watch(orders[4]!.order))
      .to.be.revertedWithCustomError(protocol, "UpkeepPositionCrowded")
      .withArgs(id, 4n);
    const log = await registerLog();
    const receipt = await mined(orderBook.connect(alice).commit(await request({ positionId: id })));
    expect((await automation.runLogs(log, receipt))[0]?.reason).to.equal("NotNeeded");
    await desk.settle(orders[0]!, await fix());
    await upkeep.strike(orders[0]!.orderId);
    await upkeep.watch(orders[4]!.order);
  });

  it("enrols by no log but the order book's own", async () => {
    const desk = await open();
    const { upkeep, orderBook, alice, request, wish } = desk;
    const receipt = await mined(orderBook.connect(alice).commit(await request(wish)));
    const log = receipt.logs.find(
      ({ topics }) => topics[0] === orderBook.interface.getEvent("OrderCommitted").topicHash,
    )!;
    const asked = async (change: object) => {
      const decode = desk.ethers.AbiCoder.defaultAbiCoder();
      const [fields] = decode.decode(
        [
          "tuple(uint256 index,uint256 timestamp,bytes32 txHash,uint256 blockNumber,bytes32 blockHash,address source,bytes32[] topics,bytes data)",
        ],
        encodeLog(log, 1),
      );
      return (await upkeep.checkLog({ ...fields.toObject(), topics: [...log.topics], ...change }, "0x"))[0];
    };
    expect(await asked({})).to.equal(true);
    expect(await asked({ source: alice.address })).to.equal(false);
    expect(await asked({ topics: [] })).to.equal(false);
    expect(await asked({ topics: [ZeroHash] })).to.equal(false);
  });

  it("is performed by anyone, or by its forwarders only", async () => {
    const desk = await open();
    const {
      automation,
      register,
      registerLog,
      upkeep,
      stranger,
      watch,
      fix,
      live,
      orderBook,
      alice,
      request,
      wish,
    } = desk;
    const [conditional, log] = [await register(), await registerLog()];
    await upkeep.setRestricted(true);
    const orders = await watch();
    const round = await fix();
    const data = settlementData([orders[0]!.orderId], [round]);
    await expect(upkeep.connect(stranger).performUpkeep(data)).to.be.revertedWithCustomError(
      protocol,
      "UpkeepCallerNotForwarder",
    );
    expect((await automation.run(conditional)).reason).to.equal("SimulationFailed");
    const receipt = await mined(orderBook.connect(alice).commit(await request(wish)));
    expect((await automation.runLogs(log, receipt))[0]?.reason).to.equal("SimulationFailed");
    for (const id of [conditional, log]) await upkeep.setForwarder(await automation.forwarderOf(id), true);
    expect((await automation.run(conditional)).performed).to.equal(true);
    expect((await automation.runLogs(log, receipt))[0]?.performed).to.equal(true);
    expect(await live(orders)).to.equal(0);
  });
});
