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
import { createRandom } from "../shared/random.ts";

const { networkHelpers } = await network.getOrCreate();
const DELAYS = { fallbackDelay: 900n, inclusionDelay: 30n };
const ANSWER = 2_000n * 10n ** 8n;

/** A feed of several phases, with rounds that are missing, carried over or made at the same second as others. */
async function feedOf(seed: number) {
  const random = createRandom(seed);
  const t0 = BigInt(await networkHelpers.time.latest()) - 100_000n;
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
        const { found, roundId } = await harness.find(feed, query);
        expect([found, roundId]).to.deep.equal(wanted.found ? [true, wanted.id] : [false, 0n]);
        if (!wanted.found) {
          waiting += 1;
          continue;
        }
        proven += 1;
        await oracle.fixing(query, wanted.proof);
        const gas = await harness.find.estimateGas(feed, query);
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
    const answer = await harness.find(feed, { moment: t0, epoch: 1n, ...DELAYS });
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
    expect((await harness.find(proxy, query)).roundId).to.equal((1n << 64n) | 101n);
    expect(await harness.find.estimateGas(proxy, query)).to.be.lessThan(400_000n);
  });
});
