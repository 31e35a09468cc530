import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dataSlice, type FunctionFragment } from "ethers";
import { flatten, rangeOf, structured, type Arguments } from "../../scripts/vectors/words.ts";
import { MathParity__factory } from "../../typechain-types/index.ts";
import { loadSolidityTest } from "./runner.ts";

/** What a function does: returns words, or reverts. */
export type Outcome = readonly bigint[] | typeof REVERTED;
export const REVERTED = "reverted";

/** Arguments, and what the TypeScript mirror does with them. */
export interface Case {
  readonly args: Arguments;
  readonly outcome: Outcome;
}

/** A case in which Solidity does something else. */
export interface Difference extends Case {
  readonly solidity: Outcome;
}

export type Mirror = (...args: unknown[]) => unknown;

export interface Comparison {
  /** Finds the first of many cases of one function whose outcome is not Solidity's, if any. */
  readonly compare: (fragment: FunctionFragment, cases: readonly Case[]) => Promise<Difference | undefined>;
  /** Ends it. */
  readonly close: () => void;
}

/** As `MathParity` names it. */
const FILE = "cases.txt";
/** Cases in one line of the file, and in one call: few, so that they need little memory. */
const LINE = 250;
/** Hexadecimal digits of a word. */
const WORD = 64;

const harness = MathParity__factory.createInterface();

/** Compares through the contract `MathParity`. */
export async function openComparison(): Promise<Comparison> {
  const { run, close } = await loadSolidityTest("MathParity");
  const compare: Comparison["compare"] = async (fragment, cases) => {
    // Synchronously, so that Solidity starts before the caller draws the next cases.
    const folder = mkdtempSync(join(tmpdir(), "bulkhead-parity-"));
    try {
      writeFileSync(join(folder, FILE), encodeCases(fragment, cases));
      const { passed, reason } = await run(folder);
      return passed ? undefined : readDifference(fragment, cases, reason);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  return { compare, close };
}

/** What a TypeScript namesake does. Other errors than those that stand for a revert are thrown on. */
export function callMirror(mirror: Mirror, fragment: FunctionFragment, args: Arguments): Outcome {
  let value: unknown;
  try {
    value = mirror(...structured(fragment.inputs, args));
  } catch (error) {
    if (error instanceof RangeError) return REVERTED;
    throw error;
  }
  if (typeof value !== "object") return [BigInt(value as bigint | boolean)];
  const named = value as Record<string, bigint | boolean>;
  return fragment.outputs.map(({ name }) => BigInt(named[name]!));
}

/** Calls of `MathParity.compare`, one a line. */
function encodeCases(fragment: FunctionFragment, cases: readonly Case[]): string {
  const [inputs, outputs] = [flatten(fragment.inputs).length, fragment.outputs.length];
  const reverted = "0".repeat(WORD * (1 + outputs));
  const lines: string[] = [];
  for (let first = 0; first < cases.length; first += LINE) {
    const words = cases
      .slice(first, first + LINE)
      .map(({ args, outcome }) => encode(args) + (outcome === REVERTED ? reverted : encode([1n, ...outcome])))
      .join("");
    // ethers takes long over long bytes: it encodes none, whose length, the last word, then gives way to the words.
    const call = harness.encodeFunctionData("compare", [fragment.selector, inputs, outputs, first, "0x"]);
    lines.push(call.slice(0, -WORD) + encode([BigInt(words.length / 2)]) + words);
  }
  return lines.join("\n");
}

function encode(values: readonly (bigint | boolean)[]): string {
  return values
    .map(BigInt)
    .map((value) => (value < 0n ? BigInt.asUintN(256, value) : value).toString(16).padStart(WORD, "0"))
    .join("");
}

/** Reads the error of `MathParity` as the runner writes it: `MathParity_Different(7, true, 0x…)`. */
function readDifference(
  fragment: FunctionFragment,
  cases: readonly Case[],
  reason: string | undefined,
): Difference {
  const match = /^MathParity_Different\((\d+), (true|false), (0x[0-9a-f]*)\)$/.exec(reason ?? "");
  if (match === null) throw new Error(`MathParity failed: ${reason}`);
  const [, index, returned, result] = match;
  const found = cases[Number(index)]!;
  return { ...found, solidity: returned === "true" ? decode(fragment, result!) : REVERTED };
}

function decode({ outputs }: FunctionFragment, result: string): bigint[] {
  return outputs.map(({ type }, i) => {
    const word = BigInt(dataSlice(result, 32 * i, 32 * (i + 1)));
    return rangeOf(type)[0] < 0n ? BigInt.asIntN(256, word) : word;
  });
}
