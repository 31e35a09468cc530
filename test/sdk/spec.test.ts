import { existsSync, globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import * as sdk from "@bulkhead/sdk";
import { expect } from "chai";

const SPEC = readFileSync("docs/SPEC.md", "utf8");
const CONTRACTS = new Map(
  globSync("contracts/**/*.sol").map((path) => [basename(path, ".sol"), readFileSync(path, "utf8")]),
);

/** Names such as `Trading#execute`, and `#_reject` after one of the same line. */
function* namesIn(text: string): Generator<readonly [file: string, name: string]> {
  for (const line of text.split("\n")) {
    let file = "";
    for (const [, own, name] of line.matchAll(/`(\w*)#(\w+)`/g)) {
      if (own !== "") file = own!;
      yield [file, name!];
    }
  }
}

describe("the specification", () => {
  it("names functions that are where it says", () => {
    const missing = [...namesIn(SPEC)].filter(([file, name]) => {
      const source = CONTRACTS.get(file) ?? "";
      return !new RegExp(`\\b(function|modifier|event|constant) ${name}\\b`).test(source);
    });
    expect(missing).to.deep.equal([]);
  });

  it("names functions of the SDK that there are", () => {
    const chapter = SPEC.slice(SPEC.indexOf("## 16. Off the chain"));
    const rows = chapter.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| -"));
    const named = rows.slice(1).flatMap((row) => row.split(" | ")[1]!.match(/(?<=`)\w+(?=`)/g) ?? []);
    expect(named).to.have.length.greaterThan(20);
    expect(named.filter((name) => !(name in sdk))).to.deep.equal([]);
  });

  it("names tests that there are", () => {
    const tests = [...SPEC.matchAll(/`(test\/[\w./]+\.(?:ts|sol))`/g)].map(([, path]) => path!);
    expect(tests.filter((path) => !existsSync(path))).to.deep.equal([]);
  });
});
