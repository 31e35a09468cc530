import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { createStreamsClient, type StreamsError, type StreamsOptions } from "@bulkhead/sdk/streams";
import { expect } from "chai";
import { WebSocketServer, type ServerOptions, type WebSocket } from "ws";
import { LOCAL_CREDENTIALS } from "../../scripts/streams/server.ts";

/** A server that answers as a test wants. */
export interface Hostile {
  readonly url: string;
  readonly wsUrl: string;
  /** Paths asked for, in order. */
  readonly paths: string[];
  stop(): Promise<void>;
}

/** Starts a server on a free port of 127.0.0.1. */
export async function startHostile(
  answer: RequestListener,
  sockets: { readonly onOpen?: (socket: WebSocket) => void; readonly options?: ServerOptions } = {},
): Promise<Hostile> {
  const paths: string[] = [];
  const http = createServer((request: IncomingMessage, response) => {
    paths.push(request.url ?? "");
    answer(request, response as never);
  });
  const server = new WebSocketServer({ server: http, ...sockets.options });
  server.on("connection", (socket, request) => {
    paths.push(request.url ?? "");
    socket.on("error", () => undefined);
    sockets.onOpen?.(socket);
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    wsUrl: `ws://127.0.0.1:${port}`,
    paths,
    stop: async () => {
      const closed = new Promise((resolve) => http.close(resolve));
      for (const socket of server.clients) socket.terminate();
      http.closeAllConnections();
      await closed;
    },
  };
}

/** An impatient client of a local server. */
export function clientOf(
  { url, wsUrl }: { readonly url: string; readonly wsUrl: string },
  overrides: Partial<StreamsOptions> = {},
) {
  return createStreamsClient({
    ...LOCAL_CREDENTIALS,
    restUrl: url,
    wsUrl,
    timeoutMs: 2_000,
    retries: 2,
    retryMs: 5,
    ...overrides,
  });
}

/** What a promise was rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<StreamsError> {
  try {
    await promise;
  } catch (error) {
    return error as StreamsError;
  }
  expect.fail("nothing was thrown");
}

/** What each of several promises was rejected with. */
export function rejections(...promises: readonly Promise<unknown>[]): Promise<StreamsError[]> {
  return Promise.all(promises.map(rejection));
}

/** Waits until something holds, two seconds at most. */
export async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 5) {
    if (waited > 2_000) expect.fail("it did not come to that within 2 seconds");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
