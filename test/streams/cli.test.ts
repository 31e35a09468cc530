import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { encodeReport } from "@bulkhead/sdk";
import { createStreamsClient } from "@bulkhead/sdk/streams";
import { expect } from "chai";
import { AbiCoder } from "ethers";
import { startChain, type LocalChain } from "../../scripts/replay/chain.ts";
import { loadRounds } from "../../scripts/replay/rounds.ts";
import { VerifierProxy__factory } from "../../typechain-types/index.ts";

const DATA = "data/chainlink-eth-usd-2023-08-flash-crash.csv";
const COMMAND = ["--import", "tsx", "scripts/streams.ts"];

function run(...args: string[]): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...COMMAND, ...args], { encoding: "utf8" });
  return { code: status, stdout, stderr };
}

describe("npm run streams", () => {
  it("explains itself with examples and exits 0", () => {
    const { code, stdout } = run("--help");
    expect(code).to.equal(0);
    expect(stdout).to.contain("Examples:").and.to.contain("--from-now");
  });

  for (const [args, named] of [
    [[], "--price or --data"],
    [["--price", "0"], "--price"],
    [["--price", "1e3"], "--price"],
    [["--price", "2000", "--data", DATA], "--data"],
    [["--price", "2000", "--from-now"], "--from-now"],
    [["--price", "2000", "--port", "65536"], "--port"],
    [["--price", "2000", "--feed-id", `0x0004${"11".repeat(30)}`], "the schema is 0x0004"],
    [["--data", "data/README.md"], "data/README.md"],
    [["--data", "no.csv"], "no such file"],
    [["--price", "2000", "more"], "too many arguments"],
  ] as const) {
    it(`exits 2 on ${JSON.stringify(args.join(" "))} and says why in one line`, () => {
      const { code, stderr } = run(...args);
      expect(code).to.equal(2);
      expect(stderr.trim().split("\n")).to.have.length(1);
      expect(stderr)
        .to.match(/^streams: /)
        .and.to.contain(named);
    });
  }

  it("exits 1 when the chain does not answer", () => {
    const { code, stderr } = run("--price", "2000", "--rpc", "http://127.0.0.1:1");
    expect(code).to.equal(1);
    expect(stderr.trim()).to.equal("streams: --rpc: http://127.0.0.1:1 does not answer");
  });

  describe("beside a local chain", () => {
    let chain: LocalChain;
    let child: ChildProcess | undefined;
    let start: number;

    before(async () => {
      const { rounds } = await loadRounds(DATA);
      start = rounds[10]!.updatedAt + 60;
      chain = await startChain(start);
    });

    afterEach(() => child?.kill("SIGKILL"));
    after(() => chain.stop());

    /** Starts the command; what it prints. */
    async function serve(...args: string[]): Promise<Record<string, string>> {
      child = spawn(process.execPath, [...COMMAND, "--rpc", chain.url, "--port", "0", "--json", ...args], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const lines = createInterface(child.stdout!);
      const [line] = (await Promise.race([once(lines, "line"), once(child, "exit")])) as [string];
      return JSON.parse(line) as Record<string, string>;
    }

    it("serves a price that stays, in reports that the verifier takes for a fee", async () => {
      const facts = await serve("--price", "2000.5", "--fees");
      const { restUrl, wsUrl, key, secret, feedId } = facts as Record<string, string> & { restUrl: string };
      const client = createStreamsClient({ restUrl, wsUrl: wsUrl!, key: key!, secret: secret! });
      const signed = await client.latest(feedId!);
      expect(signed?.report.price).to.equal(2_000_500_000_000_000_000_000n);
      const account = await chain.provider.getSigner(chain.accounts[1]);
      const proxy = VerifierProxy__factory.connect(facts.verifierProxy!, account);
      const quote = AbiCoder.defaultAbiCoder().encode(["address"], [facts.weth]);
      const { nativeFee } = signed!.report;
      expect(nativeFee > 0n).to.equal(true);
      const verified = await proxy.verify.staticCall(signed!.fullReport, quote, { value: nativeFee });
      expect(verified).to.equal(encodeReport(signed!.report));
    });

    it("follows the chain's clock", async () => {
      const { restUrl, wsUrl, key, secret, feedId } = await serve("--price", "2000");
      const client = createStreamsClient({
        restUrl: restUrl!,
        wsUrl: wsUrl!,
        key: key!,
        secret: secret!,
      });
      const { timestamp } = await chain.head();
      await chain.setNextTime(timestamp + 1_000);
      await chain.mine();
      const jump = BigInt(timestamp + 500);
      let signed = await client.at(feedId!, jump);
      for (let tries = 0; signed === undefined && tries < 100; tries += 1) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        signed = await client.at(feedId!, jump);
      }
      expect(signed?.report.price).to.equal(2_000n * 10n ** 18n);
    });

    it("serves the rounds of a file at their own times, and stops on an interrupt with code 0", async () => {
      const { restUrl, wsUrl, key, secret, feedId } = await serve("--data", DATA);
      const client = createStreamsClient({ restUrl: restUrl!, wsUrl: wsUrl!, key: key!, secret: secret! });
      const { rounds } = await loadRounds(DATA);
      for (const { updatedAt, answer } of rounds.slice(0, 10)) {
        const signed = await client.at(feedId!, BigInt(updatedAt));
        expect(signed?.report.price).to.equal(answer * 10n ** 10n);
      }
      expect(await client.at(feedId!, BigInt(rounds[0]!.updatedAt) - 1n)).to.equal(undefined);
      expect(await client.at(feedId!, BigInt(start) + 86_400n)).to.equal(undefined);
      const exited = once(child!, "exit");
      child!.kill("SIGINT");
      expect(await exited).to.deep.equal([0, null]);
    });
  });
});
