import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { InputError, loadRounds, type Round } from "../../scripts/replay/rounds.ts";

const DATA = join(import.meta.dirname, "../../data");
const CHAINLINK = "roundId,answer,startedAt,updatedAt,answeredInRound";
const CANDLES = "timestamp,open,high,low,close";

async function refusal(promise: Promise<unknown>): Promise<InputError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).to.be.instanceOf(InputError);
  return error as InputError;
}

describe("loading a price history", () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bulkhead-rounds-"));
    file = join(folder, "prices.csv");
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function load(...lines: string[]): ReturnType<typeof loadRounds> {
    writeFileSync(file, lines.join("\n"));
    return loadRounds(file);
  }

  describe("of Chainlink rounds", () => {
    const files: [name: string, count: number, sharedTimes: number][] = [
      ["chainlink-eth-usd-2023-08-flash-crash.csv", 257, 1],
      ["chainlink-btc-usd-2023-08-flash-crash.csv", 243, 1],
      ["chainlink-eth-usd-2023-04-to-2023-12.csv", 8_405, 5],
    ];
    for (const [name, count, sharedTimes] of files) {
      it(`keeps every id, answer and timestamp of ${name}`, async () => {
        const { rounds, kind } = await loadRounds(join(DATA, name));
        expect(kind).to.equal("chainlink");
        expect(rounds).to.have.length(count);
        const lines = rounds.map((r) => [r.roundId, r.answer, r.startedAt, r.updatedAt, r.roundId].join());
        expect([CHAINLINK, ...lines, ""].join("\n")).to.equal(readFileSync(join(DATA, name), "utf8"));
        const shared = rounds.filter((round, i) => round.updatedAt === rounds[i - 1]?.updatedAt);
        expect(shared).to.have.length(sharedTimes);
      });
    }

    it("reads the round of the flash crash to the last digit", async () => {
      const { rounds } = await loadRounds(join(DATA, "chainlink-eth-usd-2023-08-flash-crash.csv"));
      expect(rounds[126]).to.deep.equal({
        roundId: 110680464442257314262n,
        answer: 155799625094n,
        startedAt: 1692308723,
        updatedAt: 1692308723,
      });
    });

    it("takes rounds of a bare aggregator as those of a proxy's first phase", async () => {
      const { rounds } = await load(CHAINLINK, "7,100,1,1,7", "8,101,2,2,8");
      expect(rounds.map(({ roundId }) => roundId)).to.deep.equal([(1n << 64n) + 7n, (1n << 64n) + 8n]);
    });

    it("bears a byte order mark, CRLF, blank lines, further columns and another order of columns", async () => {
      const { rounds } = await load(
        "\ufeffanswer,roundId,startedAt,updatedAt,answeredInRound,note\r",
        "100,18446744073709551617,5,6,18446744073709551617,first\r",
        "\r",
      );
      const expected: Round[] = [
        { roundId: 18446744073709551617n, answer: 100n, startedAt: 5, updatedAt: 6 },
      ];
      expect(rounds).to.deep.equal(expected);
    });
  });

  describe("of candles", () => {
    it("tells them apart by the header", async () => {
      const { kind, rounds } = await load(CANDLES, "300,1,1,1,1", "600,1,1,1,1");
      expect(kind).to.equal("candles");
      expect(rounds).to.deep.equal([
        { roundId: (1n << 64n) + 1n, answer: 100_000_000n, startedAt: 300, updatedAt: 300 },
      ]);
    });

    it("parses prices exactly, to 8 decimals", async () => {
      const { rounds } = await load(
        CANDLES,
        ...[300, 600].map((t) => `${t},${Array(4).fill("0.123456789").join()}`),
      );
      expect(rounds[0]?.answer).to.equal(12_345_678n);
      const large = "90071992547409.93";
      const { rounds: exact } = await load(
        CANDLES,
        ...[300, 600].map((t) => `${t},${Array(4).fill(large).join()}`),
      );
      expect(exact[0]?.answer).to.equal(9_007_199_254_740_993_000_000n);
    });
  });

  describe("that is missing, empty or malformed names the file, the line and what would be right", () => {
    it("for a file that is not there", async () => {
      const { message } = await refusal(loadRounds(file));
      expect(message).to.equal(`${file}: no such file; give a CSV of Chainlink rounds or of OHLC candles`);
    });

    it("for a folder", async () => {
      expect((await refusal(loadRounds(folder))).message).to.contain("this is a folder");
    });

    const cases: [what: string, lines: string[], message: string][] = [
      ["an empty file", [""], ": the file is empty; give a CSV"],
      [
        "an unknown header",
        ["a,b", "1,2"],
        `:1: unknown header; ${CHAINLINK} (Chainlink rounds) or ${CANDLES}`,
      ],
      ["a file without a header", ["1,2,3,4,5", "6,7,8,9,10"], ":1: unknown header"],
      ["a header that names a column twice", [`${CANDLES},open`], ':1: the header names "open" twice'],
      ["a header alone", [CHAINLINK], ":2: nothing after the header"],
      ["a row too short", [CHAINLINK, "1,2,3,4"], ":2: 4 columns, but the header has 5: roundId,answer"],
      ["a row too long", [CANDLES, "1,2,3,4,5,6"], ":2: 6 columns, but the header has 5"],
      [
        "an answer with a decimal point",
        [CHAINLINK, "1,2.5,1,1,1"],
        ':2: answer "2.5" is not a whole number; a positive',
      ],
      [
        "an answer of 0",
        [CHAINLINK, "1,9,1,1,1", "2,0,1,1,2"],
        ':3: answer "0" is below 1; a positive price',
      ],
      ["a negative answer", [CHAINLINK, "1,-5,1,1,1"], ':2: answer "-5" is below 1'],
      ["an answer beyond int192", [CHAINLINK, `1,${1n << 191n},1,1,1`], ":2: answer"],
      ["a round id that is no number", [CHAINLINK, "x,5,1,1,1"], ':2: roundId "x" is not a whole number'],
      ["a round id beyond uint80", [CHAINLINK, `${1n << 80n},5,1,1,1`], ":2: roundId"],
      ["an empty field", [CHAINLINK, "1,,1,1,1"], ':2: answer "" is not a whole number'],
      ["an id repeated", [CHAINLINK, "1,9,1,1,1", "1,9,2,2,1"], "ids must increase"],
      ["ids that fall", [CHAINLINK, "2,9,1,1,2", "1,9,2,2,1"], "ids must increase"],
      [
        "time going backwards",
        [CHAINLINK, "1,9,8,8,1", "2,9,7,9,2"],
        ":3: startedAt 7 is before 8 of the row before",
      ],
      [
        "updates going backwards",
        [CHAINLINK, "1,9,5,9,1", "2,9,6,8,2"],
        ":3: updatedAt 8 is before 9 of the row before",
      ],
      ["a start after the update", [CHAINLINK, "1,9,9,8,1"], ":2: startedAt 9 is after updatedAt 8"],
      [
        "a time in milliseconds",
        [CANDLES, "1583452800000,1,1,1,1"],
        "Unix time in seconds, as 1692308723, is expected",
      ],
      [
        "a price that is no number",
        [CANDLES, "1,abc,1,1,1"],
        ':2: open "abc" is not a price; a plain decimal',
      ],
      ["a price with an exponent", [CANDLES, "1,1e3,1,1,1"], ':2: open "1e3" is not a price'],
      ["a price of 0", [CANDLES, "1,1,1,0,1"], ':2: low "0" is not above zero'],
      ["a high below the low", [CANDLES, "1,5,4,6,5"], ":2: high 4 is below low 6"],
      ["an open outside the bar", [CANDLES, "1,7,6,4,5"], ":2: open 7 lies outside low 4 to high 6"],
      ["a close outside the bar", [CANDLES, "1,5,6,4,3"], ":2: close 3 lies outside low 4 to high 6"],
      [
        "bars out of order",
        [CANDLES, "600,1,1,1,1", "300,1,1,1,1"],
        ":3: timestamp 300 does not come after 600",
      ],
      [
        "a bar repeated",
        [CANDLES, "600,1,1,1,1", "600,1,1,1,1"],
        ":3: timestamp 600 does not come after 600",
      ],
      ["one bar alone", [CANDLES, "600,1,1,1,1"], ":2: one candle alone; at least two are expected"],
      ["a quote left open", [CANDLES, '600,"1,1,1,1'], ":2: not a CSV: Quote Not Closed"],
    ];
    for (const [what, lines, message] of cases) {
      it(`for ${what}`, async () => {
        const error = await refusal(load(...lines));
        expect(error.message.startsWith(file)).to.equal(true);
        expect(error.message).to.contain(message);
        expect(error.message).not.to.contain("\n");
      });
    }

    it("on one line even if the field has several", async () => {
      const { message } = await refusal(load(CHAINLINK, '1,"5\n\u001b[31m6",1,1,1'));
      expect(message).to.contain(':3: answer "5\\n\\u001b[31m6" is not a whole number');
    });
  });
});
