import { toBulkheadError, type BulkheadErrorCode } from "@bulkhead/sdk";
import { expect } from "chai";
import { makeError } from "ethers";
import { Errors__factory } from "../../typechain-types/index.ts";

const errors = Errors__factory.createInterface();
const CUSTOM = errors.encodeErrorResult("ZeroAmount");
const TEXT =
  "0x08c379a0" +
  "0000000000000000000000000000000000000000000000000000000000000020" +
  "0000000000000000000000000000000000000000000000000000000000000004" +
  "6661696c00000000000000000000000000000000000000000000000000000000";

/** As ethers wraps what a node answers to a transaction, or to a call. */
const sent = (error: object) => makeError("could not coalesce error", "UNKNOWN_ERROR", { error } as never);
const called = (error: object) =>
  Object.assign(new Error("missing revert data"), { code: "CALL_EXCEPTION", data: null, info: { error } });

/** What clients, wallets and libraries throw, and what it is. */
const SHAPES: readonly (readonly [string, unknown, BulkheadErrorCode, string])[] = [
  // Reverts.
  ["geth", called({ code: 3, message: "execution reverted", data: CUSTOM }), "REVERTED", "ZeroAmount()"],
  [
    "geth with a text",
    { code: 3, message: "execution reverted: fail", data: TEXT },
    "REVERTED",
    "Reverted: fail",
  ],
  [
    "a node that keeps the data",
    { code: -32000, message: "execution reverted: fail" },
    "REVERTED",
    "Reverted: fail",
  ],
  ["erigon", { code: -32000, message: "execution reverted" }, "REVERTED", "Reverted without a reason"],
  [
    "anvil",
    sent({ code: 3, message: `execution reverted: custom error ${CUSTOM}`, data: CUSTOM }),
    "REVERTED",
    "ZeroAmount()",
  ],
  [
    "nethermind",
    called({ code: -32015, message: "VM execution error.", data: `Reverted ${CUSTOM}` }),
    "REVERTED",
    "ZeroAmount()",
  ],
  [
    "nethermind without data",
    called({ code: -32015, message: "VM execution error.", data: "revert" }),
    "REVERTED",
    "Reverted without a reason",
  ],
  ["besu", { code: -32000, message: "Execution reverted", data: CUSTOM }, "REVERTED", "ZeroAmount()"],
  [
    "hardhat",
    { code: -32603, message: "Error: VM Exception", data: { message: "Error", data: CUSTOM } },
    "REVERTED",
    "ZeroAmount()",
  ],
  [
    "hardhat without data",
    { code: -32603, message: "Error: Transaction reverted without a reason string" },
    "REVERTED",
    "Reverted without a reason",
  ],
  [
    "ganache",
    {
      code: -32000,
      message: "VM Exception while processing transaction: revert",
      data: { "0xab": { error: "revert", return: CUSTOM } },
    },
    "REVERTED",
    "ZeroAmount()",
  ],
  [
    "MetaMask",
    {
      code: -32603,
      message: "Internal JSON-RPC error.",
      data: { code: 3, message: "execution reverted", data: CUSTOM },
    },
    "REVERTED",
    "ZeroAmount()",
  ],
  [
    "MetaMask with the original",
    { code: -32603, message: "[ethjs-query] …", data: { originalError: { code: 3, data: CUSTOM } } },
    "REVERTED",
    "ZeroAmount()",
  ],
  [
    "viem",
    Object.assign(new Error("The contract function reverted."), {
      name: "ContractFunctionExecutionError",
      cause: { name: "RpcRequestError", code: 3, data: CUSTOM },
    }),
    "REVERTED",
    "ZeroAmount()",
  ],
  ["out of gas", { code: -32000, message: "out of gas" }, "REVERTED", "Reverted without a reason"],
  [
    "a text that reads like another fault",
    called({ code: 3, message: "execution reverted: nonce too low", data: "0x" }),
    "REVERTED",
    "Reverted: nonce too low",
  ],

  // The wallet's owner.
  [
    "EIP-1193",
    { code: 4001, message: "User rejected the request." },
    "USER_REJECTED",
    "The request was rejected in the wallet",
  ],
  [
    "WalletConnect",
    { code: 5000, message: "User rejected." },
    "USER_REJECTED",
    "The request was rejected in the wallet",
  ],
  [
    "a wallet with a code of its own",
    { code: -32000, message: "MetaMask Tx Signature: User denied transaction signature." },
    "USER_REJECTED",
    "The request was rejected in the wallet",
  ],
  [
    "ethers' own",
    makeError("user rejected action", "ACTION_REJECTED", {
      action: "sendTransaction",
      reason: "rejected",
    } as never),
    "USER_REJECTED",
    "The request was rejected in the wallet",
  ],
  [
    "a wallet that is not connected",
    { code: 4100, message: "Unauthorized" },
    "USER_REJECTED",
    "The wallet has not authorised this account or method: connect it first",
  ],

  // Money for gas.
  [
    "geth",
    sent({ code: -32000, message: "insufficient funds for gas * price + value: address 0x… have 1 want 2" }),
    "INSUFFICIENT_FUNDS",
    "insufficient funds for gas",
  ],
  [
    "geth's estimate",
    called({ code: -32000, message: "gas required exceeds allowance (0)" }),
    "INSUFFICIENT_FUNDS",
    "exceeds allowance",
  ],
  [
    "nethermind",
    sent({ code: -32010, message: "InsufficientFunds, Balance is zero, cannot pay gas" }),
    "INSUFFICIENT_FUNDS",
    "cannot pay gas",
  ],
  [
    "nethermind's fee",
    sent({ code: -32010, message: "insufficient MaxFeePerGas for sender balance" }),
    "INSUFFICIENT_FUNDS",
    "insufficient MaxFeePerGas",
  ],
  [
    "besu",
    sent({ code: -32004, message: "Upfront cost exceeds account balance" }),
    "INSUFFICIENT_FUNDS",
    "Upfront cost",
  ],
  [
    "anvil",
    sent({ code: -32003, message: "Insufficient funds for gas * price + value" }),
    "INSUFFICIENT_FUNDS",
    "Insufficient funds",
  ],

  // The number.
  [
    "geth",
    sent({ code: -32000, message: "nonce too low: next nonce 5, tx nonce 4" }),
    "NONCE",
    "used already",
  ],
  ["geth, ahead", sent({ code: -32000, message: "nonce too high" }), "NONCE", "leaves a gap"],
  ["geth, again", sent({ code: -32000, message: "already known" }), "NONCE", "waits to be mined already"],
  [
    "nethermind",
    sent({ code: -32010, message: "OldNonce, Current nonce: 5, nonce of rejected tx: 4" }),
    "NONCE",
    "used already",
  ],
  [
    "nethermind, again",
    sent({ code: -32010, message: "AlreadyKnown" }),
    "NONCE",
    "waits to be mined already",
  ],
  ["erigon", sent({ code: -32000, message: "nonce too low" }), "NONCE", "used already"],
  ["besu", sent({ code: -32001, message: "Nonce too low" }), "NONCE", "used already"],
  ["besu, again", sent({ code: -32000, message: "Known transaction" }), "NONCE", "waits to be mined already"],

  // The fee.
  [
    "geth",
    sent({ code: -32000, message: "transaction underpriced: tip needed 1, tip permitted 0" }),
    "UNDERPRICED",
    "raise the highest fee",
  ],
  [
    "geth, below the base fee",
    sent({
      code: -32000,
      message: "max fee per gas less than block base fee: address 0x…, maxFeePerGas: 1, baseFee: 7",
    }),
    "UNDERPRICED",
    "raise the highest fee",
  ],
  [
    "geth, replacing",
    sent({ code: -32000, message: "replacement transaction underpriced" }),
    "UNDERPRICED",
    "too low to replace",
  ],
  [
    "nethermind",
    sent({ code: -32010, message: "FeeTooLow, MaxFeePerGas too low. MaxFeePerGas: 1" }),
    "UNDERPRICED",
    "raise the highest fee",
  ],
  [
    "nethermind, replacing",
    sent({ code: -32010, message: "ReplacementNotAllowed" }),
    "UNDERPRICED",
    "too low to replace",
  ],
  ["erigon", sent({ code: -32000, message: "fee too low" }), "UNDERPRICED", "raise the highest fee"],
  [
    "besu",
    sent({ code: -32009, message: "Gas price below configured minimum gas price" }),
    "UNDERPRICED",
    "raise the highest fee",
  ],
  [
    "anvil",
    sent({ code: -32003, message: "max fee per gas less than block base fee" }),
    "UNDERPRICED",
    "raise the highest fee",
  ],

  // The network.
  [
    "Infura",
    called({ code: -32005, message: "daily request count exceeded, request rate limited" }),
    "NETWORK",
    "takes no more requests",
  ],
  [
    "Alchemy",
    { code: 429, message: "Your app has exceeded its compute units per second capacity." },
    "NETWORK",
    "takes no more requests",
  ],
  [
    "a node that prunes",
    called({ code: -32000, message: "missing trie node 0xab (path ) state is not available" }),
    "NETWORK",
    "failed to answer",
  ],
  [
    "a node without the method",
    { code: -32601, message: "the method eth_nothing does not exist/is not available" },
    "NETWORK",
    "does not offer",
  ],
  ["a wallet without chains", { code: 4900, message: "Disconnected" }, "NETWORK", "wallet is disconnected"],
  ["a wallet elsewhere", { code: 4902, message: "Unrecognized chain ID" }, "NETWORK", "on another chain"],
  ["a browser", new TypeError("Failed to fetch"), "NETWORK", "can't be reached"],
  ["Safari", new TypeError("Load failed"), "NETWORK", "can't be reached"],
  [
    "Node's fetch",
    Object.assign(new TypeError("fetch failed"), {
      cause: Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" }),
    }),
    "NETWORK",
    "can't be reached",
  ],
  [
    "two addresses that refuse",
    Object.assign(new AggregateError([Object.assign(new Error(""), { code: "ECONNREFUSED" })]), {}),
    "NETWORK",
    "can't be reached",
  ],
  [
    "undici",
    Object.assign(new TypeError("fetch failed"), {
      cause: Object.assign(new Error("Headers Timeout Error"), { code: "UND_ERR_HEADERS_TIMEOUT" }),
    }),
    "NETWORK",
    "did not answer in time",
  ],
  [
    "an HTTP answer with a node's inside",
    makeError("server response 400", "SERVER_ERROR", {
      info: {
        responseStatus: "400 Bad Request",
        responseBody: JSON.stringify({ error: { code: -32000, message: "nonce too low" } }),
      },
    } as never),
    "NONCE",
    "used already",
  ],

  // The rest.
  ["another error", new Error("boom\nat line 5"), "UNEXPECTED", "boom"],
  ["a text", "boom", "UNEXPECTED", "boom"],
  ["nothing", undefined, "UNEXPECTED", "undefined"],
  ["a number", 5, "UNEXPECTED", "5"],
];

describe("errors of clients, wallets and libraries", () => {
  for (const [who, error, code, words] of SHAPES) {
    it(`${who}: ${code}, "${words}"`, () => {
      const found = toBulkheadError(error);
      expect(found.code, found.message).to.equal(code);
      expect(found.message).to.contain(words);
      expect(found.message).not.to.match(/\n|could not coalesce|missing revert data/);
      expect(found.cause).to.equal(error);
      // Classified once, it stays as it is.
      expect(toBulkheadError(found).code).to.equal(code);
    });
  }

  it("end where they go round in circles", () => {
    const first: { cause?: unknown } = new Error("round");
    const second = Object.assign(new Error("and round"), { cause: first });
    first.cause = second;
    expect(toBulkheadError(first).message).to.equal("round");
  });
});
