import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { math, type MarketState } from "@bulkhead/sdk";
import { expect } from "chai";
import { network } from "hardhat";
import { foresee } from "../../scripts/vectors/actions.ts";
import { VECTORS, documents } from "../../scripts/vectors/index.ts";
import type { MathVectors, Value } from "../../scripts/vectors/math.ts";
import type { PreviewVectors } from "../../scripts/vectors/previews.ts";

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

describe("the SDK on the golden vectors of previews", () => {
  let vectors: PreviewVectors;

  before(async () => {
    const stored: unknown = JSON.parse(await readFile(join(VECTORS, "previews.v1.json"), "utf8"));
    vectors = reviveAll(stored) as PreviewVectors;
  });

  it("has every kind of action, with refusals and failures", () => {
    const seen = new Set(
      vectors.cases.map(({ action, outcome }) => action.kind + (outcome.refusal ? " refused" : "")),
    );
    for (const kind of [
      "reserve",
      "trade",
      "collateral",
      "liquidate",
      "deposit",
      "mint",
      "requestRedeem",
      "accrue",
    ])
      expect([...seen]).to.include(kind);
    expect([...seen]).to.include.members(["fulfillRedeems", "collateral refused", "deposit refused"]);
  });

  it("foresees what is stored", () => {
    for (const { market, action, time, before, after, outcome } of vectors.cases) {
      const fixed = vectors.markets[market]!;
      const whole = (state: object) => ({ ...fixed, ...state }) as MarketState;
      const said = foresee({ ...before, state: whole(before.state) }, action, time);
      const label = `${market}: ${action.kind} at ${time}`;
      expect(said.after, label).to.deep.equal({ ...after, state: whole(after.state) });
      if (action.kind === "liquidate")
        expect(said.outcome.receipts, label).to.deep.equal(outcome.receipts ?? []);
      else expect(said.outcome.fill, label).to.deep.equal(outcome.fill);
      expect(said.outcome.refusal, label).to.deep.equal(outcome.refusal);
      expect([said.outcome.assets, said.outcome.shares], label).to.deep.equal([
        outcome.assets,
        outcome.shares,
      ]);
    }
  });
});

/** A whole document with its decimal text as integers again. */
function reviveAll(value: unknown): unknown {
  if (typeof value === "string") return /^-?\d+$/.test(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(reviveAll);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, reviveAll(one)]));
}

/** A value of the file as the SDK takes and gives it. */
function revive(value: Value): unknown {
  if (typeof value === "string") return BigInt(value);
  if (typeof value === "boolean") return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, revive(one)]));
}
