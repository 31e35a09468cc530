import type { ParamType } from "ethers";
import type { Random } from "../random.ts";

/** Arguments of a Solidity function, structs flattened. */
export type Arguments = readonly (bigint | boolean)[];

/** The words a list of parameters is made of, structs flattened. */
export function flatten(params: readonly ParamType[]): ParamType[] {
  return params.flatMap((param) => (param.isTuple() ? flatten(param.components) : [param]));
}

/** Flat arguments as a function takes them: structs as objects by field name. */
export function structured(params: readonly ParamType[], args: Arguments): unknown[] {
  let next = 0;
  return params.map((param) => {
    if (!param.isTuple()) return args[next++];
    return Object.fromEntries(param.components.map(({ name }) => [name, args[next++]]));
  });
}

/** The least and the greatest value of an integer type or a truth value. */
export function rangeOf(type: string): [low: bigint, high: bigint] {
  if (type === "bool") return [0n, 1n];
  const bits = BigInt(/\d+$/.exec(type)![0]);
  if (type.startsWith("uint")) return [0n, (1n << bits) - 1n];
  const limit = 1n << (bits - 1n);
  return [-limit, limit - 1n];
}

/** Any value of a type: of all magnitudes, at or next to its limits or a power of two. */
function anyWord(random: Random, type: string): bigint | boolean {
  if (type === "bool") return random.oneIn(2);
  const [low, high] = rangeOf(type);
  const negative = low < 0n && random.oneIn(2);
  const limit = negative ? -low : high;
  const nearPower = (1n << random.between(0n, 255n)) + random.between(-1n, 1n);
  const magnitude = random.oneIn(4) && nearPower <= limit ? nearPower : random.between(0n, limit);
  return negative ? -magnitude : magnitude;
}

/** `args` with one of them, or each with a chance of a half, replaced by any value of its type. */
export function withAnyWords(random: Random, types: readonly ParamType[], args: Arguments): Arguments {
  const only = random.oneIn(2) ? random.pick([...args.keys()]) : undefined;
  return args.map((value, i) =>
    (only === undefined ? random.oneIn(2) : i === only) ? anyWord(random, types[i]!.type) : value,
  );
}
