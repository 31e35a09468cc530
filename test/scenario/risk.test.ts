import { expect } from "chai";
import { isSound } from "../../scripts/replay/result.ts";
import { loadRounds, type Round } from "../../scripts/replay/rounds.ts";
import { runScenario, SCENARIOS, steepestFall } from "../../scripts/study/risk.ts";

const CROWD = { traders: 24, seed: 2, leverageMax: 50 };

/** Rounds around the fall of 12 March 2020, 18 % in five minutes. */
async function crash(): Promise<readonly Round[]> {
  const { rounds } = await loadRounds("data/eth-usd-5m-2020-03-black-thursday.csv");
  const start = steepestFall(rounds, 300);
  const index = rounds.findIndex(({ updatedAt }) => updatedAt >= start);
  return rounds.slice(index - 30, index + 45);
}

describe("the risk study", () => {
  it("finds the steepest fall", () => {
    const round = (updatedAt: number, answer: bigint): Round => ({
      roundId: 1n,
      answer,
      startedAt: updatedAt,
      updatedAt,
    });
    const rounds = [round(0, 100n), round(10, 99n), round(20, 95n), round(30, 90n), round(200, 10n)];
    expect(steepestFall(rounds, 10)).to.equal(20);
    expect(steepestFall(rounds, 20)).to.equal(10);
    expect(steepestFall(rounds, 1_000)).to.equal(0);
  });

  for (const name of ["live", "dead-5"]) {
    it(`keeps the books to the unit: ${name}`, async () => {
      const scenario = SCENARIOS.find((s) => s.name === name)!;
      const result = await runScenario(scenario, await crash(), CROWD, () => undefined);
      const { summary: s } = result;
      expect(s.opened).to.be.greaterThan(5);
      expect(s.conservationError).to.equal(0n);
      // What insurance and providers bore is all the bad debt there was.
      expect(s.insurancePaid).to.be.greaterThanOrEqual(s.badDebt - s.badDebtLp);
      if (name === "live") {
        expect(isSound(result)).to.equal(true);
        expect(s.badDebtLp).to.equal(0n);
      } else expect(s.liquidatedFull + s.liquidatedPartial).to.be.greaterThan(0);
    }).timeout(240_000);
  }
});
