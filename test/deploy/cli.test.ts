import { spawnSync } from "node:child_process";
import { expect } from "chai";

/** Runs a command line as npm would, without the build before it. */
function run(script: string, ...args: string[]): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", `scripts/${script}.ts`, ...args],
    { encoding: "utf8", env: { ...process.env, NO_COLOR: "1", DEPLOYER_KEY: "" } },
  );
  return { code: status, stdout, stderr };
}

describe("npm run deploy", () => {
  it("explains itself with examples and exits 0", () => {
    const { code, stdout } = run("deploy", "--help");
    expect(code).to.equal(0);
    expect(stdout).to.contain("Examples:").and.to.contain("(default: 2000)");
  });

  for (const [args, named] of [
    [["--price", "0"], "--price"],
    [["--token", "0x12"], "--token"],
    [["--params", "doge-usd"], "--params"],
    [["--stream-id", "0x0002"], "--stream-id"],
    [["--sequencer", "0x12"], "--sequencer"],
    [["--nonsense"], "--nonsense"],
  ] as const) {
    it(`exits 2 on ${args.join(" ")} and names it in one line`, () => {
      const { code, stderr } = run("deploy", ...args);
      expect(code).to.equal(2);
      expect(stderr.trim().split("\n")).to.have.length(1);
      expect(stderr).to.contain(named);
    });
  }

  it("exits 1 when the endpoint does not answer", () => {
    const { code, stderr } = run("deploy", "--rpc", "http://127.0.0.1:1");
    expect(code).to.equal(1);
    expect(stderr.trim()).to.equal("deploy: --rpc: http://127.0.0.1:1 does not answer");
  });
});

describe("npm run roles", () => {
  it("explains itself with examples and exits 0", () => {
    const { code, stdout } = run("roles", "--help");
    expect(code).to.equal(0);
    expect(stdout).to.contain("Examples:").and.to.contain("--from-block");
  });

  for (const [args, named] of [
    [["--market", "0x12"], "--market"],
    [["--factory", "me"], "--factory"],
    [["--from-block", "-1"], "--from-block"],
    [["all"], "too many arguments"],
  ] as const) {
    it(`exits 2 on ${args.join(" ")} and names it in one line`, () => {
      const { code, stderr } = run("roles", ...args);
      expect(code).to.equal(2);
      expect(stderr.trim().split("\n")).to.have.length(1);
      expect(stderr).to.contain(named);
    });
  }

  it("exits 1 when the endpoint does not answer", () => {
    const { code, stderr } = run("roles", "--rpc", "http://127.0.0.1:1");
    expect(code).to.equal(1);
    expect(stderr.trim()).to.equal("roles: --rpc: http://127.0.0.1:1 does not answer");
  });
});
