import type { ParamType, Result } from "ethers";

/** Decoded values by name, structs as objects and lists as arrays: nothing of ethers' own is left. */
export function plainArgs(inputs: readonly ParamType[], values: Result): Record<string, unknown> {
  return Object.fromEntries(inputs.map((input, i) => [input.name || `_${i}`, plain(input, values[i])]));
}

function plain({ arrayChildren, components }: ParamType, value: unknown): unknown {
  if (arrayChildren) return [...(value as Iterable<unknown>)].map((item) => plain(arrayChildren, item));
  // An indexed struct is only a hash.
  if (components && typeof value === "object") return plainArgs(components, value as Result);
  return value;
}
