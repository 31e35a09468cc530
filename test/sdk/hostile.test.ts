import {
  adviceOn,
  decodeEvent,
  decodeRevert,
  isRevert,
  parseAmount,
  RevertedError,
  toBulkheadError,
  UserRejectedError,
} from "@bulkhead/sdk";
import { expect } from "chai";
import { AbiCoder, concat, id, Interface, makeError } from "ethers";
import { OrderBook__factory, PerpMarket__factory } from "../../typechain-types/index.ts";

const coder = AbiCoder.defaultAbiCoder();

/** Clears a terminal's line, turns the direction of writing, and begins a line of its own. */
const TRICK = "\u001b[2K\u202eDone\u2066\r\nYou were paid";

/** Whatever moves a cursor, turns writing round or can't be seen. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** Data of `Error(string)`. */
const reverting = (reason: string): string => concat(["0x08c379a0", coder.encode(["string"], [reason])]);

/** A JSON-RPC answer as clients pass it on. */
const answer = (code: number, message: string, data?: string): Error =>
  Object.assign(new Error(message), { code, ...(data === undefined ? {} : { data }) });

/** Ms that something takes. */
function duration(action: () => unknown): number {
  const start = performance.now();
  action();
  return performance.now() - start;
}

describe("what strangers say", () => {
  it("is no rejection by the wallet's owner where a contract says so", () => {
    const reason = "user rejected";
    for (const error of [
      answer(3, `execution reverted: ${reason}`, reverting(reason)),
      answer(3, `execution reverted: ${reason}`),
      makeError("call failed", "CALL_EXCEPTION", {
        action: "call",
        data: null,
        reason: null,
        invocation: null,
        revert: null,
        transaction: { to: null, data: "0x" },
        info: { error: { code: 3, message: `execution reverted: ${reason}`, data: reverting(reason) } },
      }),
    ]) {
      const found = toBulkheadError(error);
      expect(found).to.be.instanceOf(RevertedError);
      expect((found as RevertedError).revert).to.include({ kind: "reason", reason });
    }
    expect(toBulkheadError(answer(-32_603, "User denied transaction signature"))).to.be.instanceOf(
      UserRejectedError,
    );
  });

  it("decodes as nothing known where its text is none", () => {
    // A string of one byte that is no UTF-8.
    const broken = concat([
      "0x08c379a0",
      coder.encode(["uint256", "uint256"], [32n, 1n]),
      `0xff${"00".repeat(31)}`,
    ]);
    expect(decodeRevert(broken)).to.deep.equal({ kind: "undecoded", data: broken });
    expect(toBulkheadError(answer(3, "execution reverted", broken))).to.be.instanceOf(RevertedError);
    const feeds = concat([
      id("StreamsLookup(string,string[],string,uint256,bytes)").slice(0, 10),
      coder.encode(["bytes", "bytes[]", "bytes", "uint256", "bytes"], ["0xff", ["0xff"], "0xff", 1n, "0x"]),
    ]);
    expect(decodeRevert(feeds).kind).to.equal("undecoded");
  });

  it("is shown on one line, with nothing unseen in it, and not at any length", () => {
    const long = TRICK + "x".repeat(1_000_000);
    const tooLong = concat([id("StringTooLong(string)").slice(0, 10), coder.encode(["string"], [TRICK])]);
    const shown = [
      toBulkheadError(answer(3, "execution reverted", reverting(long))).message,
      toBulkheadError(answer(3, "execution reverted", tooLong)).message,
      toBulkheadError(answer(3, `execution reverted: ${long}`)).message,
      toBulkheadError(answer(-32_603, long)).message,
      toBulkheadError(new Error(long)).message,
      toBulkheadError(long).message,
      adviceOn(decodeRevert(tooLong)),
      adviceOn(
        {
          kind: "custom",
          data: "0x",
          errorName: "ERC20InsufficientBalance",
          args: { sender: "0x", balance: 1n, needed: 2n },
        },
        { tokenDecimals: 6, symbol: TRICK },
      ),
    ];
    for (const text of shown) {
      expect(text).to.be.a("string").and.not.match(UNSEEN);
      expect(text!.length).to.be.below(1_100);
    }
    // What it was is still there for programs.
    const { revert } = toBulkheadError(answer(3, "execution reverted", reverting(TRICK))) as RevertedError;
    expect(revert).to.include({ reason: TRICK });
  });

  it("costs no time", () => {
    for (const word of ["exceeded ", "nonce ", "state ", "method ", "websocket "]) {
      const error = answer(-32_000, word.repeat(200_000));
      expect(
        duration(() => toBulkheadError(error)),
        word,
      ).to.be.below(1_000);
    }
    const strings = Array.from({ length: 200_000 }, () => "{");
    expect(duration(() => toBulkheadError({ message: "no", errors: strings }))).to.be.below(1_000);
    expect(
      duration(() => {
        try {
          parseAmount("amount", `0.${"0".repeat(200_000)}1`, 6);
        } catch {
          // It is refused.
        }
      }),
    ).to.be.below(1_000);
  });

  it("is an error whatever was thrown", () => {
    const trap = new Proxy(
      {},
      {
        ownKeys() {
          throw new Error("not yours");
        },
      },
    );
    const cyclic: Record<string, unknown> = { message: "round" };
    cyclic.cause = cyclic;
    const getter = Object.defineProperty(new Error("no"), "data", {
      enumerable: true,
      get() {
        throw new Error("not yours");
      },
    });
    for (const odd of [
      trap,
      cyclic,
      getter,
      Object.create(null),
      Symbol("odd"),
      undefined,
      null,
      7n,
      () => 1,
    ]) {
      expect(toBulkheadError(odd).code, String(odd === trap)).to.equal("UNEXPECTED");
      expect(toBulkheadError(odd).message).to.not.equal("");
      expect(isRevert(odd)).to.equal(false);
    }
  });

  it("is no event where only its topic is known", () => {
    const { interface: book } = { interface: OrderBook__factory.createInterface() };
    const expired = book.getEvent("OrderExpired");
    const failed = book.encodeEventLog("OrderFailed", [id("order"), 7n, `0x${"12".repeat(20)}`, 3n]);
    const transfer = PerpMarket__factory.createInterface().getEvent("Transfer");
    for (const log of [
      { topics: [expired.topicHash, id("order"), "0x12"], data: "0x" },
      { topics: [book.getEvent("OrderCommitted").topicHash, id("a"), id("b"), id("c")], data: "0x1234" },
      // There is no such reason.
      { topics: failed.topics, data: coder.encode(["uint8"], [200n]) },
      { topics: [transfer.topicHash, id("a"), id("b"), "0x"], data: "0x" },
    ])
      expect(decodeEvent(log), log.topics[0]).to.equal(undefined);
    // It tells the names of strangers as it tells everything else.
    const created = new Interface([
      "event MarketCreated(bytes32 indexed marketId, string symbol, address token, address oracle, address market, address orderBook, address orderModule, address marketModule, address governanceModule, address marginVault, address liquidityVault, address insuranceFund)",
    ]);
    const someone = `0x${"12".repeat(20)}`;
    const log = created.encodeEventLog("MarketCreated", [id("x"), TRICK, ...Array<string>(10).fill(someone)]);
    expect(decodeEvent(log)?.text)
      .to.match(/^The market .*Done/)
      .and.not.match(UNSEEN);
  });
});
