import { expect } from "chai";
import { MaxUint256, ZeroAddress } from "ethers";
import { LiquidationUpkeep__factory } from "../../typechain-types/index.ts";
import { LIMITS } from "../shared/automation.ts";
import { protocol, WAD } from "../shared/market.ts";
import { daring, liquidationData, openMany, openStaffedMarket, poison, shardData } from "./desk.ts";

const CRASH = 1_880n;

async function open(limit = 16) {
  const desk = await openStaffedMarket();
  const upkeep = await new LiquidationUpkeep__factory(desk.operator).deploy(
    desk.market,
    desk.lens,
    desk.config,
  );
  const target = await upkeep.getAddress();
  const register = (shard = 0, shards = 1, gasLimit = LIMITS.maxPerformGas) =>
    desk.automation.register({ target, checkData: shardData(shard, shards, limit), gasLimit });
  const isLiquidatable = async (ids: bigint[]) =>
    (await desk.lens.positions(desk.market, ids)).filter((view) => view.liquidatable).length;
  return { ...desk, upkeep, register, isLiquidatable };
}

describe("LiquidationUpkeep", () => {
  it("has the registry liquidate a position once it is liquidatable, for the reward", async () => {
    const desk = await open();
    const { automation, trade, alice, keeper, push, marginVault, register, view } = desk;
    const upkeepId = await register();
    expect((await automation.run(upkeepId)).reason).to.equal("NotNeeded");
    const { id } = await trade(alice, daring(desk));
    expect((await automation.run(upkeepId)).reason).to.equal("NotNeeded");

    await push(CRASH);
    const before = await marginVault.claimOf(keeper);
    const run = await automation.run(upkeepId);
    expect(run.performed).to.equal(true);
    expect((await view(id)).liquidatable).to.equal(false);
    expect(await marginVault.claimOf(keeper)).to.be.greaterThan(before);
    expect(run.charged).to.be.greaterThan(0n);
    expect((await automation.run(upkeepId)).reason).to.equal("NotNeeded");
    expect(run.performGas).to.be.lessThan(300_000n);
  });

  it("reaches every position over pages, words and shards within the registry's limits", async () => {
    const desk = await open();
    const { automation, push, register, isLiquidatable, upkeep } = desk;
    const ids = await openMany(desk, 320, daring(desk));
    const shards = [await register(0, 2), await register(1, 2)];
    expect(await upkeep.wordsOf(0, 2)).to.deep.equal([0n]);
    expect(await upkeep.wordsOf(1, 2)).to.deep.equal([1n]);
    const idle = await automation.run(shards[0]!);
    expect(idle.reason).to.equal("NotNeeded");
    expect(idle.gasUsed).to.be.lessThan(LIMITS.checkGasLimit);

    await push(CRASH);
    expect(await isLiquidatable(ids)).to.equal(320);
    let [rounds, gas, done] = [0, 0n, 0n];
    for (let busy = true; busy; rounds += 1) {
      busy = false;
      for (const upkeepId of shards) {
        const run = await automation.run(upkeepId);
        expect(run.gasUsed).to.be.lessThan(LIMITS.checkGasLimit);
        if (!run.performed || run.performData === liquidationData([], [0n])) continue;
        busy = true;
        gas += run.performGas;
        done += 1n;
      }
    }
    expect(await isLiquidatable(ids)).to.equal(0);
    expect(gas / 320n).to.be.lessThan(100_000n);
    expect(done).to.be.most(24n);
  });

  it("looks at each word first in turn, so that none waits longer than there are words", async () => {
    const desk = await open(1);
    const { automation, push, register, networkHelpers } = desk;
    const ids = await openMany(desk, 260, daring(desk));
    const upkeepId = await register();
    await push(CRASH);
    const first = new Set<bigint>();
    for (let block = 0; block < 2; block += 1) {
      const { performData } = await automation.check(upkeepId);
      const [found] = desk.ethers.AbiCoder.defaultAbiCoder().decode(
        ["bytes[]", "uint256[]", "uint256[]"],
        performData,
      )[1] as bigint[];
      first.add(found! >> 8n);
      await networkHelpers.mine();
    }
    expect([...first].sort()).to.deep.equal([0n, 1n]);
    expect(ids).to.have.length(260);
  });

  it("leaves out what is closed for good, by itself and by anyone", async () => {
    const desk = await open();
    const { automation, push, register, upkeep, stranger } = desk;
    const ids = await openMany(desk, 300, daring(desk));
    const [alive] = await openMany(desk, 1, { ...daring(desk), sizeDelta: -WAD, acceptablePrice: 0n });
    await push(1_500n);
    for (let i = 0; i < ids.length; i += 20) await desk.market.liquidate(ids.slice(i, i + 20), desk.keeper);
    const upkeepId = await register();
    const run = await automation.run(upkeepId);
    expect(run.performed).to.equal(true);
    expect(await upkeep.goneOf(0)).to.equal(MaxUint256);
    expect(await upkeep.wordsOf(0, 1)).to.deep.equal([1n]);
    expect((await automation.run(upkeepId)).reason).to.equal("NotNeeded");
    expect(run.performGas).to.be.lessThan(1_600_000n);

    // A position that lives is never left out, nor one that is not there yet.
    expect((await desk.view(alive!)).exists).to.equal(true);
    await expect(upkeep.connect(stranger).forget([0n, 1n, 7n, MaxUint256])).not.to.be.revert(desk.ethers);
    expect(((await upkeep.goneOf(1)) >> (alive! - 256n)) & 1n).to.equal(0n);
    expect(await upkeep.goneOf(7)).to.equal(0n);
    expect(await upkeep.connect(stranger).forget.staticCall([0n, 1n])).to.equal(0n);
  });

  it("finds a stale perform to be nothing, and does the rest of one that is stale in part", async () => {
    const desk = await open();
    const { automation, push, register, market, keeper, stranger, upkeep, view } = desk;
    const [one, two] = await openMany(desk, 2, daring(desk));
    const upkeepId = await register();
    await push(CRASH);
    const { performData } = await automation.check(upkeepId);
    await market.liquidate([one!], keeper);
    expect((await automation.perform(upkeepId, performData)).performed).to.equal(true);
    expect((await view(two!)).liquidatable).to.equal(false);

    const stale = await automation.perform(upkeepId, performData);
    expect(stale.performed).to.equal(false);
    await expect(upkeep.connect(stranger).performUpkeep(performData)).to.be.revertedWithCustomError(
      protocol,
      "UpkeepNothingDone",
    );
  });

  it("takes nothing on trust: healthy, unknown, repeated and garbled names", async () => {
    const desk = await open();
    const { push, stranger, upkeep, market, trade, bob, unit, view, marginVault, keeper, ethers } = desk;
    const safe = await trade(bob, { sizeDelta: WAD, collateral: 1_500n * unit });
    const [daringId] = await openMany(desk, 1, daring(desk));
    const call = upkeep.connect(stranger);
    const nothing = liquidationData([safe.id, daringId!, 0n, 99n, MaxUint256], [MaxUint256, 5n]);
    await expect(call.performUpkeep(nothing)).to.be.revertedWithCustomError(protocol, "UpkeepNothingDone");
    await expect(call.performUpkeep("0x")).to.be.revert(ethers);
    await expect(call.performUpkeep("0x1234")).to.be.revert(ethers);
    await expect(call.performUpkeep(liquidationData([1n], [], ["0x12"])))
      .to.be.revertedWithCustomError(protocol, "UpkeepReportsUnexpected")
      .withArgs(1n);

    await push(CRASH);
    const before = await view(safe.id);
    const names = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? daringId! : safe.id));
    await call.performUpkeep(liquidationData(names));
    expect((await view(safe.id)).collateral).to.equal(before.collateral);
    // Once for all its names.
    const events = await market.queryFilter(market.filters.PositionLiquidated());
    expect(events).to.have.length(1);
    expect(await marginVault.claimOf(keeper)).to.be.greaterThan(0n);
    expect(await marginVault.claimOf(stranger)).to.be.lessThan(3n * unit);
  });

  it("goes on with the others when the market can't do one", async () => {
    const desk = await open();
    const { automation, push, register, market, view } = desk;
    const ids = await openMany(desk, 5, daring(desk));
    const upkeepId = await register();
    await push(CRASH);
    await poison(desk, market, market.interface.getFunction("liquidate").selector, ids[2]!);
    expect((await automation.run(upkeepId)).performed).to.equal(true);
    const left = await Promise.all(ids.map(async (id) => (await view(id)).liquidatable));
    expect(left).to.deep.equal([false, false, true, false, false]);
    // It is found again each time, and costs nothing: the nodes see that performing it would revert.
    expect((await automation.run(upkeepId)).reason).to.equal("SimulationFailed");
  });

  it("does what its gas allows, and the rest another time", async () => {
    const desk = await open(50);
    const { automation, push, register, isLiquidatable } = desk;
    const ids = await openMany(desk, 12, daring(desk));
    const upkeepId = await register(0, 1, 1_000_000n);
    await push(CRASH);
    let left = 12;
    for (let i = 0; left !== 0 && i < 12; i += 1) {
      expect((await automation.run(upkeepId)).performed).to.equal(true);
      const now = await isLiquidatable(ids);
      expect(now).to.be.lessThan(left);
      left = now;
    }
    expect(left).to.equal(0);
  });

  it("waits for a fresh price, begins the grace period after an outage and waits for its end", async () => {
    const desk = await open();
    const { automation, push, register, market, networkHelpers, view, file } = desk;
    const [id] = await openMany(desk, 1, daring(desk));
    const upkeepId = await register();
    await networkHelpers.time.increase(8_000);
    expect((await automation.run(upkeepId)).reason).to.equal("NotNeeded");
    await market.noteOutage();
    await push(CRASH);
    expect((await automation.run(upkeepId)).performed).to.equal(true);
    expect(await market.resumesAt()).to.be.greaterThan(0n);
    expect((await automation.run(upkeepId)).reason).to.equal("NotNeeded");
    await networkHelpers.time.increase(file.market.gracePeriod);
    expect((await automation.run(upkeepId)).performed).to.equal(true);
    expect((await view(id!)).liquidatable).to.equal(false);
  });

  it("is performed by anyone, or by its forwarders only", async () => {
    const desk = await open();
    const { automation, push, register, upkeep, stranger, operator } = desk;
    const [one, two] = await openMany(desk, 2, daring(desk));
    const upkeepId = await register();
    await push(CRASH);
    await upkeep.setRestricted(true);
    expect((await automation.run(upkeepId)).reason).to.equal("SimulationFailed");
    await expect(upkeep.performUpkeep(liquidationData([one!])))
      .to.be.revertedWithCustomError(protocol, "UpkeepCallerNotForwarder")
      .withArgs(operator.address);
    await upkeep.setForwarder(await automation.forwarderOf(upkeepId), true);
    expect((await automation.run(upkeepId)).performed).to.equal(true);
    await upkeep.setRestricted(false);
    const [three] = await openMany(desk, 1, daring(desk));
    await push(CRASH);
    await upkeep.connect(stranger).performUpkeep(liquidationData([two!, three!]));
  });

  it("is its owner's to set, within what makes sense", async () => {
    const desk = await open();
    const { upkeep, stranger, operator, market, lens, config, token, automation, ethers } = desk;
    const other = upkeep.connect(stranger);
    for (const call of [
      () => other.setRewardTo(stranger),
      () => other.setForwarder(stranger, true),
      () => other.setRestricted(true),
      () => other.withdraw(ZeroAddress, stranger, 1n),
    ])
      await expect(call()).to.be.revertedWithCustomError(upkeep, "OwnableUnauthorizedAccount");
    await expect(upkeep.setRewardTo(ZeroAddress)).to.be.revertedWithCustomError(protocol, "ZeroAddress");
    await expect(upkeep.setRewardTo(stranger)).to.emit(upkeep, "RewardToChanged").withArgs(stranger.address);
    const foreign = new LiquidationUpkeep__factory(operator).deploy(market, lens, {
      ...config,
      streams: token,
    });
    await expect(foreign).to.be.revertedWithCustomError(protocol, "UpkeepOracleForeign");
    for (const [shard, shards, limit] of [
      [0, 0, 1],
      [2, 2, 1],
      [0, 1, 0],
    ] as const)
      await expect(upkeep.checkUpkeep(shardData(shard, shards, limit)))
        .to.be.revertedWithCustomError(protocol, "UpkeepShardInvalid")
        .withArgs(shard, shards, limit);

    await operator.sendTransaction({ to: upkeep, value: 5n });
    await automation.link.transfer(upkeep, 7n);
    await expect(upkeep.withdraw(ZeroAddress, ZeroAddress, 5n)).to.be.revertedWithCustomError(
      protocol,
      "ZeroAddress",
    );
    await expect(upkeep.withdraw(ZeroAddress, stranger, 5n)).to.changeEtherBalance(ethers, stranger, 5n);
    await expect(upkeep.withdraw(automation.link, stranger, 7n)).to.changeTokenBalance(
      ethers,
      automation.link,
      stranger,
      7n,
    );
  });
});
