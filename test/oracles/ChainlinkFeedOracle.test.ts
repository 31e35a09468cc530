import { encodeRoundProof, findFixing } from "@bulkhead/sdk";
import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { network } from "hardhat";
import {
  ChainlinkFeedOracle__factory,
  EACAggregatorProxy__factory,
  Errors__factory,
  HistoryAggregator__factory,
  IChainlinkFeed__factory,
  type HistoryAggregator,
} from "../../typechain-types/index.ts";

const { ethers, networkHelpers } = await network.create();
const [operator] = await ethers.getSigners();
const signer = operator!;
const errors = { interface: Errors__factory.createInterface() };

const WAD = 10n ** 18n;
const USD = 10n ** 8n;
const MAX_AGE = 4_200;
const OBSERVED = 0n;
const FALLBACK = 1n;
const VOID = 2n;
const id = (phase: number, round: number): bigint => (BigInt(phase) << 64n) | BigInt(round);

/** A feed behind Chainlink's own proxy, whose first round was observed at `t0`. */
async function feed(decimals = 8) {
  const t0 = (await networkHelpers.time.latest()) - 100;
  const aggregator = await new HistoryAggregator__factory(signer).deploy(decimals, "ETH / USD");
  await aggregator.push(1, 2_000n * 10n ** BigInt(decimals), t0, t0);
  const proxy = await new EACAggregatorProxy__factory(signer).deploy(aggregator, ZeroAddress);
  const oracle = await deployOracle(await proxy.getAddress());
  /** Adds a round of the aggregator's phase; the price in whole dollars, seconds after `t0`. */
  const push = (round: number, dollars: bigint, after: number, to: HistoryAggregator = aggregator) =>
    to.push(round, dollars * 10n ** BigInt(decimals), t0 + after, t0 + after);
  const query = (after: number, epoch = 1) => ({
    moment: BigInt(t0 + after),
    epoch: BigInt(epoch),
    fallbackDelay: 900n,
    inclusionDelay: 30n,
  });
  const fixing = (after: number, roundId: bigint, epoch = 1) =>
    oracle.fixing.staticCall(query(after, epoch), encodeRoundProof(roundId));
  const search = async (after: number, epoch = 1) =>
    findFixing(
      IChainlinkFeed__factory.connect(await proxy.getAddress(), signer),
      query(after, epoch),
      BigInt(await networkHelpers.time.latest()),
    );
  const at = (after: number) => networkHelpers.time.increaseTo(t0 + after);
  return { t0, aggregator, proxy, oracle, push, fixing, search, at, query };
}

function deployOracle(
  proxy: string,
  { maxAge = MAX_AGE, deviation = WAD / 200n, min = 10n * WAD, max = 10n ** 6n * WAD } = {},
) {
  return new ChainlinkFeedOracle__factory(signer).deploy(proxy, maxAge, deviation, min, max);
}

describe("ChainlinkFeedOracle", () => {
  describe("latest price", () => {
    for (const decimals of [0, 8, 18]) {
      it(`scales ${decimals} decimals to 18 exactly`, async () => {
        const { oracle, t0 } = await feed(decimals);
        expect(await oracle.latest()).to.deep.equal([2_000n * WAD, BigInt(t0)]);
      });
    }

    it("is refused when stale, while peek still shows it", async () => {
      const { oracle, at, t0 } = await feed();
      await at(MAX_AGE);
      await oracle.latest();
      await at(MAX_AGE + 1);
      await expect(oracle.latest())
        .to.be.revertedWithCustomError(errors, "OracleStale")
        .withArgs(t0, MAX_AGE);
      expect(await oracle.peek()).to.deep.equal([2_000n * WAD, BigInt(t0), false]);
    });

    for (const answer of [0n, -1n, 9n * USD, 1_000_001n * USD]) {
      it(`is refused at ${answer}`, async () => {
        const { oracle, aggregator, t0 } = await feed();
        await aggregator.push(2, answer, t0 + 50, t0 + 50);
        await expect(oracle.latest())
          .to.be.revertedWithCustomError(errors, "OracleAnswerOutOfBounds")
          .withArgs(answer, 10n * WAD, 10n ** 6n * WAD);
        expect(await oracle.peek()).to.deep.equal([0n, 0n, false]);
      });
    }

    it("is refused when unfinished or carried over", async () => {
      const { oracle, aggregator, t0 } = await feed();
      await aggregator.push(2, 2_001n * USD, t0 + 50, 0);
      await expect(oracle.latest())
        .to.be.revertedWithCustomError(errors, "OracleRoundIncomplete")
        .withArgs(id(1, 2));
      await aggregator.pushRaw(3, 2_001n * USD, t0 + 60, t0 + 60, 1);
      await expect(oracle.latest())
        .to.be.revertedWithCustomError(errors, "OracleRoundIncomplete")
        .withArgs(id(1, 3));
    });

    it("is refused when it claims to be from the future", async () => {
      const { oracle, push } = await feed();
      await push(2, 2_001n, 100_000);
      await expect(oracle.latest()).to.be.revertedWithCustomError(errors, "OracleObservationFromFuture");
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
      [address, { deviation: WAD }],
      [address, { min: 0n }],
      [address, { min: 10n, max: 10n }],
      [address, { max: 10n ** 31n }],
      [await deepProxy.getAddress(), {}],
    ];
    for (const [target, settings] of bad) {
      await expect(deployOracle(target, settings)).to.be.revertedWithCustomError(errors, "OracleUnusable");
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
      await expect(fixing(50, id(1, 4))).to.be.revertedWithCustomError(errors, "OracleNotFirstRound");
      await expect(fixing(50, id(1, 2))).to.be.revertedWithCustomError(errors, "OracleNotFirstRound");
      expect(await search(50)).to.include({ found: true, roundId: id(1, 3) });
    });

    it("of neighbours with one timestamp is the first", async () => {
      const { fixing, push, search, at } = await feed();
      await at(200);
      await push(2, 2_001n, 60);
      await push(3, 2_002n, 60);
      expect((await fixing(50, id(1, 2))).price).to.equal(2_001n * WAD);
      await expect(fixing(50, id(1, 3))).to.be.revertedWithCustomError(errors, "OracleNotFirstRound");
      expect(await search(50)).to.include({ roundId: id(1, 2) });
    });

    it("steps over rounds without data and rounds that repeat an answer", async () => {
      const { fixing, push, aggregator, search, at, t0 } = await feed();
      await at(200);
      await push(4, 2_001n, 40);
      await aggregator.pushRaw(6, 2_001n * USD, t0 + 55, t0 + 55, 4);
      await push(9, 2_003n, 60);
      expect((await fixing(50, id(1, 9))).price).to.equal(2_003n * WAD);
      await expect(fixing(50, id(1, 6))).to.be.revertedWithCustomError(errors, "OracleRoundIncomplete");
      await expect(fixing(50, id(1, 7))).to.be.revertedWithCustomError(errors, "OracleRoundIncomplete");
      expect(await search(50)).to.include({ roundId: id(1, 9) });
    });

    it("is pending until the quiet time is over, then falls back", async () => {
      const { fixing, search, at, query } = await feed();
      const due = Number(query(50).moment) + 930;
      await expect(fixing(50, id(1, 1)))
        .to.be.revertedWithCustomError(errors, "OracleFixingPending")
        .withArgs(query(50).moment, due);
      expect(await search(50)).to.deep.equal({ found: false, fallbackAt: BigInt(due + 1) });
      await at(50 + 931);
      const f = await fixing(50, id(1, 1));
      expect([f.kind, f.price]).to.deep.equal([FALLBACK, 2_000n * WAD]);
      expect(await search(50)).to.include({ roundId: id(1, 1) });
    });

    it("falls back to the same price when a later observation comes after the quiet time", async () => {
      const { fixing, push, search, at } = await feed();
      await at(1_200);
      await push(2, 1_500n, 951);
      const f = await fixing(50, id(1, 2));
      expect([f.kind, f.price, f.observationId]).to.deep.equal([FALLBACK, 2_000n * WAD, id(1, 1)]);
      expect(await search(50)).to.include({ roundId: id(1, 2) });
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

    it("refuses an observation from the future", async () => {
      const { fixing, push } = await feed();
      await push(2, 2_001n, 100_000);
      await expect(fixing(50, id(1, 2))).to.be.revertedWithCustomError(errors, "OracleObservationFromFuture");
    });
  });

  describe("phase change in the middle of an order's life", () => {
    async function changed() {
      const base = await feed();
      const next = await new HistoryAggregator__factory(signer).deploy(8, "ETH / USD");
      await base.at(500);
      // The next aggregator ran alongside before it took over.
      await base.push(1, 2_100n, 40, next);
      await base.push(2, 2_200n, 80, next);
      await base.proxy.proposeAggregator(next);
      await base.proxy.confirmAggregator(next);
      return { ...base, next };
    }

    it("takes the new phase when the old one has nothing after the moment", async () => {
      const { fixing, search } = await changed();
      expect((await fixing(50, id(2, 2))).price).to.equal(2_200n * WAD);
      expect(await search(50)).to.include({ roundId: id(2, 2) });
    });

    it("takes the old phase when it has an observation after the moment", async () => {
      const { fixing, push, search, query } = await changed();
      await push(2, 2_050n, 60);
      expect((await fixing(50, id(1, 2))).price).to.equal(2_050n * WAD);
      await expect(fixing(50, id(2, 2)))
        .to.be.revertedWithCustomError(errors, "OracleNotFirstRound")
        .withArgs(id(2, 2), id(1, 2), query(50).moment);
      expect(await search(50)).to.include({ roundId: id(1, 2) });
    });

    it("ignores the old phase for orders committed in the new one", async () => {
      const { fixing, push, search } = await changed();
      await push(2, 2_050n, 60);
      expect((await fixing(50, id(2, 2), 2)).price).to.equal(2_200n * WAD);
      expect(await search(50, 2)).to.include({ roundId: id(2, 2) });
      await expect(fixing(50, id(1, 2), 2))
        .to.be.revertedWithCustomError(errors, "OracleWrongPhase")
        .withArgs(1, 2, 2);
    });

    it("falls back to the last observation of the old phase when the new one starts after the quiet time", async () => {
      const { fixing, push, proxy, at } = await feed();
      const next = await new HistoryAggregator__factory(signer).deploy(8, "ETH / USD");
      await at(3_000);
      await push(1, 2_300n, 2_500, next);
      await proxy.proposeAggregator(next);
      await proxy.confirmAggregator(next);
      const f = await fixing(100, id(2, 1));
      expect([f.kind, f.price, f.observationId]).to.deep.equal([FALLBACK, 2_000n * WAD, id(1, 1)]);
    });
  });
});
