import { printable } from "./text.ts";

/** Longest message, and longest text of another's in one. */
const [MAX_MESSAGE, MAX_DETAIL] = [1_000, 160];

/** What went wrong, for programs: one code for each class of {@link BulkheadError}. */
export type BulkheadErrorCode =
  | "INVALID_INPUT"
  | "USER_REJECTED"
  | "REVERTED"
  | "UNDERPRICED"
  | "INSUFFICIENT_FUNDS"
  | "NONCE"
  | "NETWORK"
  | "TIMEOUT"
  | "UNKNOWN_CHAIN"
  | "UNEXPECTED";

/**
 * Whatever the SDK throws: a short message for people, a stable `code` for programs, and as `cause` what was caught.
 *
 * @example
 * try {
 *   await send(signer, request);
 * } catch (error) {
 *   if (error instanceof RevertedError) console.error(error.message, error.advice);
 *   else if (error instanceof UserRejectedError) return;
 *   else throw error;
 * }
 */
export abstract class BulkheadError extends Error {
  abstract readonly code: BulkheadErrorCode;

  constructor(message: string, cause?: unknown) {
    super(printable(message, MAX_MESSAGE), cause === undefined ? undefined : { cause });
  }
}

/** Something that was passed in can't be: nothing was sent. */
export class InvalidInputError extends BulkheadError {
  override readonly name = "InvalidInputError";
  readonly code = "INVALID_INPUT";
  /** Name of the argument, with dots for one inside another. */
  readonly field: string;
  /** What was passed. */
  readonly given: unknown;
  /** What would be right. */
  readonly expected: string;

  constructor(field: string, given: unknown, expected: string, cause?: unknown) {
    super(`${field}: expected ${expected}, got ${show(given)}`, cause);
    this.field = field;
    this.given = given;
    this.expected = expected;
  }
}

/** The owner of the wallet said no, or has not let this page use the account. */
export class UserRejectedError extends BulkheadError {
  override readonly name = "UserRejectedError";
  readonly code = "USER_REJECTED";
  /** `rejected`: asked and refused. `unauthorized`: the account was never opened to whoever asks. */
  readonly reason: "rejected" | "unauthorized";

  constructor(reason: "rejected" | "unauthorized", cause?: unknown) {
    super(
      reason === "rejected"
        ? "The request was rejected in the wallet"
        : "The wallet has not authorised this account or method: connect it first",
      cause,
    );
    this.reason = reason;
  }
}

/**
 * What a contract reverted with:
 *
 * - `custom`: an error of the protocol or of a library it uses, with arguments by name.
 * - `reason`: a text.
 * - `panic`: a failed assertion of the compiler, such as an overflow.
 * - `undecoded`: data of an error that is not known here.
 * - `none`: nothing was said, or the node keeps it to itself.
 */
export type Revert =
  | {
      readonly kind: "custom";
      readonly data: string;
      readonly errorName: string;
      readonly args: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: "reason"; readonly data?: string; readonly reason: string }
  | { readonly kind: "panic"; readonly data: string; readonly panic: bigint }
  | { readonly kind: "undecoded"; readonly data: string }
  | { readonly kind: "none" };

/** A contract refused the call, in a simulation or on the chain. */
export class RevertedError extends BulkheadError {
  override readonly name = "RevertedError";
  readonly code = "REVERTED";
  readonly revert: Revert;
  /** What the error means and what to do about it, in one sentence or two. */
  readonly advice: string | undefined;
  /** Of the transaction, if it was mined. */
  readonly transactionHash: string | undefined;

  constructor(
    revert: Revert,
    details: {
      readonly advice?: string | undefined;
      readonly transactionHash?: string | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(revertMessage(revert), details.cause);
    this.revert = revert;
    this.advice = details.advice;
    this.transactionHash = details.transactionHash;
  }

  /** Name of the custom error, if it is one. */
  get errorName(): string | undefined {
    return this.revert.kind === "custom" ? this.revert.errorName : undefined;
  }

  /** Arguments of the custom error by name; empty for other reverts. */
  get args(): Readonly<Record<string, unknown>> {
    return this.revert.kind === "custom" ? this.revert.args : {};
  }
}

/** The offered fee is too low: for the next block, for the node, or to replace a transaction that waits. */
export class UnderpricedError extends BulkheadError {
  override readonly name = "UnderpricedError";
  readonly code = "UNDERPRICED";
  /** Whether it is about a transaction that waits under the same nonce. */
  readonly isReplacement: boolean;

  constructor(isReplacement: boolean, detail?: string, cause?: unknown) {
    const what = isReplacement
      ? "The fee is too low to replace the transaction that waits: offer at least 10 % more, or wait for that one"
      : "The offered fee is too low: raise the highest fee per gas";
    super(withDetail(what, detail), cause);
    this.isReplacement = isReplacement;
  }
}

/** The sender's native token does not pay for the transaction. */
export class InsufficientFundsError extends BulkheadError {
  override readonly name = "InsufficientFundsError";
  readonly code = "INSUFFICIENT_FUNDS";

  constructor(detail?: string, cause?: unknown) {
    super(
      withDetail("The account has too little of the native token to pay for gas and value", detail),
      cause,
    );
  }
}

/**
 * Why a transaction's number is not right:
 *
 * - `low`: that number is mined already. `high`: one before it is missing.
 * - `known`: the very same transaction waits already.
 * - `replaced`: another transaction with this number was mined instead.
 */
export type NonceProblem = "low" | "high" | "known" | "replaced";

const NONCE_PROBLEMS: Record<NonceProblem, string> = {
  low: "The transaction's nonce is used already: ask for the next one and sign again",
  high: "The transaction's nonce leaves a gap: send those before it first",
  known: "The same transaction waits to be mined already",
  replaced: "Another transaction with the same nonce was mined instead",
};

/** The transaction's nonce is used, too high, or was taken by another transaction. */
export class NonceError extends BulkheadError {
  override readonly name = "NonceError";
  readonly code = "NONCE";
  readonly problem: NonceProblem;

  constructor(problem: NonceProblem, detail?: string, cause?: unknown) {
    super(withDetail(NONCE_PROBLEMS[problem], detail), cause);
    this.problem = problem;
  }
}

/**
 * Why a node, wallet or service gave no answer that can be used:
 *
 * - `lost`: not reached, or the connection broke. `timeout`: no answer in time. `disconnected`: the wallet is.
 * - `rate`: too many requests. `server`: it failed itself, or does not have that block. `denied`: it wants other
 *   credentials. `answer`: what it sent makes no sense. `unsupported`: it does not offer the method.
 * - `chain`: it is on another chain.
 * - `empty`: nothing that answers is deployed at the address on this chain.
 */
export type NetworkProblem =
  | "lost"
  | "timeout"
  | "disconnected"
  | "rate"
  | "server"
  | "denied"
  | "answer"
  | "unsupported"
  | "chain"
  | "empty";

const NETWORK_PROBLEMS: Record<NetworkProblem, string> = {
  lost: "The node can't be reached, or the connection broke",
  timeout: "The node did not answer in time",
  disconnected: "The wallet is disconnected",
  rate: "The node takes no more requests for now: wait, or use another one",
  server: "The node failed to answer",
  denied: "The node refuses access: check its address and key",
  answer: "The answer is not one of an Ethereum node: check the address",
  unsupported: "The node or wallet does not offer this method",
  chain: "The wallet or node is on another chain",
  empty: "No such contract answers at this address: check address and chain",
};

/** No answer, or none that can be used; most problems pass when asked again. */
export class NetworkError extends BulkheadError {
  override readonly name = "NetworkError";
  readonly code = "NETWORK";
  readonly problem: NetworkProblem;
  /** Status of the HTTP answer, if there was one. */
  readonly status: number | undefined;

  constructor(
    problem: NetworkProblem,
    details: {
      readonly detail?: string | undefined;
      readonly status?: number | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    const http = details.status === undefined ? undefined : `HTTP ${details.status}`;
    super(withDetail(NETWORK_PROBLEMS[problem], details.detail ?? http), details.cause);
    this.problem = problem;
    this.status = details.status;
  }

  /** Whether the same request may do better a moment later. */
  get isTransient(): boolean {
    return ["lost", "timeout", "rate", "server", "answer"].includes(this.problem);
  }
}

/** The transaction was sent and not mined in time: it may be yet. */
export class TimeoutError extends BulkheadError {
  override readonly name = "TimeoutError";
  readonly code = "TIMEOUT";
  readonly transactionHash: string | undefined;

  constructor(transactionHash?: string, cause?: unknown) {
    const which = transactionHash === undefined ? "The transaction" : `Transaction ${transactionHash}`;
    super(`${which} is not mined yet; it may still be: look before sending another`, cause);
    this.transactionHash = transactionHash;
  }
}

/** There is no known deployment on the chain. */
export class UnknownChainError extends BulkheadError {
  override readonly name = "UnknownChainError";
  readonly code = "UNKNOWN_CHAIN";
  readonly chainId: bigint;

  /** @param known Ids of the chains that have one. */
  constructor(chainId: bigint, known: readonly bigint[] = []) {
    const others = known.length === 0 ? "pass the addresses instead" : `known are ${known.join(", ")}`;
    super(`No deployment is known on chain ${chainId}: ${others}`);
    this.chainId = chainId;
  }
}

/** Anything else; its `cause` is what was caught. */
export class UnexpectedError extends BulkheadError {
  override readonly name = "UnexpectedError";
  readonly code = "UNEXPECTED";
}

function revertMessage(revert: Revert): string {
  switch (revert.kind) {
    case "custom": {
      const args = Object.entries(revert.args).map(([name, value]) => `${name}: ${show(value)}`);
      return `${revert.errorName}(${args.join(", ")})`;
    }
    case "reason":
      return `Reverted: ${revert.reason}`;
    case "panic":
      return `Reverted: panic 0x${revert.panic.toString(16)}`;
    case "undecoded":
      return `Reverted with unknown data ${printable(revert.data, MAX_DETAIL)}`;
    case "none":
      return "Reverted without a reason";
  }
}

function withDetail(what: string, detail: string | undefined): string {
  return detail === undefined || detail === "" ? what : `${what} (${printable(detail, MAX_DETAIL)})`;
}

function show(value: unknown): string {
  if (typeof value === "string")
    return /^0x[0-9a-fA-F]*$/.test(value)
      ? printable(value, MAX_DETAIL)
      : `"${printable(value, MAX_DETAIL)}"`;
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}
