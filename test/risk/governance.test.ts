import { expect } from "chai";
import { encodeBytes32String } from "ethers";
import { marketBounds } from "../../deploy/params/check.ts";
import { RISK_ADMIN, GUARDIAN } from "../../deploy/governance.ts";
import type { MarketParams } from "../../deploy/params/types.ts";
import { AccessManager__factory } from "../../typechain-types/index.ts";
import { openMarket, protocol, WAD, type Desk } from "../shared/market.ts";

const DAY = 86_400n;
const SIZE = 10n * WAD;

describe("governance", () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await openMarket();
  });

  const authority = async () => AccessManager__factory.connect(await desk.market.authority(), desk.operator);

  /** The market as seen by a risk administrator whose delay is zero, so that a test needs no waiting. */
  async function asAdmin() {
    await (await authority()).grantRole(RISK_ADMIN.id, desk.bob, 0);
    return desk.market.connect(desk.bob);
  }

  const changed = (change: Partial<MarketParams>): MarketParams => ({ ...desk.file.market, ...change });

  describe("roles", () => {
    it("lets the risk administration act after its delay only, through the authority", async () => {
      const { market, operator, networkHelpers, file } = desk;
      const next = changed({ takerFee: file.market.takerFee + 1n });
      await expect(market.connect(operator).setParams(next))
        .to.be.revertedWithCustomError(protocol, "AccessDenied")
        .withArgs(operator.address, market.interface.getFunction("setParams").selector);
      const manager = await authority();
      const data = market.interface.encodeFunctionData("setParams", [next]);
      await manager.schedule(market, data, 0);
      await expect(manager.execute(market, data)).to.be.revertedWithCustomError(
        manager,
        "AccessManagerNotReady",
      );
      await networkHelpers.time.increase(file.governance.riskDelay + 1n);
      await desk.push(2_000n);
      await expect(manager.execute(market, data)).to.emit(market, "ParamsChanged");
      expect((await market.params()).takerFee).to.equal(next.takerFee);
    });

    it("lets the guardian stop new risk at once, and nothing else", async () => {
      const { market, operator, lens } = desk;
      const manager = await authority();
      await manager.grantRole(GUARDIAN.id, desk.stranger, 0);
      await manager.revokeRole(RISK_ADMIN.id, operator);
      const guardian = market.connect(desk.stranger);
      await expect(guardian.stopNewRisk()).to.emit(market, "NewRiskStopped").withArgs(desk.stranger.address);
      expect((await lens.status(market)).guarded).to.equal(true);
      for (const call of [
        () => guardian.resumeNewRisk(),
        () => guardian.setParams(desk.file.market),
        () => guardian.cancelSchedule(),
        () => guardian.scheduleMaintenance(schedule(0n, 0n, desk.file.market)),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(protocol, "AccessDenied");
      }
      const admin = await asAdmin();
      await expect(admin.resumeNewRisk()).to.emit(market, "NewRiskResumed").withArgs(desk.bob.address);
      expect((await lens.status(market)).reduceOnly).to.equal(false);
    });

    it("keeps everyone else out", async () => {
      const { market, alice } = desk;
      const stranger = market.connect(alice);
      for (const call of [
        () => stranger.stopNewRisk(),
        () => stranger.resumeNewRisk(),
        () => stranger.setParams(desk.file.market),
        () => stranger.cancelSchedule(),
        () => stranger.scheduleMaintenance(schedule(0n, 0n, desk.file.market)),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(protocol, "AccessDenied");
      }
    });

    it("gives a module called by itself nothing to govern", async () => {
      const { ethers, market } = desk;
      const module = await ethers.getContractAt("IGovernanceModule", await market.governanceModule());
      const verbs = await ethers.getContractAt("IMarketModule", await market.module());
      await expect(module.connect(desk.alice).stopNewRisk()).to.be.revertedWithCustomError(
        protocol,
        "AccessDenied",
      );
      await expect(verbs.release(1, 0, desk.alice, false)).to.be.revertedWithCustomError(
        protocol,
        "Unauthorized",
      );
      expect(await verbs.liquidate.staticCall([1], desk.alice).catch(() => 0n)).to.equal(0n);
    });
  });

  describe("parameters", () => {
    it("have hard bounds, each", async () => {
      const admin = await asAdmin();
      for (const [name, , least, most] of marketBounds(desk.file.market)) {
        // Lower ones of these make others invalid first, or tighten.
        for (const value of [least - 1n, most + 1n]) {
          if (value < 0n || value >= 1n << 64n) continue;
          await expect(
            admin.setParams(changed({ [name]: value })),
            `${name} ${value}`,
          ).to.be.revertedWithCustomError(protocol, "ParameterOutOfBounds");
        }
      }
    });

    it("keep the premium within the oracle's uncertainty", async () => {
      const wide = { maintenanceBase: WAD / 50n, initialBase: WAD / 25n };
      const { market, operator, bob, file } = await openMarket({ market: wide });
      const manager = AccessManager__factory.connect(await market.authority(), operator);
      await manager.grantRole(RISK_ADMIN.id, bob, 0);
      const admin = market.connect(bob);
      const most = file.oracle.uncertainty;
      await expect(admin.setParams({ ...file.market, maxPremium: most + 1n }))
        .to.be.revertedWithCustomError(protocol, "ParameterOutOfBounds")
        .withArgs(encodeBytes32String("maxPremium"), most + 1n, 0n, most);
      await admin.setParams({ ...file.market, maxPremium: most });
    });

    it("never change for the worse of those who are in the market", async () => {
      const admin = await asAdmin();
      const p = desk.file.market;
      for (const change of [
        { maintenanceBase: p.maintenanceBase + 1n },
        { maintenanceSlope: p.maintenanceSlope + 1n },
        { depth: p.depth - WAD },
        { liquidationFee: p.liquidationFee + 1n },
        { minKeeperReward: p.minKeeperReward + 1n },
        { minNotional: p.minNotional + 1n },
        { liquidationBuffer: p.liquidationBuffer + 1n },
        { maxPayoutShare: p.maxPayoutShare - 1n },
        { adlTrigger: p.adlTrigger - 1n },
        { adlTarget: p.adlTarget - 1n },
        { insuranceTarget: p.insuranceTarget - 1n },
        { maxSideShare: p.maxSideShare / 2n - 1n, maxPositionShare: p.maxSideShare / 4n },
      ]) {
        await expect(admin.setParams(changed(change))).to.be.revertedWithCustomError(
          protocol,
          "TermsTightened",
        );
      }
    });

    it("loosen at once, and charge the time before at the old rates", async () => {
      const { market, trade, alice, unit, networkHelpers } = desk;
      const { id } = await trade(alice, { sizeDelta: SIZE, collateral: 3_000n * unit });
      const admin = await asAdmin();
      const before = await market.maintenanceMargin(SIZE, 20_000n * unit);
      await networkHelpers.time.increase(3_000);
      const price = 2_000n * WAD;
      const expected = await market.carryAt(price);
      const p = desk.file.market;
      await admin.setParams(
        changed({ maintenanceBase: p.maintenanceBase / 2n, maxPremium: 0n, maxBorrowRate: 0n }),
      );
      const stored = await market.carry();
      // The block of the change is a second after the one it was asked in.
      expect(stored.longIndex).to.be.closeTo(expected.longIndex, expected.longIndex / 1_000n);
      expect(stored.longBorrowRate).to.equal(0n);
      expect(await market.maintenanceMargin(SIZE, 20_000n * unit)).to.be.lessThan(before);
      expect((await desk.view(id)).exists).to.equal(true);
    });

    it("have a hundred and twenty-six versions", async () => {
      const { market } = desk;
      const admin = await asAdmin();
      for (let version = 1n; version <= 126n; version += 1n) {
        if (version % 20n === 0n) await desk.push(2_000n);
        await admin.setParams(changed({ makerFee: version }));
      }
      expect((await market.params()).makerFee).to.equal(126n);
      await expect(admin.setParams(changed({ makerFee: 0n }))).to.be.revertedWithCustomError(
        protocol,
        "ParamVersionsUsedUp",
      );
    });
  });

  describe("a tightening", () => {
    it("needs notice and time", async () => {
      const admin = await asAdmin();
      const now = BigInt(await desk.networkHelpers.time.latest());
      const p = desk.file.market;
      const tight = { ...p, maintenanceBase: (p.maintenanceBase * 3n) / 2n };
      for (const [start, end] of [
        [now + DAY, now + 9n * DAY],
        [now + 2n * DAY + 60n, now + 3n * DAY + 59n],
        [now + 100n * DAY, now + 102n * DAY],
      ] as const) {
        await expect(admin.scheduleMaintenance(schedule(start, end, tight))).to.be.revertedWithCustomError(
          protocol,
          "ParameterOutOfBounds",
        );
      }
      // Never beyond the initial ratio, nor below what is in force.
      for (const maintenanceBase of [p.initialBase, p.maintenanceBase - 1n]) {
        await expect(
          admin.scheduleMaintenance(schedule(now + 3n * DAY, now + 5n * DAY, { ...p, maintenanceBase })),
        ).to.be.revertedWithCustomError(protocol, "ParameterOutOfBounds");
      }
    });

    it("is announced, then rises in a straight line to where it was announced to", async () => {
      const { market, lens, networkHelpers, unit } = desk;
      const { time } = networkHelpers;
      const admin = await asAdmin();
      const now = BigInt(await time.latest());
      const p = desk.file.market;
      const [start, end] = [now + 3n * DAY, now + 5n * DAY];
      const tight = {
        ...p,
        maintenanceBase: p.maintenanceBase + 4_000_000_000_000_000n,
        minKeeperReward: 5n * unit,
      };
      await expect(admin.scheduleMaintenance(schedule(start, end, tight))).to.emit(
        market,
        "MaintenanceScheduled",
      );
      expect((await lens.status(market)).scheduled).to.equal(true);
      const terms = await market.schedule();
      expect([terms.startsAt, terms.endsAt]).to.deep.equal([start, end]);
      const promised = async (at: bigint) => (await market.scheduledMaintenance(at)).maintenanceBase;
      expect(await promised(start)).to.equal(p.maintenanceBase);
      expect(await promised(start + DAY)).to.equal(p.maintenanceBase + 2_000_000_000_000_000n);
      expect(await promised(end + 365n * DAY)).to.equal(tight.maintenanceBase);

      // What was promised is what is in force then, at each moment of the way.
      for (const at of [start - 1n, start, start + DAY / 2n, start + DAY, end - 1n, end, end + DAY]) {
        const before = await market.scheduledMaintenance(at);
        await time.increaseTo(at);
        const inForce = await market.params();
        expect(inForce.maintenanceBase).to.equal(before.maintenanceBase);
        expect(inForce.minKeeperReward).to.equal(before.minKeeperReward);
      }
      // While it is there nothing else changes.
      await desk.push(2_000n);
      await expect(admin.setParams(p))
        .to.be.revertedWithCustomError(protocol, "ScheduleActive")
        .withArgs(end);
      await expect(
        admin.scheduleMaintenance(schedule(end + 3n * DAY, end + 9n * DAY, tight)),
      ).to.be.revertedWithCustomError(protocol, "ScheduleActive");
      await market.connect(desk.alice).applySchedule();
      expect((await market.params()).maintenanceBase).to.equal(tight.maintenanceBase);
      expect((await lens.status(market)).scheduled).to.equal(false);
      await expect(market.applySchedule()).to.be.revertedWithCustomError(protocol, "ScheduleNotOver");
    });

    it("makes a position liquidatable when its time has come, and not before", async () => {
      const { market, lens, trade, alice, unit, networkHelpers } = desk;
      const { id } = await trade(alice, { sizeDelta: SIZE, collateral: 720n * unit });
      const admin = await asAdmin();
      const now = BigInt(await networkHelpers.time.latest());
      const p = desk.file.market;
      await admin.scheduleMaintenance(
        schedule(now + 3n * DAY, now + 5n * DAY, { ...p, maintenanceBase: p.initialBase - 1n }),
      );
      await networkHelpers.time.increaseTo(now + 3n * DAY);
      await desk.push(1_960n);
      expect((await desk.view(id)).liquidatable).to.equal(false);
      const early = (await lens.prices(market, [id]))[0]!.liquidationPrice;
      await networkHelpers.time.increaseTo(now + 5n * DAY);
      await desk.push(1_960n);
      expect((await lens.prices(market, [id]))[0]!.liquidationPrice).to.be.greaterThan(early);
      expect((await desk.view(id)).liquidatable).to.equal(true);
      expect(await market.liquidate.staticCall([id], desk.keeper)).to.equal(1n);
    });

    it("can be called off until it is in force", async () => {
      const { market, networkHelpers } = desk;
      const admin = await asAdmin();
      await expect(admin.cancelSchedule()).to.be.revertedWithCustomError(protocol, "ScheduleNotOver");
      const now = BigInt(await networkHelpers.time.latest());
      const p = desk.file.market;
      const tight = { ...p, maintenanceSlope: 2n * p.maintenanceSlope };
      await admin.scheduleMaintenance(schedule(now + 3n * DAY, now + 5n * DAY, tight));
      await networkHelpers.time.increaseTo(now + 4n * DAY);
      expect((await market.params()).maintenanceSlope).to.be.greaterThan(p.maintenanceSlope);
      await expect(admin.cancelSchedule()).to.emit(market, "ScheduleCancelled");
      expect((await market.params()).maintenanceSlope).to.equal(p.maintenanceSlope);
    });
  });
});

/** A schedule to the maintenance terms of `to`. */
function schedule(startsAt: bigint, endsAt: bigint, to: MarketParams) {
  const { maintenanceBase, maintenanceSlope, liquidationFee, minKeeperReward } = to;
  return {
    startsAt,
    endsAt,
    terms: { maintenanceBase, maintenanceSlope, liquidationFee, minKeeperReward },
  };
}
