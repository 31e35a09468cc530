import { expect } from "chai";
import { chain, ethers, FALLBACK, feed, id, OBSERVED, openProxy, signer, VOID } from "../shared/feed.ts";
import { openMarket, orderEvents, protocol, WAD } from "../shared/market.ts";
import { openUptimeFeed } from "../shared/sequencer.ts";

const GRACE = 3_600;
/** Seconds after `t0` when the price is 2,000 dollars once more, and what happens happens. */
const START = 5_000;

/** A feed on a chain whose sequencer has been up for long; its uptime feed bare or behind a proxy. */
async function sequenced(isBare = false) {
  const uptime = await openUptimeFeed(chain, signer);
  const { proxy, address, confirm } = await openProxy(uptime.address);
  await uptime.admit(address);
  if (isBare) await uptime.uptime.disableAccessCheck();
  const desk = await feed(8, { sequencer: isBare ? uptime.address : address, gracePeriod: GRACE });
  await desk.at(START - 1);
  await desk.push(2, 2_000n, START - 10);
  /** A message of the sequencer's status, seconds after `t0`. */
  const report = (isDown: boolean, after: number) => uptime.report(isDown, desk.t0 + after);
  return { ...desk, uptime, report, uptimeProxy: { proxy, address, confirm } };
}

describe("ChainlinkFeedOracle: sequencer", () => {
  for (const isBare of [false, true]) {
    describe(`uptime feed of Arbitrum ${isBare ? "itself" : "behind its proxy"}`, () => {
      it("lets the price through while the sequencer is up", async () => {
        const { oracle, t0 } = await sequenced(isBare);
        expect(await oracle.latest()).to.deep.equal([2_000n * WAD, BigInt(t0 + START - 10)]);
        expect((await oracle.peek()).fresh).to.equal(true);
      });

      it("stops it while the sequencer is down", async () => {
        const { oracle, report, at, t0 } = await sequenced(isBare);
        await at(START + 5);
        await report(true, START);
        await expect(oracle.latest())
          .to.be.revertedWithCustomError(protocol, "OracleSequencerDown")
          .withArgs(t0 + START);
        expect(await oracle.peek()).to.deep.equal([2_000n * WAD, BigInt(t0 + START - 10), false]);
      });

      it("stops it for the grace period after an outage, not a second longer", async () => {
        const { oracle, push, report, at, t0 } = await sequenced(isBare);
        await at(START + 500);
        await report(true, START);
        await report(false, START + 400);
        await push(3, 2_001n, START + 300);
        for (const after of [START + 510, START + 400 + GRACE]) {
          await at(after);
          await expect(oracle.latest())
            .to.be.revertedWithCustomError(protocol, "OracleGracePeriod")
            .withArgs(t0 + START + 400, t0 + START + 400 + GRACE);
          expect((await oracle.peek()).fresh).to.equal(false);
        }
        await at(START + 401 + GRACE);
        expect((await oracle.latest()).price).to.equal(2_001n * WAD);
      });

      it("makes no outage of the market's: not while it is down, nor in the grace period, with a live feed or a dead one", async () => {
        const { oracle, report, at } = await sequenced(isBare);
        await at(START + 500);
        await report(true, START);
        expect(await oracle.outage()).to.equal(false);
        await at(START + 5_000);
        expect(await oracle.outage()).to.equal(false);
        await report(false, START + 4_999);
        expect(await oracle.outage()).to.equal(false);
        await at(START + 4_999 + GRACE);
        expect(await oracle.outage()).to.equal(false);
        // The feed itself is silent by now.
        await at(START + 5_000 + GRACE);
        expect(await oracle.outage()).to.equal(true);
      });
    });
  }

  describe("without a status", () => {
    it("counts as down, and nothing that must not revert does", async () => {
      const { oracle, uptimeProxy, t0 } = await sequenced();
      const next = await openUptimeFeed(chain, signer, false);
      await next.admit(uptimeProxy.address);
      await uptimeProxy.confirm(next.address);
      await expect(oracle.latest())
        .to.be.revertedWithCustomError(protocol, "OracleSequencerDown")
        .withArgs(0);
      expect(await oracle.peek()).to.deep.equal([2_000n * WAD, BigInt(t0 + START - 10), false]);
      expect(await oracle.band(2_000n * WAD)).to.deep.equal([1_990n * WAD, 2_010n * WAD]);
      expect(await oracle.outage()).to.equal(false);
      await next.uptime.initialize();
      await expect(oracle.latest()).to.be.revertedWithCustomError(protocol, "OracleGracePeriod");
    });

    it("lets orders be released, as a fallback may never be proven", async () => {
      const { oracle, uptimeProxy, fixing, query, at } = await sequenced();
      const next = await openUptimeFeed(chain, signer, false);
      await next.admit(uptimeProxy.address);
      await uptimeProxy.confirm(next.address);
      await at(START + 931);
      await expect(fixing(START, id(1, 2))).to.be.revert(ethers);
      await expect(oracle.settleable(query(START))).to.be.revert(ethers);
    });

    it("is no uptime feed for a new oracle", async () => {
      const bare = await openUptimeFeed(chain, signer, false);
      await expect(feed(8, { sequencer: bare.address })).to.be.revert(ethers);
    });
  });

  describe("fixing", () => {
    it("stays an observation made while the sequencer was down", async () => {
      const { fixing, push, report, at } = await sequenced();
      await at(START + 200);
      await report(true, START);
      await push(3, 2_001n, START + 100);
      const f = await fixing(START + 50, id(1, 3));
      expect([f.kind, f.price, f.indexIsFresh]).to.deep.equal([OBSERVED, 2_001n * WAD, false]);
    });

    const WINDOW = 900;
    for (const [what, from, to, kind] of [
      ["ended a while before the quiet time", -400, -100, FALLBACK],
      ["ended in its first second", -400, 0, FALLBACK],
      ["ended a second later", -400, 1, VOID],
      ["lay inside of it", 300, 400, VOID],
      ["lasted longer than it", -100, WINDOW + 100, VOID],
      ["began in its last second", WINDOW, WINDOW + 10, VOID],
      ["began a second later", WINDOW + 1, WINDOW + 10, FALLBACK],
    ] as const) {
      it(`of a quiet time is ${kind === VOID ? "void" : "the fallback"} if the outage ${what}, whenever it is settled`, async () => {
        const { fixing, report, push, at, uptimeProxy } = await sequenced();
        const moment = START + 500;
        await at(moment + WINDOW + 40);
        await report(true, moment + from);
        await report(false, moment + to);
        const expectKind = async (word: bigint, note: string) => {
          const f = await fixing(moment, word);
          expect([f.kind, f.price], note).to.deep.equal([kind, kind === VOID ? 0n : 2_000n * WAD]);
        };
        await expectKind(id(1, 2), "at once");
        await at(moment + 2_000);
        await report(true, moment + 1_900);
        await expectKind(id(1, 2), "in a later outage");
        await report(false, moment + 1_950);
        await push(3, 2_100n, moment + 1_990);
        await expectKind(id(1, 3), "proven by a later observation");
        const next = await openUptimeFeed(chain, signer);
        await next.admit(uptimeProxy.address);
        await uptimeProxy.confirm(next.address);
        await expectKind(id(1, 3), "after a change of the uptime feed's aggregator");
      });
    }

    it("of a quiet time is void while the sequencer is still down", async () => {
      const { fixing, report, at } = await sequenced();
      await at(START + 2_000);
      await report(true, START + 950);
      expect((await fixing(START + 50, id(1, 2))).kind).to.equal(VOID);
      expect((await fixing(START + 49, id(1, 2))).kind).to.equal(FALLBACK);
    });

    it("of a quiet time before the uptime feed's first status is the fallback", async () => {
      const { fixing, at } = await sequenced();
      await at(START + 100);
      expect((await fixing(10, id(1, 2))).kind).to.equal(FALLBACK);
    });

    it("tells outages apart in a history of many, and counts as down what lies too many changes back", async () => {
      const { fixing, report, push, at } = await sequenced();
      await at(START + 4_000);
      // Down for ten seconds of every hundred from 1,000 on.
      for (let i = 0; i < 15; i += 1) {
        await report(true, START + 1_000 + 100 * i);
        await report(false, START + 1_010 + 100 * i);
      }
      expect((await fixing(START + 50, id(1, 2))).kind).to.equal(FALLBACK);
      expect((await fixing(START + 100, id(1, 2))).kind).to.equal(VOID);
      expect((await fixing(START + 2_500, id(1, 2))).kind).to.equal(FALLBACK);
      await push(3, 2_001n, START + 3_990);
      for (let i = 15; i < 17; i += 1) {
        await report(true, START + 1_000 + 100 * i);
        await report(false, START + 1_010 + 100 * i);
      }
      expect((await fixing(START + 50, id(1, 3))).kind).to.equal(VOID);
    });
  });

  describe("in a market", () => {
    async function openSequencedMarket() {
      let status: Awaited<ReturnType<typeof openUptimeFeed>> | undefined;
      const desk = await openMarket({
        extras: async (on, operator) => {
          status = await openUptimeFeed(on, operator);
          const { address } = await openProxy(status.address, operator);
          await status.admit(address);
          await on.networkHelpers.time.increase(2 * GRACE);
          return { sequencer: address };
        },
      });
      const now = () => desk.networkHelpers.time.latest();
      const report = async (isDown: boolean) => status!.report(isDown, await now());
      return { ...desk, report };
    }

    it("orders are placed and positions closed during an outage, and nothing is opened", async () => {
      const { trade, commit, settle, report, alice, bob, unit, push, view, networkHelpers } =
        await openSequencedMarket();
      const held = await trade(alice, { sizeDelta: WAD, collateral: 500n * unit });
      await report(true);
      const closed = await trade(alice, { positionId: held.id, sizeDelta: -WAD }, 2_010n);
      expect(closed.outcome).to.include({ kind: "settled" });
      expect((await view(held.id)).size).to.equal(0n);
      const order = await commit(bob, { sizeDelta: WAD, collateral: 500n * unit });
      await networkHelpers.time.increase(40);
      const observed = await push(2_010n);
      await report(false);
      // In the grace period it waits, as long as an order may.
      await expect(settle(order, observed)).to.be.revertedWithCustomError(protocol, "OrderPriceDue");
      await networkHelpers.time.increase(931);
      const outcome = orderEvents(await settle(order, observed)).find(({ kind }) => kind !== "committed");
      expect(outcome).to.include({ kind: "failed" });
    });

    it("nobody is liquidated before the grace period is over, everybody right after it, and none is added to it", async () => {
      const { market, trade, report, alice, keeper, unit, push, view, networkHelpers } =
        await openSequencedMarket();
      const { id: risky } = await trade(alice, { sizeDelta: WAD, collateral: 100n * unit });
      await report(true);
      await expect(market.noteOutage()).to.be.revertedWithCustomError(protocol, "NoOutage");
      await networkHelpers.time.increase(5_000);
      await expect(market.noteOutage()).to.be.revertedWithCustomError(protocol, "NoOutage");
      await report(false);
      await networkHelpers.time.increase(GRACE - 60);
      await push(1_915n);
      await expect(market.noteOutage()).to.be.revertedWithCustomError(protocol, "NoOutage");
      await expect(market.connect(keeper).liquidate([risky], keeper)).to.be.revertedWithCustomError(
        protocol,
        "OracleGracePeriod",
      );
      await market.connect(alice).addCollateral(risky, unit);
      await networkHelpers.time.increase(61);
      await expect(market.noteOutage()).to.be.revertedWithCustomError(protocol, "NoOutage");
      await expect(market.connect(keeper).liquidate([risky], keeper)).to.emit(market, "PositionLiquidated");
      expect((await view(risky)).liquidatable).to.equal(false);
    });
  });
});
