import { formatAmount, previewOrder } from "@bulkhead/sdk";
import { expect } from "chai";
import { until } from "../keeper/process.ts";
import { openCommandLine, start } from "./run.ts";

describe("npx bulkhead, trading and providing", function () {
  this.timeout(60_000);
  let { at, bulkhead, text, json, desk, market, alice, waiting } = {} as Awaited<
    ReturnType<typeof openCommandLine>
  >;

  before(async () => {
    ({ at, bulkhead, text, json, desk, market, alice, waiting } = await openCommandLine());
  });
  after(() => desk.stop());

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
        ...at,
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
      const { preview } = await json<{ preview: { toOwner: string } }>("close", "1", "--dry-run");
      const held = await market.positions.state([1n]);
      const { toOwner } = previewOrder(held.state, { position: held.positions[0]!, sizeDelta: 0n });
      expect(preview.toOwner).to.equal(formatAmount(toOwner, 6));
      const { ended } = start([...at, "close", "1", "--size", "2.5", "--json", ...asAlice()]);
      await until("an order", async () => (await waiting()).some(({ kind }) => kind === "market"));
      await settleAll(2_000n);
      const { code, stdout, stderr } = await ended;
      expect(code, stderr).to.equal(0);
      expect(JSON.parse(stdout)).to.include({ outcome: "settled" });
      const { positions } = await market.positions.state([1n]);
      expect(positions[0]!.size).to.equal(75n * 10n ** 17n);
    });

    it("exits 1 on an order that fails, with the reason", async () => {
      const { ended } = start([...at, "close", "1", "--slippage", "0.1%", ...asAlice()]);
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
      const [listed, trailing, wrong, never] = await Promise.all([
        text("stops", "list", "--owner", alice),
        text("stops", "set", "1", "--trailing", "2%", "--dry-run"),
        bulkhead("stops", "set", "1", "--stop-loss", "2100", ...asAlice()),
        bulkhead("stops", "set", "1", "--stop-loss", "1000", ...asAlice()),
      ]);
      expect(listed).to.contain("limit 2,400.00, stop 1,800.00");
      expect(trailing).to.contain("2.00% behind the best price");
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
});
