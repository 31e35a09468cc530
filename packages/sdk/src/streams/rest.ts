import pRetry from "p-retry";
import { parseJson } from "./answer.ts";
import { authHeaders, type StreamsCredentials } from "./auth.ts";
import { StreamsError, isTransient, statusError } from "./errors.ts";

/** How to reach the REST API. */
export interface RestTerms extends StreamsCredentials {
  readonly restUrl: string;
  /** For one attempt, body included. Milliseconds. */
  readonly timeoutMs: number;
  /** Attempts after the first. */
  readonly retries: number;
  /** Before the second attempt; it doubles with each. Milliseconds. */
  readonly retryMs: number;
}

/** Longest wait between two attempts. Milliseconds. */
const MAX_RETRY_MS = 10_000;
/** A page of a thousand reports is 2 MB. */
const MAX_BODY_BYTES = 8_000_000;
const NOT_FOUND = 404;

/**
 * Asks for a path. Tries again while the API is unavailable. Returns what the JSON holds, `undefined` for HTTP 404.
 * Throws {@link StreamsError}, or the signal's reason.
 */
export async function getJson(terms: RestTerms, path: string, signal?: AbortSignal): Promise<unknown> {
  return pRetry(() => attempt(terms, path, signal), {
    retries: terms.retries,
    minTimeout: terms.retryMs,
    maxTimeout: MAX_RETRY_MS,
    randomize: true,
    shouldRetry: ({ error }) => isTransient(error),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function attempt(terms: RestTerms, path: string, signal?: AbortSignal): Promise<unknown> {
  const timeout = AbortSignal.timeout(terms.timeoutMs);
  const url = new URL(path, terms.restUrl);
  try {
    const response = await fetch(url, {
      headers: authHeaders(terms, url.pathname + url.search),
      // The signature is for this server.
      redirect: "error",
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    });
    if (response.ok) return parseJson(await readText(response));
    await response.body?.cancel();
    if (response.status === NOT_FOUND) return undefined;
    throw statusError(response.status, path);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof StreamsError) throw error;
    const problem = timeout.aborted ? `no answer within ${terms.timeoutMs} ms` : describe(error);
    throw new StreamsError("unavailable", `${problem} for ${path}`, { cause: error });
  }
}

async function readText({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let [text, size] = ["", 0];
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES)
      throw new StreamsError("answer", `the answer is longer than ${MAX_BODY_BYTES} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** fetch says "fetch failed", and why in the cause, which may be empty. */
function describe(error: unknown): string {
  const { message, cause } = error as { readonly message?: string; readonly cause?: { message?: string } };
  return cause?.message || message || String(error);
}
