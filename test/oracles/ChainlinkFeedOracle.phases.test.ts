import { expect } from "chai";
import { HistoryAggregator__factory } from "../../typechain-types/index.ts";
import { FALLBACK, feed, id, signer, VOID } from "../shared/feed.ts";
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
});
