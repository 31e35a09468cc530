import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  describeError,
  InvalidInputError,
  isRevert,
  NetworkError,
  NonceError,
  RevertedError,
  TimeoutError,
  toBulkheadError,
  UnderpricedError,
  UserRejectedError,
  InsufficientFundsError,
  type BulkheadError,
  type NetworkProblem,
} from "@bulkhead/sdk";
import { expect } from "chai";
import {
  BrowserProvider,
  FetchRequest,
  JsonRpcProvider,
  Network,
  parseEther,
  Wallet,
  type Eip1193Provider,
  type HDNodeWallet,
  type JsonRpcSigner,
} from "ethers";
import { network } from "hardhat";
import { TestToken__factory, type TestToken } from "../../typechain-types/index.ts";

const CHAIN = new Network("local", 31337);
const GWEI = 10n ** 9n;

type Kind<T> = abstract new (...args: never[]) => T;

/** What a promise is rejected with, as one of the SDK's errors. */
async function thrown<T extends BulkheadError>(kind: Kind<T>, action: () => Promise<unknown>): Promise<T> {
  try {
    await action();
  } catch (error) {
    const found = toBulkheadError(error);
    expect(found, String(error)).to.be.instanceOf(kind);
    expect(found.cause).to.equal(error);
    return found as T;
  }
  throw new Error("nothing was thrown");
}

function connectTo(url: string | FetchRequest): JsonRpcProvider {
  return new JsonRpcProvider(url, CHAIN, { staticNetwork: CHAIN, batchMaxCount: 1, cacheTimeout: -1 });
}

/** A server that gives every request the same answer; `undefined` for none at all. */
async function answering(status: number, body: string | undefined): Promise<{ url: string; server: Server }> {
  const server = createServer((_, response) => {
    if (body !== undefined) response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe("what goes wrong with a node", () => {
  let node: Awaited<ReturnType<typeof network.createServer>>;
  let provider: JsonRpcProvider;
  let rich: JsonRpcSigner;
  let trader: HDNodeWallet;
  let token: TestToken;
  let url: string;

  before(async () => {
    node = await network.createServer("node", "127.0.0.1", 0);
    const { address, port } = await node.listen();
    url = `http://${address}:${port}`;
    provider = connectTo(url);
    provider.pollingInterval = 50;
    rich = await provider.getSigner(0);
    token = await new TestToken__factory(rich).deploy("USD Coin", "USDC", 6);
    await token.waitForDeployment();
    trader = Wallet.createRandom().connect(provider);
    await rich.sendTransaction({ to: trader.address, value: parseEther("10") });
  });
  after(async () => {
    provider.destroy();
    await node.close();
  });

  const mining = (on: boolean) => provider.send("evm_setAutomine", [on]);
  const fees = { maxFeePerGas: 10n * GWEI, maxPriorityFeePerGas: GWEI, gasLimit: 21_000n };

  for (const [where, action] of [
    ["a simulation", () => token.connect(trader).transfer.staticCall(rich.address, 5n)],
    ["an estimate of gas", () => token.connect(trader).transfer.estimateGas(rich.address, 5n)],
    [
      "a transaction that is sent",
      () => token.connect(trader).transfer(rich.address, 5n, { gasLimit: 200_000n }),
    ],
  ] as const) {
    it(`is a revert with name, arguments and advice in ${where}`, async () => {
      const error = await thrown(RevertedError, action);
      expect(error.errorName).to.equal("ERC20InsufficientBalance");
      expect(error.args).to.deep.equal({ sender: trader.address, balance: 0n, needed: 5n });
      expect(error.message).to.equal(
        `ERC20InsufficientBalance(sender: ${trader.address}, balance: 0, needed: 5)`,
      );
      expect(error.advice).to.match(/holds 0 token units/);
      expect(isRevert(error.cause)).to.be.true;
      expect(describeError(error.cause)).to.equal(error.message);
    });
  }

  it("is a revert with the transaction's hash where it was mined", async () => {
    await mining(false);
    try {
      const sent = await token.connect(trader).transfer(rich.address, 5n, { gasLimit: 200_000n });
      const waiting = sent.wait(1, 20_000);
      await provider.send("evm_mine", []);
      const error = await thrown(RevertedError, () => waiting);
      expect(error.transactionHash).to.equal(sent.hash);
      expect(error.revert.kind).to.equal("none");
    } finally {
      await mining(true);
    }
  });

  it("is a lack of native token", async () => {
    const poor = Wallet.createRandom().connect(provider);
    const error = await thrown(InsufficientFundsError, () =>
      poor.sendTransaction({ to: rich.address, value: 1n }),
    );
    expect(error.code).to.equal("INSUFFICIENT_FUNDS");
  });

  it("is a nonce that is used, that leaves a gap, or that waits already", async () => {
    const send = (nonce: number) => trader.sendTransaction({ to: rich.address, nonce, ...fees });
    const next = await trader.getNonce();
    expect((await thrown(NonceError, () => send(next - 1))).problem).to.equal("low");
    expect((await thrown(NonceError, () => send(next + 9))).problem).to.equal("high");
    await mining(false);
    try {
      await send(next);
      expect((await thrown(NonceError, () => send(next))).problem).to.equal("known");
    } finally {
      await mining(true);
      await provider.send("evm_mine", []);
    }
  });

  it("is a fee too low for the block, or too low to replace another, which is not mined in time", async () => {
    await provider.send("hardhat_setNextBlockBaseFeePerGas", ["0x3b9aca00"]);
    const low = { ...fees, maxFeePerGas: 1n, maxPriorityFeePerGas: 1n };
    const first = await thrown(UnderpricedError, () => trader.sendTransaction({ to: rich.address, ...low }));
    expect(first.isReplacement).to.be.false;
    await mining(false);
    try {
      const nonce = await trader.getNonce();
      const sent = await trader.sendTransaction({ to: rich.address, nonce, ...fees });
      await thrown(TimeoutError, () => sent.wait(1, 200));
      const second = await thrown(UnderpricedError, () =>
        trader.sendTransaction({ to: rich.address, value: 2n, nonce, ...fees }),
      );
      expect(second.isReplacement).to.be.true;
      const waiting = sent.wait(1, 20_000);
      const higher = { maxFeePerGas: 20n * GWEI, maxPriorityFeePerGas: 2n * GWEI };
      await trader.sendTransaction({ to: trader.address, nonce, ...fees, ...higher });
      // A replacement is noticed with a block after it.
      await provider.send("evm_setIntervalMining", [100]);
      expect((await thrown(NonceError, () => waiting)).problem).to.equal("replaced");
    } finally {
      await provider.send("evm_setIntervalMining", [0]);
      await mining(true);
    }
  });

  it("is an address with nothing behind it, a method or a block that there is not", async () => {
    const nowhere = TestToken__factory.connect(trader.address, provider);
    expect((await thrown(NetworkError, () => nowhere.decimals())).problem).to.equal("empty");
    const unknown = () => provider.send("eth_nothing", []);
    expect((await thrown(NetworkError, unknown)).problem).to.equal("unsupported");
    const future = () => token.balanceOf(trader, { blockTag: 1_000_000 });
    expect((await thrown(NetworkError, future)).problem).to.equal("server");
  });

  it("is an argument that is none", async () => {
    const error = await thrown(InvalidInputError, () => token.transfer.staticCall(trader.address, -5n));
    expect([error.field, error.given]).to.deep.equal(["value", -5]);
    const named = await thrown(InvalidInputError, () => token.transfer.staticCall("bulkhead.eth", 5n));
    expect(named.field).to.equal("address");
  });

  it("is what the owner of a wallet decides, or what the wallet wraps", async () => {
    const reverted = token.interface.encodeErrorResult("ERC20InsufficientBalance", [rich.address, 0n, 5n]);
    const answers: Record<string, unknown> = {
      eth_sendTransaction: Object.assign(new Error("User denied transaction signature."), { code: 4001 }),
      personal_sign: { code: 4100, message: "The account has not been authorized by the user." },
      eth_signTypedData_v4: { code: 4900, message: "The provider is disconnected from all chains." },
      eth_estimateGas: {
        code: -32603,
        message: "Internal JSON-RPC error.",
        data: { code: -32603, message: "Error: VM Exception", data: { data: reverted, txHash: "0x12" } },
      },
    };
    const injected: Eip1193Provider = {
      request: async ({ method, params }) => {
        if (answers[method] !== undefined) throw answers[method];
        return provider.send(method, Array.isArray(params) ? params : []);
      },
    };
    const wallet = await new BrowserProvider(injected).getSigner(rich.address);
    const rejected = await thrown(UserRejectedError, () =>
      wallet.sendTransaction({ to: rich.address, gasLimit: 21_000n }),
    );
    expect(rejected.reason).to.equal("rejected");
    const barred = await thrown(UserRejectedError, () => wallet.signMessage("text"));
    expect(barred.reason).to.equal("unauthorized");
    const types = { Text: [{ name: "text", type: "string" }] };
    const gone = await thrown(NetworkError, () => wallet.signTypedData({}, types, { text: "" }));
    expect(gone.problem).to.equal("disconnected");
    const refused = await thrown(RevertedError, () =>
      token.connect(wallet).transfer.estimateGas(rich.address, 5n),
    );
    expect(refused.errorName).to.equal("ERC20InsufficientBalance");
  });
});

describe("what goes wrong on the way to a node", () => {
  const rpc = (error: object) => JSON.stringify({ jsonrpc: "2.0", id: 1, error });
  for (const [what, status, body, problem] of [
    ["too many requests", 429, "{}", "rate"],
    ["a server that fails", 500, "oops", "server"],
    ["a gateway that times out", 504, "", "timeout"],
    ["a key that is not known", 401, "no", "denied"],
    ["an answer that is not JSON", 200, "<html>", "answer"],
    ["an answer that is not JSON-RPC's", 200, "{}", "answer"],
    ["a daily limit", 200, rpc({ code: -32005, message: "daily request count exceeded" }), "rate"],
    ["a node that is behind", 200, rpc({ code: -32000, message: "header not found" }), "server"],
  ] as const) {
    it(`is ${what}, for calls too`, async () => {
      const { url, server } = await answering(status, body);
      const request = new FetchRequest(url);
      request.setThrottleParams({ maxAttempts: 2, slotInterval: 1 });
      const provider = connectTo(request);
      try {
        const token = TestToken__factory.connect(Wallet.createRandom().address, provider);
        const error = await thrown(NetworkError, () => token.decimals());
        expect(error.problem).to.equal(problem satisfies NetworkProblem);
        expect(error.status).to.equal(status === 200 ? undefined : status);
        expect(isRevert(error.cause)).to.be.false;
      } finally {
        provider.destroy();
        server.close();
      }
    });
  }

  it("is a server that is gone, that never answers, or that is left", async () => {
    const { url, server } = await answering(200, undefined);
    const request = new FetchRequest(url);
    request.timeout = 200;
    const provider = connectTo(request);
    expect((await thrown(NetworkError, () => provider.getBlockNumber())).problem).to.equal("timeout");
    const impatient = () => fetch(url, { signal: AbortSignal.timeout(100) });
    expect((await thrown(NetworkError, impatient)).problem).to.equal("timeout");
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect((await thrown(NetworkError, () => provider.getBlockNumber())).problem).to.equal("lost");
    expect((await thrown(NetworkError, () => fetch(url))).problem).to.equal("lost");
    provider.destroy();
    const left = await thrown(NetworkError, () => provider.getBlockNumber());
    expect([left.problem, left.isTransient]).to.deep.equal(["lost", true]);
  });
});
