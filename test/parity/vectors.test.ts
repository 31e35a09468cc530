import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { math } from "@bulkhead/sdk";
import { expect } from "chai";
import { network } from "hardhat";
import { VECTORS, documents } from "../../scripts/vectors/index.ts";
import type { MathVectors, Value } from "../../scripts/vectors/math.ts";

describe("the golden vectors", () => {
  for (const { file, make } of documents) {
    it(`${file} is what the contracts give`, async () => {
      const stored = await readFile(join(VECTORS, file), "utf8");
      // Not by `expect`, which would print two long texts.
      if (stored !== (await make(await network.create())))
        expect.fail(`${file} is out of date: npm run vectors`);
    });
  }
});

describe("the SDK on the golden vectors of the math", () => {
  const mirrors = math as unknown as Record<string, Record<string, (...args: unknown[]) => unknown>>;
  let vectors: MathVectors;

  before(async () => {
    vectors = JSON.parse(await readFile(join(VECTORS, "math.v1.json"), "utf8")) as MathVectors;
  });

  it("has the format that the file's name says", () => {
    expect(vectors).to.include({ format: "bulkhead-math-vectors", version: 1 });
  });

  it("has cases of every library, and of every function at least a dozen that return", () => {
    expect(Object.keys(vectors.libraries)).to.have.members(Object.keys(mirrors));
    for (const [name, { cases }] of Object.values(vectors.libraries).flatMap((of) => Object.entries(of)))
      expect(cases.filter((one) => "out" in one).length, name).to.be.at.least(12);
  });

  it("returns or throws as stored", () => {
    for (const [library, functions] of Object.entries(vectors.libraries)) {
      for (const [name, { cases }] of Object.entries(functions)) {
        for (const one of cases) {
          const call = () => mirrors[library]![name]!(...one.in.map(revive));
          const label = `${library}.${name}(${JSON.stringify(one.in)})`;
          if ("reverts" in one) expect(call, label).to.throw(RangeError);
          else expect(call(), label).to.deep.equal(revive(one.out));
        }
      }
    }
  });
});

/** A value of the file as the SDK takes and gives it. */
function revive(value: Value): unknown {
  if (typeof value === "string") return BigInt(value);
  if (typeof value === "boolean") return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, revive(one)]));
}
