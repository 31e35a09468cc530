import {
  Bulkhead,
  connectMarket,
  freshNonce,
  InvalidInputError,
  marketOrder,
  NetworkError,
  parseAmount,
  readOrderRules,
  readPositionIds,
  RevertedError,
  UnknownChainError,
  type Market,
  type MarketContracts,
} from "@bulkhead/sdk";
import { expect } from "chai";
import { AbiCoder, BrowserProvider, concat, encodeBytes32String, toBeHex } from "ethers";
import { openMarket, WAD, type Desk } from "../shared/market.ts";

const SYMBOL = "0x95d89b41";

/** Code of a token with these decimals, whose `symbol` answers these bytes; without them it reverts. */
function tokenCode(decimals: number, answer?: string): string {
  const length = toBeHex(answer === undefined ? 0 : (answer.length - 2) / 2, 1).slice(2);
  return concat([
    `0x5f3560e01c63${SYMBOL.slice(2)}1460165760${toBeHex(decimals, 1).slice(2)}5f5260205ff35b`,
    answer === undefined ? "0x5f5ffd" : `0x60${length}60215f3960${length}5ff3`,
    answer ?? "0x",
  ]);
}

describe("Bulkhead.connect", () => {
  let desk: Desk;
  let market: Market;

  beforeEach(async () => {
    desk = await openMarket();
    market = await as(desk.alice);
  });

  /** The market as an account uses it. */
  async function as(account: Desk["alice"]): Promise<Market> {
    const { markets } = await Bulkhead.connect(account, desk.addresses);
    return [...markets.values()][0]!;
  }

  it("finds a market by its addresses alone, and by a deployment's record", async () => {
    const { addresses, alice } = desk;
    expect([market.symbol, market.token.symbol, market.token.decimals]).to.deep.equal(["ETH/USD", "USDC", 6]);
    const { lens, stateLens, ...set } = addresses;
    const deployment = { chainId: 31337, lens, stateLens, markets: { "ETH/USD": set } };
    const found = await Bulkhead.connect(alice, deployment);
    expect(found.market("ETH/USD").contracts.addresses.market).to.equal(addresses.market);
    expect(() => found.market("BTC/USD"))
      .to.throw(InvalidInputError)
      .with.property("message", 'symbol: expected one of ETH/USD, got "BTC/USD"');
  });

  it("refuses what is no place to connect to, by its own kinds of error", async () => {
    const { addresses, alice } = desk;
    const refusal = async (attempt: Promise<unknown>): Promise<unknown> =>
      attempt.then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(await refusal(Bulkhead.connect(alice, 31337))).to.be.instanceOf(UnknownChainError);
    const elsewhere = { chainId: 1, lens: addresses.lens, stateLens: addresses.stateLens, markets: {} };
    expect(await refusal(Bulkhead.connect(alice, elsewhere))).to.be.instanceOf(NetworkError);
    const nobody = { ...addresses, market: "0x1234" };
    expect(await refusal(Bulkhead.connect(alice, nobody))).to.be.instanceOf(InvalidInputError);
    const empty = { ...addresses, market: "0x000000000000000000000000000000000000dEaD" };
    expect(await refusal(Bulkhead.connect(alice, empty))).to.be.instanceOf(NetworkError);
  });

  it("refuses a set that is not its market's own, by the name of what is another's", async () => {
    const { addresses, alice, bob, lens, operator } = desk;
    // Whoever is approved in place of the margin vault takes the tokens.
    const parts = ["token", "oracle", "marginVault", "liquidityVault", "insuranceFund", "orderBook"] as const;
    for (const part of parts) {
      for (const other of [bob.address, await lens.getAddress(), addresses.liquidityVault.toLowerCase()]) {
        if (other === addresses[part].toLowerCase()) continue;
        const error: unknown = await Bulkhead.connect(alice, { ...addresses, [part]: other }).catch(
          (thrown: unknown) => thrown,
        );
        expect(error, part).to.be.instanceOf(InvalidInputError);
        expect(error).to.include({ field: part, given: other });
      }
    }
    const lower = { ...addresses, marginVault: addresses.marginVault.toLowerCase() };
    expect((await Bulkhead.connect(operator, lower)).markets.size).to.equal(1);
  });

  it("says in its own kinds of error what goes wrong before anything is sent", async () => {
    const { addresses, alice, ethers } = desk;
    let isLost = false;
    const provider = new BrowserProvider({
      request: async ({ method, params }) => {
        if (isLost && method !== "eth_chainId")
          throw Object.assign(new Error("fetch failed"), { code: -32_603 });
        return ethers.provider.send(method, Array.isArray(params) ? params : []);
      },
    });
    const { markets } = await Bulkhead.connect(await provider.getSigner(alice.address), addresses);
    const { wallet, pool, orders, positions, contracts } = [...markets.values()][0]!;
    const nobody = "0x0000000000000000000000000000000000000000";
    for (const [attempt, kind] of [
      [() => wallet.claim({ to: "alice.eth" }), InvalidInputError],
      [() => wallet.claim({ to: nobody, amount: 1n }), InvalidInputError],
      [() => wallet.claim(), InvalidInputError],
      [() => positions.liquidate([1n], { rewardTo: nobody }), InvalidInputError],
      [() => wallet.claim(), NetworkError, "lost"],
      [() => pool.claim(), NetworkError, "lost"],
      [() => orders.rules(), NetworkError, "lost"],
      [() => readOrderRules(contracts), NetworkError, "lost"],
      [() => freshNonce(contracts.orderBook, alice.address), NetworkError, "lost"],
    ] as const) {
      isLost = kind === NetworkError;
      const error: unknown = await attempt().catch((thrown: unknown) => thrown);
      expect(error, attempt.toString()).to.be.instanceOf(kind);
    }
    provider.destroy();
  });

  it("does not go round in circles for a lens that does", async () => {
    const { addresses, alice } = desk;
    for (const step of [0n, -1n]) {
      const lens = { idsOf: async (_: string, from: bigint) => ({ ids: [], next: from + step || from }) };
      const contracts = { ...connectMarket(addresses, alice), lens } as unknown as MarketContracts;
      const error: unknown = await readPositionIds(contracts).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(NetworkError).with.property("problem", "answer");
    }
  });

  it("takes a token's decimals from nobody's word alone", async () => {
    const { addresses, alice, ethers } = desk;
    for (const decimals of [0, 5, 7, 18, 37, 255]) {
      await ethers.provider.send("hardhat_setCode", [addresses.token, tokenCode(decimals)]);
      const error: unknown = await Bulkhead.connect(alice, addresses).catch((thrown: unknown) => thrown);
      expect(error, `${decimals}`).to.be.instanceOf(InvalidInputError).with.property("field", "token");
    }
  });

  it("shows a token's symbol whatever it is made of, and nothing unseen in it", async () => {
    const { addresses, ethers } = desk;
    const text = (symbol: string) => AbiCoder.defaultAbiCoder().encode(["string"], [symbol]);
    for (const [answer, shown] of [
      [encodeBytes32String("MKR"), "MKR"],
      [text("\u001b[2J\u202eCDSU"), "[2J CDSU"],
      [text("x".repeat(90)), `${"x".repeat(32)}…`],
      [AbiCoder.defaultAbiCoder().encode(["bytes"], ["0xff"]), "\ufffd"],
      [text(""), "tokens"],
      ["0x", "tokens"],
      [undefined, "tokens"],
    ] as const) {
      await ethers.provider.send("hardhat_setCode", [addresses.token, tokenCode(6, answer)]);
      expect((await as(desk.alice)).token.symbol, answer).to.equal(shown);
    }
  });

  it("gives, finds and settles an order, and tops up, withdraws from and closes its position", async () => {
    const { networkHelpers, push, settle, alice } = desk;
    const rules = await market.orders.rules();
    const collateral = parseAmount("collateral", "3000", market.token.decimals);
    const request = marketOrder({ open: "long", size: 10n * WAD, collateral, accept: "any" }, rules);
    const { orders } = await market.orders.give([{ verb: "commit", request }]);
    expect(orders.map(({ positionId }) => positionId)).to.deep.equal([1n]);

    const [waiting] = await market.orders.waiting({ owner: alice.address });
    expect([waiting?.kind, waiting?.orderId]).to.deep.equal(["market", orders[0]!.orderId]);
    if (waiting?.kind !== "market") throw new Error("a market order was given");
    await networkHelpers.time.increase(40);
    await settle({ order: waiting.order, orderId: waiting.orderId }, await push(2_000n));

    expect(await market.orders.waiting()).to.deep.equal([]);
    expect(await market.positions.ids({ owner: alice.address })).to.deep.equal([1n]);
    expect(await market.positions.ids({ owner: desk.bob.address })).to.deep.equal([]);
    const { events } = await market.positions.addCollateral(1n, 500n * desk.unit);
    expect(events.map(({ name }) => name)).to.include("CollateralAdded");
    await market.positions.removeCollateral(1n, 400n * desk.unit);
    const [risk] = await market.positions.risk([1n]);
    expect(risk!.position.size).to.equal(10n * WAD);
    expect((await market.positions.explain(1n)).cost).to.equal(risk!.position.entryNotional);
  });

  it("says by name why the chain refuses, before anything is sent", async () => {
    const { alice } = desk;
    const { id } = await desk.trade(alice, { sizeDelta: 10n * WAD, collateral: 3_000n * desk.unit });
    const before = await alice.getNonce();
    const error = await market.positions.removeCollateral(id, 2_900n * desk.unit).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(RevertedError);
    expect((error as RevertedError).errorName).to.equal("InsufficientMargin");
    expect((error as RevertedError).advice).to.be.a("string");
    expect(await alice.getNonce()).to.equal(before);
  });

  it("sends nothing for one that only reads", async () => {
    const { addresses, ethers } = desk;
    const { markets } = await Bulkhead.connect(ethers.provider, addresses);
    const reader = [...markets.values()][0]!;
    expect((await reader.status()).price).to.equal(2_000n * WAD);
    const error = await reader.accrue().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(InvalidInputError).with.property("field", "runner");
  });

  it("takes deposits to redemptions and claims", async () => {
    const { lp, networkHelpers, push, file, unit } = desk;
    const { pool } = await as(lp);
    const shares = await pool.previewDeposit(1_000n * unit);
    await pool.deposit(1_000n * unit);
    const { account } = await pool.read({ account: lp.address });
    await pool.requestRedeem(shares);
    expect((await pool.read({ account: lp.address })).account!.pendingShares).to.equal(shares);
    await pool.cancelRequest();
    await pool.claimCancelled();
    expect((await pool.read({ account: lp.address })).account).to.deep.equal(account);
    await pool.requestRedeem(shares);
    await networkHelpers.time.increase(file.pool.redemptionPeriod);
    await push(2_000n);
    await pool.fulfill();
    const claimable = (await pool.read({ account: lp.address })).account!;
    expect(claimable.claimableShares).to.equal(shares);
    await pool.claim();
    expect((await pool.read({ account: lp.address })).account!.claimableShares).to.equal(0n);
  });

  it("shows wallets and claims, solvency and stress", async () => {
    const { alice, keeper, trade, unit } = desk;
    await trade(alice, { sizeDelta: 10n * WAD, collateral: 3_000n * unit });
    const settler = await as(keeper);
    const owed = await settler.wallet.claimable(keeper.address);
    expect(owed).to.equal(desk.file.orders.minExecutionFee);
    await settler.wallet.claim();
    expect(await settler.wallet.balance(keeper.address)).to.equal(owed);
    await market.wallet.approve("marginVault", 5n);
    expect(await market.wallet.allowance(alice.address, "marginVault")).to.equal(5n);
    expect((await market.solvency()).solvent).to.equal(true);
    const [fall] = await market.stress([-WAD / 5n]);
    expect(fall!.price).to.equal(1_600n * WAD);
    expect((await market.checkSolvency()).events.map(({ name }) => name)).to.include("SolvencyChecked");
  });
});
