import pRetry from "p-retry";
import WebSocket from "ws";
import { parseJson, readReport } from "./answer.ts";
import { authHeaders, type StreamsCredentials } from "./auth.ts";
import { StreamsError, isTransient, statusError } from "./errors.ts";
import type { SignedReport } from "./report.ts";

/** How to reach the WebSocket API. */
export interface SocketTerms extends StreamsCredentials {
  readonly wsUrl: string;
  /** For the connection to open. Milliseconds. */
  readonly timeoutMs: number;
  /** Before a connection is opened again; it doubles with each failure in a row. Milliseconds. */
  readonly retryMs: number;
  /** How often the server has to give a sign of life. Milliseconds. */
  readonly pingMs: number;
  /** Told of what the subscription survives: lost connections, failed attempts, unusable messages. */
  readonly onProblem?: (error: StreamsError) => void;
}

/** Longest wait between two attempts to connect. Milliseconds. */
const MAX_RETRY_MS = 10_000;
/** A message holds one report: 2 kB. */
const MAX_MESSAGE_BYTES = 65_536;

/** A connection while it lasts. */
interface Connection {
  /** Why it ended. Rejects with what the reader threw, or with the signal's reason. */
  readonly ended: Promise<StreamsError>;
}

/**
 * Passes reports on as they come, connecting again after every loss, until the signal ends it. Throws
 * {@link StreamsError} if the API refuses the credentials or the request, and whatever `onReport` throws.
 */
export async function follow(
  terms: SocketTerms,
  feedIds: readonly string[],
  onReport: (report: SignedReport) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    for (let wait = terms.retryMs; ;) {
      const connection = await pRetry(() => connect(terms, feedIds, onReport, signal), {
        retries: Infinity,
        minTimeout: terms.retryMs,
        maxTimeout: MAX_RETRY_MS,
        randomize: true,
        signal,
        shouldRetry: ({ error }) => isTransient(error),
        onFailedAttempt: ({ error }) => {
          if (error instanceof StreamsError && isTransient(error)) terms.onProblem?.(error);
        },
      });
      const openedAt = Date.now();
      const problem = await connection.ended;
      terms.onProblem?.(problem);
      await delay(wait, signal);
      // A server that closes what it has just opened is no better than one that does not open.
      wait = Date.now() - openedAt > MAX_RETRY_MS ? terms.retryMs : Math.min(2 * wait, MAX_RETRY_MS);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function connect(
  terms: SocketTerms,
  feedIds: readonly string[],
  onReport: (report: SignedReport) => void,
  signal: AbortSignal,
): Promise<Connection> {
  const url = new URL(`/api/v1/ws?feedIDs=${feedIds.join(",")}`, terms.wsUrl);
  const path = url.pathname + url.search;
  const socket = new WebSocket(url, {
    headers: authHeaders(terms, path),
    handshakeTimeout: terms.timeoutMs,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  });
  const ended = listen(socket, terms, feedIds, onReport, signal);
  return new Promise((resolve, reject) => {
    socket.once("open", () => resolve({ ended }));
    socket.once("unexpected-response", (_, response) => {
      reject(statusError(response.statusCode ?? 0, path));
      socket.terminate();
    });
    // A connection that ends before it opens.
    ended.then(reject, reject);
  });
}

/** Handles a socket until it ends. */
function listen(
  socket: WebSocket,
  terms: SocketTerms,
  feedIds: readonly string[],
  onReport: (report: SignedReport) => void,
  signal: AbortSignal,
): Promise<StreamsError> {
  return new Promise((resolve, reject) => {
    const stop = (error: unknown): void => {
      reject(error);
      socket.terminate();
    };
    const stopNow = (): void => stop(signal.reason);
    const stopWatch = watch(socket, terms.pingMs);
    let problem: Error | undefined;
    signal.addEventListener("abort", stopNow, { once: true });
    socket.on("error", (error) => (problem = error));
    socket.on("close", (code) => {
      stopWatch();
      signal.removeEventListener("abort", stopNow);
      const message = problem?.message ?? `the server closed the connection (${code})`;
      resolve(new StreamsError("unavailable", message, { cause: problem }));
    });
    socket.on("message", (data) => {
      const report = readMessage(String(data), feedIds, terms.onProblem);
      try {
        if (report !== undefined) onReport(report);
      } catch (error) {
        stop(error);
      }
    });
    if (signal.aborted) stopNow();
  });
}

/** Ends a connection on which nothing comes. Returns what stops the watch. */
function watch(socket: WebSocket, pingMs: number): () => void {
  let isAlive = true;
  const live = (): void => {
    isAlive = true;
  };
  for (const event of ["open", "message", "ping", "pong"]) socket.on(event, live);
  const timer = setInterval(() => {
    if (!isAlive) socket.terminate();
    else if (socket.readyState === WebSocket.OPEN) socket.ping();
    isAlive = false;
  }, pingMs);
  return () => clearInterval(timer);
}

function readMessage(
  text: string,
  feedIds: readonly string[],
  onProblem: SocketTerms["onProblem"],
): SignedReport | undefined {
  try {
    const { report } = (parseJson(text) ?? {}) as { readonly report?: unknown };
    return readReport(report, feedIds);
  } catch (error) {
    if (!(error instanceof StreamsError)) throw error;
    onProblem?.(error);
    return undefined;
  }
}

function delay(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
