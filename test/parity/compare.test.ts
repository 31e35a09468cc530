import { math } from "@bulkhead/sdk";
import { expect } from "chai";
import { createRandom } from "../../scripts/random.ts";
import { withinLimits } from "../../scripts/vectors/samples.ts";
import { MathHarness__factory } from "../../typechain-types/index.ts";
import { REVERTED, callMirror, openComparison, type Case, type Comparison, type Mirror } from "./compare.ts";

const COUNT = 1_000;
const mulDivUp = MathHarness__factory.createInterface().getFunction("mulDivUp");
const integrateFunding = MathHarness__factory.createInterface().getFunction("integrateFunding");

describe("the comparison of the math libraries", () => {
  let comparison: Comparison;

  before(async () => {
    comparison = await openComparison();
  });

  after(() => comparison.close());

  it("finds no difference where there is none", async () => {
    expect(await comparison.compare(mulDivUp, drawCases())).to.equal(undefined);
  });

  it("finds the one case that a mirror gets wrong by one, be it the first, one within or the last", async () => {
    for (const at of [0, 567, COUNT - 1]) {
      const cases = drawCases();
      const [right] = cases[at]!.outcome as bigint[];
      cases[at] = { ...cases[at]!, outcome: [right! + 1n] };
      expect(await comparison.compare(mulDivUp, cases), `case ${at}`).to.deep.equal({
        ...cases[at],
        solidity: [right],
      });
    }
  });

  it("finds a mirror that rounds the other way", async () => {
    const { args, outcome, solidity } = (await comparison.compare(
      mulDivUp,
      drawCases(math.FixedMath.mulDivDown),
    ))!;
    expect(solidity).to.deep.equal([(outcome as bigint[])[0]! + 1n]);
    expect(callMirror(math.FixedMath.mulDivUp as Mirror, mulDivUp, args)).to.deep.equal(solidity);
  });

  it("finds a result that should be a revert", async () => {
    const args = [1n, 1n, 0n];
    const different = await comparison.compare(mulDivUp, [{ args, outcome: [0n] }]);
    expect(different).to.deep.equal({ args, outcome: [0n], solidity: REVERTED });
  });

  it("finds a revert that should be a result", async () => {
    const args = [1n, 1n, 1n];
    const different = await comparison.compare(mulDivUp, [{ args, outcome: REVERTED }]);
    expect(different).to.deep.equal({ args, outcome: REVERTED, solidity: [1n] });
  });

  it("finds a difference in the last of several results, negative ones told as such", async () => {
    const args = [-5n, 0n, 10n, 3n];
    expect(await comparison.compare(integrateFunding, [{ args, outcome: [-5n, -15n] }])).to.equal(undefined);
    const different = await comparison.compare(integrateFunding, [{ args, outcome: [-5n, -14n] }]);
    expect(different?.solidity).to.deep.equal([-5n, -15n]);
  });
});

function drawCases(mirror: unknown = math.FixedMath.mulDivUp): Case[] {
  const random = createRandom(1);
  return Array.from({ length: COUNT }, () => {
    const args = withinLimits.FixedMath!.mulDivUp!(random);
    return { args, outcome: callMirror(mirror as Mirror, mulDivUp, args) };
  });
}
