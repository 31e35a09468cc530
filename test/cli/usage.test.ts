import { expect } from "chai";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run as outside } from "../sdk/outside.ts";
import { BIN, bulkhead, start } from "./run.ts";

describe("npx bulkhead, before it reaches a chain", function () {
  this.timeout(30_000);

  it("explains itself and every command with examples", async () => {
    const commands = ["markets", "positions", "open", "close", "collateral", "orders", "stops", "lp"];
    const [whole, ...each] = await Promise.all([
      bulkhead("--help"),
      ...[...commands, "solvency", "watch"].map((name) => bulkhead(name, "--help")),
    ]);
    expect(whole.code).to.equal(0);
    for (const name of commands) expect(whole.stdout).to.contain(`  ${name}`);
    for (const { code, stdout } of each) {
      expect(code).to.equal(0);
      expect(stdout).to.contain("Examples:");
    }
  });

  it("runs under the machine's own Node, from any folder", async () => {
    const folder = await mkdtemp(join(tmpdir(), "bulkhead-cli-"));
    try {
      expect(await outside(folder, "node", BIN, "--help")).to.contain("Usage: bulkhead");
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  for (const [args, named] of [
    [["nonsense"], "unknown command"],
    [["markets", "--nonsense"], "--nonsense"],
    [["markets", "ETH/USD"], "too many arguments"],
    [["open", "up"], "long, short"],
    [["open"], "side"],
    [["close"], "id"],
    [["--rpc", "nowhere", "markets"], "--rpc"],
    [["markets", `0x${"ab".repeat(32)}`], "looks like a private key"],
  ] as const)
    it(`exits 2 on "${args.join(" ").slice(0, 40)}" and says why`, async () => {
      const { code, stdout, stderr } = await bulkhead(...args);
      expect(code).to.equal(2);
      expect(stdout).to.equal("");
      expect(stderr)
        .to.match(/^bulkhead: /)
        .and.to.contain(named);
      expect(stderr).not.to.contain("abab");
    });

  it("exits 1 where the endpoint does not answer, and tells the cause when asked", async () => {
    const { code, stderr } = await bulkhead("--rpc", "http://127.0.0.1:1", "markets");
    expect(code).to.equal(1);
    expect(stderr).to.match(/^bulkhead: --rpc: http:\/\/127\.0\.0\.1:1: The node can't be reached.*\n$/);
    const told = await start(["--rpc", "http://127.0.0.1:1", "--verbose", "markets"]).ended;
    expect(told.stderr).to.contain("caused by: ");
  });
});
