import { readFile } from "node:fs/promises";
import { expect } from "chai";
import { network } from "hardhat";
import { measureGas, type GasFigures } from "../../scripts/bench/gas.ts";

/** A figure may worsen by this much before somebody has to look: 1 %. */
const TOLERANCE = 1.01;

describe("gas", () => {
  it("is not worse than the committed snapshot (npm run bench:gas -- --update writes a new one)", async () => {
    const snapshot = JSON.parse(await readFile("bench/gas.json", "utf8")) as GasFigures;
    const figures = await measureGas(await network.create());
    const worse = [...flatten(figures)].filter(
      ([name, gas]) => gas > (flatten(snapshot).get(name) ?? 0) * TOLERANCE,
    );
    expect(worse, "operations that cost more than 1 % over bench/gas.json").to.deep.equal([]);
  });
});

function flatten(figures: GasFigures): Map<string, number> {
  const flat = new Map<string, number>();
  for (const [name, value] of Object.entries(figures) as [string, number | Record<string, number>][]) {
    if (typeof value === "number") flat.set(name, value);
    else for (const [part, gas] of Object.entries(value)) flat.set(`${name}.${part}`, gas);
  }
  return flat;
}
