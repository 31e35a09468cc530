import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { holds, type SignedReport } from "@bulkhead/sdk";
import { AUTH_HEADERS, MAX_CLOCK_SKEW_MS, signRequest, type StreamsCredentials } from "@bulkhead/sdk/streams";

/** What the API answers in place of a report. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Reports of every stream that exists, by feed id in lower case, in order of time. */
export type Store = ReadonlyMap<string, SignedReport[]>;

/**
 * Which report a lookup by second gives. The API's documentation leaves open what it gives inside a longer interval:
 *
 * - `exact`: the one whose last second it is, and none else;
 * - `holding`: the one whose interval holds it;
 * - `next`: the first one whose last second is not before it;
 * - `previous`: the last one whose last second is not after it.
 */
export type Lookup = "exact" | "holding" | "next" | "previous";

const UNAUTHORIZED = 401;
const BAD_REQUEST = 400;
const NOT_FOUND = 404;
/** Reports of a page when no limit is given, and the highest limit. */
const DEFAULT_LIMIT = 10;
const MAX_LIMIT = 1_000;

/** Checks a request's headers. Throws {@link Refusal}: 400 for missing or malformed ones, 401 for wrong ones. */
export function checkAuth(credentials: StreamsCredentials, headers: IncomingHttpHeaders, path: string): void {
  const header = (name: string): string => {
    const value = headers[name.toLowerCase()];
    if (typeof value !== "string" || value === "")
      throw new Refusal(BAD_REQUEST, `header ${name} is missing`);
    return value;
  };
  const [key, time, signature] = [
    header(AUTH_HEADERS.key),
    header(AUTH_HEADERS.timestamp),
    header(AUTH_HEADERS.signature),
  ];
  const timestamp = /^\d{1,15}$/.test(time) ? Number(time) : NaN;
  if (!(Math.abs(Date.now() - timestamp) <= MAX_CLOCK_SKEW_MS)) {
    throw new Refusal(BAD_REQUEST, `${AUTH_HEADERS.timestamp} is not within ${MAX_CLOCK_SKEW_MS} ms of now`);
  }
  const right = Buffer.from(signRequest(credentials, { method: "GET", path, timestamp }));
  const given = Buffer.from(signature);
  const isRight = given.length === right.length && timingSafeEqual(given, right);
  if (key !== credentials.key || !isRight) throw new Refusal(UNAUTHORIZED, "the signature is wrong");
}

/** The answer to a GET, as JSON holds it. Throws {@link Refusal}. */
export function answerGet(store: Store, lookup: Lookup, url: URL): unknown {
  switch (url.pathname) {
    case "/api/v1/reports/latest":
      return single(readFeed(store, url).at(-1));
    case "/api/v1/reports": {
      const reports = readFeed(store, url);
      return single(find(reports, lookup, readNumber(url, "timestamp")));
    }
    case "/api/v1/reports/page": {
      const reports = readFeed(store, url);
      const start = readNumber(url, "startTimestamp");
      const limit = url.searchParams.has("limit") ? Number(readNumber(url, "limit")) : DEFAULT_LIMIT;
      const from = reports.findIndex(({ report }) => report.observationsTimestamp >= start);
      const found = from < 0 ? [] : reports.slice(from, from + Math.min(limit, MAX_LIMIT));
      return { reports: found.map(toJson) };
    }
    default:
      throw new Refusal(NOT_FOUND, "no such path");
  }
}

/** Feed ids of a subscription. Throws {@link Refusal}. */
export function readFeeds(store: Store, url: URL): string[] {
  const feedIds = (url.searchParams.get("feedIDs") ?? "").toLowerCase().split(",");
  for (const feedId of feedIds) reportsOf(store, feedId);
  return feedIds;
}

/** A report as the API's JSON has it. */
export function toJson({ report, fullReport }: SignedReport) {
  return {
    feedID: report.feedId,
    validFromTimestamp: Number(report.validFromTimestamp),
    observationsTimestamp: Number(report.observationsTimestamp),
    fullReport,
  };
}

function find(reports: readonly SignedReport[], lookup: Lookup, second: bigint): SignedReport | undefined {
  switch (lookup) {
    case "exact":
      return reports.find(({ report }) => report.observationsTimestamp === second);
    case "holding":
      return reports.find(({ report }) => holds(report, second));
    case "next":
      return reports.find(({ report }) => report.observationsTimestamp >= second);
    case "previous":
      return reports.findLast(({ report }) => report.observationsTimestamp <= second);
  }
}

function single(report: SignedReport | undefined) {
  if (report === undefined) throw new Refusal(NOT_FOUND, "no report");
  return { report: toJson(report) };
}

function readFeed(store: Store, url: URL): SignedReport[] {
  return reportsOf(store, (url.searchParams.get("feedID") ?? "").toLowerCase());
}

function reportsOf(store: Store, feedId: string): SignedReport[] {
  if (!/^0x[0-9a-f]{64}$/.test(feedId)) throw new Refusal(BAD_REQUEST, "a feed id is missing or malformed");
  const reports = store.get(feedId);
  if (reports === undefined) throw new Refusal(UNAUTHORIZED, "the feed is not part of the subscription");
  return reports;
}

function readNumber(url: URL, name: string): bigint {
  const text = url.searchParams.get(name) ?? "";
  if (!/^\d{1,10}$/.test(text)) throw new Refusal(BAD_REQUEST, `${name} is missing or malformed`);
  return BigInt(text);
}
