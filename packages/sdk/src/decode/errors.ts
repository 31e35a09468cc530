import { Interface, isCallException, isError } from "ethers";
import { Errors__factory, LiquidityVault__factory, PerpMarket__factory } from "../contracts.ts";

/** A custom error of the protocol, decoded. */
export interface DecodedError {
  readonly name: string;
  readonly args: readonly unknown[];
  /** `Name(arg, arg)` for people. */
  readonly message: string;
}

/** JSON-RPC's code for a reverted call, as providers other than ethers' own pass it on. */
const EXECUTION_REVERTED = 3;

const interfaces = [
  Errors__factory.createInterface(),
  PerpMarket__factory.createInterface(),
  LiquidityVault__factory.createInterface(),
] satisfies Interface[];

/** Decodes revert data; `undefined` if it is no error of the protocol. */
export function decodeError(data: string): DecodedError | undefined {
  for (const candidate of interfaces) {
    const found = (candidate as Interface).parseError(data);
    if (found !== null) {
      const args: readonly unknown[] = [...(found.args as Iterable<unknown>)];
      return { name: found.name, args, message: `${found.name}(${args.map(String).join(", ")})` };
    }
  }
  return undefined;
}

/** One line on what went wrong: the protocol's error by name where there is one, else ethers' short message. */
export function describeError(error: unknown): string {
  const data = revertData(error);
  if (data !== undefined) {
    const decoded = decodeError(data);
    if (decoded !== undefined) return decoded.message;
  }
  if (error instanceof Error) {
    const { error: answer, shortMessage } = error as Error & {
      error?: { message?: string };
      shortMessage?: string;
    };
    return answer?.message ?? shortMessage ?? error.message;
  }
  return String(error);
}

/** Whether the error is a revert of the called contract, as opposed to a fault of the connection. */
export function isRevert(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return isCallException(error) || code === EXECUTION_REVERTED || revertData(error) !== undefined;
}

/** Whether sending failed for the account's nonce. */
export function isNonceError(error: unknown): boolean {
  return isError(error, "NONCE_EXPIRED") || isError(error, "REPLACEMENT_UNDERPRICED");
}

/** Revert data wherever the provider put it: ethers decodes calls, and passes other answers on as they are. */
export function revertData(error: unknown): string | undefined {
  const at = error as {
    data?: unknown;
    error?: { data?: unknown };
    info?: { error?: { data?: unknown } };
  } | null;
  const nested = (at?.data as { data?: unknown } | null | undefined)?.data;
  for (const data of [at?.data, nested, at?.error?.data, at?.info?.error?.data]) {
    if (typeof data === "string" && /^0x[0-9a-f]{8,}$/i.test(data)) return data;
  }
  return undefined;
}
