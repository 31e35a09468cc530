import { readFile, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { math } from "@bulkhead/sdk";
import { expect } from "chai";
import type { FunctionFragment, ParamType } from "ethers";
import { network } from "hardhat";
import type { MathHarness } from "../../typechain-types/index.ts";
import { createRandom, type Random } from "../shared/random.ts";
import { withinLimits, type Arguments } from "./samples.ts";

const CASES = Number(process.env.PARITY_CASES ?? 2_000);
const SEED = Number(process.env.PARITY_SEED ?? 1);
/** Calls in one `eth_call`. */
const BATCH = 100;
/** Hexadecimal digits of a word. */
const WORD = 64;
const LIBRARIES = "contracts/libraries/math";
const REVERTED = "reverted";

type Mirror = (...args: unknown[]) => unknown;
type Outcome = readonly bigint[] | typeof REVERTED;

const mirrors = math as unknown as Record<string, Record<string, unknown>>;

describe("the TypeScript mirror of the math libraries", function () {
  this.timeout(CASES * 100 + 60_000);

  let harness: MathHarness;

  before(async () => {
    const { ethers } = await network.create();
    harness = (await ethers.deployContract("MathHarness")) as unknown as MathHarness;
  });

  it("has every function of every library, like the harness and the samples", async () => {
    const declared = await declaredFunctions();
    expect(Object.keys(withinLimits)).to.have.members([...declared.keys()]);
    expect(Object.keys(mirrors)).to.have.members([...declared.keys()]);
    for (const [library, names] of declared) {
      expect(Object.keys(withinLimits[library]!), `samples of ${library}`).to.have.members(names);
      expect(mirrors[library], library).to.include.keys(names);
      for (const name of names) expect(harness.interface.hasFunction(name), name).to.equal(true);
    }
  });

  for (const [library, samples] of Object.entries(withinLimits)) {
    for (const [name, sample] of Object.entries(samples)) {
      it(`${library}.${name} agrees, and never reverts within the protocol's limits`, async () => {
        const random = createRandom(SEED);
        const cases = Array.from({ length: CASES }, () => sample(random));
        await compare(library, name, cases, false);
      });

      it(`${library}.${name} agrees on any words, reverts included`, async () => {
        const random = createRandom(SEED);
        const types = words(harness.interface.getFunction(name as "abs").inputs);
        const cases = Array.from({ length: CASES }, () =>
          sample(random).map((value, i) => (random.oneIn(2) ? value : anyWord(random, types[i]!))),
        );
        await compare(library, name, cases, true);
      });
    }
  }

  async function compare(
    library: string,
    name: string,
    cases: readonly Arguments[],
    mayRevert: boolean,
  ): Promise<void> {
    const fragment = harness.interface.getFunction(name as "abs") as unknown as FunctionFragment;
    const expected = await callSolidity(harness, fragment, cases);
    cases.forEach((args, i) => {
      const solidity = String(expected[i]);
      const typescript = String(callMirror(mirrors[library]![name] as Mirror, fragment, args));
      if (solidity === typescript && (mayRevert || solidity !== REVERTED)) return;
      const call = `${library}.${name}(${args.join(", ")})`;
      expect.fail(`${call}: Solidity ${solidity}, TypeScript ${typescript} (PARITY_SEED=${SEED})`);
    });
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

/** The words a list of parameters is made of, structs flattened. */
function words(params: readonly ParamType[]): ParamType[] {
  return params.flatMap((param) => (param.isTuple() ? words(param.components) : [param]));
}

function anyWord(random: Random, { type }: ParamType): bigint | boolean {
  if (type === "bool") return random.oneIn(2);
  const bits = BigInt(/\d+$/.exec(type)![0]);
  if (type.startsWith("uint")) return random.between(0n, (1n << bits) - 1n);
  const limit = 1n << (bits - 1n);
  return random.oneIn(8) ? -limit : random.signed(limit - 1n);
}

async function callSolidity(
  harness: MathHarness,
  fragment: FunctionFragment,
  cases: readonly Arguments[],
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const [inputs, outputs] = [words(fragment.inputs).length, words(fragment.outputs)];
  for (let start = 0; start < cases.length; start += BATCH) {
    const lists = cases.slice(start, start + BATCH).map((args) => args.map(encodeWord).join(""));
    const data = harness.interface.encodeFunctionData("batch", [
      fragment.selector,
      inputs,
      outputs.length,
      `0x${lists.join("")}`,
    ]);
    const returned = await harness.runner!.provider!.call({ to: harness, data });
    // The array's offset and its length come first.
    const results = returned.slice(2 + 2 * WORD).match(/.{64}/g)!;
    for (let i = 0; i < results.length; i += outputs.length + 1) {
      const values = outputs.map(({ type }, k) => decodeWord(results[i + 1 + k]!, type));
      outcomes.push(BigInt(`0x${results[i]}`) === 1n ? values : REVERTED);
    }
  }
  return outcomes;
}

function callMirror(mirror: Mirror, fragment: FunctionFragment, args: Arguments): Outcome {
  const rest = [...args];
  const values = fragment.inputs.map((param) =>
    param.isTuple()
      ? Object.fromEntries(param.components.map(({ name }) => [name, rest.shift()]))
      : rest.shift(),
  );
  let value: unknown;
  try {
    value = mirror(...values);
  } catch (error) {
    if (error instanceof RangeError) return REVERTED;
    throw error;
  }
  if (typeof value === "object") {
    const named = value as Record<string, bigint | boolean>;
    return fragment.outputs.map(({ name }) => BigInt(named[name]!));
  }
  return [BigInt(value as bigint | boolean)];
}

function encodeWord(value: bigint | boolean): string {
  return BigInt.asUintN(256, BigInt(value)).toString(16).padStart(WORD, "0");
}

function decodeWord(digits: string, type: string): bigint {
  const word = BigInt(`0x${digits}`);
  return type.startsWith("int") ? BigInt.asIntN(256, word) : word;
}
