import {
  checkAddress,
  checkDeadline,
  checkFee,
  checkFraction,
  checkInt,
  checkPrice,
  checkSize,
  checkTradeSize,
  checkUint,
  formatAmount,
  InvalidInputError,
  MAX_PRICE,
  MAX_SIZE,
  parseAmount,
  parsePrice,
  parseSignedAmount,
} from "@bulkhead/sdk";
import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { createRandom } from "../shared/random.ts";

const ADDRESS = "0x5FbDB2315678afecb367f032d93F642f64180aa3";

/** What a check says of a value. */
function refusal(check: () => unknown): string {
  try {
    check();
  } catch (error) {
    expect(error).to.be.instanceOf(InvalidInputError);
    return (error as Error).message;
  }
  throw new Error("it was accepted");
}

describe("input checks", () => {
  it("return what is right", () => {
    expect(checkAddress("owner", ADDRESS)).to.equal(ADDRESS);
    expect(checkAddress("owner", ADDRESS.toLowerCase())).to.equal(ADDRESS.toLowerCase());
    expect(checkUint("nonce", 2n ** 40n - 1n, 40)).to.equal(2n ** 40n - 1n);
    expect(checkInt("delta", -(2n ** 127n), 128)).to.equal(-(2n ** 127n));
    expect(checkPrice("price", MAX_PRICE)).to.equal(MAX_PRICE);
    expect(checkSize("size", -MAX_SIZE)).to.equal(-MAX_SIZE);
    expect(checkTradeSize("size", 1n)).to.equal(1n);
    expect(checkFraction("slippage", 1n)).to.equal(1n);
    expect(checkDeadline("deadline", 2_000_000_000n, 2_000_000_000n)).to.equal(2_000_000_000n);
    expect(checkFee("fee", 5n, { least: 5n, greatest: 5n })).to.equal(5n);
  });

  for (const [what, check] of [
    ["an address cut short", () => checkAddress("owner", ADDRESS.slice(0, -1))],
    ["an address without 0x", () => checkAddress("owner", ADDRESS.slice(2))],
    ["an address whose checksum is wrong", () => checkAddress("owner", ADDRESS.replace("F", "f"))],
    ["the zero address", () => checkAddress("owner", ZeroAddress)],
    ["no address", () => checkAddress("owner", undefined)],
    ["a number", () => checkUint("owner", 5)],
    ["a text", () => checkUint("owner", "5")],
    ["too many bits", () => checkUint("owner", 2n ** 40n, 40)],
    ["a negative uint", () => checkUint("owner", -1n)],
    ["too many bits with a sign", () => checkInt("owner", 2n ** 127n, 128)],
    ["a price of zero", () => checkPrice("owner", 0n)],
    ["a price above the highest", () => checkPrice("owner", MAX_PRICE + 1n)],
    ["a size above the largest", () => checkSize("owner", MAX_SIZE + 1n)],
    ["a size below the largest short", () => checkSize("owner", -MAX_SIZE - 1n)],
    ["a trade of nothing", () => checkTradeSize("owner", 0n)],
    ["a ratio of one", () => checkFraction("owner", 10n ** 18n)],
    ["a deadline too early", () => checkDeadline("owner", 1_999_999_999n, 2_000_000_000n)],
    ["a fee too low", () => checkFee("owner", 4n, { least: 5n, greatest: 6n })],
    ["a fee too high", () => checkFee("owner", 7n, { least: 5n, greatest: 6n })],
  ] as const) {
    it(`refuse ${what}, and name the field`, () => {
      expect(refusal(check)).to.match(/^owner: expected .+, got .+/);
    });
  }

  it("say that a deadline is in seconds, not milliseconds", () => {
    const now = 1_700_000_000n;
    expect(refusal(() => checkDeadline("deadline", now * 1_000n, now))).to.match(/not milliseconds/);
  });
});

describe("amounts as text", () => {
  for (const [text, decimals, units] of [
    ["1250.5", 6, 1_250_500_000n],
    ["0", 6, 0n],
    ["007", 0, 7n],
    ["0.000001", 6, 1n],
    ["0.0000010000", 6, 1n],
    ["1", 18, 10n ** 18n],
  ] as const) {
    it(`read ${text} with ${decimals} decimals`, () => {
      expect(parseAmount("amount", text, decimals)).to.equal(units);
    });
  }

  for (const [text, complaint] of [
    ["1.0000001", /at most 6 decimals/],
    ["-5", /not negative/],
    ["1e6", /not an exponent/],
    ["1,250.5", /separators of thousands/],
    ["1_250", /separators of thousands/],
    ["1'250", /separators of thousands/],
    ["1 250", /separators of thousands/],
    [" 5", /without spaces/],
    ["", /without spaces/],
    ["0x10", /not hex/],
    [".5", /both sides of the point/],
    ["5.", /both sides of the point/],
    ["1.2.3", /digits with at most one point/],
    ["five", /digits with at most one point/],
    ["Infinity", /digits with at most one point/],
    ["٥", /digits with at most one point/],
    ["9".repeat(80), /to 1157920892/],
  ] as const) {
    it(`are refused where they are ${JSON.stringify(text.slice(0, 12))}`, () => {
      expect(refusal(() => parseAmount("amount", text, 6)))
        .to.match(/^amount: expected/)
        .and.match(complaint);
    });
  }

  it("are refused where they are numbers, which lose digits", () => {
    expect(refusal(() => parseAmount("amount", 0.1, 18))).to.match(/as text/);
  });

  it("read prices and signs where they are asked for", () => {
    expect(parsePrice("price", "2000.5")).to.equal(20_005n * 10n ** 17n);
    expect(refusal(() => parsePrice("price", "0"))).to.match(/^price: expected 1 /);
    expect(parseSignedAmount("pnl", "-1.5", 6)).to.equal(-1_500_000n);
    expect(refusal(() => parseSignedAmount("pnl", "--1", 6))).to.match(/^pnl/);
  });

  it("come back as they were written", () => {
    const random = createRandom(7);
    for (let i = 0; i < 2_000; i++) {
      const value = random.signed(2n ** 200n);
      const decimals = Number(random.between(0n, 36n));
      expect(parseSignedAmount("amount", formatAmount(value, decimals), decimals)).to.equal(value);
    }
    expect([formatAmount(-500_000n, 6), formatAmount(5n, 0), formatAmount(10n ** 18n, 18)]).to.deep.equal([
      "-0.5",
      "5",
      "1",
    ]);
  });
});
