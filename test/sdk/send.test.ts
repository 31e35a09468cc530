import {
  Bulkhead,
  encodeOrderCalls,
  marketOrder,
  NetworkError,
  readOrderRules,
  RevertedError,
  send,
  TimeoutError,
  UserRejectedError,
  type BulkheadError,
} from "@bulkhead/sdk";
import { expect } from "chai";
import { BrowserProvider, type Eip1193Provider, type JsonRpcSigner } from "ethers";
import { mined, openMarket, WAD } from "../shared/market.ts";

const GWEI = 10n ** 9n;

describe("sending", () => {
  let desk: Awaited<ReturnType<typeof openMarket>>;
  before(async () => {
    desk = await openMarket();
  });

  const units = { tokenDecimals: 6, symbol: "USDC" };
  const entry = async () => {
    const wish = { open: "long", size: WAD, collateral: 500n * desk.unit, accept: "any" } as const;
    return marketOrder(wish, await readOrderRules(desk));
  };
  const failure = async <T extends BulkheadError>(
    kind: abstract new (...args: never[]) => T,
    sent: Promise<unknown>,
  ): Promise<T> => {
    const error: unknown = await sent.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error, String(error)).to.be.instanceOf(kind);
    return error as T;
  };
  const nonce = () => desk.ethers.provider.getTransactionCount(desk.alice);
  /** Alice's account in a wallet of her browser, which answers as it likes. */
  const injected = async (
    answer: (method: string, next: () => Promise<unknown>, params: readonly unknown[]) => Promise<unknown>,
    network?: "any",
  ): Promise<JsonRpcSigner> => {
    const { alice, ethers } = desk;
    const wallet: Eip1193Provider = {
      request: async ({ method, params }) => {
        const given = Array.isArray(params) ? (params as unknown[]) : [];
        return answer(method, async () => ethers.provider.send(method, given), given);
      },
    };
    const provider = new BrowserProvider(wallet, network, { polling: true, cacheTimeout: -1 });
    provider.pollingInterval = 50;
    return provider.getSigner(alice.address);
  };
  const call = async () => ({
    to: desk.addresses.orderBook,
    data: encodeOrderCalls([{ verb: "commit", request: await entry() }]),
  });
  const mining = (on: boolean) => desk.ethers.provider.send("evm_setAutomine", [on]);

  it("returns the receipt, the protocol's events in it, and what the call returned", async () => {
    const { alice, orderBook, addresses } = desk;
    const request = await entry();
    const hashes: string[] = [];
    const populated = await orderBook.commit.populateTransaction(request);
    const { receipt, events, returned } = await send(alice, populated, {
      addresses,
      units,
      onSent: (hash) => hashes.push(hash),
    });
    expect(hashes).to.deep.equal([receipt.hash]);
    const committed = events.find(({ name }) => name === "OrderCommitted");
    if (committed?.name !== "OrderCommitted") throw new Error("nothing was committed");
    expect(committed.args.order.sizeDelta).to.equal(WAD);
    expect(events.map(({ contract }) => contract)).to.include.members(["market", "marginVault", "orderBook"]);
    const [, positionId] = orderBook.interface.decodeFunctionResult("commit", returned);
    expect(positionId).to.equal(committed.args.positionId);
  });

  it("sends nothing that would revert, and says why", async () => {
    const { alice, addresses } = desk;
    const before = await nonce();
    const data = encodeOrderCalls([{ verb: "commit", request: { ...(await entry()), sizeDelta: 0n } }]);
    const error = await failure(RevertedError, send(alice, { to: addresses.orderBook, data }));
    expect(error.errorName).to.equal("OrderSizeZero");
    expect(error.advice).to.be.a("string");
    expect(await nonce()).to.equal(before);
  });

  it("says why what was mined reverted, with its hash", async () => {
    const { alice, operator, token, liquidityVault, unit, networkHelpers, ethers } = desk;
    const fees = { maxFeePerGas: 2n * GWEI, maxPriorityFeePerGas: 1n, gasLimit: 500_000n };
    const deposit = await liquidityVault.deposit.populateTransaction(100n * unit, alice);
    await mining(false);
    try {
      let failed: Promise<RevertedError> | undefined;
      const hash = await new Promise<string>((resolve, reject) => {
        failed = failure(RevertedError, send(alice, { ...deposit, ...fees }, { units, onSent: resolve }));
        failed.catch(reject);
      });
      // While it waits for a cheaper block the token begins to take a fee on transfers.
      await networkHelpers.setNextBlockBaseFeePerGas(3n * GWEI);
      await token.connect(operator).setTransferFee(100n, { maxFeePerGas: 9n * GWEI });
      await ethers.provider.send("evm_mine", []);
      await networkHelpers.setNextBlockBaseFeePerGas(GWEI);
      await ethers.provider.send("evm_mine", []);
      const error = await failed;
      expect(error?.transactionHash).to.equal(hash);
      expect(error?.errorName).to.equal("PoolUnbacked");
      expect(error?.advice).to.match(/USDC/);
    } finally {
      await networkHelpers.setNextBlockBaseFeePerGas(0n);
      await mining(true);
      await mined(token.connect(operator).setTransferFee(0n));
    }
  });

  it("gives up waiting in time, with the hash to look for", async () => {
    const { alice, addresses } = desk;
    const data = encodeOrderCalls([{ verb: "commit", request: await entry() }]);
    await mining(false);
    try {
      let hash: string | undefined;
      const onSent = (sentHash: string) => (hash = sentHash);
      const options = { timeoutMs: 200, onSent };
      const error = await failure(TimeoutError, send(alice, { to: addresses.orderBook, data }, options));
      expect(error.transactionHash).to.equal(hash);
    } finally {
      await mining(true);
      await desk.ethers.provider.send("evm_mine", []);
    }
  });

  it("passes on what the owner of a wallet decides", async () => {
    const { addresses } = desk;
    const signer = await injected(async (method, next) => {
      if (method === "eth_sendTransaction") throw Object.assign(new Error("denied"), { code: 4001 });
      return next();
    });
    const data = encodeOrderCalls([{ verb: "commit", request: await entry() }]);
    await failure(UserRejectedError, send(signer, { to: addresses.orderBook, data }));
  });

  it("sends nothing from a wallet that is on another chain by now, and names the chain in what it asks for", async () => {
    const { addresses } = desk;
    let chain = "0x7a69";
    const asked: unknown[] = [];
    const signer = await injected(async (method, next, [transaction]) => {
      if (method === "eth_chainId") return chain;
      if (method === "eth_sendTransaction") asked.push((transaction as { chainId?: unknown }).chainId);
      return next();
    }, "any");
    const { markets } = await Bulkhead.connect(signer, addresses);
    const market = [...markets.values()][0]!;
    await market.accrue();
    expect(asked).to.deep.equal(["0x7a69"]);
    chain = "0xa";
    const error = await failure(NetworkError, market.accrue());
    expect(error.problem).to.equal("chain");
    expect(asked).to.have.lengthOf(1);
  });

  it("gives up in time on a wallet whose transaction is never seen under the hash it gave", async () => {
    const hash = `0x${"ab".repeat(32)}`;
    const signer = await injected(async (method, next) => (method === "eth_sendTransaction" ? hash : next()));
    const told: string[] = [];
    const options = { timeoutMs: 300, onSent: (sentHash: string) => told.push(sentHash) };
    const error = await failure(TimeoutError, send(signer, await call(), options));
    expect(error.transactionHash).to.equal(hash);
    expect(told).to.deep.equal([hash]);
  });

  it("keeps the hash of what was sent when the node is lost after it", async () => {
    const lost = new Set(["eth_getTransactionByHash", "eth_getTransactionReceipt"]);
    let isLost = true;
    let hash: unknown;
    const signer = await injected(async (method, next) => {
      if (isLost && lost.has(method)) throw Object.assign(new Error("fetch failed"), { code: -32_603 });
      const answer = await next();
      if (method === "eth_sendTransaction") hash = answer;
      return answer;
    });
    const error = await failure(TimeoutError, send(signer, await call(), { timeoutMs: 300 }));
    expect(error.transactionHash).to.equal(hash);
    isLost = false;
    const back = await send(signer, await call());
    expect(back.receipt.status).to.equal(1);
  });

  it("follows a transaction that its wallet sends again at another fee, also where that one reverts", async () => {
    const { alice, operator, token, liquidityVault, unit, networkHelpers, ethers } = desk;
    const fees = { maxFeePerGas: 2n * GWEI, maxPriorityFeePerGas: 1n, gasLimit: 500_000n };
    const deposit = await liquidityVault.deposit.populateTransaction(100n * unit, alice);
    let waits: (() => void) | undefined;
    const signer = await injected(async (method, next) => {
      const answer = await next();
      if (method === "eth_getTransactionReceipt") waits?.();
      return answer;
    });
    for (const reverts of [false, true]) {
      await mining(false);
      try {
        let outcome: Promise<unknown> | undefined;
        await new Promise<void>((resolve, reject) => {
          waits = resolve;
          outcome = send(signer, { ...deposit, ...fees }, { units });
          outcome.catch(reject);
        });
        const again = { ...deposit, ...fees, maxFeePerGas: 9n * GWEI, maxPriorityFeePerGas: GWEI };
        const replacement = await alice.sendTransaction({ ...again, nonce: await nonce() });
        if (reverts)
          await token
            .connect(operator)
            .setTransferFee(100n, { maxFeePerGas: 99n * GWEI, maxPriorityFeePerGas: 9n * GWEI });
        let isOver = false;
        outcome?.then(
          () => (isOver = true),
          () => (isOver = true),
        );
        // A replacement is looked for with each block.
        while (!isOver) {
          await ethers.provider.send("evm_mine", []);
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        if (reverts) {
          const error = await failure(RevertedError, outcome!);
          expect(error.transactionHash).to.equal(replacement.hash);
        } else
          expect(((await outcome) as { receipt: { hash: string } }).receipt.hash).to.equal(replacement.hash);
      } finally {
        await networkHelpers.setNextBlockBaseFeePerGas(0n);
        await mining(true);
        await mined(token.connect(operator).setTransferFee(0n));
      }
    }
  });
});
