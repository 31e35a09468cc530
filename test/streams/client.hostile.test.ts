import type { RequestListener } from "node:http";
import { expect } from "chai";
import { clientOf, rejection, rejections, startHostile, type Hostile } from "./hostile.ts";
import { BTC_USD, ETH_USD, signedOf } from "./reports.ts";

describe("Data Streams client before a server that can't be trusted", () => {
  let server: Hostile;

  async function answering(answer: RequestListener): Promise<void> {
    server = await startHostile(answer);
  }

  /** Answers by path; what starts with none of the given ones gets a 404. */
  function byPath(answers: Readonly<Record<string, unknown>>): Promise<void> {
    return answering(({ url = "" }, response) => {
      const found = Object.entries(answers).find(([path]) => url.startsWith(path));
      if (found === undefined) response.statusCode = 404;
      response.end(typeof found?.[1] === "string" ? found[1] : JSON.stringify(found?.[1] ?? {}));
    });
  }

  afterEach(() => server.stop());

  for (const [what, body] of [
    ["a page of HTML", "<html>Sign in</html>"],
    ["no report", {}],
    ["null", "null"],
    ["a report without its payload", { report: { feedID: ETH_USD } }],
    ["a payload that is no hex", { report: { fullReport: "0xhello" } }],
    ["a payload that is no report", { report: { fullReport: `0x${"00".repeat(320)}` } }],
    [
      "a report of another feed",
      { report: { feedID: ETH_USD, fullReport: signedOf(1, 1, { feedId: BTC_USD }) } },
    ],
    ["a report that holds no second", { report: { fullReport: signedOf(5, 4) } }],
  ] as const) {
    it(`refuses ${what}, and does not ask again`, async () => {
      await byPath({ "/": body });
      const client = clientOf(server);
      for (const error of await rejections(client.latest(ETH_USD), client.at(ETH_USD, 1n))) {
        expect(error).to.include({ name: "StreamsError", problem: "answer" });
      }
      expect(server.paths).to.have.length(2);
    });
  }

  it("goes by what oracles signed, not by what the server says beside it", async () => {
    const report = {
      feedID: BTC_USD,
      validFromTimestamp: 1,
      observationsTimestamp: 999,
      fullReport: signedOf(7, 8),
    };
    await byPath({ "/api/v1/reports/page": { reports: [] }, "/api/v1/reports": { report } });
    const client = clientOf(server);
    expect((await client.latest(ETH_USD))?.report.observationsTimestamp).to.equal(8n);
    expect(await client.at(ETH_USD, 999n)).to.equal(undefined);
  });

  it("does not take another time's report for the one that holds a second", async () => {
    await byPath({
      "/api/v1/reports/page": { reports: [{ fullReport: signedOf(60, 70) }] },
      "/api/v1/reports?": { report: { fullReport: signedOf(40, 49) } },
    });
    expect(await clientOf(server).at(ETH_USD, 50n)).to.equal(undefined);
    expect(server.paths).to.have.length(2);
  });

  for (const [what, intervals] of [
    ["from before its start", [[40, 49]]],
    [
      "out of order",
      [
        [52, 53],
        [50, 51],
      ],
    ],
    [
      "that overlap",
      [
        [50, 52],
        [52, 53],
      ],
    ],
    [
      "more than asked for",
      [
        [50, 50],
        [51, 51],
        [52, 52],
        [53, 53],
      ],
    ],
  ] as const) {
    it(`refuses a page of reports ${what}`, async () => {
      const reports = intervals.map(([from, to]) => ({ fullReport: signedOf(from, to) }));
      await byPath({ "/api/v1/reports/page": { reports } });
      expect(await rejection(clientOf(server).page(ETH_USD, 50n, 3))).to.include({ problem: "answer" });
    });
  }

  it("refuses a page that is no list", async () => {
    await byPath({ "/api/v1/reports/page": { reports: "none" } });
    expect(await rejection(clientOf(server).page(ETH_USD, 50n, 3))).to.include({ problem: "answer" });
  });

  for (const status of [500, 502, 503, 429]) {
    it(`asks again after HTTP ${status}, and gives up after as many times as allowed`, async () => {
      let failures = 2;
      await answering((_, response) => {
        response.statusCode = failures-- > 0 ? status : 200;
        response.end(JSON.stringify({ report: { fullReport: signedOf(7, 8) } }));
      });
      const client = clientOf(server);
      expect((await client.latest(ETH_USD))?.report.observationsTimestamp).to.equal(8n);
      expect(server.paths).to.have.length(3);
      failures = Infinity;
      expect(await rejection(client.latest(ETH_USD))).to.include({ problem: "unavailable", status });
      expect(server.paths).to.have.length(6);
    });
  }

  it("does not ask again after HTTP 400", async () => {
    await answering((_, response) => response.writeHead(400).end());
    expect(await rejection(clientOf(server).latest(ETH_USD))).to.include({ problem: "request", status: 400 });
    expect(server.paths).to.have.length(1);
  });

  it("gives up on a server that hangs, before or within its answer", async () => {
    await answering(({ url = "" }, response) => {
      if (url.includes("latest")) response.writeHead(200).write('{"report":');
    });
    const client = clientOf(server, { timeoutMs: 50, retries: 1 });
    for (const error of await rejections(client.latest(ETH_USD), client.page(ETH_USD, 1n, 1))) {
      expect(error).to.include({ problem: "unavailable" });
      expect(error.message).to.contain("no answer within 50 ms");
    }
    expect(server.paths).to.have.length(4);
  });

  it("stops at once when the caller no longer wants the answer", async () => {
    await answering(() => undefined);
    const client = clientOf(server, { timeoutMs: 60_000 });
    const abort = new AbortController();
    setTimeout(() => abort.abort(new Error("changed my mind")), 20);
    for (const error of await rejections(
      client.latest(ETH_USD, abort.signal),
      client.at(ETH_USD, 1n, abort.signal),
    )) {
      expect(error.message).to.equal("changed my mind");
    }
    expect((await rejection(client.page(ETH_USD, 1n, 1, abort.signal))).message).to.equal("changed my mind");
  });

  it("cuts an answer without end", async () => {
    await answering((_, response) => {
      const chunk = "x".repeat(1_000_000);
      const more = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on("drain", more);
      more();
    });
    const error = await rejection(clientOf(server).latest(ETH_USD));
    expect(error).to.include({ problem: "answer" });
    expect(error.message).to.contain("longer than");
  });

  it("does not follow to another server", async () => {
    const other = await startHostile((_, response) => response.end("{}"));
    await answering((_, response) => response.writeHead(302, { location: other.url }).end());
    expect(await rejection(clientOf(server).latest(ETH_USD))).to.include({ problem: "unavailable" });
    await other.stop();
    expect(other.paths).to.deep.equal([]);
  });

  it("says that nobody listens", async () => {
    await answering(() => undefined);
    await server.stop();
    const error = await rejection(clientOf(server, { retries: 0 }).latest(ETH_USD));
    expect(error).to.include({ problem: "unavailable" });
    expect(error.message).to.contain("ECONNREFUSED");
    await answering(() => undefined);
  });
});
