import { Interface, isCallException, isError } from "ethers";
import {
  Errors__factory,
  LiquidityVault__factory,
  PerpMarket__factory,
} from "../../../../typechain-types/index.ts";

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
    const short = (error as Error & { shortMessage?: string }).shortMessage;
    return short ?? error.message;
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

function revertData(error: unknown): string | undefined {
  if (isCallException(error) && typeof error.data === "string" && error.data !== "0x") return error.data;
  const inner = (error as { info?: { error?: { data?: unknown } } } | null)?.info?.error?.data;
  return typeof inner === "string" && inner.startsWith("0x") && inner.length >= 10 ? inner : undefined;
}
