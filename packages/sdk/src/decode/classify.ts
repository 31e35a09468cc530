import {
  BulkheadError,
  InsufficientFundsError,
  InvalidInputError,
  NetworkError,
  NonceError,
  RevertedError,
  TimeoutError,
  UnderpricedError,
  UnexpectedError,
  UserRejectedError,
  type NetworkProblem,
  type Revert,
} from "../errors.ts";
import { StreamsError } from "../streams/errors.ts";
import { layersOf, revertData, type Layer } from "./walk.ts";

/** How reverts are read. */
export interface RevertReader {
  decode(data: string): Revert;
  advise?(revert: Revert): string | undefined;
}

/**
 * Whatever ethers, a wallet (EIP-1193), a node or `fetch` threw, as one of the SDK's errors. What a contract says comes
 * before what is said in words, since a contract may revert with any words.
 */
export function classifyError(error: unknown, reader: RevertReader): BulkheadError {
  if (error instanceof BulkheadError) return error;
  if (error instanceof StreamsError) return fromStreams(error);
  const layers = layersOf(error);
  return (
    asRejection(layers, error) ??
    asRevert(layers, error, reader) ??
    asRejectionInWords(layers, error) ??
    asTransactionProblem(layers, error) ??
    asNetworkProblem(layers, error) ??
    asInputProblem(layers, error) ??
    new UnexpectedError(wordsOf(layers) || unexplained(error), error)
  );
}

/* WALLETS */

const REJECTED = /user (denied|rejected)|rejected (by|the) (user|request)|ethers-user-denied/i;

function asRejection(layers: readonly Layer[], cause: unknown): BulkheadError | undefined {
  for (const { code } of layers) {
    // 4001 of EIP-1193, 5000 of WalletConnect.
    if (code === 4001 || code === 5000 || code === "ACTION_REJECTED")
      return new UserRejectedError("rejected", cause);
    if (code === 4100) return new UserRejectedError("unauthorized", cause);
  }
  return undefined;
}

function asRejectionInWords(layers: readonly Layer[], cause: unknown): BulkheadError | undefined {
  const rejected = layers.some(({ code, text }) => typeof code !== "string" && REJECTED.test(text));
  return rejected ? new UserRejectedError("rejected", cause) : undefined;
}

/* REVERTS */

const REVERTED_CODE = 3;
const REVERTED =
  /\brevert(ed)?\b|VM execution error|VM Exception|out of gas|invalid opcode|bad instruction|stack (under|over)flow/i;
const REASON = /(?:execution reverted: |reverted with reason string ')([^'\n]+)/i;

function asRevert(
  layers: readonly Layer[],
  cause: unknown,
  { decode, advise }: RevertReader,
): BulkheadError | undefined {
  const data = revertData(cause);
  const revert = data === undefined ? revertInWords(layers) : decode(data);
  if (revert === undefined) return undefined;
  return new RevertedError(revert, {
    advice: advise?.(revert),
    transactionHash: minedHash(layers),
    cause,
  });
}

/**
 * A revert without data. ethers calls any failed `eth_call` a call exception, also one that never ran: what the node
 * said decides then.
 */
function revertInWords(layers: readonly Layer[]): Revert | undefined {
  const exception = layers.find(({ code }) => code === "CALL_EXCEPTION");
  if (exception !== undefined && !hasNodesAnswer(exception)) return { kind: "none" };
  const said = layers.find(
    ({ code, text }) => code === REVERTED_CODE || (code !== "CALL_EXCEPTION" && REVERTED.test(text)),
  );
  if (said === undefined) return undefined;
  const reason = REASON.exec(said.text)?.[1];
  return reason === undefined ? { kind: "none" } : { kind: "reason", reason };
}

function hasNodesAnswer({ raw }: Layer): boolean {
  return (raw.info as { error?: unknown } | undefined)?.error !== undefined;
}

function minedHash(layers: readonly Layer[]): string | undefined {
  for (const { raw } of layers) {
    const hash = (raw.receipt as { hash?: unknown } | null | undefined)?.hash;
    if (typeof hash === "string") return hash;
  }
  return undefined;
}

/* TRANSACTIONS */

const FUNDS =
  /insufficient (funds|maxfeepergas for sender balance|balance)|insufficientfunds|doesn't have enough funds|upfront cost exceeds|gas required exceeds allowance/i;
const KNOWN = /already ?known|known transaction|already imported/i;
const NONCE_HIGH = /nonce too high|noncegap|nonce.*too distant/i;
const NONCE_LOW = /nonce too low|oldnonce|nonce has already been used|invalid transaction nonce/i;
const REPLACEMENT = /replacement (transaction|fee|not ?allowed)|replacementnotallowed/i;
const UNDERPRICED =
  /underpriced|feetoolow|fee too low|fee ?cap less than|max ?fee ?per ?gas.{0,40}(less|lower|too low)|(gas ?price|tip|priority fee).{0,40}(too low|below|less than)/i;

/** The transaction never got into a block: its sender's money, its number or its fee is not right, or time ran out. */
function asTransactionProblem(layers: readonly Layer[], cause: unknown): BulkheadError | undefined {
  const detail = nodesWords(layers);
  for (const { code, text, raw } of layers) {
    if (code === "INSUFFICIENT_FUNDS" || FUNDS.test(text)) return new InsufficientFundsError(detail, cause);
    if (code === "TRANSACTION_REPLACED") return new NonceError("replaced", undefined, cause);
    if (code === "TIMEOUT" && /wait for transaction/i.test(text)) return new TimeoutError(hashIn(raw), cause);
    if (code === "REPLACEMENT_UNDERPRICED" || REPLACEMENT.test(text))
      return new UnderpricedError(true, detail, cause);
    if (KNOWN.test(text)) return new NonceError("known", undefined, cause);
    if (NONCE_HIGH.test(text)) return new NonceError("high", detail, cause);
    if (code === "NONCE_EXPIRED" || NONCE_LOW.test(text)) return new NonceError("low", detail, cause);
    if (UNDERPRICED.test(text)) return new UnderpricedError(false, detail, cause);
  }
  return undefined;
}

function hashIn(raw: Readonly<Record<string, unknown>>): string | undefined {
  return typeof raw.transactionHash === "string" ? raw.transactionHash : undefined;
}

/* NETWORK */

const LOST =
  /^(ECONN\w+|ENOTFOUND|EAI_AGAIN|EPIPE|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|UND_ERR_(SOCKET|ABORTED|CLOSED|DESTROYED)|CERT_\w+|ERR_TLS\w+|DEPTH_ZERO_SELF_SIGNED_CERT)$/;
const LOST_WORDS =
  /failed to fetch|fetch failed|network ?error|load failed|socket hang up|connection (closed|lost|refused|reset)|websocket.*(closed|not open)/i;
const TIMED_OUT = /^(ETIMEDOUT|ESOCKETTIMEDOUT|UND_ERR_\w*TIMEOUT|TIMEOUT)$/;
const RATE_WORDS =
  /too many requests|rate ?limit|limit exceeded|exceeded.*(quota|capacity|compute units)|throttl/i;
const STATE_WORDS =
  /header not found|missing trie node|unknown block|block not found|state .*not available|pruned|invalid block tag/i;

/** Problems that a code alone tells: JSON-RPC's, EIP-1193's, EIP-3326's and ethers'. */
const PROBLEM_CODES: Readonly<Record<string, NetworkProblem>> = {
  4900: "disconnected",
  4901: "chain",
  4902: "chain",
  4200: "unsupported",
  [-32601]: "unsupported",
  [-32004]: "unsupported",
  [-32005]: "rate",
  429: "rate",
  [-32700]: "answer",
  CANCELLED: "lost",
};

/** Those that count only if nothing says more. */
const GENERAL_CODES: Readonly<Record<string, NetworkProblem>> = {
  [-32603]: "server",
  SERVER_ERROR: "server",
  BAD_DATA: "answer",
};

function asNetworkProblem(layers: readonly Layer[], cause: unknown): BulkheadError | undefined {
  const status = layers.map(statusOf).find((found) => found !== undefined);
  const problem =
    layers.map(problemOf).find((found) => found !== undefined) ??
    problemOfStatus(status) ??
    (layers.some(({ text }) => LOST_WORDS.test(text)) ? "lost" : undefined) ??
    layers.map(({ code }) => GENERAL_CODES[String(code)]).find((found) => found !== undefined);
  if (problem === undefined) return undefined;
  return new NetworkError(problem, { detail: nodesWords(layers), status, cause });
}

function problemOf({ code, name, text, raw }: Layer): NetworkProblem | undefined {
  // A call of an address without code answers nothing, which no type decodes.
  if (code === "BAD_DATA" && raw.value === "0x") return "empty";
  if (code === "NETWORK_ERROR") return /network changed/i.test(text) ? "chain" : "lost";
  if (RATE_WORDS.test(text)) return "rate";
  if (code !== undefined && code in PROBLEM_CODES) return PROBLEM_CODES[code];
  if (typeof code === "string" && TIMED_OUT.test(code)) return "timeout";
  if (typeof code === "string" && LOST.test(code)) return "lost";
  if (name === "TimeoutError") return "timeout";
  if (name === "AbortError") return "lost";
  if (code === "UNSUPPORTED_OPERATION") return problemOfUnsupported(text);
  if (name === "SyntaxError") return "answer";
  if (STATE_WORDS.test(text)) return "server";
  if (/method .*(does not exist|not (found|supported|available))/i.test(text)) return "unsupported";
  return undefined;
}

function problemOfUnsupported(text: string): NetworkProblem | undefined {
  if (/provider destroyed|cancelled request/i.test(text)) return "lost";
  if (/unsupported operation/i.test(text)) return "unsupported";
  return /not valid JSON|invalid JSON/i.test(text) ? "answer" : undefined;
}

function problemOfStatus(status: number | undefined): NetworkProblem | undefined {
  if (status === undefined || status < 400) return undefined;
  if (status === 429) return "rate";
  if (status === 401 || status === 403) return "denied";
  if (status === 408 || status === 504) return "timeout";
  return status >= 500 ? "server" : "answer";
}

/**
 * Status of an HTTP answer: ethers keeps it as "503 Service Unavailable", and in brackets after it has tried again;
 * others as a number.
 */
function statusOf({ raw }: Layer): number | undefined {
  for (const value of [raw.responseStatus, raw.statusCode, raw.status]) {
    const status =
      typeof value === "string" ? Number(/\((\d{3}) /.exec(value)?.[1] ?? value.slice(0, 3)) : value;
    if (typeof status === "number" && status >= 400 && status < 600) return status;
  }
  return undefined;
}

function fromStreams(error: StreamsError): BulkheadError {
  const details = { detail: error.message, status: error.status, cause: error };
  switch (error.problem) {
    case "request":
      return new InvalidInputError(
        "report",
        undefined,
        `a request that can be answered: ${error.message}`,
        error,
      );
    case "credentials":
      return new NetworkError("denied", details);
    case "unavailable":
      return new NetworkError(error.status === 429 ? "rate" : "server", details);
    case "answer":
      return new NetworkError("answer", details);
  }
}

/* INPUT */

const INPUT_CODES: ReadonlySet<unknown> = new Set([
  "INVALID_ARGUMENT",
  "NUMERIC_FAULT",
  "MISSING_ARGUMENT",
  "UNEXPECTED_ARGUMENT",
  "UNCONFIGURED_NAME",
  "VALUE_MISMATCH",
]);

/** Arguments that ethers refused to encode. */
function asInputProblem(layers: readonly Layer[], cause: unknown): BulkheadError | undefined {
  if (layers.some(({ text }) => /does not support ENS/i.test(text)))
    return new InvalidInputError(
      "address",
      undefined,
      "0x and 40 hex digits: there are no names here",
      cause,
    );
  const refused = layers.find(({ code }) => INPUT_CODES.has(code));
  if (refused === undefined) return undefined;
  const { argument, value, shortMessage } = refused.raw;
  const field = typeof argument === "string" ? argument : "argument";
  return new InvalidInputError(field, value, `a valid value: ${String(shortMessage ?? refused.text)}`, cause);
}

/* WORDS */

/** What the node itself said, without the library around it: the innermost JSON-RPC answer, in its first line. */
function nodesWords(layers: readonly Layer[]): string | undefined {
  const answer = layers.findLast(
    ({ code, raw }) => typeof code === "number" && typeof raw.message === "string",
  );
  return answer === undefined ? undefined : firstLine(String(answer.raw.message));
}

function wordsOf(layers: readonly Layer[]): string | undefined {
  const outermost = layers
    .map(({ raw }) => raw.shortMessage ?? raw.message)
    .find((text) => text !== undefined);
  return nodesWords(layers) ?? (typeof outermost === "string" ? firstLine(outermost) : layers[0]?.text);
}

function unexplained(error: unknown): string {
  return typeof error === "object" && error !== null ? "Something without words was thrown" : String(error);
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}
