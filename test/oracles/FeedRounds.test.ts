import { connectFeedSource, encodeRoundProof, FeedRounds, math, type FixingSearch } from "@bulkhead/sdk";
import { expect } from "chai";
import type { ContractRunner } from "ethers";
import { deployOracle, epochOf, ethers, networkHelpers, openFeed, startTime, USD } from "../shared/feed.ts";
import { memoryFeed, randomHistory, scan, type History, type Reported } from "../shared/history.ts";
import { WAD } from "../shared/market.ts";
import { createRandom, type Random } from "../shared/random.ts";

const { roundIdOf } = math.OracleMath;
const SEED = Number(process.env.PARITY_SEED ?? 1);
const LIMITS = { maxAge: 4_200n, minPrice: 1n, maxPrice: 10n ** 30n };

const plain = (number: number, at: number): Reported => ({ number, answer: 1n, at, answeredIn: number });

/** Moments at, next to and between the rounds of a history. */
function momentOf(history: History, random: Random): bigint {
  const times = history.flat().map(({ at }) => BigInt(at));
  const time = random.pick(times);
  return random.oneIn(4) ? random.between(times[0]! - 10n, time) : time + random.between(0n, 2n) - 1n;
}

describe("FeedRounds", () => {
  it("find below a gap what galloping steps over", async () => {
    // Rounds 1 to 20 but for a gap, one a second: each gap and each moment.
    for (let from = 2; from < 20; from += 1) {
      for (let to = from; to < 20; to += 1) {
        const rounds = Array.from({ length: 20 }, (_, i) => plain(i + 1, i + 1)).filter(
          ({ number }) => number < from || number > to,
        );
        const history = [rounds];
        const { firstAfter, lastUpTo } = scan(history);
        for (let moment = 0n; moment <= 20n; moment += 1n) {
          const finder = new FeedRounds(memoryFeed(history).feed, LIMITS);
          expect((await finder.firstAfter(moment, 1n))?.id).to.equal(firstAfter(moment, 1n)?.id);
          expect((await finder.lastUpTo(moment, 1n))?.id).to.equal(lastUpTo(moment, 1n)?.id);
        }
      }
    }
  });

  it("find what a scan of any history finds", async () => {
    const random = createRandom(SEED);
    let found = 0;
    for (let i = 0; i < 400; i += 1) {
      const shape = { phases: Number(random.between(1n, 4n)), rounds: 40, from: 10_000, answer: () => 1n };
      const history = randomHistory(random, shape);
      const { firstAfter, lastUpTo, current } = scan(history);
      for (let j = 0; j < 12; j += 1) {
        const moment = momentOf(history, random);
        const epoch = random.between(1n, current);
        const finder = new FeedRounds(memoryFeed(history).feed, LIMITS);
        const first = await finder.firstAfter(moment, epoch);
        expect(first, `history ${i}, moment ${moment}, epoch ${epoch}`).to.deep.equal(
          firstAfter(moment, epoch),
        );
        expect(await finder.lastUpTo(moment, epoch)).to.deep.equal(lastUpTo(moment, epoch));
        if (first !== undefined) found += 1;
      }
    }
    expect(found).to.be.greaterThan(1_000);
  });

  it("ask twice the logarithm of the rounds since then, and once for each that is none", async () => {
    const random = createRandom(SEED);
    const rounds: Reported[] = [];
    for (let number = 1; rounds.length < 10_000; number += random.oneIn(50) ? 4 : 1)
      rounds.push(plain(number, 10 * number));
    const last = rounds.at(-1)!.number;
    const history = [rounds];
    const { firstAfter } = scan(history);
    let most = 0;
    let sum = 0;
    const searches = 500;
    for (let i = 0; i < searches; i += 1) {
      const moment = random.between(0n, BigInt(10 * last - 1));
      const { feed: counted, count } = memoryFeed(history);
      const found = await new FeedRounds(counted, LIMITS).firstAfter(moment, 1n);
      expect(found).to.deep.equal(firstAfter(moment, 1n));
      const distance = last - Number(found!.id & 0xffffffffn);
      // Three missing numbers a gap; a probe in a gap steps over it.
      const steps = 2 * Math.ceil(Math.log2(distance + 2));
      expect(count()).to.be.at.most(2 + steps + 3 * steps);
      most = Math.max(most, count());
      sum += count();
    }
    // 2 · log2(10,600) is 27.
    expect(most).to.be.at.most(36);
    expect(sum / searches).to.be.lessThan(28);
  });

  it("ask once for each of a thousand numbers without data", async () => {
    const rounds = [plain(1, 10), ...Array.from({ length: 100 }, (_, i) => plain(1_002 + i, 2_000 + i))];
    for (const moment of [5n, 10n, 1_500n, 2_000n, 2_050n]) {
      const { feed: counted, count } = memoryFeed([rounds]);
      const found = await new FeedRounds(counted, LIMITS).firstAfter(moment, 1n);
      expect(found).to.deep.equal(scan([rounds]).firstAfter(moment, 1n));
      expect(count()).to.be.at.most(1_000 + 30);
    }
  });

  it("ask nothing again until they forget", async () => {
    const { feed: counted, count } = memoryFeed([Array.from({ length: 64 }, (_, i) => plain(i + 1, i + 1))]);
    const finder = new FeedRounds(counted, LIMITS);
    await finder.firstAfter(20n, 1n);
    const asked = count();
    await finder.firstAfter(20n, 1n);
    expect(count()).to.equal(asked);
    finder.forget();
    await finder.firstAfter(20n, 1n);
    expect(count()).to.equal(2 * asked);
  });
});

describe("feed source: fixings of random histories", () => {
  const ROUNDS = 7;
  const MAX_ANSWER = 2_100n;

  /** Puts a history on the chain, behind a proxy of its own. */
  async function onChain(history: History, first: number) {
    const opened = await openFeed(USD, first);
    // The first aggregator of `openFeed` is no part of it: phases begin at 2.
    for (const [i, rounds] of history.entries()) {
      const aggregator = i === 0 ? opened.aggregator : await opened.open();
      for (const { number, answer, at, answeredIn } of rounds) {
        // Its first round is there already.
        await aggregator.pushRaw(number + 1, answer, at, at, answeredIn + 1);
      }
      if (i > 0) await opened.replace(aggregator);
    }
    return opened;
  }

  /** Numbers as they are on the chain: one higher, and the first phase has a round before. */
  const shifted = (history: History, first: number): History =>
    history.map((rounds, i) => [
      ...(i === 0 ? [{ number: 1, answer: USD, at: first, answeredIn: 1 }] : []),
      ...rounds.map((round) => ({ ...round, number: round.number + 1, answeredIn: round.answeredIn + 1 })),
    ]);

  const idsOf = (history: History): bigint[] =>
    history.flatMap((rounds, i) => {
      const last = rounds.at(-1)?.number ?? 0;
      return Array.from({ length: last + 2 }, (_, number) => roundIdOf(BigInt(i + 1), BigInt(number)));
    });

  async function scenario(random: Random) {
    const now = await startTime();
    await networkHelpers.time.increase(3 * 86_400);
    const shape = (dollars: bigint) => ({
      phases: Number(random.between(1n, 3n)),
      rounds: ROUNDS,
      from: now + 10,
      answer: (r: Random) => (r.oneIn(12) ? 0n : (dollars * USD * r.between(95n, 105n)) / 100n),
    });
    const models = [shape(2_000n), shape(2_000n), shape(1n)].map((one) => randomHistory(random, one));
    const opened = [];
    for (const model of models) opened.push(await onChain(model, now));
    return { now, opened, models: models.map((model) => shifted(model, now)) };
  }

  it("are found where they can be proven, proven by what is found, and no other proof gives another", async () => {
    const random = createRandom(SEED);
    const kinds = new Map<string, number>();
    for (let run = 0; run < 8; run += 1) {
      const { opened, models } = await scenario(random);
      const [price, second, collateral] = opened as [Opened, Opened, Opened];
      const desk = await oracleOver(price, second, collateral);
      const [ids, secondIds, collateralIds] = models.map(idsOf) as [bigint[], bigint[], bigint[]];
      for (let j = 0; j < 4; j += 1) {
        const [a, b, c] = models.map((model) => Number(random.between(1n, BigInt(model.length))));
        const moment = momentOf(models[0]!, random);
        const query = {
          moment,
          epoch: epochOf(a!, b!, c!),
          fallbackDelay: 900n,
          inclusionDelay: 30n,
          recordedAt: moment - 30n,
        };
        const found: FixingSearch = await desk.source.findFixing(
          query,
          BigInt(await networkHelpers.time.latest()),
        );
        const words = found.found ? wordsOf(found.proof) : [];
        const proofs = [
          ...ids.map((one) => [one, words[1] ?? 0n, words[2] ?? 0n]),
          ...[0n, ...secondIds].flatMap((x) => [
            [words[0] ?? ids.at(-2)!, x, words[2] ?? 0n],
            ...[0n, ...collateralIds].map((y) => [words[0] ?? ids.at(-2)!, x, y]),
          ]),
        ];
        const answers = new Set<string>();
        await Promise.all(
          proofs.map(async (proof) => {
            try {
              const f = await desk.oracle.fixing(query, encodeRoundProof(proof[0]!, ...proof.slice(1)));
              answers.add([f.kind, f.price, f.bid, f.ask, f.kind === 2n ? 0n : f.observationId].join());
            } catch {
              // Not a proof.
            }
          }),
        );
        const note = `run ${run}, query ${j}: ${[...answers].join(" | ")}`;
        expect(answers.size, note).to.equal(found.found ? 1 : 0);
        if (found.found) {
          const f = await desk.oracle.fixing(query, found.proof);
          const key = `${f.kind}${f.bid === f.ask ? "" : " apart"}`;
          kinds.set(key, (kinds.get(key) ?? 0) + 1);
        }
      }
    }
    // Observed, fallen back and void; with the two feeds in agreement and apart.
    for (const key of ["0 apart", "1 apart", "2"]) expect(kinds.get(key) ?? 0, key).to.be.greaterThan(0);
  });

  it("and the observations since any moment are those of a scan", async () => {
    const random = createRandom(SEED);
    for (let run = 0; run < 8; run += 1) {
      const now = await startTime();
      await networkHelpers.time.increase(86_400);
      const model = randomHistory(random, {
        phases: Number(random.between(1n, 3n)),
        rounds: 20,
        from: now + 10,
        answer: (r) => r.between(1_900n, MAX_ANSWER) * USD,
      });
      const opened = await onChain(model, now);
      const desk = await oracleOver(opened);
      const { since, current } = scan(shifted(model, now));
      const latest = await desk.source.latest();
      for (let j = 0; j < 8; j += 1) {
        const moment = momentOf(model, random);
        const expected = latest === undefined || latest.observedAt <= moment ? [] : since(moment);
        const got = await desk.source.since(moment);
        expect(got.epoch).to.equal(current);
        expect(got.observations.map(({ id }) => id)).to.deep.equal(expected.map(({ id }) => id));
        const middle = expected[Math.floor(expected.length / 2)];
        if (middle === undefined) continue;
        const rest = await desk.source.since(moment, middle.id);
        expect(rest.observations.map(({ id }) => id)).to.deep.equal(
          expected.filter(({ id }) => id > middle.id).map(({ id }) => id),
        );
      }
    }
  });

  type Opened = Awaited<ReturnType<typeof openFeed>>;

  const wordsOf = (proof: string): bigint[] =>
    Array.from({ length: (proof.length - 2) / 64 }, (_, i) =>
      BigInt(`0x${proof.slice(2 + 64 * i, 66 + 64 * i)}`),
    );

  /** An oracle over feeds that are there, and a source that reads it. */
  async function oracleOver(price: Opened, second?: Opened, collateral?: Opened) {
    const others = {
      ...(second === undefined
        ? {}
        : { second: second.settings({ maxAge: 20_000 }), maxDeviation: WAD / 50n }),
      ...(collateral === undefined
        ? {}
        : { collateral: collateral.settings({ maxAge: 20_000, minPrice: WAD / 5n }) }),
    };
    const oracle = await deployOracle(price.address, { maxAge: 20_000, min: WAD, ...others });
    const runner: ContractRunner = ethers.provider;
    return { oracle, source: await connectFeedSource(await oracle.getAddress(), runner) };
  }
});
