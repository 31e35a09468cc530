import { Contract, FunctionFragment, toUtf8String, Utf8ErrorFuncs, type ContractRunner } from "ethers";
import { asBulkheadError } from "../decode/errors.ts";
import { NetworkError, RevertedError } from "../errors.ts";
import { printable } from "../text.ts";

/** Longest symbol that is shown. */
const MAX_SYMBOL = 32;

/** What a token answers; `undefined` if it has no such function, or what it answers is of another type. */
export async function askToken<T>(
  token: string,
  runner: ContractRunner,
  signature: string,
  ...args: unknown[]
): Promise<T | undefined> {
  const method = FunctionFragment.from(signature);
  try {
    return (await new Contract(token, [method], runner).getFunction(method).staticCall(...args)) as T;
  } catch (error) {
    const found = asBulkheadError(error);
    const isMissing =
      found instanceof RevertedError ||
      (found instanceof NetworkError && (found.problem === "empty" || found.problem === "answer"));
    if (isMissing) return undefined;
    throw found;
  }
}

/** A token's symbol as it may be shown: a text, 32 bytes as of old, or "tokens" for one that has none. */
export async function readSymbol(token: string, runner: ContractRunner): Promise<string> {
  // A text is encoded as bytes are, and need not be one.
  const bytes =
    (await askToken<string>(token, runner, "function symbol() view returns (bytes)")) ??
    (await askToken<string>(token, runner, "function symbol() view returns (bytes32)")) ??
    "0x";
  const [text = ""] = toUtf8String(bytes, Utf8ErrorFuncs.replace).split("\0", 1);
  return printable(text, MAX_SYMBOL).trim() || "tokens";
}
