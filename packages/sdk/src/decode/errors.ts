import { Interface } from "ethers";
import { Errors__factory } from "../contracts.ts";
import { RevertedError, type BulkheadError, type Revert } from "../errors.ts";
import { plainArgs } from "../reads/plain.ts";
import { classifyError } from "./classify.ts";
import { STANDARD_ERRORS } from "./standard.ts";

const known = new Interface([
  ...Errors__factory.abi,
  ...STANDARD_ERRORS.map((signature) => `error ${signature}`),
]);

/** Decodes revert data: every error of the protocol and of the libraries it uses, texts and panics. Never throws. */
export function decodeRevert(data: string): Revert {
  if (data === "0x") return { kind: "none" };
  try {
    return parse(data) ?? { kind: "undecoded", data };
  } catch {
    // The selector of one and the arguments of another, or a text that is none.
    return { kind: "undecoded", data };
  }
}

function parse(data: string): Revert | undefined {
  const found = known.parseError(data);
  if (found === null) return undefined;
  const { name, args } = found;
  if (name === "Error") return { kind: "reason", data, reason: String(args[0]) };
  if (name === "Panic") return { kind: "panic", data, panic: BigInt(args[0] as bigint) };
  return { kind: "custom", data, errorName: name, args: plainArgs(args) };
}

/**
 * Whatever was thrown as one of the SDK's errors, reverts decoded but without advice: that is
 * {@link toBulkheadError}'s, which brings all its texts along.
 */
export function asBulkheadError(error: unknown): BulkheadError {
  return classifyError(error, { decode: decodeRevert });
}

/** One line on what went wrong: the protocol's error by name where there is one. */
export function describeError(error: unknown): string {
  return asBulkheadError(error).message;
}

/** Whether the error is a revert of the called contract, as opposed to a fault of the connection. */
export function isRevert(error: unknown): boolean {
  return asBulkheadError(error) instanceof RevertedError;
}
