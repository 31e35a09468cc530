import { connectFeedSource, encodeRoundProof } from "@bulkhead/sdk";
import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { FluxAggregator__factory } from "../../typechain-types/index.ts";
import {
  deployOracle,
  ethers,
  FALLBACK,
  id,
  MAX_AGE,
  networkHelpers,
  OBSERVED,
  openProxy,
  signer,
  USD,
} from "../shared/feed.ts";
import { protocol, WAD } from "../shared/market.ts";

const TIMEOUT = 600;
const { time } = networkHelpers;

/** Chainlink's own FluxAggregator behind its own proxy, with three oracles; round 1 is answered 2,000. */
async function flux(minSubmissions = 3) {
  const [, ...others] = await ethers.getSigners();
  const oracles = others.slice(0, 3);
  // A round pays nothing, so that no LINK is needed.
  const aggregator = await new FluxAggregator__factory(signer).deploy(
    ZeroAddress,
    0,
    TIMEOUT,
    ZeroAddress,
    1,
    10n ** 15n,
    8,
    "ETH / USD",
  );
  await aggregator.changeOracles([], oracles, oracles, minSubmissions, 3, 0);
  /** What the first oracles submit for a round, in whole dollars; returns when the round began. */
  const submit = async (round: number, ...dollars: bigint[]): Promise<number> => {
    for (const [i, price] of dollars.entries()) {
      await aggregator.connect(oracles[i]!).submit(round, price * USD);
    }
    return (await time.latest()) - dollars.length + 1;
  };
  const first = await submit(1, 1_990n, 2_030n, 2_000n);
  const { address } = await openProxy(await aggregator.getAddress());
  const oracle = await deployOracle(address);
  const query = (moment: number) => ({
    moment: BigInt(moment),
    epoch: 1n,
    fallbackDelay: 900n,
    inclusionDelay: 30n,
    recordedAt: BigInt(moment) - 30n,
  });
  const fixing = (moment: number, roundId: bigint) =>
    oracle.fixing.staticCall(query(moment), encodeRoundProof(roundId));
  const search = async (moment: number) => {
    const source = await connectFeedSource(await oracle.getAddress(), signer);
    return source.findFixing(query(moment), BigInt(await time.latest()));
  };
  return { aggregator, address, oracles, oracle, submit, first, fixing, search };
}

describe("ChainlinkFeedOracle: rounds of Chainlink's FluxAggregator", () => {
  it("have the median as their answer, and their beginning as the time of observation", async () => {
    const { oracle, first } = await flux();
    expect(await oracle.latest()).to.deep.equal([2_000n * WAD, BigInt(first)]);
  });

  it("count when they are answered, not while they are in progress", async () => {
    const { oracle, submit, first, fixing, search, oracles, aggregator, address } = await flux();
    const moment = await time.latest();
    await time.increase(10);
    const begun = await submit(2, 2_010n, 2_020n);
    expect(await oracle.latest()).to.deep.equal([2_000n * WAD, BigInt(first)]);
    await expect(fixing(moment, id(1, 2)))
      .to.be.revertedWithCustomError(protocol, "OracleRoundIncomplete")
      .withArgs(address, id(1, 2));
    await expect(fixing(moment, id(1, 1))).to.be.revertedWithCustomError(protocol, "OracleFixingPending");
    expect(await search(moment)).to.include({ found: false });
    await aggregator.connect(oracles[2]!).submit(2, 2_040n * USD);
    const f = await fixing(moment, id(1, 2));
    expect([f.kind, f.price, f.observedAt]).to.deep.equal([OBSERVED, 2_020n * WAD, BigInt(begun)]);
    expect(await search(moment)).to.include({ found: true, id: id(1, 2) });
  });

  it("are no observations when they timed out and carry an answer over", async () => {
    const { oracle, submit, fixing, search, aggregator, address } = await flux();
    const moment = await time.latest();
    await time.increase(10);
    await submit(2, 2_010n, 2_020n);
    await time.increase(TIMEOUT + 1);
    await submit(3, 2_100n);
    // Round 2 has round 1's answer now.
    const carried = await aggregator.getRoundData(2);
    expect([carried.answer, carried.answeredInRound]).to.deep.equal([2_000n * USD, 1n]);
    await expect(fixing(moment, id(1, 2)))
      .to.be.revertedWithCustomError(protocol, "OracleRoundIncomplete")
      .withArgs(address, id(1, 2));
    await aggregator.connect((await ethers.getSigners())[2]!).submit(3, 2_100n * USD);
    await aggregator.connect((await ethers.getSigners())[3]!).submit(3, 2_100n * USD);
    expect((await fixing(moment, id(1, 3))).price).to.equal(2_100n * WAD);
    expect(await search(moment)).to.include({ found: true, id: id(1, 3) });
    expect((await oracle.latest()).price).to.equal(2_100n * WAD);
  });

  it("leave a quiet time its fallback while one times out in it", async () => {
    const { submit, fixing, search } = await flux();
    const moment = await time.latest();
    await submit(2, 2_010n, 2_020n);
    await time.increase(931);
    const f = await fixing(moment, id(1, 1));
    expect([f.kind, f.price]).to.deep.equal([FALLBACK, 2_000n * WAD]);
    expect(await search(moment)).to.include({ found: true, id: id(1, 1) });
    await submit(3, 2_100n, 2_100n, 2_100n);
    const later = await fixing(moment, id(1, 3));
    expect([later.kind, later.price]).to.deep.equal([FALLBACK, 2_000n * WAD]);
    expect(await search(moment)).to.include({ found: true, id: id(1, 3) });
  });

  it("go stale by the time they began", async () => {
    const { oracle, first, address } = await flux();
    await time.increaseTo(first + MAX_AGE);
    await oracle.latest();
    await time.increaseTo(first + MAX_AGE + 1);
    await expect(oracle.latest())
      .to.be.revertedWithCustomError(protocol, "OracleStale")
      .withArgs(address, first, MAX_AGE);
  });

  it("show their answer as it stands: a late submission still moves the median", async () => {
    const { submit, fixing, aggregator, oracles } = await flux(2);
    const moment = await time.latest();
    await time.increase(10);
    await submit(2, 2_010n, 2_020n);
    expect((await fixing(moment, id(1, 2))).price).to.equal(2_015n * WAD);
    await aggregator.connect(oracles[2]!).submit(2, 2_040n * USD);
    expect((await fixing(moment, id(1, 2))).price).to.equal(2_020n * WAD);
  });
});
