import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { EACAggregatorProxy__factory, HistoryAggregator__factory } from "../../typechain-types/index.ts";
import { deployOracle, FALLBACK, feed, id, MAX_AGE, OBSERVED, signer, USD, VOID } from "../shared/feed.ts";
import { protocol, WAD } from "../shared/market.ts";

describe("ChainlinkFeedOracle", () => {
  describe("latest price", () => {
    for (const decimals of [0, 8, 18]) {
      it(`scales ${decimals} decimals to 18 exactly`, async () => {
        const { oracle, t0 } = await feed(decimals);
        expect(await oracle.latest()).to.deep.equal([2_000n * WAD, BigInt(t0)]);
      });
    }

    it("is refused when stale, while peek still shows it", async () => {
      const { oracle, proxy, at, t0 } = await feed();
      await at(MAX_AGE);
      await oracle.latest();
      await at(MAX_AGE + 1);
      await expect(oracle.latest())
        .to.be.revertedWithCustomError(protocol, "OracleStale")
        .withArgs(await proxy.getAddress(), t0, MAX_AGE);
      expect(await oracle.peek()).to.deep.equal([2_000n * WAD, BigInt(t0), false]);
    });

    for (const answer of [0n, -1n, 9n * USD, 1_000_001n * USD]) {
      it(`is refused at ${answer}`, async () => {
        const { oracle, proxy, aggregator, t0 } = await feed();
        await aggregator.push(2, answer, t0 + 50, t0 + 50);
        await expect(oracle.latest())
          .to.be.revertedWithCustomError(protocol, "OracleAnswerOutOfBounds")
          .withArgs(await proxy.getAddress(), answer, 10n * WAD, 10n ** 6n * WAD);
        expect(await oracle.peek()).to.deep.equal([0n, 0n, false]);
      });
    }

    it("is refused when unfinished or carried over", async () => {
      const { oracle, proxy, aggregator, t0 } = await feed();
      await aggregator.push(2, 2_001n * USD, t0 + 50, 0);
      await expect(oracle.latest())
        .to.be.revertedWithCustomError(protocol, "OracleRoundIncomplete")
        .withArgs(await proxy.getAddress(), id(1, 2));
      await aggregator.pushRaw(3, 2_001n * USD, t0 + 60, t0 + 60, 1);
      await expect(oracle.latest())
        .to.be.revertedWithCustomError(protocol, "OracleRoundIncomplete")
        .withArgs(await proxy.getAddress(), id(1, 3));
    });

    it("is refused when it claims to be from the future", async () => {
      const { oracle, push } = await feed();
      await push(2, 2_001n, 100_000);
      await expect(oracle.latest()).to.be.revertedWithCustomError(protocol, "OracleObservationFromFuture");
    });
  });

  it("refuses settings that can't serve", async () => {
    const { proxy } = await feed();
    const address = await proxy.getAddress();
    const deep = await new HistoryAggregator__factory(signer).deploy(19, "X");
    const deepProxy = await new EACAggregatorProxy__factory(signer).deploy(deep, ZeroAddress);
    const bad: [string, Parameters<typeof deployOracle>[1]][] = [
      [address, { maxAge: 0 }],
      [address, { maxAge: 8 * 24 * 3600 }],
      [address, { uncertainty: WAD }],
      [address, { min: 0n }],
      [address, { min: 10n, max: 10n }],
      [address, { max: 10n ** 31n }],
      [await deepProxy.getAddress(), {}],
    ];
    for (const [target, settings] of bad) {
      await expect(deployOracle(target, settings)).to.be.revertedWithCustomError(protocol, "OracleUnusable");
    }
  });

  describe("fixing", () => {
    it("is the first observation after the moment, and no other round proves it", async () => {
      const { fixing, push, search, at } = await feed();
      await at(200);
      await push(2, 2_001n, 50);
      await push(3, 2_002n, 60);
      await push(4, 2_003n, 70);
      const f = await fixing(50, id(1, 3));
      expect([f.kind, f.price, f.observationId]).to.deep.equal([OBSERVED, 2_002n * WAD, id(1, 3)]);
      expect([f.indexPrice, f.indexIsFresh]).to.deep.equal([2_003n * WAD, true]);
      await expect(fixing(50, id(1, 4))).to.be.revertedWithCustomError(protocol, "OracleNotFirstRound");
      await expect(fixing(50, id(1, 2))).to.be.revertedWithCustomError(protocol, "OracleNotFirstRound");
      expect(await search(50)).to.include({ found: true, id: id(1, 3) });
    });

    it("of neighbours with one timestamp is the first", async () => {
      const { fixing, push, search, at } = await feed();
      await at(200);
      await push(2, 2_001n, 60);
      await push(3, 2_002n, 60);
      expect((await fixing(50, id(1, 2))).price).to.equal(2_001n * WAD);
      await expect(fixing(50, id(1, 3))).to.be.revertedWithCustomError(protocol, "OracleNotFirstRound");
      expect(await search(50)).to.include({ id: id(1, 2) });
    });

    it("steps over rounds without data and rounds that repeat an answer", async () => {
      const { fixing, push, aggregator, search, at, t0 } = await feed();
      await at(200);
      await push(4, 2_001n, 40);
      await aggregator.pushRaw(6, 2_001n * USD, t0 + 55, t0 + 55, 4);
      await push(9, 2_003n, 60);
      expect((await fixing(50, id(1, 9))).price).to.equal(2_003n * WAD);
      await expect(fixing(50, id(1, 6))).to.be.revertedWithCustomError(protocol, "OracleRoundIncomplete");
      await expect(fixing(50, id(1, 7))).to.be.revertedWithCustomError(protocol, "OracleRoundIncomplete");
      expect(await search(50)).to.include({ id: id(1, 9) });
    });

    it("is pending until the quiet time is over, then falls back", async () => {
      const { fixing, search, at, query } = await feed();
      const due = Number(query(50).moment) + 930;
      await expect(fixing(50, id(1, 1)))
        .to.be.revertedWithCustomError(protocol, "OracleFixingPending")
        .withArgs(query(50).moment, due);
      expect(await search(50)).to.deep.equal({ found: false, notBefore: BigInt(due + 1) });
      await at(50 + 931);
      const f = await fixing(50, id(1, 1));
      expect([f.kind, f.price]).to.deep.equal([FALLBACK, 2_000n * WAD]);
      expect(await search(50)).to.include({ id: id(1, 1) });
    });

    it("falls back to the same price when a later observation comes after the quiet time", async () => {
      const { fixing, push, search, at } = await feed();
      await at(1_200);
      await push(2, 1_500n, 951);
      const f = await fixing(50, id(1, 2));
      expect([f.kind, f.price, f.observationId]).to.deep.equal([FALLBACK, 2_000n * WAD, id(1, 1)]);
      expect(await search(50)).to.include({ id: id(1, 2) });
    });

    it("is the later observation at the last second of the quiet time", async () => {
      const { fixing, push, at } = await feed();
      await at(1_200);
      await push(2, 1_500n, 950);
      expect((await fixing(50, id(1, 2))).kind).to.equal(OBSERVED);
    });

    it("is void when the observation is not to be believed", async () => {
      const { fixing, push, at } = await feed();
      await at(200);
      await push(2, 9n, 60);
      const f = await fixing(50, id(1, 2));
      expect([f.kind, f.price]).to.deep.equal([VOID, 0n]);
    });

    it("is void when the last observation was stale before the quiet time", async () => {
      const { fixing, at } = await feed();
      await at(MAX_AGE + 2_000);
      expect((await fixing(MAX_AGE + 1, id(1, 1))).kind).to.equal(VOID);
      expect((await fixing(MAX_AGE, id(1, 1))).kind).to.equal(FALLBACK);
    });

    it("uses its own price as the index, not for new risk, when the latest is unusable", async () => {
      const { fixing, push, at } = await feed();
      await at(200);
      await push(2, 2_001n, 60);
      await push(3, 0n, 70);
      const f = await fixing(50, id(1, 2));
      expect([f.price, f.indexPrice, f.indexIsFresh]).to.deep.equal([2_001n * WAD, 2_001n * WAD, false]);
    });

    it("exists from the first later observation on, or from the end of the quiet time on", async () => {
      const { oracle, push, at, query, fixing } = await feed();
      expect(await oracle.settleable(query(50))).to.equal(false);
      await push(2, 2_001n, 60);
      expect(await oracle.settleable(query(50))).to.equal(true);
      expect(await oracle.settleable(query(60))).to.equal(false);
      await at(60 + 930);
      expect(await oracle.settleable(query(60))).to.equal(false);
      await at(60 + 931);
      expect(await oracle.settleable(query(60))).to.equal(true);
      // In a quiet time only the last observation proves it.
      await expect(fixing(60, id(1, 1)))
        .to.be.revertedWithCustomError(protocol, "OracleNotFirstRound")
        .withArgs(id(1, 1), id(1, 2), query(60).moment);
    });

    it("refuses an observation from the future", async () => {
      const { fixing, push } = await feed();
      await push(2, 2_001n, 100_000);
      await expect(fixing(50, id(1, 2))).to.be.revertedWithCustomError(
        protocol,
        "OracleObservationFromFuture",
      );
    });
  });
});
