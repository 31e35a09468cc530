import { createHash, createHmac } from "node:crypto";
import { ReportError, type SignedReport } from "@bulkhead/sdk";
import { authHeaders, createStreamsClient, signRequest } from "@bulkhead/sdk/streams";
import { expect } from "chai";
import type { Lookup } from "../../scripts/streams/api.ts";
import { LOCAL_CREDENTIALS, startStreamsServer, type StreamsServer } from "../../scripts/streams/server.ts";
import { clientOf, rejection, rejections } from "./hostile.ts";
import { BTC_USD, ETH_USD, signedOf } from "./reports.ts";

const SOLANA_USD = `0x0003${"33".repeat(30)}`;
const LOOKUPS: Lookup[] = ["exact", "holding", "next", "previous"];

/** The last seconds of reports. */
function ends(reports: readonly SignedReport[]): bigint[] {
  return reports.map(({ report }) => report.observationsTimestamp);
}

describe("Data Streams client", () => {
  let server: StreamsServer;

  /** Intervals 100, 101 to 105, 106 to 107; then none before 120 to 121. */
  async function start(lookup: Lookup = "exact"): Promise<void> {
    server = await startStreamsServer({ feedIds: [ETH_USD, BTC_USD], lookup });
    for (const [from, to] of [
      [100, 100],
      [101, 105],
      [106, 107],
      [120, 121],
    ] as const) {
      server.publish(signedOf(from, to));
    }
  }

  beforeEach(() => start());
  afterEach(() => server.stop());

  describe("latest", () => {
    it("gives the newest report, as it was signed", async () => {
      const signed = await clientOf(server).latest(ETH_USD);
      expect(signed?.report.observationsTimestamp).to.equal(121n);
      expect(signed?.fullReport).to.equal(signedOf(120, 121));
    });

    it("gives nothing while there is no report", async () => {
      expect(await clientOf(server).latest(BTC_USD)).to.equal(undefined);
    });

    it("knows a feed id in capitals", async () => {
      const feedId = `0x0003${"ab".repeat(30)}`;
      const other = await startStreamsServer({ feedIds: [feedId] });
      other.publish(signedOf(1, 2, { feedId }));
      const signed = await clientOf(other).latest(`0x${feedId.slice(2).toUpperCase()}`);
      await other.stop();
      expect(signed?.report.feedId).to.equal(feedId);
    });
  });

  describe("at", () => {
    for (const lookup of LOOKUPS) {
      it(`gives the report that holds the second, where a lookup means "${lookup}"`, async () => {
        await server.stop();
        await start(lookup);
        const client = clientOf(server);
        for (const [second, end] of [
          [100n, 100n],
          [101n, 105n],
          [103n, 105n],
          [105n, 105n],
          [106n, 107n],
          [120n, 121n],
          [121n, 121n],
        ] as const) {
          const signed = await client.at(ETH_USD, second);
          expect(signed?.report.observationsTimestamp, `second ${second}`).to.equal(end);
        }
      });

      it(`gives nothing for a second that no report holds, where a lookup means "${lookup}"`, async () => {
        await server.stop();
        await start(lookup);
        const client = clientOf(server);
        // Before the first, in a gap, after the last.
        for (const second of [0n, 99n, 108n, 119n, 122n, 2n ** 32n - 1n]) {
          expect(await client.at(ETH_USD, second), `second ${second}`).to.equal(undefined);
        }
      });
    }

    it("gives a report once it is out", async () => {
      const client = clientOf(server);
      expect(await client.at(ETH_USD, 123n)).to.equal(undefined);
      server.publish(signedOf(122, 124));
      expect((await client.at(ETH_USD, 123n))?.report.observationsTimestamp).to.equal(124n);
    });

    it("keeps feeds apart", async () => {
      server.publish(signedOf(103, 103, { feedId: BTC_USD }));
      const client = clientOf(server);
      expect((await client.at(BTC_USD, 103n))?.report.feedId).to.equal(BTC_USD);
      expect((await client.at(ETH_USD, 103n))?.report.feedId).to.equal(ETH_USD);
      expect(await client.at(BTC_USD, 104n)).to.equal(undefined);
    });
  });

  describe("page", () => {
    it("starts with the report that holds the second, and goes on in order", async () => {
      const client = clientOf(server);
      expect(ends(await client.page(ETH_USD, 103n, 2))).to.deep.equal([105n, 107n]);
      expect(ends(await client.page(ETH_USD, 108n, 2))).to.deep.equal([121n]);
      expect(await client.page(ETH_USD, 122n, 2)).to.deep.equal([]);
    });

    it("reaches every report when each page starts after the one before", async () => {
      const client = clientOf(server);
      const found: bigint[] = [];
      for (let start = 0n; ; start = found.at(-1)! + 1n) {
        const page = ends(await client.page(ETH_USD, start, 1));
        if (page.length === 0) break;
        found.push(...page);
      }
      expect(found).to.deep.equal([100n, 105n, 107n, 121n]);
    });
  });

  describe("credentials", () => {
    it("are signed as Chainlink documents: HMAC of method, path, hash of the body, key and time", () => {
      const [key, secret, path] = ["user", "секрет", "/api/v1/reports/latest?feedID=0x00"];
      const timestamp = 1_716_211_845_123;
      for (const [method, body] of [
        ["GET", ""],
        ["POST", '{"a": 1}'],
      ] as const) {
        const text = `${method} ${path} ${createHash("sha256").update(body).digest("hex")} ${key} ${timestamp}`;
        expect(signRequest({ key, secret }, { method, path, timestamp, body })).to.equal(
          createHmac("sha256", secret).update(text).digest("hex"),
        );
      }
    });

    it("that are wrong are an error of their own, and are not tried again", async () => {
      for (const wrong of [{ key: "nobody" }, { secret: "guess" }]) {
        const error = await rejection(clientOf(server, { ...wrong, retryMs: 60_000 }).latest(ETH_USD));
        expect(error).to.include({ name: "StreamsError", problem: "credentials", status: 401 });
        expect(error.message).to.not.contain("guess");
      }
    });

    it("do not reach a feed outside the subscription", async () => {
      const error = await rejection(clientOf(server).at(SOLANA_USD, 100n));
      expect(error).to.include({ problem: "credentials", status: 401 });
    });

    it("expire: the server refuses a timestamp more than five seconds off, and missing headers", async () => {
      const path = `/api/v1/reports/latest?feedID=${ETH_USD}`;
      const status = async (headers: Record<string, string>) =>
        (await fetch(server.url + path, { headers })).status;
      expect(await status(authHeaders(LOCAL_CREDENTIALS, path))).to.equal(200);
      expect(await status(authHeaders(LOCAL_CREDENTIALS, path, Date.now() - 6_000))).to.equal(400);
      expect(await status(authHeaders(LOCAL_CREDENTIALS, path, Date.now() + 6_000))).to.equal(400);
      expect(await status(authHeaders(LOCAL_CREDENTIALS, `${path}&limit=1`))).to.equal(401);
      expect(await status({})).to.equal(400);
    });
  });

  describe("arguments", () => {
    it("that are no feed of schema v3 are refused before anything is sent", async () => {
      const client = clientOf({ url: "http://127.0.0.1:1", wsUrl: "ws://127.0.0.1:1" });
      for (const feedId of ["", "0x0003", `0x0004${"11".repeat(30)}`, `${ETH_USD}&limit=1`]) {
        const calls = [client.latest(feedId), client.at(feedId, 1n), client.page(feedId, 1n, 1)];
        for (const error of await rejections(...calls)) expect(error).to.be.instanceOf(ReportError);
      }
    });

    it("out of range are refused by name", async () => {
      const client = clientOf(server);
      for (const [call, name] of [
        [() => client.at(ETH_USD, -1n), "timestamp"],
        [() => client.at(ETH_USD, 2n ** 32n), "timestamp"],
        [() => client.page(ETH_USD, 2n ** 32n, 1), "startTimestamp"],
        [() => client.page(ETH_USD, 1n, 0), "limit"],
        [() => client.page(ETH_USD, 1n, 1.5), "limit"],
      ] as const) {
        const error = await rejection(call());
        expect(error).to.include({ name: "StreamsError", problem: "request" });
        expect(error.message).to.match(new RegExp(`^${name}: `));
      }
    });

    it("of the client itself are refused by name", () => {
      const right = { ...LOCAL_CREDENTIALS, restUrl: server.url, wsUrl: server.wsUrl };
      for (const [name, value] of [
        ["restUrl", "ws://127.0.0.1"],
        ["restUrl", "hello"],
        ["wsUrl", "http://127.0.0.1"],
        ["key", "two words"],
        ["secret", ""],
      ] as const) {
        expect(() => createStreamsClient({ ...right, [name]: value })).to.throw(new RegExp(`^${name}: `));
      }
    });
  });

  it("can't publish what is not later than the last report, or of a feed that does not exist", () => {
    expect(() => server.publish(signedOf(121, 122))).to.throw("holds up to 121");
    expect(() => server.publish(signedOf(1, 2, { feedId: SOLANA_USD }))).to.throw("does not exist");
    expect(() => server.publish("0x00")).to.throw(ReportError);
  });
});
