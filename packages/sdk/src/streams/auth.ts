import { computeHmac, sha256, toUtf8Bytes } from "ethers";

/** Access to the Data Streams API. */
export interface StreamsCredentials {
  /** Id of the user, sent as it is: a UUID. */
  readonly key: string;
  /** Signs requests and is never sent. */
  readonly secret: string;
}

/** Names of the headers that every request carries. */
export const AUTH_HEADERS = {
  key: "Authorization",
  timestamp: "X-Authorization-Timestamp",
  signature: "X-Authorization-Signature-SHA256",
} as const;

/** How far a request's timestamp may be from the server's clock. Milliseconds. */
export const MAX_CLOCK_SKEW_MS = 5_000;

/** What is signed of a request. */
export interface SignedRequest {
  readonly method: string;
  /** Path with its query, as sent. */
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  /** Default: none. */
  readonly body?: string;
}

/** HMAC-SHA256 of a request under the secret: 64 hex digits without 0x. */
export function signRequest(
  { key, secret }: StreamsCredentials,
  { method, path, timestamp, body = "" }: SignedRequest,
): string {
  const bodyHash = sha256(toUtf8Bytes(body)).slice(2);
  const text = [method, path, bodyHash, key, timestamp].join(" ");
  return computeHmac("sha256", toUtf8Bytes(secret), toUtf8Bytes(text)).slice(2);
}

/** The headers of a GET request, a WebSocket's first one included. */
export function authHeaders(
  credentials: StreamsCredentials,
  path: string,
  timestamp: number = Date.now(),
): Record<string, string> {
  return {
    [AUTH_HEADERS.key]: credentials.key,
    [AUTH_HEADERS.timestamp]: String(timestamp),
    [AUTH_HEADERS.signature]: signRequest(credentials, { method: "GET", path, timestamp }),
  };
}
