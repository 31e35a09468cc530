import type { network } from "hardhat";

/** A local chain: `network.create()` of Hardhat. */
export type Chain = Awaited<ReturnType<typeof network.create>>;

/** A file of golden vectors in `packages/sdk/vectors`. */
export interface VectorDocument {
  readonly file: string;
  /** The whole text of the file, the same every time, worked out by the contracts on a fresh chain. */
  readonly make: (chain: Chain) => Promise<string>;
}

/** JSON with a line of its own for everything down to `depth`, and all that is deeper on the line it is in. */
export function printJson(value: unknown, depth: number, indent = ""): string {
  if (depth === 0 || typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const lines = Array.isArray(value)
    ? value.map((item) => printJson(item, depth - 1, inner))
    : Object.entries(value).map(
        ([key, item]) => `${JSON.stringify(key)}: ${printJson(item, depth - 1, inner)}`,
      );
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return `${open}\n${lines.map((line) => inner + line).join(",\n")}\n${indent}${close}`;
}
