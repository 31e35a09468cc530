import { readReport } from "./answer.ts";
import type { StreamsCredentials } from "./auth.ts";
import { StreamsError } from "./errors.ts";
import { checkFeedId, holds, type SignedReport } from "./report.ts";
import { getJson, type RestTerms } from "./rest.ts";
import { follow, type SocketTerms } from "./socket.ts";

/** Where Chainlink serves Data Streams for main networks. */
export const STREAMS_MAINNET = {
  restUrl: "https://api.dataengine.chain.link",
  wsUrl: "wss://ws.dataengine.chain.link",
} as const;

/** Where Chainlink serves Data Streams for test networks. */
export const STREAMS_TESTNET = {
  restUrl: "https://api.testnet-dataengine.chain.link",
  wsUrl: "wss://ws.testnet-dataengine.chain.link",
} as const;

/**
 * Signed reports of Data Streams, schema v3.
 *
 * Every report is of a feed that was asked for and of the time that was asked for, whatever the server says of it.
 * Whether oracles signed it is for the chain's verifier to say. Feed ids that are no id of schema v3 throw
 * `ReportError`; all else throws {@link StreamsError}, or the reason of the signal that ended the call.
 */
export interface StreamsClient {
  /** The newest report that the server has; `undefined` if there is none. How old it is, is for the caller to judge. */
  latest(feedId: string, signal?: AbortSignal): Promise<SignedReport | undefined>;

  /**
   * The report whose price stands for a second: `validFromTimestamp` ≤ `timestamp` ≤ `observationsTimestamp`.
   * `undefined` if there is none, or none yet: a report comes out a second or two after its last second.
   *
   * @param timestamp Unix seconds.
   */
  at(feedId: string, timestamp: bigint, signal?: AbortSignal): Promise<SignedReport | undefined>;

  /**
   * Reports in order of time, the first of them with an `observationsTimestamp` of at least `startTimestamp`. The next
   * page starts one second after the last one's `observationsTimestamp`.
   *
   * @param startTimestamp Unix seconds.
   * @param limit How many at most; the server may give fewer.
   */
  page(feedId: string, startTimestamp: bigint, limit: number, signal?: AbortSignal): Promise<SignedReport[]>;

  /**
   * Passes reports on as they come out, over one connection that is opened again whenever it is lost. Reports that
   * come out in between are not repeated: `page` has them. Resolves when the signal is aborted; throws if the server
   * refuses, and whatever `onReport` throws.
   */
  subscribe(
    feedIds: readonly string[],
    onReport: (report: SignedReport) => void,
    signal: AbortSignal,
  ): Promise<void>;
}

/** Where the API is, who asks, and with how much patience. */
export interface StreamsOptions extends StreamsCredentials {
  /** Origin of the REST API, such as {@link STREAMS_MAINNET}'s. */
  readonly restUrl: string;
  /** Origin of the WebSocket API. */
  readonly wsUrl: string;
  /** For one attempt at a request, or for a connection to open. Milliseconds; default: 10 s. */
  readonly timeoutMs?: number;
  /** Attempts after the first while the API is unavailable; a subscription has no end of them. Default: 3. */
  readonly retries?: number;
  /** Before the second attempt; it doubles with each. Milliseconds; default: 250. */
  readonly retryMs?: number;
  /** A subscription's connection is given up after two such spans without a sign of life. Milliseconds; default: 15 s. */
  readonly pingMs?: number;
  /** Told of what a subscription survives: lost connections, failed attempts, unusable messages. */
  readonly onProblem?: (error: StreamsError) => void;
}

const DEFAULTS = { timeoutMs: 10_000, retries: 3, retryMs: 250, pingMs: 15_000 } as const;
const MAX_TIMESTAMP = 2n ** 32n - 1n;

/** The report that holds a second is the first of its page; a server that counts otherwise may have it second. */
const PAGE_AT = 2;

/** A client of the Data Streams API, REST and WebSocket. Throws {@link StreamsError} for options that can't be right. */
export function createStreamsClient(options: StreamsOptions): StreamsClient {
  checkOptions(options);
  const terms: RestTerms & SocketTerms = { ...DEFAULTS, ...options };
  const client: StreamsClient = {
    latest: (feedId, signal) => getReport(terms, `/api/v1/reports/latest?feedID=${feedId}`, feedId, signal),
    at: async (feedId, timestamp, signal) => {
      checkTimestamp("timestamp", timestamp);
      // What a lookup by second gives inside a longer interval is the server's choice; a page goes by the order.
      const path = `/api/v1/reports?feedID=${feedId}&timestamp=${timestamp}`;
      const found = await getReport(terms, path, feedId, signal);
      if (found !== undefined && holds(found.report, timestamp)) return found;
      const reports = await client.page(feedId, timestamp, PAGE_AT, signal);
      return reports.find(({ report }) => holds(report, timestamp));
    },
    page: (feedId, start, limit, signal) => getPage(terms, feedId, start, limit, signal),
    subscribe: async (feedIds, onReport, signal) => {
      if (feedIds.length === 0)
        throw new StreamsError("request", "feedIds: none is given; at least one is expected");
      await follow(terms, feedIds.map(normalize), onReport, signal);
    },
  };
  return client;
}

async function getReport(
  terms: RestTerms,
  path: string,
  feedId: string,
  signal?: AbortSignal,
): Promise<SignedReport | undefined> {
  const normalized = normalize(feedId);
  const answer = (await getJson(terms, path, signal)) as { readonly report?: unknown } | null | undefined;
  return answer === undefined ? undefined : readReport(answer?.report, [normalized]);
}

async function getPage(
  terms: RestTerms,
  feedId: string,
  start: bigint,
  limit: number,
  signal?: AbortSignal,
): Promise<SignedReport[]> {
  const normalized = normalize(feedId);
  checkTimestamp("startTimestamp", start);
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new StreamsError("request", `limit: ${limit} is given; a whole number from 1 is expected`);
  }
  const path = `/api/v1/reports/page?feedID=${feedId}&startTimestamp=${start}&limit=${limit}`;
  const answer = (await getJson(terms, path, signal)) as { readonly reports?: unknown } | null | undefined;
  if (answer === undefined) return [];
  if (!Array.isArray(answer?.reports)) throw new StreamsError("answer", "the answer has no list of reports");
  const reports = answer.reports.map((report) => readReport(report, [normalized]));
  checkOrder(reports, start, limit);
  return reports;
}

function checkOrder(reports: readonly SignedReport[], start: bigint, limit: number): void {
  if (reports.length > limit) {
    throw new StreamsError(
      "answer",
      `the page has ${reports.length} reports; ${limit} at most were asked for`,
    );
  }
  let next = start;
  for (const [i, { report }] of reports.entries()) {
    const first = i === 0 ? report.observationsTimestamp : report.validFromTimestamp;
    if (first < next) {
      throw new StreamsError(
        "answer",
        `report ${i} of the page is of second ${first}; ${next} is the earliest`,
      );
    }
    next = report.observationsTimestamp + 1n;
  }
}

function normalize(feedId: string): string {
  checkFeedId(feedId);
  return feedId.toLowerCase();
}

function checkTimestamp(name: string, value: bigint): void {
  if (value < 0n || value > MAX_TIMESTAMP) {
    throw new StreamsError("request", `${name}: ${value} is given; Unix seconds below 2^32 are expected`);
  }
}

function checkOptions({ restUrl, wsUrl, key, secret }: StreamsOptions): void {
  const expect = (isRight: boolean, name: string, what: string): void => {
    if (!isRight) throw new StreamsError("request", `${name}: ${what} is expected`);
  };
  const protocol = (url: string): string => (URL.canParse(url) ? new URL(url).protocol : "");
  expect(
    /^https?:$/.test(protocol(restUrl)),
    "restUrl",
    `an http(s) URL, such as ${STREAMS_MAINNET.restUrl},`,
  );
  expect(/^wss?:$/.test(protocol(wsUrl)), "wsUrl", `a ws(s) URL, such as ${STREAMS_MAINNET.wsUrl},`);
  expect(/^[\x21-\x7e]+$/.test(key), "key", "the API key, printable and without spaces,");
  expect(secret !== "", "secret", "the API secret");
}
