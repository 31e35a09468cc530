import { connectFeedSource, type FixingQuery } from "@bulkhead/sdk";
import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { network } from "hardhat";
import {
  ChainlinkFeedOracle__factory,
  EACAggregatorProxy__factory,
  FixingFinderHarness__factory,
  HistoryAggregator__factory,
} from "../../typechain-types/index.ts";
import { deployOracle, signer } from "../shared/feed.ts";
import { protocol, WAD } from "../shared/market.ts";
import { createRandom } from "../shared/random.ts";

const { networkHelpers } = await network.getOrCreate();
const DELAYS = { fallbackDelay: 900n, inclusionDelay: 30n, recordedAt: 2n ** 40n - 1n };
const ANSWER = 2_000n * 10n ** 8n;

const ALONE = { second: ZeroAddress, collateral: ZeroAddress };

/** A feed of several phases, with rounds that are missing, carried over or made at the same second as others. */
async function feedOf(seed: number, start?: bigint) {
  const random = createRandom(seed);
  const t0 = start ?? BigInt(await networkHelpers.time.latest()) - 100_000n;
  const first = await new HistoryAggregator__factory(signer).deploy(8, "ETH / USD");
  const proxy = await new EACAggregatorProxy__factory(signer).deploy(first, ZeroAddress);
  let [aggregator, at] = [first, t0];
  const phases = 1 + Number(random.between(0n, 2n));
  for (let phase = 1; phase <= phases; phase += 1) {
    let round = random.between(0n, 60n);
    let answered = round + 1n;
    const rounds = random.between(3n, 40n);
    for (let i = 0n; i < rounds; i += 1n) {
      round += random.oneIn(6) ? random.between(2n, 9n) : 1n;
      at += random.oneIn(8) ? 0n : random.between(1n, 400n);
      const isLast = i === rounds - 1n;
      if (i === 0n || isLast || !random.oneIn(7)) answered = round;
      await aggregator.pushRaw(round, ANSWER + i, at, at, answered);
    }
    if (phase === phases) break;
    aggregator = await new HistoryAggregator__factory(signer).deploy(8, "ETH / USD");
    await proxy.proposeAggregator(aggregator);
    await proxy.confirmAggregator(aggregator);
  }
  return { random, t0, end: at, phases, feed: await proxy.getAddress() };
}

describe("FixingFinder", () => {
  it("finds the round that the sdk finds and the oracle accepts", async () => {
    const harness = await new FixingFinderHarness__factory(signer).deploy();
    let [proven, waiting, most] = [0, 0, 0n];
    for (let seed = 1; seed <= 12; seed += 1) {
      const { random, t0, end, phases, feed } = await feedOf(seed);
      const oracle = ChainlinkFeedOracle__factory.connect(
        await (await deployOracle(feed)).getAddress(),
        signer,
      );
      for (let i = 0; i < 25; i += 1) {
        const query: FixingQuery = {
          moment: random.between(t0 - 10n, end + 200n),
          epoch: random.between(1n, BigInt(phases)),
          ...DELAYS,
        };
        const now = BigInt(await networkHelpers.time.latest());
        const source = await connectFeedSource(await oracle.getAddress(), signer);
        const wanted = await source.findFixing(query, now);
        const { found, proof } = await harness.find({ price: feed, ...ALONE }, query);
        expect([found, proof]).to.deep.equal(wanted.found ? [true, wanted.id] : [false, 0n]);
        if (!wanted.found) {
          waiting += 1;
          continue;
        }
        proven += 1;
        await oracle.fixing(query, wanted.proof);
        const gas = await harness.find.estimateGas({ price: feed, ...ALONE }, query);
        if (gas > most) most = gas;
      }
    }
    expect(proven).to.be.greaterThan(100);
    expect(waiting).to.be.lessThan(proven);
    expect(most).to.be.lessThan(1_500_000n);
  });

  it("finds nothing while a new aggregator has no round", async () => {
    const harness = await new FixingFinderHarness__factory(signer).deploy();
    const { feed, t0 } = await feedOf(3);
    const proxy = EACAggregatorProxy__factory.connect(feed, signer);
    const empty = await new HistoryAggregator__factory(signer).deploy(8, "ETH / USD");
    await proxy.proposeAggregator(empty);
    await proxy.confirmAggregator(empty);
    const query = { moment: t0, epoch: 1n, ...DELAYS };
    const answer = await harness.find({ price: feed, ...ALONE }, query);
    expect(answer.found).to.equal(false);
  });

  it("needs few rounds of many", async () => {
    const harness = await new FixingFinderHarness__factory(signer).deploy();
    const aggregator = await new HistoryAggregator__factory(signer).deploy(8, "ETH / USD");
    const proxy = await new EACAggregatorProxy__factory(signer).deploy(aggregator, ZeroAddress);
    const t0 = (await networkHelpers.time.latest()) - 100_000;
    for (let round = 1; round <= 1_000; round += 1)
      await aggregator.push(round, ANSWER, t0 + round * 10, t0 + round * 10);
    const query = { moment: BigInt(t0 + 1_005), epoch: 1n, ...DELAYS };
    const feeds = { price: proxy, ...ALONE };
    expect((await harness.find(feeds, query)).proof).to.equal((1n << 64n) | 101n);
    expect(await harness.find.estimateGas(feeds, query)).to.be.lessThan(400_000n);
  });

  it("finds the words of a second feed and of the collateral's, which the sdk finds and the oracle accepts", async () => {
    const harness = await new FixingFinderHarness__factory(signer).deploy();
    let [proven, most] = [0, 0n];
    const changed = [0, 0];
    for (let seed = 21; seed <= 30; seed += 1) {
      const price = await feedOf(seed);
      const { random, t0, end } = price;
      const second = await feedOf(seed + 100, t0 - 1_000n);
      const collateral = await feedOf(seed + 200, t0 - 2_000n);
      const limits = { maxAge: 86_400, minPrice: WAD, maxPrice: 10n ** 6n * WAD };
      const oracle = await deployOracle(price.feed, {
        second: { feed: second.feed, ...limits },
        maxDeviation: WAD / 20n,
        collateral: { feed: collateral.feed, ...limits },
      });
      const source = await connectFeedSource(await oracle.getAddress(), signer);
      const feeds = { price: price.feed, second: second.feed, collateral: collateral.feed };
      for (let i = 0; i < 12; i += 1) {
        const phase = ({ phases }: { phases: number }) => random.between(1n, BigInt(phases));
        const query: FixingQuery = {
          moment: random.between(t0 - 10n, end + 200n),
          epoch: phase(price) | (phase(second) << 16n) | (phase(collateral) << 32n),
          ...DELAYS,
        };
        const wanted = await source.findFixing(query, BigInt(await networkHelpers.time.latest()));
        const { found, proof } = await harness.find(feeds, query);
        expect(found).to.equal(wanted.found);
        if (!wanted.found) continue;
        proven += 1;
        // Words that name a round of another phase than the order's.
        for (const [i, at] of [1n, 2n].entries())
          if ((proof >> (80n * at + 64n)) % (1n << 16n) > (query.epoch >> (16n * at)) % (1n << 16n))
            changed[i]! += 1;
        expect(await harness.unpack(proof)).to.equal(wanted.proof);
        await oracle.fixing(query, wanted.proof);
        const gas = await harness.find.estimateGas(feeds, query);
        if (gas > most) most = gas;
      }
    }
    expect(proven).to.be.greaterThan(60);
    expect(Math.min(...changed)).to.be.greaterThan(4);
    expect(most).to.be.lessThan(1_500_000n);
  });

  /** A feed with an observation at round 1, and ten after so many rounds without data. */
  async function gapped(missing: number) {
    const aggregator = await new HistoryAggregator__factory(signer).deploy(8, "ETH / USD");
    const proxy = await new EACAggregatorProxy__factory(signer).deploy(aggregator, ZeroAddress);
    const t0 = (await networkHelpers.time.latest()) - 100_000;
    for (const round of [1, 2, ...Array.from({ length: 10 }, (_, i) => missing + 3 + i)])
      await aggregator.push(round, ANSWER, t0 + round * 10, t0 + round * 10);
    const oracle = await deployOracle(await proxy.getAddress());
    const query = { moment: BigInt(t0 + 15), epoch: 1n, ...DELAYS };
    const source = await connectFeedSource(await oracle.getAddress(), signer);
    const wanted = await source.findFixing(query, BigInt(await networkHelpers.time.latest()));
    if (!wanted.found) throw new Error("the sdk finds no fixing");
    return { oracle, query, wanted, feeds: { price: proxy, ...ALONE } };
  }

  it("steps over as many rounds without data as its gas allows", async () => {
    const harness = await new FixingFinderHarness__factory(signer).deploy();
    for (const missing of [33, 60, 93]) {
      const { feeds, query, wanted } = await gapped(missing);
      expect(wanted.id).to.equal((1n << 64n) | 2n);
      expect((await harness.find(feeds, query)).proof).to.equal(wanted.id);
      expect(await harness.find.estimateGas(feeds, query)).to.be.lessThan(1_500_000n);
    }
  });

  it("finds after a longer gap what the oracle refuses", async () => {
    const harness = await new FixingFinderHarness__factory(signer).deploy();
    const { oracle, feeds, query, wanted } = await gapped(300);
    const { found, proof } = await harness.find(feeds, query);
    expect([found, proof]).to.deep.equal([true, (1n << 64n) | 303n]);
    await expect(oracle.fixing(query, await harness.unpack(proof))).to.be.revertedWithCustomError(
      protocol,
      "OracleNotFirstRound",
    );
    await oracle.fixing(query, wanted.proof);
  });
});
