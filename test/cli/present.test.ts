import { expect } from "chai";
import { duration, refuseKeys } from "../../packages/cli/src/options.ts";
import { fractionOf, idOf, percentOf, shocksOf, trailOf, wadOf } from "../../packages/cli/src/parse.ts";
import {
  rounded,
  showDuration,
  showMoney,
  showPercent,
  showPrice,
  showSize,
  showSum,
  showTimes,
  signed,
} from "../../packages/cli/src/present/numbers.ts";
import { paintFor, plain } from "../../packages/cli/src/present/paint.ts";
import { facts, stacked, table } from "../../packages/cli/src/present/table.ts";

const WAD = 10n ** 18n;

describe("the command line's numbers", () => {
  it("rounds half away from zero, with separators", () => {
    expect(rounded(1_234_567_895n, 6, 2)).to.equal("1,234.57");
    expect(rounded(-1_234_565_000n, 6, 2)).to.equal("-1,234.57");
    expect(rounded(999_999_999_999n, 6, 0)).to.equal("1,000,000");
    expect(rounded(7n, 0, 2)).to.equal("7.00");
  });

  it("gives no sign to what rounds to zero", () => {
    expect(rounded(-4n, 3, 2)).to.equal("0.00");
    expect(signed(4n, rounded(4n, 3, 2))).to.equal("0.00");
    expect(signed(5n, rounded(5n, 3, 2))).to.equal("+0.01");
  });

  it("shows money at cents in columns, and what is less than a cent where it is said alone", () => {
    expect(showMoney(14n, 6)).to.equal("0.00");
    expect(showSum(14n, 6)).to.equal("0.000014");
    expect(showSum(0n, 6)).to.equal("0.00");
    expect(showSum(12_345_678n, 6)).to.equal("12.35");
  });

  it("shows as many digits of a small price or size as say something", () => {
    expect(showPrice(2_000n * WAD)).to.equal("2,000.00");
    expect(showPrice(WAD / 3n)).to.equal("0.333333");
    expect(showPrice(12_345n * 10n ** 10n)).to.equal("0.000123450");
    expect(showSize(25n * 10n ** 17n)).to.equal("2.5");
    expect(showSize(123_456n * 10n ** 10n)).to.equal("0.001235");
    expect(showSize(1_000n * WAD)).to.equal("1,000");
  });

  it("shows ratios, multiples and durations", () => {
    expect(showPercent(-(WAD * 44n) / 1_000n, 1)).to.equal("-4.4%");
    expect(showTimes(5n * WAD)).to.equal("5x");
    expect(showTimes((12_345n * WAD) / 1_000n)).to.equal("12.35x");
    expect([12n, 200n, 7_500n, 345_600n].map(showDuration)).to.deep.equal(["12s", "3m 20s", "2h 5m", "4d"]);
  });
});

describe("the command line's tables", () => {
  const columns = [
    { title: "ID", align: "right", cell: ({ id }: { id: number }) => String(id) },
    { title: "WHAT", spare: 1, cell: () => "something long" },
    { title: "MORE", spare: 2, cell: () => "more" },
  ] as const;

  it("stand in columns without lines, numbers to the right", () => {
    const shown = table(columns, [{ id: 7 }, { id: 100 }], { width: undefined, paint: plain });
    expect(shown.split("\n")).to.deep.equal([
      " ID  WHAT            MORE",
      "  7  something long  more",
      "100  something long  more",
    ]);
  });

  it("leave out what a narrow terminal has no room for, and say so", () => {
    const shown = table(columns, [{ id: 7 }], { width: 20, paint: plain });
    expect(shown.split("\n")).to.deep.equal(["ID  WHAT", " 7  something long", "Left out for width: more."]);
    const narrow = table(columns, [{ id: 7 }], { width: 5, paint: plain });
    expect(narrow).to.contain("Left out for width: what, more.");
  });

  it("put facts under headings, and numbers one above the other", () => {
    expect(facts([["Books"], ["a", "1"], ["bcd", "2"]], plain)).to.equal("  Books\n  a    1\n  bcd  2");
    expect(stacked(["1.00", "-20.00"])).to.deep.equal(["  1.00", "-20.00"]);
  });
});

describe("the command line's colours", () => {
  it("are for terminals, and not for NO_COLOR, dumb terminals or CI", () => {
    const terminal = { isTTY: true };
    expect(paintFor(terminal, {})("red", "x")).to.contain("\u001b[");
    expect(paintFor({}, {})("red", "x")).to.equal("x");
    for (const env of [{ NO_COLOR: "1" }, { TERM: "dumb" }, { CI: "true" }, { FORCE_COLOR: "0" }])
      expect(paintFor(terminal, env)("red", "x")).to.equal("x");
    expect(paintFor({}, { FORCE_COLOR: "1" })("red", "x")).to.contain("\u001b[");
  });
});

describe("the command line's options", () => {
  const KEY = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

  it("refuse what looks like a private key wherever it stands, and don't repeat it", () => {
    for (const args of [
      ["open", "long", "--key", `0x${KEY}`],
      ["markets", KEY],
      [`--keystore=0x${KEY}`],
      ["orders", "cancel", "--account", `0x${KEY}`],
      ["orders", "cancel", `0x${KEY}`, "--keystore", `0x${KEY}`],
      ["orders", "cancel", KEY],
      ["positions", "--owner", `0X${KEY.toUpperCase()}`],
    ])
      expect(() => refuseKeys(args), args.join(" "))
        .to.throw("looks like a private key")
        .with.property("message")
        .that.does.not.match(new RegExp(KEY, "i"));
  });

  it("take an order's id where a command is about one", () => {
    for (const verb of ["cancel", "settle", "expire"])
      refuseKeys(["--json", "orders", verb, "--yes", `0x${KEY}`]);
    refuseKeys(["stops", "cancel", `0x${KEY}`, "--dry-run"]);
    expect(() => refuseKeys(["close", `0x${KEY}`])).to.throw();
  });

  it("read durations", () => {
    expect(["90", "90s", "15m", "12h", "30d"].map((text) => duration("--wait", text))).to.deep.equal([
      90, 90, 900, 43_200, 2_592_000,
    ]);
    expect(() => duration("--wait", "soon")).to.throw("--wait: expected a duration");
  });

  it("read percentages, multiples, ids and moves exactly", () => {
    expect(percentOf("--risk", "0.5%")).to.equal(WAD / 200n);
    expect(percentOf("--risk", "1")).to.equal(WAD / 100n);
    expect(wadOf("--leverage", "2.5x")).to.equal((5n * WAD) / 2n);
    expect(idOf("7")).to.equal(7n);
    expect(shocksOf("-10,5%, 0")).to.deep.equal([-WAD / 10n, WAD / 20n, 0n]);
    expect(trailOf("2%")).to.deep.equal({ ratio: WAD / 50n });
    expect(trailOf("50")).to.deep.equal({ distance: 50n * WAD });
  });

  it("name the option and what would be right where they can't be read", () => {
    expect(() => percentOf("--risk", "much")).to.throw("--risk: expected digits");
    expect(() => fractionOf("--slippage", "100%")).to.throw("--slippage: expected a percentage above 0");
    expect(() => wadOf("--size", "0")).to.throw("--size: expected a number above zero");
    expect(() => idOf("-1")).to.throw("id: expected");
    expect(() => shocksOf("-100")).to.throw("--shocks: expected falls of less than 100 %");
  });
});
