import { AbiCoder, concat, type FunctionFragment, type ParamType } from "ethers";
import { isRevert, math } from "@bulkhead/sdk";
import { MathHarness__factory, type MathHarness } from "../../typechain-types/index.ts";
import { createRandom, type Random } from "../random.ts";
import { printJson, type Chain, type VectorDocument } from "./document.ts";
import { withinLimits, type Sample } from "./samples.ts";
import { flatten, rangeOf, structured, withAnyWords, type Arguments } from "./words.ts";

const SEED = 1;
/** Cases per function, and how many of them may have any words instead of words within the protocol's limits. */
const CASES = 24;
const ANY_WORDS = 8;
/** Lists of any words drawn to find as many that revert as that return. */
const DRAWN = 16;
/** How deep the file gets a line for everything: document, libraries, library, function, cases. */
const DEPTH = 5;

/** A value in the file: integers in decimals, structs and several results as objects by name. */
export type Value = string | boolean | { readonly [name: string]: Value };

interface Parameter {
  readonly name: string;
  /** Solidity's; "struct" with its fields. */
  readonly type: string;
  readonly fields?: readonly Parameter[];
}

/** Arguments in order, and what the function returns; or `reverts`. */
type VectorCase =
  { readonly in: readonly Value[]; readonly out: Value } | { readonly in: readonly Value[]; reverts: true };

/** `packages/sdk/vectors/math.v1.json`. */
export interface MathVectors {
  readonly format: "bulkhead-math-vectors";
  readonly version: 1;
  readonly seed: number;
  readonly libraries: Readonly<Record<string, Readonly<Record<string, FunctionVectors>>>>;
}

interface FunctionVectors {
  readonly parameters: readonly Parameter[];
  readonly returns: readonly Parameter[];
  readonly cases: readonly VectorCase[];
}

/** Every function of the math libraries. */
export const mathVectors: VectorDocument = { file: "math.v1.json", make };

async function make({ ethers }: Chain): Promise<string> {
  const [signer] = await ethers.getSigners();
  const harness = await new MathHarness__factory(signer).deploy();
  const libraries: Record<string, Record<string, FunctionVectors>> = {};
  for (const [library, samples] of Object.entries(withinLimits)) {
    const functions: Record<string, FunctionVectors> = (libraries[library] = {});
    for (const [name, sample] of Object.entries(samples)) {
      const fragment = harness.interface.getFunction(name as "abs") as FunctionFragment;
      functions[name] = {
        parameters: fragment.inputs.map(describe),
        returns: fragment.outputs.map(describe),
        cases: await makeCases(harness, fragment, sample),
      };
    }
  }
  const document: MathVectors = { format: "bulkhead-math-vectors", version: 1, seed: SEED, libraries };
  return `${printJson(document, DEPTH)}\n`;
}

/** Edges first, then typical arguments, then any words, half of which revert where enough do. */
async function makeCases(
  harness: MathHarness,
  fragment: FunctionFragment,
  sample: Sample,
): Promise<VectorCase[]> {
  const random = createRandom(SEED);
  const types = flatten(fragment.inputs);
  const run = (lists: Arguments[]) =>
    Promise.all(unique(lists).map((args) => runCase(harness, fragment, args)));

  const edges = await run(edgesOf(types));
  const drawn = await run(draw(DRAWN, random, (r) => withAnyWords(r, types, sample(r))));
  const reverting = drawn.filter((one) => "reverts" in one).slice(0, ANY_WORDS / 2);
  const returning = drawn.filter((one) => "out" in one).slice(0, ANY_WORDS - reverting.length);
  const rest = CASES - edges.length - reverting.length - returning.length;
  return [...edges, ...(await run(draw(rest, random, sample))), ...returning, ...reverting];
}

/** All arguments at the same extreme. */
function edgesOf(types: readonly ParamType[]): Arguments[] {
  const all = (value: (low: bigint, high: bigint) => bigint): Arguments =>
    types.map(({ type }) => {
      const found = value(...rangeOf(type));
      return type === "bool" ? found !== 0n : found;
    });
  const atMost = (limit: bigint) => all((_, high) => math.FixedMath.min(limit, high));
  return [atMost(0n), atMost(1n), atMost(math.FixedMath.WAD), all((_, high) => high), all((low) => low)];
}

function draw(count: number, random: Random, sample: Sample): Arguments[] {
  return Array.from({ length: count }, () => sample(random));
}

/** `lists` without repetitions. */
function unique(lists: readonly Arguments[]): Arguments[] {
  return [...new Map(lists.map((args) => [args.join(), args])).values()];
}

async function runCase(
  harness: MathHarness,
  fragment: FunctionFragment,
  args: Arguments,
): Promise<VectorCase> {
  const values = structured(fragment.inputs, args);
  const given = values.map(toValue);
  const coder = AbiCoder.defaultAbiCoder();
  const data = concat([fragment.selector, coder.encode(fragment.inputs, values)]);
  let returned: string;
  try {
    returned = await harness.runner!.call!({ to: await harness.getAddress(), data });
  } catch (error) {
    if (isRevert(error)) return { in: given, reverts: true };
    throw error;
  }
  const results = coder.decode(fragment.outputs, returned);
  return { in: given, out: toValue(fragment.outputs.length === 1 ? results[0] : results.toObject()) };
}

function toValue(value: unknown): Value {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "boolean") return value;
  return Object.fromEntries(Object.entries(value as object).map(([name, one]) => [name, toValue(one)]));
}

function describe({ name: declared, type, components }: ParamType): Parameter {
  // The harness appends "_" where its own functions have the name.
  const name = declared.replace(/_$/, "");
  return components === null ? { name, type } : { name, type: "struct", fields: components.map(describe) };
}
