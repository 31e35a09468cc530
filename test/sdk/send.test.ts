import {
  encodeOrderCalls,
  marketOrder,
  readOrderRules,
  RevertedError,
  send,
  TimeoutError,
  UserRejectedError,
  type BulkheadError,
} from "@bulkhead/sdk";
import { expect } from "chai";
import { BrowserProvider, type Eip1193Provider } from "ethers";
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
    const { alice, addresses, ethers } = desk;
    const injected: Eip1193Provider = {
      request: async ({ method, params }) => {
        if (method === "eth_sendTransaction") throw Object.assign(new Error("denied"), { code: 4001 });
        return ethers.provider.send(method, Array.isArray(params) ? params : []);
      },
    };
    const signer = await new BrowserProvider(injected).getSigner(alice.address);
    const data = encodeOrderCalls([{ verb: "commit", request: await entry() }]);
    await failure(UserRejectedError, send(signer, { to: addresses.orderBook, data }));
  });
});
