import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";

describe("custom errors", () => {
  it("are each named by a test", async () => {
    const source = await readFile("contracts/libraries/Errors.sol", "utf8");
    const names = [...source.matchAll(/error (\w+)\(/g)].map((match) => match[1]!);
    const files = (await readdir("test", { recursive: true })).filter((file) =>
      /\.(t\.sol|test\.ts)$/.test(file),
    );
    const texts = await Promise.all(files.map((file) => readFile(join("test", file), "utf8")));
    const unreached = names.filter((name) => !texts.some((text) => new RegExp(`\\b${name}\\b`).test(text)));
    expect(names.length).to.be.greaterThan(30);
    expect(unreached).to.deep.equal([]);
  });
});
