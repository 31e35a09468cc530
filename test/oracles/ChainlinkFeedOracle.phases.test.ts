import { expect } from "chai";
import { encodeRoundProof } from "@bulkhead/sdk";
import { HistoryAggregator__factory } from "../../typechain-types/index.ts";
import { FALLBACK, feed, id, OBSERVED, openGuarded, signer, USD, VOID } from "../shared/feed.ts";
import { protocol, WAD } from "../shared/market.ts";

describe("ChainlinkFeedOracle: phase change in the middle of an order's life", () => {
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
    expect(await search(50)).to.include({ id: id(2, 2) });
  });

  it("takes the old phase when it has an observation after the moment", async () => {
    const { fixing, push, search, query } = await changed();
    await push(2, 2_050n, 60);
    expect((await fixing(50, id(1, 2))).price).to.equal(2_050n * WAD);
    await expect(fixing(50, id(2, 2)))
      .to.be.revertedWithCustomError(protocol, "OracleNotFirstRound")
      .withArgs(id(2, 2), id(1, 2), query(50).moment);
    expect(await search(50)).to.include({ id: id(1, 2) });
  });

  it("ignores the old phase for orders committed in the new one", async () => {
    const { fixing, push, search } = await changed();
    await push(2, 2_050n, 60);
    expect((await fixing(50, id(2, 2), 2)).price).to.equal(2_200n * WAD);
    expect(await search(50, 2)).to.include({ id: id(2, 2) });
    await expect(fixing(50, id(1, 2), 2))
      .to.be.revertedWithCustomError(protocol, "OracleWrongPhase")
      .withArgs(1, 2, 2);
  });

  it("is void when the order's own phase has nothing before the quiet time, whatever the old aggregator adds", async () => {
    const { fixing, push, proxy, oracle, at, query } = await feed();
    const next = await new HistoryAggregator__factory(signer).deploy(8, "ETH / USD");
    await proxy.proposeAggregator(next);
    await proxy.confirmAggregator(next);
    await at(3_000);
    await push(1, 2_300n, 2_500, next);
    expect((await fixing(100, id(2, 1), 2)).kind).to.equal(VOID);
    await push(2, 2_050n, 150);
    expect((await fixing(100, id(2, 1), 2)).kind).to.equal(VOID);
    expect(await oracle.settleable(query(100, 2))).to.equal(true);
  });

  it("looks past a phase that never had an observation", async () => {
    const { fixing, push, proxy, at, search } = await feed();
    const empty = await new HistoryAggregator__factory(signer).deploy(8, "ETH / USD");
    const next = await new HistoryAggregator__factory(signer).deploy(8, "ETH / USD");
    for (const aggregator of [empty, next]) {
      await proxy.proposeAggregator(aggregator);
      await proxy.confirmAggregator(aggregator);
    }
    await at(3_000);
    await push(1, 2_300n, 1_000, next);
    expect(await search(200)).to.include({ id: id(3, 1) });
    expect((await fixing(200, id(3, 1))).price).to.equal(2_300n * WAD);
    const f = await fixing(50, id(3, 1));
    expect([f.kind, f.price, f.observationId]).to.deep.equal([FALLBACK, 2_000n * WAD, id(1, 1)]);
  });

  it("knows no phase that the proxy does not have", async () => {
    const { fixing, proxy } = await changed();
    for (const phase of [0, 3]) {
      await expect(fixing(50, id(phase, 1)))
        .to.be.revertedWithCustomError(protocol, "OracleRoundIncomplete")
        .withArgs(await proxy.getAddress(), id(phase, 1));
    }
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

  describe("of aggregators that answer nobody but their proxy, as Chainlink's own", () => {
    /** Both phases' aggregators are guarded; the first one has `rounds` rounds, ten seconds apart. */
    async function guarded(rounds = 4) {
      const base = await feed();
      const { address, replace, push, at, t0 } = base;
      const [first, next] = [await openGuarded([address]), await openGuarded([address])];
      await first.push(1, 2_000n * USD, t0, t0);
      await replace(first);
      await at(10 * rounds + 1_000);
      for (let round = 2; round <= rounds; round += 1)
        await push(round, 2_000n + BigInt(round), 10 * (round - 1), first);
      await push(1, 2_300n, 0, next);
      await push(2, 2_400n, 10 * rounds + 100, next);
      await replace(next);
      return { ...base, first, next };
    }

    it("have their last round found through the proxy", async () => {
      const { fixing, search, oracle, query } = await guarded();
      await expect(fixing(20, id(3, 2), 2))
        .to.be.revertedWithCustomError(protocol, "OracleNotFirstRound")
        .withArgs(id(3, 2), id(2, 4), query(20).moment);
      expect((await fixing(20, id(2, 4), 2)).price).to.equal(2_004n * WAD);
      const f = await fixing(30, id(3, 2), 2);
      expect([f.kind, f.price]).to.deep.equal([OBSERVED, 2_400n * WAD]);
      expect(await search(20, 2)).to.include({ found: true, id: id(2, 4) });
      expect(await search(30, 2)).to.include({ found: true, id: id(3, 2) });
      expect(await oracle.settleable(query(30, 2))).to.equal(true);
    });

    it("have it found whatever their number of rounds, and whatever rounds carry answers over", async () => {
      for (const rounds of [1, 2, 3, 7, 8, 9]) {
        const { fixing, push, first, t0 } = await guarded(rounds);
        const last = 10 * (rounds - 1);
        expect((await fixing(last, id(3, 2), 2)).kind, `${rounds}`).to.equal(OBSERVED);
        if (last > 0)
          await expect(fixing(last - 1, id(3, 2), 2)).to.be.revertedWithCustomError(
            protocol,
            "OracleNotFirstRound",
          );
        // The old aggregator goes on, and what it carries over is none.
        await first.pushRaw(rounds + 1, 2_000n * USD, t0 + last + 5, t0 + last + 5, rounds);
        expect((await fixing(last, id(3, 2), 2)).kind).to.equal(OBSERVED);
        await push(rounds + 2, 2_500n, last + 6, first);
        expect((await fixing(last, id(2, rounds + 2), 2)).price).to.equal(2_500n * WAD);
      }
    });

    it("have a fallback before the change that stays the same after it", async () => {
      const { fixing, at, push, replace, address, t0 } = await feed();
      const [first, next] = [await openGuarded([address]), await openGuarded([address])];
      await first.push(1, 2_000n * USD, t0, t0);
      await replace(first);
      await push(1, 2_300n, 40, next);
      await at(50 + 931);
      const before = await fixing(50, id(2, 1), 2);
      expect([before.kind, before.price]).to.deep.equal([FALLBACK, 2_000n * WAD]);
      await replace(next);
      const after = await fixing(50, id(3, 1), 2);
      expect([after.kind, after.price, after.observationId]).to.deep.equal([
        FALLBACK,
        2_000n * WAD,
        id(2, 1),
      ]);
    });

    it("cost gas that grows with the logarithm of their rounds", async () => {
      const { oracle, query } = await guarded(64);
      const few = await guarded(8);
      const proof = (round: bigint) => encodeRoundProof(round);
      const many = await oracle.fixing.estimateGas(query(640, 2), proof(id(3, 2)));
      const less = await few.oracle.fixing.estimateGas(few.query(80, 2), proof(id(3, 2)));
      // Three doublings, each one probe more on the way up and one more on the way down.
      expect(many - less).to.be.lessThan(3n * 2n * 12_000n);
    });
  });

  it("looks past an aggregator without code", async () => {
    const { fixing, proxy, push, open, at } = await feed();
    await proxy.proposeAggregator("0x000000000000000000000000000000000000dEaD");
    await proxy.confirmAggregator("0x000000000000000000000000000000000000dEaD");
    const next = await open();
    await proxy.proposeAggregator(next);
    await proxy.confirmAggregator(next);
    await at(400);
    await push(1, 2_300n, 100, next);
    expect((await fixing(50, id(3, 1))).price).to.equal(2_300n * WAD);
  });
});
