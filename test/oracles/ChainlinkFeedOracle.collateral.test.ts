import { connectFeedSource, CrossingWatch, encodeRoundProof, type RestingOrder } from "@bulkhead/sdk";
import { expect } from "chai";
import {
  epochOf,
  FALLBACK,
  feed,
  id,
  OBSERVED,
  openFeed,
  signer,
  startTime,
  USD,
  VOID,
} from "../shared/feed.ts";
import { protocol, WAD } from "../shared/market.ts";

const COLLATERAL_MAX_AGE = 9_000;
const EPOCH = epochOf(1, 0, 1);

/** A price of 2,000 dollars, and the dollars a collateral token is worth. */
async function priced(cents = 100n, decimals = 8) {
  const t0 = await startTime();
  const unit = 10n ** BigInt(decimals);
  const collateral = await openFeed((cents * unit) / 100n, t0, decimals);
  const settings = collateral.settings({
    maxAge: COLLATERAL_MAX_AGE,
    minPrice: WAD / 5n,
    maxPrice: 5n * WAD,
  });
  const desk = await feed(8, { t0, collateral: settings });
  /** Of the collateral, in cents. */
  const say = (round: number, value: bigint, after: number) =>
    collateral.push(round, (value * unit) / 100n, after);
  /** A fixing with the words of the two feeds. */
  const fixing = (after: number, price: bigint, next = 0n, epoch = EPOCH) =>
    desk.fixing(after, [price, 0n, next], epoch);
  return { ...desk, collateral, say, fixing };
}

describe("ChainlinkFeedOracle: collateral feed", () => {
  for (const decimals of [6, 8, 18]) {
    for (const cents of [88n, 112n]) {
      it(`divides the price by ${cents} cents of ${decimals} decimals, rounding down`, async () => {
        const { oracle, t0 } = await priced(cents, decimals);
        const price = (2_000n * WAD * 100n) / cents;
        expect(await oracle.latest()).to.deep.equal([price, BigInt(t0)]);
        expect(await oracle.peek()).to.deep.equal([price, BigInt(t0), true]);
        const { low, high } = await oracle.band(price);
        expect([low, high]).to.deep.equal([price - (price + 199n) / 200n, price + (price + 199n) / 200n]);
      });
    }
  }

  it("has a seller's price rounded down and a buyer's up", async () => {
    const { fixing, push, at } = await priced(88n);
    await push(2, 2_001n, 60);
    await at(400);
    const f = await fixing(50, id(1, 2));
    const exact = (2_001n * WAD * 100n) / 88n;
    expect([f.kind, f.price, f.bid, f.ask]).to.deep.equal([OBSERVED, exact, exact, exact + 1n]);
    const whole = await priced(50n);
    await whole.push(2, 2_001n, 60);
    await whole.at(400);
    const even = await whole.fixing(50, id(1, 2));
    expect([even.bid, even.ask]).to.deep.equal([4_002n * WAD, 4_002n * WAD]);
  });

  it("refuses a least price of the collateral at which the highest price could not be held", async () => {
    const t0 = await startTime();
    const { settings } = await openFeed(USD, t0);
    const at = (minPrice: bigint) => feed(8, { t0, max: 10n ** 27n, collateral: settings({ minPrice }) });
    await at(10n ** 15n);
    await expect(at(10n ** 15n - 1n)).to.be.revertedWithCustomError(protocol, "OracleUnusable");
    // The second feed's highest price as well.
    const second = (await openFeed(2_000n * USD, t0)).settings({ maxPrice: 10n ** 27n });
    const both = (minPrice: bigint) =>
      feed(8, { t0, second, maxDeviation: WAD / 100n, collateral: settings({ minPrice }) });
    await both(10n ** 15n);
    await expect(both(10n ** 15n - 1n)).to.be.revertedWithCustomError(protocol, "OracleUnusable");
  });

  describe("fixing", () => {
    it("takes the collateral's price of its own time, not that of the settlement", async () => {
      const { fixing, push, say, at, search } = await priced();
      await say(2, 95n, 60);
      await say(3, 88n, 61);
      await push(2, 1_900n, 60);
      await at(400);
      expect((await fixing(50, id(1, 2), id(1, 3))).price).to.equal(2_000n * WAD);
      for (const word of [0n, id(1, 1), id(1, 2)]) {
        await expect(fixing(50, id(1, 2), word)).to.be.revertedWithCustomError(
          protocol,
          "OracleNotFirstRound",
        );
      }
      await expect(fixing(50, id(1, 2), id(1, 4))).to.be.revertedWithCustomError(
        protocol,
        "OracleRoundIncomplete",
      );
      expect(await search(50, EPOCH)).to.include({ found: true, id: id(1, 2) });
    });

    it("of a fallback takes the collateral's price at the moment", async () => {
      const { fixing, say, at } = await priced();
      await say(2, 80n, 50);
      await say(3, 88n, 51);
      await at(50 + 931);
      const f = await fixing(50, id(1, 1), id(1, 3));
      expect([f.kind, f.price]).to.deep.equal([FALLBACK, 2_500n * WAD]);
    });

    it("waits for the collateral's observations that may be under way, so that nobody chooses whether they count", async () => {
      const { fixing, push, say, at, t0, query, search } = await priced();
      await at(165);
      await push(2, 2_001n, 160);
      await expect(fixing(150, id(1, 2)))
        .to.be.revertedWithCustomError(protocol, "OracleFixingPending")
        .withArgs(query(150).moment, t0 + 190);
      expect(await search(150, EPOCH)).to.deep.equal({ found: false, notBefore: BigInt(t0 + 191) });
      await say(2, 88n, 159);
      await at(191);
      expect((await fixing(150, id(1, 2))).price).to.equal((2_001n * WAD * 100n) / 88n);
    });

    it("can't be made void by showing a heartbeat that is under way as missing", async () => {
      const { fixing, push, say, at } = await priced();
      const late = COLLATERAL_MAX_AGE + 10;
      await at(late + 2);
      await push(2, 2_001n, late);
      // Made in time, lands after the price.
      await expect(fixing(late - 5, id(1, 2))).to.be.revertedWithCustomError(protocol, "OracleFixingPending");
      await say(2, 100n, late - 20);
      await at(late + 31);
      expect((await fixing(late - 5, id(1, 2))).kind).to.equal(OBSERVED);
    });

    it("is void when the collateral's price was stale by then", async () => {
      const { fixing, push, at } = await priced();
      await push(2, 2_001n, COLLATERAL_MAX_AGE);
      await push(3, 2_002n, COLLATERAL_MAX_AGE + 1);
      await at(COLLATERAL_MAX_AGE + 100);
      expect((await fixing(COLLATERAL_MAX_AGE - 1, id(1, 2))).kind).to.equal(OBSERVED);
      const f = await fixing(COLLATERAL_MAX_AGE, id(1, 3));
      expect([f.kind, f.price, f.bid, f.ask]).to.deep.equal([VOID, 0n, 0n, 0n]);
    });

    it("is void when the collateral's price is not to be believed", async () => {
      for (const cents of [0n, 19n, 501n]) {
        const { fixing, push, say, at } = await priced();
        await say(2, cents, 55);
        await push(2, 2_001n, 60);
        await at(400);
        expect((await fixing(50, id(1, 2))).kind, `${cents} cents`).to.equal(VOID);
      }
    });

    it("steps over the collateral's rounds that are unfinished or carried over", async () => {
      const { fixing, push, say, collateral, at, t0 } = await priced(88n);
      await collateral.aggregator.push(2, USD, t0 + 52, 0);
      await collateral.aggregator.pushRaw(3, USD, t0 + 54, t0 + 54, 2);
      await push(2, 2_200n, 60);
      await at(400);
      // At the end of the collateral's history, and inside of it.
      expect((await fixing(50, id(1, 2))).price).to.equal(2_500n * WAD);
      await say(4, 100n, 200);
      expect((await fixing(50, id(1, 2), id(1, 4))).price).to.equal(2_500n * WAD);
    });

    it("goes on while the collateral's new aggregator has no round yet", async () => {
      const { fixing, push, collateral, at, search, oracle, query } = await priced(88n);
      await push(2, 2_200n, 60);
      await collateral.replace();
      await at(400);
      const f = await fixing(50, id(1, 2));
      expect([f.kind, f.price]).to.deep.equal([OBSERVED, 2_500n * WAD]);
      // There is no index, so the fixing's own price stands in, and not for new risk.
      expect([f.indexPrice, f.indexIsFresh]).to.deep.equal([2_500n * WAD, false]);
      expect(await search(50, EPOCH)).to.include({ found: true });
      expect(await oracle.settleable(query(50, EPOCH))).to.equal(true);
    });
  });

  describe("observation", () => {
    const words = (...ids: bigint[]) => encodeRoundProof(ids[0]!, 0n, ids[1] ?? 0n, ids[2] ?? 0n);

    it("has each of the two prices at the collateral's price of its own time", async () => {
      const { oracle, push, say, at, source, t0 } = await priced();
      await push(2, 2_000n, 50);
      await say(2, 80n, 55);
      await push(3, 2_000n, 60);
      await say(3, 50n, 65);
      await at(200);
      const o = await oracle.observation(words(id(1, 3), id(1, 3), id(1, 2)));
      expect([o.price, o.previousPrice]).to.deep.equal([2_500n * WAD, 2_000n * WAD]);
      expect([o.observedAt, o.previousAt]).to.deep.equal([BigInt(t0 + 60), BigInt(t0 + 50)]);
      // The source finds the same words.
      const seen = { id: id(1, 3), observedAt: BigInt(t0 + 60), price: o.price };
      expect((await source.observationProof(seen)).proof).to.equal(words(id(1, 3), id(1, 3), id(1, 2)));
    });

    it("refuses any other word for either of them", async () => {
      const { oracle, push, say, at } = await priced();
      await push(2, 2_000n, 50);
      await say(2, 80n, 55);
      await push(3, 2_000n, 60);
      await say(3, 50n, 65);
      await at(200);
      for (const [now, before] of [
        [0n, id(1, 2)],
        [id(1, 2), id(1, 2)],
        [id(1, 3), id(1, 3)],
        [id(1, 3), 0n],
      ] as const) {
        await expect(oracle.observation(words(id(1, 3), now, before))).to.be.revertedWithCustomError(
          protocol,
          "OracleNotFirstRound",
        );
      }
    });

    it("is refused where the collateral had no price to be believed", async () => {
      const { oracle, push, say, at, collateral, t0 } = await priced();
      await say(2, 19n, 55);
      await push(2, 2_000n, 60);
      await at(200);
      await expect(oracle.observation(words(id(1, 2))))
        .to.be.revertedWithCustomError(protocol, "OracleCollateralUnusable")
        .withArgs(collateral.address, t0 + 60);
    });

    it("has no price before it where the collateral had none then", async () => {
      const { oracle, push, say, at } = await priced();
      await say(2, 19n, 45);
      await push(2, 2_000n, 50);
      await say(3, 100n, 55);
      await push(3, 2_001n, 60);
      await at(200);
      const o = await oracle.observation(words(id(1, 3), 0n, id(1, 3)));
      expect([o.price, o.previousIsKnown, o.previousPrice, o.previousAt]).to.deep.equal([
        2_001n * WAD,
        true,
        0n,
        0n,
      ]);
    });
  });

  describe("crossings", () => {
    /** Ids of the observations with which a short's stop at 2,100 crosses. */
    async function crossings(desk: Awaited<ReturnType<typeof priced>>): Promise<bigint[]> {
      const source = await connectFeedSource(await desk.oracle.getAddress(), signer);
      await source.latest();
      const order = {
        limitPrice: 0n,
        stopPrice: 2_100n * WAD,
        trail: 0n,
        trailIsRatio: false,
      } as RestingOrder;
      const watch = new CrossingWatch(source, order);
      const found: bigint[] = [];
      for (;;) {
        const crossing = await watch.advance({ isBuy: true, liveFrom: BigInt(desk.t0) });
        if (crossing === undefined) return found;
        const o = await desk.oracle.observation(crossing.proof);
        expect(o.price >= order.stopPrice && o.previousPrice < order.stopPrice).to.equal(true);
        found.push(crossing.id);
      }
    }

    it("come once of a depeg, with the first observation made after it", async () => {
      const desk = await priced();
      await desk.push(2, 2_000n, 10);
      await desk.push(3, 2_001n, 20);
      // From here on 2,000 dollars are 2,272 tokens.
      await desk.say(2, 88n, 25);
      await desk.push(4, 2_000n, 30);
      await desk.push(5, 2_002n, 40);
      await desk.say(3, 87n, 45);
      await desk.push(6, 2_001n, 50);
      await desk.at(200);
      expect(await crossings(desk)).to.deep.equal([id(1, 4)]);
    });

    it("come again after observations of which the collateral had no price", async () => {
      const desk = await priced();
      await desk.push(2, 2_200n, 10);
      await desk.say(2, 19n, 15);
      await desk.push(3, 2_200n, 20);
      await desk.say(3, 100n, 25);
      await desk.push(4, 2_200n, 30);
      await desk.at(200);
      expect(await crossings(desk)).to.deep.equal([id(1, 2), id(1, 4)]);
    });
  });

  it("keeps to the phase of the order after a change of the collateral's aggregator", async () => {
    const { fixing, push, collateral, at, search } = await priced();
    const next = await collateral.open();
    await collateral.push(1, 88_000_000n, 40, next);
    await collateral.push(2, 89_000_000n, 70, next);
    await push(2, 2_001n, 60);
    await at(400);
    const before = await fixing(50, id(1, 2));
    await collateral.replace(next);
    expect((await fixing(50, id(1, 2), id(2, 2))).price).to.equal(before.price);
    expect(await search(50, EPOCH)).to.include({ found: true });
    expect((await fixing(50, id(1, 2), id(2, 2), epochOf(1, 0, 2))).price).to.equal(
      (2_001n * WAD * 100n) / 88n,
    );
  });
});
