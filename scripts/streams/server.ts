import {
  STATUS_CODES,
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { decodeSignedReport, type SignedReport } from "@bulkhead/sdk";
import type { StreamsCredentials } from "@bulkhead/sdk/streams";
import { WebSocketServer, type WebSocket } from "ws";
import { Refusal, answerGet, checkAuth, readFeeds, toJson, type Lookup, type Store } from "./api.ts";

/** What the server serves, and to whom. */
export interface StreamsServerSettings {
  /** Streams that exist; any other answers 401, like one that the user may not read. */
  readonly feedIds: readonly string[];
  /** Who may ask; default: {@link LOCAL_CREDENTIALS}. */
  readonly credentials?: StreamsCredentials;
  /** Port on 127.0.0.1; default: any free one. */
  readonly port?: number;
  /** Which report a lookup by second gives; default: `exact`. */
  readonly lookup?: Lookup;
}

/** A local server of the Data Streams API, REST and WebSocket on one port. */
export interface StreamsServer {
  /** Origin of the REST API. */
  readonly url: string;
  /** Origin of the WebSocket API. */
  readonly wsUrl: string;
  /**
   * Serves a signed report from now on, and sends it to who subscribed to its feed. Throws if its feed does not exist
   * here or if it is not later than the feed's last one, and `ReportError` if it is malformed.
   */
  publish(fullReport: string): void;
  /** Drops every open WebSocket, as an origin that fails does. Returns how many there were. */
  drop(): number;
  /** Closes the port and every connection. */
  stop(): Promise<void>;
}

/** Known to everybody: good for a server that only this machine reaches. */
export const LOCAL_CREDENTIALS: StreamsCredentials = {
  key: "00000000-0000-4000-8000-000000000000",
  secret: "local",
};

const HOST = "127.0.0.1";
const WS_PATH = "/api/v1/ws";

/** Starts the server. Rejects if the port is taken. */
export async function startStreamsServer(settings: StreamsServerSettings): Promise<StreamsServer> {
  const { feedIds, credentials = LOCAL_CREDENTIALS, port = 0, lookup = "exact" } = settings;
  const store: Store = new Map(feedIds.map((feedId) => [feedId.toLowerCase(), []]));
  const subscribers = new Map<WebSocket, readonly string[]>();
  const http = createServer((request, response) =>
    respond(response, () => answerGet(store, lookup, admit(credentials, request))),
  );
  acceptSockets(http, subscribers, (request) => {
    const url = admit(credentials, request);
    if (url.pathname !== WS_PATH) throw new Refusal(404, "no such path");
    return readFeeds(store, url);
  });
  const origin = `${HOST}:${await listen(http, port)}`;
  return {
    url: `http://${origin}`,
    wsUrl: `ws://${origin}`,
    publish: (fullReport) => {
      const signed = append(store, fullReport);
      const message = JSON.stringify({ report: toJson(signed) });
      for (const [socket, wanted] of subscribers) {
        if (wanted.includes(signed.report.feedId)) socket.send(message);
      }
    },
    drop: () => drop(subscribers),
    stop: async () => {
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      drop(subscribers);
      http.closeAllConnections();
      await closed;
    },
  };
}

/** The URL of a request that carries the right headers. */
function admit(credentials: StreamsCredentials, { headers, method, url = "/" }: IncomingMessage): URL {
  checkAuth(credentials, headers, url);
  if (method !== "GET") throw new Refusal(400, "GET is expected");
  return new URL(url, `http://${HOST}`);
}

function acceptSockets(
  http: Server,
  subscribers: Map<WebSocket, readonly string[]>,
  admitted: (request: IncomingMessage) => readonly string[],
): void {
  const sockets = new WebSocketServer({ noServer: true });
  http.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    try {
      const wanted = admitted(request);
      sockets.handleUpgrade(request, socket, head, (opened) => {
        subscribers.set(opened, wanted);
        opened.on("error", () => opened.terminate());
        opened.on("close", () => subscribers.delete(opened));
      });
    } catch (error) {
      const { status } = refusalOf(error);
      socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\nConnection: close\r\n\r\n`);
    }
  });
}

function respond(response: ServerResponse, answer: () => unknown): void {
  let [status, body]: [number, unknown] = [200, undefined];
  try {
    body = answer();
  } catch (error) {
    const refusal = refusalOf(error);
    [status, body] = [refusal.status, { message: refusal.message }];
  }
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function refusalOf(error: unknown): Refusal {
  return error instanceof Refusal ? error : new Refusal(500, String(error));
}

function append(store: Store, fullReport: string): SignedReport {
  const signed = decodeSignedReport(fullReport);
  const { feedId, validFromTimestamp } = signed.report;
  const reports = store.get(feedId);
  if (reports === undefined) throw new Error(`feed ${feedId} does not exist on this server`);
  const last = reports.at(-1)?.report.observationsTimestamp;
  if (last !== undefined && validFromTimestamp <= last) {
    throw new Error(
      `the report is valid from ${validFromTimestamp}; the feed's last one holds up to ${last}`,
    );
  }
  reports.push(signed);
  return signed;
}

function drop(subscribers: ReadonlyMap<WebSocket, unknown>): number {
  const { size } = subscribers;
  for (const socket of subscribers.keys()) socket.terminate();
  return size;
}

function listen(http: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once("error", reject);
    http.listen(port, HOST, () => {
      http.off("error", reject);
      resolve((http.address() as AddressInfo).port);
    });
  });
}
