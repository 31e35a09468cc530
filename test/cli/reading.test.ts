import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { formatAmount, judge } from "@bulkhead/sdk";
import { expect } from "chai";
import { encryptKeystoreJsonSync, HDNodeWallet, Mnemonic } from "ethers";
import { openCommandLine, start } from "./run.ts";

/** Local accounts in the order of the chain's signers: alice is the third. */
const account = (index: number): HDNodeWallet =>
  HDNodeWallet.fromMnemonic(
    Mnemonic.fromPhrase("test test test test test test test test test test test junk"),
    `m/44'/60'/0'/0/${index}`,
  );

const ESCAPE = "\u001b[";

describe("npx bulkhead, reading and signing", function () {
  this.timeout(60_000);
  let { at, bulkhead, text, json, desk, market, alice, waiting } = {} as Awaited<
    ReturnType<typeof openCommandLine>
  >;

  before(async () => {
    ({ at, bulkhead, text, json, desk, market, alice, waiting } = await openCommandLine());
  });
  after(() => desk.stop());

  const nonce = async (): Promise<number> => desk.alice.getNonce();

  it("takes a deployment of its own folder, and none of a folder above, which may be another's", async () => {
    const { folder, deployment, url } = desk;
    const below = join(folder, "below");
    await mkdir(join(folder, "deployments"), { recursive: true });
    await mkdir(below, { recursive: true });
    await copyFile(deployment, join(folder, "deployments", "31337.json"));
    const markets = ["--rpc", url, "markets"];
    const [here, there] = await Promise.all([
      start(markets, {}, folder).ended,
      start(markets, {}, below).ended,
    ]);
    expect([here.code, there.code], here.stderr).to.deep.equal([0, 2]);
    expect(there.stderr).to.contain("no markets are known on chain 31337");
  });

  describe("reading", () => {
    it("shows markets in a table, with addresses when asked, and exactly in JSON", async () => {
      const [shown, long, [only]] = await Promise.all([
        text("markets"),
        text("markets", "--verbose"),
        json<Record<string, unknown>[]>("markets"),
      ]);
      const [head, row] = shown.split("\n");
      expect(head).to.match(/^MARKET +PRICE +AGE +STATE +LONG +SHORT/);
      expect(row).to.match(/^ETH\/USD +2,000\.00 .* normal +10 +4 .* USDC +yes$/);
      expect(long).to.contain(`orderBook       ${desk.addresses.orderBook}`);
      const { netAssetValue, solvent } = await market.solvency();
      expect(only).to.include({ price: "2000", priceIsFresh: true, solvent });
      expect(only!.poolValue).to.equal(formatAmount(netAssetValue, 6));
    });

    it("shows positions of everybody, of an owner and of an account, and by id", async () => {
      const [all, owned, signing, one] = await Promise.all([
        text("positions"),
        json<{ id: string }[]>("positions", "--owner", desk.bob.address),
        json<{ id: string }[]>("positions", "--account", alice),
        json<Record<string, string>[]>("positions", String(desk.ids[0])),
      ]);
      expect(all)
        .to.contain("ETH/USD at 2,000.00")
        .and.to.match(/long 10 .* healthy\n.*short 4 .* healthy/);
      expect([owned.map(({ id }) => id), signing.map(({ id }) => id)]).to.deep.equal([["2"], ["1"]]);
      const { state, positions } = await market.positions.state([1n]);
      const { equity, liquidationPrice } = judge(state, positions[0]!);
      expect(one[0]).to.include({ side: "long", size: "10", entryPrice: "2000.2", standing: "healthy" });
      expect(one[0]).to.include({
        equity: formatAmount(equity, 6),
        liquidationPrice: formatAmount(liquidationPrice, 18),
      });
    });

    it("explains a verdict, and plays prices through", async () => {
      const [explained, table, rows] = await Promise.all([
        text("positions", "1", "--explain"),
        text("positions", "1", "2", "--scenarios"),
        json<{ price: string; positions: { standing: string }[] }[]>(
          "positions",
          "1",
          "--scenarios",
          "--shocks=-20,5",
        ),
      ]);
      expect(explained).to.contain("= maintenance margin").and.to.contain("healthy.");
      expect(table).to.contain("2 healthy").and.to.contain("1 bankrupt, 1 healthy");
      expect(rows.map(({ price, positions }) => [price, positions[0]!.standing])).to.deep.equal([
        ["1600", "bankrupt"],
        ["2100", "healthy"],
      ]);
    });

    it("writes the books out, and the market under stress", async () => {
      const [books, stressed, report] = await Promise.all([
        text("solvency"),
        text("solvency", "--stress", "--shocks=-50"),
        json<{ solvent: boolean; stress: { uncovered: string }[] }>("solvency", "--stress"),
      ]);
      expect(books.match(/ holds$/gm)).to.have.length(4);
      expect(books).to.contain("= net asset value").and.to.contain("Solvent: ");
      expect(stressed).to.match(/-50\.0% +1,000\.00 /);
      const [fall] = await market.stress([-(10n ** 18n) / 2n]);
      expect([report.solvent, report.stress.length]).to.deep.equal([true, 10]);
      expect(report.stress[0]!.uncovered).to.equal(formatAmount(fall!.uncovered, 6));
      expect(fall!.uncovered > 0n).to.equal(true);
    });

    it("exits 1 on books that don't hold", async () => {
      const { networkHelpers, ethers, addresses, token, operator } = desk;
      await networkHelpers.impersonateAccount(addresses.marginVault);
      await networkHelpers.setBalance(addresses.marginVault, 10n ** 18n);
      const vault = await ethers.getSigner(addresses.marginVault);
      await token.connect(vault).transfer(operator, 5n);
      const [{ code, stdout }, parsed] = await Promise.all([
        bulkhead("solvency"),
        bulkhead("solvency", "--json"),
      ]);
      await token.connect(operator).transfer(addresses.marginVault, 5n);
      expect([code, parsed.code]).to.deep.equal([1, 1]);
      expect(stdout)
        .to.match(/= over +-0\.000005 {2}FAILS/)
        .and.to.contain("NOT SOLVENT");
    });

    it("follows blocks and events, for a number of blocks or a time", async () => {
      const [lines, shown] = await Promise.all([
        bulkhead("watch", "--json", "--positions", "--blocks", "1"),
        bulkhead("watch", "--for", "1s", "--interval", "100"),
      ]);
      expect([lines.code, shown.code]).to.deep.equal([0, 0]);
      const last = JSON.parse(lines.stdout.trim().split("\n").at(-1)!) as {
        type: string;
        positions: unknown[];
      };
      expect([last.type, last.positions.length]).to.deep.equal(["block", 2]);
      expect(shown.stdout).to.contain("ETH/USD at 2,000.00");
    });

    it("ends a watch on an interrupt, with 0", async () => {
      const { child, ended } = start([...at, "watch", "--interval", "100"]);
      child.stdout?.once("data", () => child.kill("SIGINT"));
      expect((await ended).code).to.equal(0);
    });

    it("has no colours without a terminal, some when forced, and none for NO_COLOR", async () => {
      const [plain, forced, none] = await Promise.all(
        [{}, { FORCE_COLOR: "1" }, { FORCE_COLOR: "1", NO_COLOR: "1" }].map(
          (env) => start([...at, "markets"], env as Record<string, string>).ended,
        ),
      );
      expect(plain!.stdout).not.to.contain(ESCAPE);
      expect(forced!.stdout).to.contain(ESCAPE);
      expect(none!.stdout).not.to.contain(ESCAPE);
    });
  });

  describe("signing", () => {
    const OPEN = ["open", "long", "--size", "1", "--leverage", "4"];

    it("previews without a signer, and sends nothing", async () => {
      const before = [await nonce(), (await waiting()).length];
      const [shown, parsed] = await Promise.all([
        text(...OPEN, "--dry-run"),
        json<{ dryRun: boolean; preview: Record<string, unknown> }>(...OPEN, "--dry-run", "--account", alice),
      ]);
      expect(shown)
        .to.contain("Open long 1 ETH of ETH/USD")
        .and.to.match(/leverage +4x/);
      expect(parsed.dryRun).to.equal(true);
      expect(parsed.preview).to.include({ obstacle: null, side: "long", size: "1", worstPrice: "2010" });
      expect([await nonce(), (await waiting()).length]).to.deep.equal(before);
    });

    it("exits 1 on a preview that would fail, with the reason by name", async () => {
      const { code, stdout } = await bulkhead(
        "open",
        "long",
        "--size",
        "5",
        "--collateral",
        "50",
        "--dry-run",
      );
      expect(code).to.equal(1);
      expect(stdout).to.contain("x InsufficientMargin: ");
    });

    it("asks who signs, and for a yes where there is nobody to ask", async () => {
      const [nobody, unasked] = await Promise.all([
        bulkhead(...OPEN, "--yes"),
        bulkhead(...OPEN, "--account", alice),
      ]);
      expect([nobody.code, unasked.code]).to.deep.equal([2, 2]);
      expect(nobody.stderr).to.contain("who signs?");
      expect(unasked.stderr).to.contain("--yes");
    });

    it("opens a keystore with its password, and tells a wrong one", async () => {
      const { address, privateKey } = account(2);
      expect(address).to.equal(alice);
      const keystore = join(desk.folder, "alice.json");
      const password = join(desk.folder, "password");
      const wallet = encryptKeystoreJsonSync({ address, privateKey }, "hunter2", {
        scrypt: { N: 1_024, r: 8, p: 1 },
      });
      await Promise.all([writeFile(keystore, wallet), writeFile(password, "hunter2\n")]);
      const add = ["collateral", "add", "1", "10.5", "--yes", "--keystore", keystore];
      const done = await json<{ transactions: string[] }>(...add, "--password-file", password);
      const receipt = await desk.ethers.provider.getTransactionReceipt(done.transactions.at(-1)!);
      expect(receipt?.from).to.equal(alice);
      const [wrong, none] = await Promise.all([
        start([...at, ...add], { BULKHEAD_PASSWORD: "hunter3" }).ended,
        bulkhead(...add),
      ]);
      expect([wrong.code, none.code]).to.deep.equal([1, 2]);
      expect(wrong.stderr).to.contain("wrong password");
      expect(none.stderr).to.contain("BULKHEAD_PASSWORD");
    });

    it("signs with a key from the environment, and says nothing of a bad one", async () => {
      const add = [...at, "collateral", "add", "2", "1", "--yes", "--json"];
      const { code, stdout } = await start(add, { BULKHEAD_KEY: account(3).privateKey }).ended;
      expect(code).to.equal(0);
      expect(stdout).to.contain('"CollateralAdded"');
      const bad = await start(add, { BULKHEAD_KEY: "0x1234abcd" }).ended;
      expect(bad.code).to.equal(2);
      expect(bad.stderr).to.contain("BULKHEAD_KEY").and.not.to.contain("1234abcd");
    });

    it("refuses an account that the node does not hold", async () => {
      const { code, stderr } = await bulkhead(
        "lp",
        "fulfill",
        "--yes",
        "--force",
        "--account",
        `0x${"11".repeat(20)}`,
      );
      expect(code).to.equal(1);
      expect(stderr).to.contain("--account: the node does not hold");
    });
  });

  describe("exposure", () => {
    it("adds an owner's positions up by how prices have moved, as far as there are prices", async () => {
      const few = await bulkhead("positions", "--owner", alice, "--exposure", "--days", "1");
      expect(few.code).to.equal(1);
      expect(few.stderr).to.contain("the prices say too little");
      for (let i = 0n; i < 36n; i += 1n) {
        await desk.networkHelpers.time.increase(3_600);
        await desk.push(2_000n + (i % 3n));
      }
      const found = await json<{ gross: string; independentPositions: number; shocks: unknown[] }>(
        ...["positions", "--owner", alice, "--exposure", "--days", "2"],
      );
      expect(Number(found.gross)).to.be.above(15_000);
      expect([found.independentPositions, found.shocks.length]).to.deep.equal([1, 1]);
      expect(await text("positions", "--owner", alice, "--exposure", "--days", "2")).to.contain(
        "IF THIS MOVES",
      );
    });
  });
});
