import { expect } from "chai";
import { planActions, type Action } from "../../scripts/replay/population.ts";
import type { Round } from "../../scripts/replay/rounds.ts";

const USDC = 10n ** 6n;
const SEEDS = [0, 1, 2, 3, 4_294_967_295];

const rounds = (count: number): Round[] =>
  Array.from({ length: count }, (_, i) => ({
    roundId: BigInt(i + 1),
    answer: 1n,
    startedAt: i + 1,
    updatedAt: i + 1,
  }));

/** The first two actions of seed 1: a change here changes every published replay. */
const GOLDEN = [
  { roundIndex: 0, trader: 94, kind: "open", side: "long", notional: 220_770_000n, leverageBps: 115_181 },
  { roundIndex: 1, trader: 189, kind: "open", side: "long", notional: 711_820_000n, leverageBps: 63_811 },
];

type Open = Extract<Action, { kind: "open" }>;

const opens = (plan: readonly Action[]): Open[] =>
  plan.filter((action): action is Open => action.kind === "open");

/** The first opening of every trader. */
function arrivals(plan: readonly Action[]): Open[] {
  return [
    ...new Map(
      opens(plan)
        .toReversed()
        .map((open) => [open.trader, open]),
    ).values(),
  ];
}

describe("a planned population", () => {
  const span = rounds(257);
  const terms = { traders: 200, seed: 1, leverageMax: 50 };

  it("is the same for the same seed", () => {
    expect(planActions(span, terms)).to.deep.equal(planActions(span, terms));
  });

  it("is another for another seed", () => {
    expect(planActions(span, terms)).not.to.deep.equal(planActions(span, { ...terms, seed: 2 }));
  });

  it("starts seed 1 as it always has", () => {
    expect(planActions(span, terms).slice(0, 2)).to.deep.equal(GOLDEN);
  });

  for (const seed of SEEDS) {
    describe(`of seed ${seed}`, () => {
      const plan = planActions(span, { ...terms, seed });
      const first = arrivals(plan);

      it("is ordered by round, with one action of a trader a round at most", () => {
        for (const [i, action] of plan.slice(1).entries()) {
          const before = plan[i];
          if (before === undefined) continue;
          const later = action.roundIndex > before.roundIndex;
          expect(
            later || (action.roundIndex === before.roundIndex && action.trader > before.trader),
          ).to.equal(true);
        }
      });

      it("leaves a round to settle at", () => {
        expect(plan.every(({ roundIndex }) => roundIndex >= 0 && roundIndex <= span.length - 2)).to.equal(
          true,
        );
      });

      it("has every trader open", () => {
        expect(new Set(first.map(({ trader }) => trader)).size).to.equal(terms.traders);
      });

      it("has every trader open before it adjusts or closes, and close before it opens again", () => {
        const holding = new Set<number>();
        for (const { kind, trader } of plan) {
          expect(holding.has(trader)).to.equal(kind !== "open");
          if (kind === "open") holding.add(trader);
          if (kind === "close") holding.delete(trader);
        }
      });

      it("arrives over the first 60 % of the span", () => {
        const indices = first.map(({ roundIndex }) => roundIndex);
        expect(Math.min(...indices)).to.be.lessThan(5);
        expect(Math.max(...indices)).to.be.within(0.55 * span.length, 0.6 * span.length);
      });

      it("spreads notionals over three orders of magnitude, with a heavy tail", () => {
        const notionals = first.map(({ notional }) => notional).sort((a, b) => (a < b ? -1 : 1));
        const at = (share: number): bigint => notionals[Math.floor(share * notionals.length)] ?? 0n;
        expect(at(0) >= 200n * USDC && at(0) < 250n * USDC).to.equal(true);
        expect(at(0.5) >= 1_900n * USDC && at(0.5) <= 2_100n * USDC).to.equal(true);
        expect(at(0.985) >= 200_000n * USDC).to.equal(true);
        const largest = notionals.at(-1) ?? 0n;
        expect(largest >= 250_000n * USDC && largest <= 2_000_000n * USDC).to.equal(true);
      });

      it("spreads leverage evenly by ratio from 2× to the maximum", () => {
        const leverages = first.map(({ leverageBps }) => leverageBps).sort((a, b) => a - b);
        expect(leverages[0]).to.be.within(20_000, 20_500);
        // The middle of a log-uniform distribution is the geometric mean: 10×.
        expect(leverages[100]).to.be.within(98_000, 103_000);
        expect(leverages.at(-1)).to.be.within(490_000, 500_000);
      });

      it("has about as many longs as shorts", () => {
        const longs = opens(plan).filter(({ side }) => side === "long").length;
        expect(longs / opens(plan).length).to.be.within(0.38, 0.62);
      });

      it("adjusts about 15 % of its positions in each way", () => {
        for (const kind of ["increase", "decrease", "addCollateral", "removeCollateral"]) {
          const share = plan.filter((action) => action.kind === kind).length / opens(plan).length;
          expect(share, kind).to.be.within(0.08, 0.23);
        }
      });

      it("holds positions from a few rounds to most of the span, and opens some again", () => {
        const since = new Map<number, number>();
        const holdings: number[] = [];
        for (const { kind, trader, roundIndex } of plan) {
          if (kind === "open") since.set(trader, roundIndex);
          if (kind === "close") holdings.push(roundIndex - (since.get(trader) ?? 0));
        }
        expect(Math.min(...holdings)).to.be.within(6, 10);
        expect(Math.max(...holdings)).to.be.greaterThan(0.5 * span.length);
        expect(opens(plan).length).to.be.greaterThan(1.2 * terms.traders);
      });
    });
  }

  it("keeps to the leverage it may take", () => {
    const plan = opens(planActions(span, { ...terms, leverageMax: 2 }));
    expect(plan.every(({ leverageBps }) => leverageBps === 20_000)).to.equal(true);
  });

  for (const count of [1, 2, 3, 10]) {
    it(`fits a span of ${count} rounds`, () => {
      const plan = planActions(rounds(count), { traders: 3, seed: 1, leverageMax: 50 });
      expect(arrivals(plan)).to.have.length(3);
      expect(plan.every(({ roundIndex }) => roundIndex <= Math.max(0, count - 2))).to.equal(true);
    });
  }
});
