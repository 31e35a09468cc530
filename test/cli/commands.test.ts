import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Bulkhead, judge, type Market, type WaitingOrder } from "@bulkhead/sdk";
import { expect } from "chai";
import { encryptKeystoreJsonSync, HDNodeWallet, Mnemonic } from "ethers";
import { until } from "../keeper/process.ts";
import { openDesk, type CliDesk } from "./desk.ts";
import { start, type Ended } from "./run.ts";

/** Local accounts in the order of the chain's signers: alice is the third. */
const account = (index: number): HDNodeWallet =>
  HDNodeWallet.fromMnemonic(
    Mnemonic.fromPhrase("test test test test test test test test test test test junk"),
    `m/44'/60'/0'/0/${index}`,
  );

const ESCAPE = "\u001b[";

describe("npx bulkhead on a chain", function () {
  this.timeout(60_000);
  let desk: CliDesk;
  let market: Market;
  let alice: string;

  before(async () => {
    desk = await openDesk();
    const { markets } = await Bulkhead.connect(desk.ethers.provider, desk.addresses);
    market = [...markets.values()][0]!;
    alice = desk.alice.address;
  });
  after(() => desk.stop());

  const at = (): string[] => ["--rpc", desk.url, "--deployment", desk.deployment];

  async function bulkhead(...args: string[]): Promise<Ended> {
    return start([...at(), ...args]).ended;
  }

  /** What a command prints as JSON; it has to succeed. */
  async function json<T>(...args: string[]): Promise<T> {
    const { code, stdout, stderr } = await bulkhead(...args, "--json");
    expect(code, stderr).to.equal(0);
    return JSON.parse(stdout) as T;
  }

  /** What a command prints for people; it has to succeed. */
  async function text(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await bulkhead(...args);
    expect(code, stderr).to.equal(0);
    return stdout;
  }

  const waiting = async (): Promise<readonly WaitingOrder[]> => market.orders.waiting();
  const nonce = async (): Promise<number> => desk.alice.getNonce();

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
      expect(only!.poolValue).to.equal(
        `${netAssetValue / desk.unit}.${String(netAssetValue % desk.unit).padStart(6, "0")}`.replace(
          /\.?0+$/,
          "",
        ),
      );
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
      expect(BigInt(one[0]!.equity!.replace(".", "").padEnd(String(equity).length, "0"))).to.equal(equity);
      expect(one[0]!.liquidationPrice!.replace(".", "")).to.equal(String(liquidationPrice));
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
        json<Record<string, unknown>>("solvency", "--stress"),
      ]);
      expect(books.match(/ holds$/gm)).to.have.length(4);
      expect(books).to.contain("= net asset value").and.to.contain("Solvent: ");
      expect(stressed).to.match(/-50\.0% +1,000\.00 .* 1,01\d\.\d\d/);
      expect(report.solvent).to.equal(true);
      expect(report.stress).to.have.length(10);
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
      const { child, ended } = start([...at(), "watch", "--interval", "100"]);
      child.stdout?.once("data", () => child.kill("SIGINT"));
      expect((await ended).code).to.equal(0);
    });

    it("has no colours without a terminal, some when forced, and none for NO_COLOR", async () => {
      const [plain, forced, none] = await Promise.all(
        [{}, { FORCE_COLOR: "1" }, { FORCE_COLOR: "1", NO_COLOR: "1" }].map(
          (env) => start([...at(), "markets"], env as Record<string, string>).ended,
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
        start([...at(), ...add], { BULKHEAD_PASSWORD: "hunter3" }).ended,
        bulkhead(...add),
      ]);
      expect([wrong.code, none.code]).to.deep.equal([1, 2]);
      expect(wrong.stderr).to.contain("wrong password");
      expect(none.stderr).to.contain("BULKHEAD_PASSWORD");
    });

    it("signs with a key from the environment, and says nothing of a bad one", async () => {
      const add = [...at(), "collateral", "add", "2", "1", "--yes", "--json"];
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

  describe("trading", () => {
    const asAlice = (): string[] => ["--account", alice, "--yes"];

    /** A keeper's part: the next price, and the settlement of what waits for it. */
    async function settleAll(dollars: bigint): Promise<void> {
      await desk.networkHelpers.time.increase(40);
      const round = await desk.push(dollars);
      for (const order of await waiting()) if (order.kind === "market") await desk.settle(order, round);
    }

    it("opens, waits for the keeper, and shows the position", async () => {
      const { ended } = start([
        ...at(),
        "open",
        "short",
        "--collateral",
        "500",
        "--leverage",
        "2",
        ...asAlice(),
      ]);
      await until("an order", async () => (await waiting()).length === 1);
      await settleAll(2_000n);
      const { code, stdout, stderr } = await ended;
      expect(code, stderr).to.equal(0);
      expect(stdout)
        .to.match(/executed at 2000 before impact/)
        .and.to.match(/short 0\.49\d+ .* 2x .* healthy/);
    });

    it("approves what it takes, exactly, where that is missing", async () => {
      const { keeper, token, unit } = desk;
      await token.mint(keeper, 1_000n * unit);
      const open = ["open", "long", "--size", "0.5", "--collateral", "400", "--no-wait"];
      const done = await json<{ transactions: string[]; outcome: string }>(
        ...open,
        "--account",
        keeper.address,
        "--yes",
      );
      expect([done.transactions.length, done.outcome]).to.deep.equal([2, "waiting"]);
      expect(await market.wallet.allowance(keeper.address, "marginVault")).to.equal(0n);
      const poor = await bulkhead(...open, "--collateral", "10000", "--account", keeper.address, "--yes");
      expect(poor.code).to.equal(1);
      expect(poor.stderr).to.contain("the wallet has 600.00 USDC");
    });

    it("settles an order with the proof of its price, once there is one", async () => {
      const [order] = await waiting();
      const settle = ["orders", "settle", order!.orderId, ...asAlice()];
      const early = await bulkhead(...settle);
      expect(early.code).to.equal(1);
      expect(early.stderr).to.contain("has no price yet");
      await desk.networkHelpers.time.increase(40);
      await desk.push(2_000n);
      expect(await text(...settle)).to.contain("executed at 2000");
      expect(await waiting()).to.deep.equal([]);
    });

    it("sizes an entry by what its stop may lose, and places the stop with it", async () => {
      const args = ["open", "long", "--risk", "1%", "--stop", "1900", "--capital", "50000", "--no-wait"];
      const done = await json<{ preview: { lossAtStop: string } }>(...args, ...asAlice());
      expect(Number(done.preview.lossAtStop)).to.be.within(499, 500);
      expect((await waiting()).map(({ kind }) => kind).sort()).to.deep.equal(["market", "resting"]);
      await settleAll(2_000n);
    });

    it("previews a close, closes a part, and waits for it", async () => {
      expect(await text("close", "1", "--dry-run")).to.match(/to the owner +2,99\d\.\d\d USDC/);
      const { ended } = start([...at(), "close", "1", "--size", "2.5", "--json", ...asAlice()]);
      await until("an order", async () => (await waiting()).some(({ kind }) => kind === "market"));
      await settleAll(2_000n);
      const { code, stdout, stderr } = await ended;
      expect(code, stderr).to.equal(0);
      expect(JSON.parse(stdout)).to.include({ outcome: "settled" });
      const { positions } = await market.positions.state([1n]);
      expect(positions[0]!.size).to.equal(75n * 10n ** 17n);
    });

    it("exits 1 on an order that fails, with the reason", async () => {
      const { ended } = start([...at(), "close", "1", "--slippage", "0.1%", ...asAlice()]);
      await until("an order", async () => (await waiting()).some(({ kind }) => kind === "market"));
      await settleAll(1_990n);
      const { code, stderr } = await ended;
      expect(code).to.equal(1);
      expect(stderr).to.contain("Slippage: ");
    });

    it("takes collateral out, and says by name why the chain refuses", async () => {
      expect(await text("collateral", "remove", "1", "100", ...asAlice())).to.contain("100 USDC");
      const remove = ["collateral", "remove", "1", "2900", ...asAlice()];
      const [seen, forced] = await Promise.all([
        bulkhead(...remove),
        bulkhead(...remove, "--force", "--verbose"),
      ]);
      expect([seen.code, forced.code]).to.deep.equal([1, 1]);
      expect(seen.stderr).to.contain("not sent: InsufficientMargin");
      expect(forced.stderr)
        .to.match(/bulkhead: InsufficientMargin\(positionId: 1, .*\)\n {2}\S+/)
        .and.to.contain("caused by");
    });

    it("lists orders of every kind and cancels one by the first digits of its id", async () => {
      const limit = ["open", "long", "--size", "1", "--leverage", "4", "--limit", "1900"];
      const { orderId } = await json<{ orderId: string }>(...limit, ...asAlice());
      const [shown, listed] = await Promise.all([
        text("orders"),
        json<{ orderId: string }[]>("orders", "--owner", alice),
      ]);
      expect(shown).to.match(new RegExp(`${orderId.slice(0, 10)} +resting +\\d+ .* buy 1 +limit 1,900.00`));
      expect(listed.map((order) => order.orderId)).to.include(orderId);
      const { code, stderr } = await bulkhead("orders", "expire", orderId, ...asAlice());
      expect([code, stderr]).to.deep.equal([
        2,
        `bulkhead: order ${orderId.slice(0, 10)} is no market order: cancel it\n`,
      ]);
      expect(await text("orders", "cancel", orderId.slice(0, 12), ...asAlice())).to.contain("was cancelled");
      expect((await waiting()).map((order) => order.orderId)).not.to.include(orderId);
    });

    it("sets, lists and cancels stops, and refuses one on the wrong side or never reached", async () => {
      const set = ["stops", "set", "1", "--stop-loss", "1800", "--take-profit", "2400", ...asAlice()];
      const { orderId } = await json<{ orderId: string }>(...set);
      expect(await text("stops", "list", "--owner", alice)).to.contain("limit 2,400.00, stop 1,800.00");
      expect(await text("stops", "set", "1", "--trailing", "2%", "--dry-run")).to.contain(
        "2.00% behind the best price",
      );
      const [wrong, never] = await Promise.all([
        bulkhead("stops", "set", "1", "--stop-loss", "2100", ...asAlice()),
        bulkhead("stops", "set", "1", "--stop-loss", "1000", ...asAlice()),
      ]);
      expect([wrong.code, never.code]).to.deep.equal([2, 2]);
      expect(wrong.stderr).to.contain("below the price");
      expect(never.stderr).to.contain("the position is liquidated at");
      expect(await text("stops", "cancel", orderId, ...asAlice())).to.contain("was cancelled");
    });
  });

  describe("liquidity", () => {
    const asLp = (): string[] => ["--account", desk.lp.address, "--yes"];

    it("previews and makes a deposit", async () => {
      const deposit = ["lp", "deposit", "1000", "--account", desk.lp.address];
      const { preview } = await json<{ preview: { shares: string } }>(...deposit, "--dry-run");
      const before = await desk.liquidityVault.balanceOf(desk.lp);
      expect(await text(...deposit, "--yes")).to.contain("Deposit 1,000.00 USDC");
      const made = (await desk.liquidityVault.balanceOf(desk.lp)) - before;
      expect(Math.abs(Number(preview.shares) - Number(made) / 1e12)).to.be.below(0.01);
      expect(await text("lp", "show", "--owner", desk.lp.address)).to.match(
        /has +20,000,\d{3}\.\d+ shares, worth/,
      );
    });

    it("requests, takes back, requests again, fulfils and claims", async () => {
      await text("lp", "request", "500", ...asLp());
      await text("lp", "cancel", ...asLp());
      await text("lp", "request", "500", ...asLp());
      const early = await bulkhead("lp", "fulfill", ...asLp());
      expect([early.code, early.stderr]).to.satisfy(
        ([code, stderr]: [number, string]) =>
          code === 1 && stderr.includes("it takes a price observed after"),
      );
      await desk.networkHelpers.time.increase(desk.file.pool.redemptionPeriod);
      await desk.push(2_000n);
      await text("lp", "fulfill", ...asLp());
      const { account: mine } = await json<{ account: Record<string, string> }>(
        "lp",
        "show",
        "--account",
        desk.lp.address,
      );
      expect(mine.claimableShares).to.equal("500");
      await text("lp", "claim", ...asLp());
      const nothing = await bulkhead("lp", "claim", ...asLp());
      expect(nothing.stderr).to.contain("nothing is claimable");
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
