import { ReportError, type SignedReport } from "@bulkhead/sdk";
import type { StreamsError, StreamsOptions } from "@bulkhead/sdk/streams";
import { expect } from "chai";
import type { WebSocket } from "ws";
import { startStreamsServer, type StreamsServer } from "../../scripts/streams/server.ts";
import { clientOf, rejection, rejections, startHostile, until } from "./hostile.ts";
import { BTC_USD, ETH_USD, signedOf } from "./reports.ts";

describe("subscription to Data Streams", () => {
  let abort: AbortController;
  let got: SignedReport[];
  let problems: StreamsError[];
  let servers: { stop(): Promise<void> }[];

  beforeEach(() => {
    abort = new AbortController();
    [got, problems, servers] = [[], [], []];
  });

  afterEach(async () => {
    abort.abort();
    await Promise.all(servers.map((server) => server.stop()));
  });

  async function start(port = 0): Promise<StreamsServer> {
    const server = await startStreamsServer({ feedIds: [ETH_USD, BTC_USD], port });
    servers.push(server);
    return server;
  }

  function subscribe(
    to: { readonly url: string; readonly wsUrl: string },
    feedIds = [ETH_USD],
    overrides: Partial<StreamsOptions> = {},
  ): Promise<void> {
    const client = clientOf(to, { onProblem: (error) => problems.push(error), ...overrides });
    return client.subscribe(feedIds, (report) => got.push(report), abort.signal);
  }

  /** Publishes seconds one after another until one of them arrives: then the connection stands. */
  async function untilConnected(server: StreamsServer, from: number): Promise<number> {
    const before = got.length;
    let second = from;
    await until(() => {
      server.publish(signedOf(second));
      second += 1;
      return got.length > before;
    });
    return second;
  }

  it("passes on every report of the feeds asked for, and no other", async () => {
    const server = await start();
    const ended = subscribe(server);
    const next = await untilConnected(server, 1_000);
    got = [];
    server.publish(signedOf(next, next + 4));
    server.publish(signedOf(next, next, { feedId: BTC_USD }));
    server.publish(signedOf(next + 5));
    await until(() => got.some(({ report }) => report.observationsTimestamp === BigInt(next + 5)));
    const late = got.filter(({ report }) => report.observationsTimestamp >= BigInt(next));
    expect(late.map(({ fullReport }) => fullReport)).to.deep.equal([
      signedOf(next, next + 4),
      signedOf(next + 5),
    ]);
    expect(got.every(({ report }) => report.feedId === ETH_USD)).to.equal(true);
    abort.abort();
    await ended;
  });

  it("takes several feeds on one connection", async () => {
    const server = await start();
    void subscribe(server, [ETH_USD, BTC_USD]);
    await untilConnected(server, 1_000);
    server.publish(signedOf(5, 5, { feedId: BTC_USD }));
    await until(() => got.some(({ report }) => report.feedId === BTC_USD));
    expect(server.drop()).to.equal(1);
  });

  it("goes on after the connection drops, again and again", async () => {
    const server = await start();
    void subscribe(server);
    let next = 1_000;
    for (let drops = 0; drops < 3; drops += 1) {
      next = await untilConnected(server, next);
      const known = problems.length;
      expect(server.drop()).to.equal(1);
      await until(() => problems.length > known);
    }
    await untilConnected(server, next);
    expect(problems.length).to.be.at.least(3);
    expect(problems.every(({ problem }) => problem === "unavailable")).to.equal(true);
  });

  it("waits for a server that is not there yet, or away", async () => {
    const first = await start();
    await first.stop();
    void subscribe(first);
    await until(() => problems.length > 0);
    const server = await start(Number(new URL(first.url).port));
    await untilConnected(server, 1_000);
  });

  it("ends without an error when its caller ends it, and leaves no connection", async () => {
    const server = await start();
    const ended = subscribe(server);
    await untilConnected(server, 1_000);
    abort.abort();
    await ended;
    await until(() => server.drop() === 0);
    await subscribe(server);
  });

  it("ends without an error while it waits for a server", async () => {
    const server = await start();
    await server.stop();
    const ended = subscribe(server, [ETH_USD], { retryMs: 60_000 });
    await until(() => problems.length > 0);
    abort.abort();
    await ended;
  });

  it("ends with an error when the server refuses the credentials or a feed", async () => {
    const server = await start();
    const unknown = `0x0003${"33".repeat(30)}`;
    for (const error of await rejections(
      subscribe(server, [ETH_USD], { secret: "guess" }),
      subscribe(server, [ETH_USD], { key: "nobody" }),
      subscribe(server, [ETH_USD, unknown]),
    )) {
      expect(error).to.include({
        name: "StreamsError",
        problem: "credentials",
        status: 401,
      });
    }
    expect(problems).to.deep.equal([]);
  });

  it("refuses no feeds, and feeds of another schema", async () => {
    const server = await start();
    expect(await rejection(subscribe(server, []))).to.include({ problem: "request" });
    expect(await rejection(subscribe(server, [`0x0004${"11".repeat(30)}`]))).to.be.instanceOf(ReportError);
  });

  it("ends with what its reader throws", async () => {
    const server = await start();
    const ended = clientOf(server).subscribe(
      [ETH_USD],
      () => {
        throw new Error("disk full");
      },
      abort.signal,
    );
    let second = 1_000;
    const publishing = setInterval(() => server.publish(signedOf((second += 1))), 5);
    const error = await rejection(ended);
    clearInterval(publishing);
    expect(error.message).to.equal("disk full");
  });

  async function hostile(onOpen: (socket: WebSocket) => void, autoPong = true) {
    const server = await startHostile((_, response) => response.writeHead(404).end(), {
      onOpen,
      options: { autoPong },
    });
    servers.push(server);
    return server;
  }

  it("passes over messages that are no report of its feeds, and tells of them", async () => {
    const server = await hostile((socket) => {
      for (const message of [
        "hello",
        "null",
        "{}",
        JSON.stringify({ report: { fullReport: "0x00" } }),
        JSON.stringify({ report: { feedID: ETH_USD, fullReport: signedOf(1, 1, { feedId: BTC_USD }) } }),
        JSON.stringify({ report: { feedID: ETH_USD, fullReport: signedOf(2) } }),
      ]) {
        socket.send(message);
      }
    });
    void subscribe(server);
    await until(() => got.length > 0);
    expect(got.map(({ fullReport }) => fullReport)).to.deep.equal([signedOf(2)]);
    expect(problems.map(({ problem }) => problem)).to.deep.equal(Array(5).fill("answer"));
  });

  it("gives up a connection on which nothing comes, and opens another", async () => {
    let opened = 0;
    const server = await hostile(() => (opened += 1), false);
    void subscribe(server, [ETH_USD], { pingMs: 20 });
    await until(() => opened > 1);
  });

  it("keeps a quiet connection that answers", async () => {
    let opened = 0;
    const server = await hostile(() => (opened += 1));
    void subscribe(server, [ETH_USD], { pingMs: 20 });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(opened).to.equal(1);
  });

  it("does not hurry back to a server that closes every connection", async () => {
    let opened = 0;
    const server = await hostile((socket) => {
      opened += 1;
      socket.close();
    });
    void subscribe(server, [ETH_USD], { retryMs: 20 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    // 20, 40, 80, 160 ms apart.
    expect(opened).to.be.within(2, 5);
  });

  it("gives up a message without end", async () => {
    const server = await hostile((socket) => socket.send("x".repeat(100_000)));
    void subscribe(server);
    await until(() => problems.length > 0);
    expect(problems[0]?.message).to.contain("Max payload size exceeded");
  });
});
