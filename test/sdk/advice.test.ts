import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  adviceOn,
  decodeRevert,
  failureAdvice,
  FAILURES,
  isRevert,
  RevertedError,
  toBulkheadError,
} from "@bulkhead/sdk";
import { expect } from "chai";
import { AbiCoder, concat, ErrorFragment, id, Interface, type ParamType } from "ethers";
import { openMarket, WAD } from "../shared/market.ts";

/** Folders of contracts whose errors a caller can meet. */
const SURFACES = [
  ...["factory", "market", "orders", "vaults", "oracles", "periphery", "libraries"].map((name) =>
    join("artifacts/contracts", name),
  ),
  "artifacts/@openzeppelin/contracts/access/manager",
];

/** Every error of the contracts, by its signature with names. */
async function allErrors(): Promise<Map<string, ErrorFragment>> {
  const errors = new Map<string, ErrorFragment>();
  for (const folder of SURFACES) {
    for (const file of await readdir(folder, { recursive: true })) {
      if (!file.endsWith(".json")) continue;
      const { abi } = JSON.parse(await readFile(join(folder, file), "utf8")) as { abi?: { type: string }[] };
      for (const entry of abi ?? []) {
        if (entry.type !== "error") continue;
        const fragment = ErrorFragment.from(entry);
        errors.set(fragment.format("full"), fragment);
      }
    }
  }
  return errors;
}

/** A value of each type, as large as they come where `large`. */
function sample({ type }: ParamType, large: boolean): unknown {
  const bits = Number(/^u?int(\d+)$/.exec(type)?.[1] ?? 0);
  if (bits > 0) return large ? 2n ** BigInt(type.startsWith("u") ? bits : bits - 1) - 1n : 1n;
  if (type === "address") return "0x5FbDB2315678afecb367f032d93F642f64180aa3";
  if (type === "bool") return true;
  if (type === "string") return "text";
  if (type === "string[]") return ["text"];
  if (type === "bytes") return "0x12";
  if (type === "bytes4") return "0x12345678";
  if (type === "bytes32") return id("bytes");
  throw new Error(`${type}: no sample`);
}

describe("advice", () => {
  it("is there for every error that a contract can revert with, in a sentence that uses its arguments", async () => {
    const errors = await allErrors();
    expect(errors.size).to.be.greaterThan(150);
    for (const [signature, fragment] of errors) {
      for (const large of [false, true]) {
        const values = fragment.inputs.map((input) => sample(input, large));
        const data = new Interface([fragment]).encodeErrorResult(fragment, values);
        const revert = decodeRevert(data);
        if (revert.kind !== "custom") throw new Error(`${signature} is not decoded`);
        expect(revert.errorName).to.equal(fragment.name);
        expect(Object.keys(revert.args), signature).to.deep.equal(fragment.inputs.map(({ name }) => name));
        const advice = adviceOn(revert, { tokenDecimals: 6, symbol: "USDC" });
        expect(advice, signature).to.match(/^["A-Z0-9]\S* .+\.$/i);
        expect(advice, signature).not.to.match(/undefined|NaN|\[object/);
      }
    }
  });

  it("is on no error that there is not", async () => {
    const names = new Set([...(await allErrors()).values()].map(({ name }) => name));
    const folder = "packages/sdk/src/decode/advice";
    for (const file of await readdir(folder)) {
      const source = await readFile(join(folder, file), "utf8");
      const advised = [...source.matchAll(/^ {2}(\w+): \(/gm)].map((match) => match[1]!);
      expect(advised.length).to.be.greaterThan(20);
      expect(
        advised.filter((name) => !names.has(name)),
        file,
      ).to.deep.equal([]);
    }
  });

  it("writes money in the token's units where they are known, and times as dates", () => {
    const args = { fee: 1_500_000n, min: 2_000_000n, max: 10_000_000n };
    const fee = { kind: "custom", data: "0x", errorName: "OrderExecutionFeeOutOfBounds", args } as const;
    expect(adviceOn(fee)).to.match(/^The execution fee 1500000 token units is outside 2000000 token units/);
    expect(adviceOn(fee, { tokenDecimals: 6, symbol: "USDC" })).to.match(
      /^The execution fee 1.5 USDC is outside 2 USDC to 10 USDC/,
    );
    const late = {
      kind: "custom",
      data: "0x",
      errorName: "SignatureExpired",
      args: { validUntil: 1_700_000_000n },
    } as const;
    expect(adviceOn(late)).to.match(/2023-11-14 22:13:20 UTC/);
  });

  it("is there for each reason that an order fails with", () => {
    for (const [value, name] of FAILURES.entries()) {
      expect(failureAdvice(BigInt(value)))
        .to.equal(failureAdvice(name))
        .and.match(/^[A-Z].+\.$/);
    }
  });

  it("comes with an error of the protocol that the chain answers with", async () => {
    const { orderBook, alice, request, file } = await openMarket();
    const sent = orderBook.connect(alice).commit(await request({ sizeDelta: WAD, executionFee: 5n }));
    const error: unknown = await sent.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(isRevert(error)).to.be.true;
    const found = toBulkheadError(error, { tokenDecimals: 6 });
    if (!(found instanceof RevertedError)) throw found;
    const { minExecutionFee: min, maxExecutionFee: max } = file.orders;
    expect(found.errorName).to.equal("OrderExecutionFeeOutOfBounds");
    expect(found.args).to.deep.equal({ fee: 5n, min, max });
    expect(found.advice).to.match(/0.000005 tokens is outside/);
  });
});

describe("other reverts", () => {
  const coder = AbiCoder.defaultAbiCoder();
  it("are texts, panics, data of others, or nothing", () => {
    const text = concat([id("Error(string)").slice(0, 10), coder.encode(["string"], ["too late"])]);
    expect(decodeRevert(text)).to.deep.equal({ kind: "reason", data: text, reason: "too late" });
    const panic = concat([id("Panic(uint256)").slice(0, 10), coder.encode(["uint256"], [0x11n])]);
    expect(decodeRevert(panic)).to.deep.equal({ kind: "panic", data: panic, panic: 0x11n });
    expect(adviceOn(decodeRevert(panic))).to.match(/beyond its range/);
    expect(decodeRevert("0x12345678")).to.deep.equal({ kind: "undecoded", data: "0x12345678" });
    expect(decodeRevert("0x")).to.deep.equal({ kind: "none" });
  });

  it("with the selector of one error and the arguments of another are not taken for it", () => {
    const selector = id("OrderUnknown(bytes32)").slice(0, 10);
    expect(decodeRevert(`${selector}12`).kind).to.equal("undecoded");
  });
});
