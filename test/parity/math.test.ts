import { readFile, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { math } from "@bulkhead/sdk";
import { expect } from "chai";
import type { FunctionFragment } from "ethers";
import { createRandom, type Random } from "../../scripts/random.ts";
import { withinLimits } from "../../scripts/vectors/samples.ts";
import { flatten, withAnyWords, type Arguments } from "../../scripts/vectors/words.ts";
import { MathHarness__factory } from "../../typechain-types/index.ts";
import {
  REVERTED,
  callMirror,
  openComparison,
  type Comparison,
  type Difference,
  type Mirror,
} from "./compare.ts";

/** Cases per function: one half within the protocol's limits, one half any words. */
const CASES = Number(process.env.PARITY_CASES ?? 100_000);
const HALF = Math.ceil(CASES / 2);
const SEED = Number(process.env.PARITY_SEED ?? 1);
/** Cases compared at a time. */
const PART = 10_000;
const LIBRARIES = "contracts/libraries/math";

const harness = MathHarness__factory.createInterface();
const mirrors = math as unknown as Record<string, Record<string, unknown>>;

describe("the TypeScript mirror of the math libraries", function () {
  this.timeout(CASES * 5 + 60_000);

  let comparison: Comparison;
  const shares: [name: string, returned: number][] = [];

  before(async () => {
    comparison = await openComparison();
  });

  after(() => comparison.close());

  it("has every function of every library, like the harness and the samples", async () => {
    const declared = await declaredFunctions();
    expect(Object.keys(withinLimits)).to.have.members([...declared.keys()]);
    expect(Object.keys(mirrors)).to.have.members([...declared.keys()]);
    for (const [library, names] of declared) {
      expect(Object.keys(withinLimits[library]!), `samples of ${library}`).to.have.members(names);
      expect(mirrors[library], library).to.include.keys(names);
      for (const name of names) expect(harness.hasFunction(name), name).to.equal(true);
    }
  });

  for (const [library, samples] of Object.entries(withinLimits)) {
    for (const [name, sample] of Object.entries(samples)) {
      const fragment = harness.getFunction(name as "abs");
      const types = flatten(fragment.inputs);

      it(`${library}.${name} agrees, and never reverts within the protocol's limits`, async () => {
        expect(await shareReturned(library, fragment, sample)).to.equal(1);
      });

      it(`${library}.${name} agrees on any words, reverts included`, async () => {
        const share = await shareReturned(library, fragment, (r) => withAnyWords(r, types, sample(r)));
        // Where nearly all cases reverted, there would be little to compare.
        expect(share).to.be.above(0.3);
        shares.push([name, share]);
      });
    }
  }

  after(() => {
    if (shares.length === 0) return;
    const least = shares.reduce((a, b) => (b[1] < a[1] ? b : a));
    console.log(
      `    ${(shares.length * 2 * HALF).toLocaleString("en")} cases; of any words, at least ` +
        `${Math.floor(100 * least[1])} % of a function's cases return (${least[0]})`,
    );
  });

  /** Draws cases of a function and compares them; the share of them that return. Fails at a difference. */
  async function shareReturned(
    library: string,
    fragment: FunctionFragment,
    draw: (r: Random) => Arguments,
  ): Promise<number> {
    const random = createRandom(SEED);
    const mirror = mirrors[library]![fragment.name] as Mirror;
    const comparisons: Promise<Difference | undefined>[] = [];
    let returned = 0;
    for (let left = HALF; left > 0; left -= PART) {
      const cases = Array.from({ length: Math.min(PART, left) }, () => {
        const args = draw(random);
        return { args, outcome: callMirror(mirror, fragment, args) };
      });
      returned += cases.filter(({ outcome }) => outcome !== REVERTED).length;
      // Solidity works through them on another thread while the next are drawn.
      comparisons.push(comparison.compare(fragment, cases));
    }
    for (const different of await Promise.all(comparisons)) {
      if (different === undefined) continue;
      const { args, outcome, solidity } = different;
      const call = `${library}.${fragment.name}(${args.join(", ")})`;
      expect.fail(`${call}: Solidity ${solidity}, TypeScript ${outcome} (PARITY_SEED=${SEED})`);
    }
    return returned / HALF;
  }
});

/** The internal functions that each library's source declares. */
async function declaredFunctions(): Promise<Map<string, string[]>> {
  const declared = new Map<string, string[]>();
  for (const file of await readdir(LIBRARIES)) {
    const source = await readFile(join(LIBRARIES, file), "utf8");
    const names = [...source.matchAll(/function (\w+)\([^)]*\)\s+internal/g)].map((match) => match[1]!);
    declared.set(basename(file, ".sol"), names);
  }
  return declared;
}
