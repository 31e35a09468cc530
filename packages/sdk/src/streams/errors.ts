/**
 * Why the Data Streams API gave no report:
 *
 * - `request`: it can't be asked this; the message names the argument.
 * - `credentials`: it does not know the key, the secret is wrong, the clocks differ, or the feed is not for this key.
 * - `unavailable`: it does not answer, or asks to come back later; it was tried again as often as allowed.
 * - `answer`: what it sent is not what was asked for.
 */
export type StreamsProblem = "request" | "credentials" | "unavailable" | "answer";

/** A failed request to the Data Streams API. */
export class StreamsError extends Error {
  override readonly name = "StreamsError";
  readonly problem: StreamsProblem;
  /** Status of the HTTP answer, if there was one. */
  readonly status: number | undefined;

  constructor(
    problem: StreamsProblem,
    message: string,
    details: { readonly status?: number; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
    this.problem = problem;
    this.status = details.status;
  }
}

const TOO_MANY_REQUESTS = 429;
const SERVER_ERROR = 500;

/** What an HTTP status other than 200 means. */
export function statusError(status: number, path: string): StreamsError {
  const what = `HTTP ${status} for ${path}`;
  if (status === TOO_MANY_REQUESTS || status >= SERVER_ERROR)
    return new StreamsError("unavailable", what, { status });
  if (status === 401 || status === 403) {
    const hint = "check the key, the secret, and that the feed is part of the subscription";
    return new StreamsError("credentials", `${what}; ${hint}`, { status });
  }
  if (status === 400) {
    const hint = "check the query, and that the clock is right to 5 seconds";
    return new StreamsError("request", `${what}; ${hint}`, { status });
  }
  return new StreamsError("answer", `${what}; 200 is expected`, { status });
}

/** Whether the same request may do better a moment later. */
export function isTransient(error: unknown): boolean {
  return error instanceof StreamsError && error.problem === "unavailable";
}
