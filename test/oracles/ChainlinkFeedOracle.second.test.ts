import { expect } from "chai";
import { FALLBACK, epochOf, feed, id, OBSERVED, openFeed, startTime, USD } from "../shared/feed.ts";
import { protocol, WAD } from "../shared/market.ts";

const ONE_PERCENT = WAD / 100n;
const SECOND_MAX_AGE = 9_000;
const BOTH = epochOf(1, 1);

/** Two feeds of one price, both 2,000 dollars at first; the second one has a longer heartbeat. */
async function pair({ answer = 2_000n * USD, decimals = 8, maxDeviation = ONE_PERCENT } = {}) {
  const t0 = await startTime();
  const second = await openFeed(answer, t0, decimals);
  const settings = second.settings({ maxAge: SECOND_MAX_AGE, minPrice: 10n * WAD });
  return { ...(await feed(8, { t0, second: settings, maxDeviation })), second };
}

describe("ChainlinkFeedOracle: second feed", () => {
  describe("agreement", () => {
    // One percent of 2,000; and 2,000 is one percent above 1,980.19801980198….
    for (const answer of [2_000n * USD, 2_020n * USD, 198_019_801_981n]) {
      it(`is there at ${answer} against ${2_000n * USD}`, async () => {
        const { oracle, t0 } = await pair({ answer });
        expect(await oracle.latest()).to.deep.equal([2_000n * WAD, BigInt(t0)]);
        expect(await oracle.peek()).to.deep.equal([2_000n * WAD, BigInt(t0), true]);
        expect(await oracle.outage()).to.equal(false);
      });
    }

    for (const answer of [2_020n * USD + 1n, 198_019_801_980n]) {
      it(`is missing at ${answer}: an outage, with no price but the one shown`, async () => {
        const { oracle, t0 } = await pair({ answer });
        await expect(oracle.latest())
          .to.be.revertedWithCustomError(protocol, "OracleFeedsDisagree")
          .withArgs(2_000n * WAD, answer * 10n ** 10n, ONE_PERCENT);
        expect(await oracle.peek()).to.deep.equal([2_000n * WAD, BigInt(t0), false]);
        expect(await oracle.outage()).to.equal(true);
      });
    }

    it("takes the deviation to its last unit", async () => {
      const wide = await pair({ answer: 2_020n * USD });
      await wide.oracle.latest();
      const narrow = await pair({ answer: 2_020n * USD, maxDeviation: ONE_PERCENT - 1n });
      await expect(narrow.oracle.latest()).to.be.revertedWithCustomError(protocol, "OracleFeedsDisagree");
    });

    it("takes each feed's own decimals", async () => {
      const near = await pair({ answer: 2_020n, decimals: 0 });
      await near.oracle.latest();
      const far = await pair({ answer: 2_020n * WAD + 1n, decimals: 18 });
      await expect(far.oracle.latest()).to.be.revertedWithCustomError(protocol, "OracleFeedsDisagree");
    });
  });

  it("refuses a deviation of nothing, or of more than all", async () => {
    for (const maxDeviation of [0n, WAD + 1n]) {
      await expect(pair({ maxDeviation })).to.be.revertedWithCustomError(protocol, "OracleUnusable");
    }
    await pair({ maxDeviation: WAD });
  });

  describe("a second feed without a price has no say", () => {
    /** Both ways in which a price is told, and the fixing of an observation that both have seen. */
    async function expectFirstAlone(
      { oracle, fixing, push, at }: Awaited<ReturnType<typeof pair>>,
      words: bigint,
    ) {
      await oracle.latest();
      expect((await oracle.peek()).fresh).to.equal(true);
      expect(await oracle.outage()).to.equal(false);
      await push(2, 2_001n, 160);
      await at(400);
      const f = await fixing(150, [id(1, 2), words], BOTH);
      expect([f.kind, f.price, f.bid, f.ask]).to.deep.equal([
        OBSERVED,
        ...Array<bigint>(3).fill(2_001n * WAD),
      ]);
    }

    it("when it is not to be believed", async () => {
      const desk = await pair();
      await desk.second.push(2, 0n, 50);
      await desk.at(150);
      await expectFirstAlone(desk, 0n);
      const low = await pair({ answer: 9n * USD });
      await low.at(150);
      await expectFirstAlone(low, 0n);
    });

    it("when its round is unfinished", async () => {
      const desk = await pair({ answer: 3_000n * USD });
      const { second, t0, oracle } = desk;
      await expect(oracle.latest()).to.be.revertedWithCustomError(protocol, "OracleFeedsDisagree");
      await second.aggregator.push(2, 3_000n * USD, t0 + 50, 0);
      await oracle.latest();
      expect(await oracle.outage()).to.equal(false);
    });

    it("when its answer is carried over", async () => {
      const { second, t0, oracle } = await pair({ answer: 3_000n * USD });
      await second.aggregator.pushRaw(2, 3_000n * USD, t0 + 50, t0 + 50, 1);
      await oracle.latest();
    });

    it("when it claims to be from the future", async () => {
      const { second, oracle } = await pair({ answer: 3_000n * USD });
      await second.push(2, 3_000n * USD, 100_000);
      await oracle.latest();
    });

    it("when it is stale, by its own heartbeat", async () => {
      const { oracle, push, at, fixing } = await pair({ answer: 3_000n * USD });
      await push(2, 2_001n, SECOND_MAX_AGE - 500);
      await push(3, 2_002n, SECOND_MAX_AGE);
      await push(4, 2_003n, SECOND_MAX_AGE + 1);
      await at(SECOND_MAX_AGE + 2);
      await oracle.latest();
      await at(SECOND_MAX_AGE + 500);
      const last = await fixing(SECOND_MAX_AGE - 1, [id(1, 3), 0n], BOTH);
      expect([last.bid, last.ask]).to.deep.equal([2_002n * WAD, 3_000n * WAD]);
      const stale = await fixing(SECOND_MAX_AGE, [id(1, 4), 0n], BOTH);
      expect([stale.bid, stale.ask]).to.deep.equal([2_003n * WAD, 2_003n * WAD]);
    });

    it("when its new aggregator has no round yet", async () => {
      const desk = await pair({ answer: 2_001n * USD });
      await desk.second.replace();
      await desk.at(150);
      await expectFirstAlone(desk, 0n);
    });
  });

  describe("fixing while the two disagree", () => {
    /** The first feed observes 2,001 at 160, the second 2,100 at `after`. */
    async function apart(after: number) {
      const desk = await pair();
      await desk.second.push(2, 2_100n * USD, after);
      await desk.push(2, 2_001n, 160);
      await desk.at(400);
      return desk;
    }

    it("has a seller get the lower and a buyer pay the higher one", async () => {
      const { fixing, search } = await apart(155);
      const f = await fixing(150, [id(1, 2), 0n], BOTH);
      expect([f.kind, f.price, f.bid, f.ask]).to.deep.equal([
        OBSERVED,
        2_001n * WAD,
        2_001n * WAD,
        2_100n * WAD,
      ]);
      expect(f.indexIsFresh).to.equal(false);
      expect(await search(150, BOTH)).to.include({ found: true, id: id(1, 2) });
    });

    it("is the same whatever either feed says later", async () => {
      const { fixing, second, push } = await apart(155);
      const before = await fixing(150, [id(1, 2), 0n], BOTH);
      await second.push(3, 2_001n * USD, 300);
      await push(3, 2_100n, 300);
      const after = await fixing(150, [id(1, 2), id(1, 3)], BOTH);
      expect([after.price, after.bid, after.ask]).to.deep.equal([before.price, before.bid, before.ask]);
      expect(after.indexPrice).to.equal(2_100n * WAD);
    });

    it("goes by what the second one had said by then: an observation of that very second counts", async () => {
      const { fixing } = await apart(160);
      expect((await fixing(150, [id(1, 2), 0n], BOTH)).ask).to.equal(2_100n * WAD);
      const later = await apart(161);
      expect((await later.fixing(150, [id(1, 2), id(1, 2)], BOTH)).ask).to.equal(2_001n * WAD);
    });

    it("of a fallback goes by the time it is of", async () => {
      const desk = await pair();
      const { second, push, fixing, at, search } = desk;
      await second.push(2, 2_100n * USD, 150);
      await second.push(3, 2_000n * USD, 151);
      await at(150 + 931);
      const f = await fixing(150, [id(1, 1), id(1, 3)], BOTH);
      expect([f.kind, f.price, f.bid, f.ask]).to.deep.equal([
        FALLBACK,
        2_000n * WAD,
        2_000n * WAD,
        2_100n * WAD,
      ]);
      // The later round that proves the same quiet time.
      await push(2, 1_900n, 1_090);
      await at(1_100);
      const later = await fixing(150, [id(1, 2), id(1, 3)], BOTH);
      expect([later.kind, later.bid, later.ask]).to.deep.equal([FALLBACK, 2_000n * WAD, 2_100n * WAD]);
      expect(await search(150, BOTH)).to.include({ found: true, id: id(1, 2) });
    });
  });

  describe("proof word", () => {
    /** Fixing of 160; the second feed observes at 155, 165 and 170. */
    async function busy() {
      const desk = await pair();
      for (const [i, after] of [155, 165, 170].entries()) {
        await desk.second.push(i + 2, (2_100n + BigInt(i)) * USD, after);
      }
      await desk.push(2, 2_001n, 160);
      await desk.at(400);
      return desk;
    }

    it("is the first observation after the fixing's time, and nothing else", async () => {
      const { fixing, t0, second } = await busy();
      expect((await fixing(150, [id(1, 2), id(1, 3)], BOTH)).ask).to.equal(2_100n * WAD);
      for (const [word, error] of [
        [0n, "OracleNotFirstRound"],
        [id(1, 1), "OracleNotFirstRound"],
        [id(1, 2), "OracleNotFirstRound"],
        [id(1, 4), "OracleNotFirstRound"],
        [id(1, 5), "OracleRoundIncomplete"],
        [id(2, 1), "OracleRoundIncomplete"],
        [id(0, 3), "OracleRoundIncomplete"],
        [3n, "OracleRoundIncomplete"],
      ] as const) {
        await expect(fixing(150, [id(1, 2), word], BOTH), `${word}`).to.be.revertedWithCustomError(
          protocol,
          error,
        );
      }
      await expect(fixing(150, [id(1, 2), 0n], BOTH))
        .to.be.revertedWithCustomError(protocol, "OracleNotFirstRound")
        .withArgs(0, id(1, 4), t0 + 160);
      await expect(fixing(150, [id(1, 2), id(1, 5)], BOTH))
        .to.be.revertedWithCustomError(protocol, "OracleRoundIncomplete")
        .withArgs(second.address, id(1, 5));
    });

    it("counts as 0 where the proof ends before it", async () => {
      const { fixing } = await busy();
      await expect(fixing(150, id(1, 2), BOTH)).to.be.revertedWithCustomError(
        protocol,
        "OracleNotFirstRound",
      );
    });

    it("of 0 holds only when nothing observed by then can still be under way", async () => {
      const { fixing, second, push, at, search, t0, query } = await pair();
      await at(165);
      await push(2, 2_001n, 160);
      await expect(fixing(150, [id(1, 2), 0n], BOTH))
        .to.be.revertedWithCustomError(protocol, "OracleFixingPending")
        .withArgs(query(150).moment, t0 + 190);
      expect(await search(150, BOTH)).to.deep.equal({ found: false, notBefore: BigInt(t0 + 191) });
      // It was made before the fixing's time, and lands after it.
      await second.push(2, 2_100n * USD, 155);
      await at(190);
      await expect(fixing(150, [id(1, 2), 0n], BOTH)).to.be.revertedWithCustomError(
        protocol,
        "OracleFixingPending",
      );
      await at(191);
      expect((await fixing(150, [id(1, 2), 0n], BOTH)).ask).to.equal(2_100n * WAD);
      expect(await search(150, BOTH)).to.include({ found: true });
    });

    it("of the next observation holds at once", async () => {
      const { fixing, second, push, at, search } = await pair();
      await at(165);
      await push(2, 2_001n, 160);
      await second.push(2, 2_100n * USD, 161);
      expect((await fixing(150, [id(1, 2), id(1, 2)], BOTH)).ask).to.equal(2_001n * WAD);
      expect(await search(150, BOTH)).to.include({ found: true });
    });
  });

  describe("phase change of the second feed in an order's life", () => {
    it("keeps to the phase of the order as long as that has something to say", async () => {
      const { second, push, at, fixing, search, query } = await pair();
      const next = await second.open();
      // It ran alongside before.
      await second.push(1, 2_300n * USD, 100, next);
      await second.push(2, 2_400n * USD, 170, next);
      await second.push(2, 2_100n * USD, 155);
      await push(2, 2_001n, 160);
      await at(400);
      const before = await fixing(150, [id(1, 2), 0n], BOTH);
      await second.replace(next);
      // The present phase's first observation after the time proves that the order's phase had none.
      const after = await fixing(150, [id(1, 2), id(2, 2)], BOTH);
      expect([after.bid, after.ask]).to.deep.equal([before.bid, before.ask]);
      expect(after.ask).to.equal(2_100n * WAD);
      expect(await search(150, BOTH)).to.include({ found: true });
      await expect(fixing(150, [id(1, 2), 0n], BOTH))
        .to.be.revertedWithCustomError(protocol, "OracleNotFirstRound")
        .withArgs(0, id(2, 2), query(160).moment);
    });

    it("takes the new phase for orders that came after it", async () => {
      const { second, push, at, fixing } = await pair();
      const next = await second.open();
      await second.push(1, 2_300n * USD, 100, next);
      await second.replace(next);
      await push(2, 2_001n, 160);
      await at(400);
      expect((await fixing(150, [id(1, 2), 0n], epochOf(1, 2))).ask).to.equal(2_300n * WAD);
      expect((await fixing(150, [id(1, 2), 0n], BOTH)).ask).to.equal(2_001n * WAD);
    });

    it("is told by the epoch, each feed's phase by itself", async () => {
      const { oracle, second, replace } = await pair();
      expect(await oracle.epoch()).to.equal(BOTH);
      await second.replace();
      expect(await oracle.epoch()).to.equal(epochOf(1, 2));
      await replace();
      await replace();
      expect(await oracle.epoch()).to.equal(epochOf(3, 2));
    });
  });
});
