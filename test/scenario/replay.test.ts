import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { ReplayJson } from "../../scripts/replay/report.ts";

/** Runs the replay's own command line, as `npm start` does after its build. */
async function replay(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn("tsx", ["scripts/replay.ts", ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, stdout, stderr };
}

describe("the replay", () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "bulkhead-"));
  });
  after(() => rm(folder, { recursive: true }));

  /** The hours around the crash, as a file of their own. */
  async function crashFile(): Promise<string> {
    const [header, ...rows] = (await readFile("data/chainlink-eth-usd-2023-08-flash-crash.csv", "utf8"))
      .trim()
      .split("\n");
    const crash = rows.findIndex((row) => row.split(",")[2]! >= "1692303000");
    const file = join(folder, "crash.csv");
    await writeFile(file, [header, ...rows.slice(crash - 22, crash + 12)].join("\n"));
    return file;
  }

  /** The summary of the crash with the rounds coming as `oracle` has them. */
  async function crash(oracle: "feed" | "streams", report: string): Promise<ReplayJson> {
    const { code, stdout, stderr } = await replay(
      ...["--data", await crashFile(), "--oracle", oracle, "--traders", "40", "--seed", "3", "--json"],
      ...["--report", report],
    );
    expect(code, stderr).to.equal(0);
    return JSON.parse(stdout.trim().split("\n").at(-1)!) as ReplayJson;
  }

  it("carries 40 traders through the crash with every unit accounted for and no liquidation missed", async () => {
    const report = join(folder, "replay.html");
    const result = await crash("feed", report);
    expect(result.rounds).to.equal(34);
    expect(result.opened).to.be.greaterThan(20);
    expect(result.liquidatedFull + result.liquidatedPartial).to.be.greaterThan(0);
    expect(result.missed).to.equal(0);
    expect(result.conservationError).to.match(/^0(\.0+)?$/);
    expect(result.latencyRounds.max).to.equal(0);
    expect(result.badDebtLp).to.match(/^0(\.0+)?$/);
    expect(await readFile(report, "utf8")).to.contain("uPlot");
  }).timeout(180_000);

  it("comes to the same solvency when the rounds are signed reports of a stream", async () => {
    const result = await crash("streams", join(folder, "streams.html"));
    expect(result.rounds).to.equal(34);
    expect(result.opened).to.be.greaterThan(20);
    expect(result.liquidatedFull + result.liquidatedPartial).to.be.greaterThan(0);
    expect(result.missed).to.equal(0);
    expect(result.conservationError).to.match(/^0(\.0+)?$/);
    expect(result.badDebtLp).to.match(/^0(\.0+)?$/);
    expect(result.latencyRounds.max).to.equal(0);
  }).timeout(180_000);

  it("says in one line what is wrong with a file, and exits with 2", async () => {
    const file = join(folder, "bad.csv");
    await writeFile(file, "a,b,c\n1,2,3\n");
    for (const path of [file, join(folder, "missing.csv")]) {
      const { code, stdout, stderr } = await replay("--data", path);
      expect(code).to.equal(2);
      expect(stdout).to.equal("");
      expect(stderr.trim().split("\n")).to.have.length(1);
    }
  });
});
