import {
  ReportError,
  decodeReport,
  decodeSignedReport,
  encodeReport,
  encodeSignedReport,
  holds,
  reportDigest,
  type ReportV3,
} from "@bulkhead/sdk";
import { expect } from "chai";
import {
  AbiCoder,
  SigningKey,
  ZeroHash,
  computeAddress,
  concat,
  dataSlice,
  id,
  recoverAddress,
  toBeHex,
} from "ethers";

const WORD = 32;
const FEED = `0x0003${"11".repeat(30)}`;
const REPORT: ReportV3 = {
  feedId: FEED,
  validFromTimestamp: 1_700_000_001n,
  observationsTimestamp: 1_700_000_002n,
  nativeFee: 3n,
  linkFee: 4n,
  expiresAt: 1_700_086_402n,
  price: 2_000n * 10n ** 18n,
  bid: 1_999n * 10n ** 18n,
  ask: 2_001n * 10n ** 18n,
};
const CONTEXT = { configDigest: id("digest"), epochAndRound: toBeHex(0x0101, WORD), extraHash: ZeroHash };
const TYPES = "bytes32 uint32 uint32 uint192 uint192 uint32 int192 int192 int192".split(" ");
const ENVELOPE = ["bytes32[3]", "bytes", "bytes32[]", "bytes32[]", "bytes32"];
const MAX_UINT32 = 2n ** 32n - 1n;
const MAX_UINT192 = 2n ** 192n - 1n;
const MIN_INT192 = -(2n ** 191n);

/** The same report with one word replaced. */
function withWord(index: number, word: bigint): string {
  const data = encodeReport(REPORT);
  return concat([dataSlice(data, 0, index * WORD), toBeHex(word, WORD), dataSlice(data, (index + 1) * WORD)]);
}

function refusal(act: () => unknown): ReportError {
  try {
    act();
  } catch (error) {
    expect(error).to.be.instanceOf(ReportError);
    expect((error as ReportError).name).to.equal("ReportError");
    return error as ReportError;
  }
  throw new Error("nothing was thrown");
}

describe("Data Streams report codec", () => {
  it("encodes a report as Solidity does", () => {
    expect(encodeReport(REPORT)).to.equal(AbiCoder.defaultAbiCoder().encode(TYPES, Object.values(REPORT)));
  });

  it("decodes what it encodes, at the ends of every type", () => {
    for (const report of [
      REPORT,
      { ...REPORT, price: MIN_INT192, bid: -1n, ask: 2n ** 191n - 1n },
      { ...REPORT, expiresAt: MAX_UINT32, nativeFee: MAX_UINT192, linkFee: 0n, validFromTimestamp: 0n },
    ]) {
      expect(decodeReport(encodeReport(report))).to.deep.equal(report);
    }
  });

  it("names the field that does not fit its type", () => {
    const fields: [keyof ReportV3, bigint][] = [
      ["validFromTimestamp", -1n],
      ["observationsTimestamp", MAX_UINT32 + 1n],
      ["nativeFee", MAX_UINT192 + 1n],
      ["price", MIN_INT192 - 1n],
      ["ask", 2n ** 191n],
    ];
    for (const [field, value] of fields) {
      const error = refusal(() => encodeReport({ ...REPORT, [field]: value }));
      expect(error.field).to.equal(field);
      expect(error.message).to.match(new RegExp(`^${field}: ${value} is not from -?\\d+ to \\d+$`));
    }
  });

  it("refuses to decode a number beyond its type, where a lenient decoder would cut it", () => {
    expect(refusal(() => decodeReport(withWord(2, MAX_UINT32 + 1n))).field).to.equal("observationsTimestamp");
    expect(refusal(() => decodeReport(withWord(6, 2n ** 191n))).field).to.equal("price");
  });

  it("says which schema a report of another one has", () => {
    const other = concat(["0x0004", `0x${"11".repeat(30)}`, dataSlice(encodeReport(REPORT), WORD)]);
    for (const data of [other, dataSlice(other, 0, 7 * WORD)]) {
      expect(refusal(() => decodeReport(data)).message).to.equal(
        "feedId: the schema is 0x0004; 0x0003 (price, bid and ask) is expected",
      );
    }
    const error = refusal(() => encodeReport({ ...REPORT, feedId: `0x0008${"11".repeat(30)}` }));
    expect(error.message).to.contain("the schema is 0x0008");
  });

  it("refuses a feed id that is not 32 bytes", () => {
    expect(refusal(() => encodeReport({ ...REPORT, feedId: "0x0003" })).message).to.equal(
      'feedId: "0x0003" is given; 0x and 64 hex digits are expected',
    );
  });

  it("refuses a report of another length", () => {
    const data = encodeReport(REPORT);
    expect(refusal(() => decodeReport(dataSlice(data, 0, 287))).message).to.contain("it has 287 bytes");
    expect(refusal(() => decodeReport(concat([data, "0x00"]))).message).to.contain("it has 289 bytes");
    for (const data of ["", "0x", "hello", "0x123", `0x${"00".repeat(31)}`]) {
      expect(refusal(() => decodeReport(data)).field).to.equal("report");
    }
  });

  it("knows the seconds that a report holds: both ends, none beyond", () => {
    const seconds = [1_700_000_000n, 1_700_000_001n, 1_700_000_002n, 1_700_000_003n];
    expect(seconds.map((second) => holds(REPORT, second))).to.deep.equal([false, true, true, false]);
  });
});

describe("signed Data Streams report codec", () => {
  const keys = [id("a"), id("b")].map((key) => new SigningKey(key));
  const reportData = encodeReport(REPORT);

  function sign() {
    return keys.map((key) => {
      const { r, s, yParity } = key.sign(reportDigest(reportData, CONTEXT));
      return { r, s, v: yParity };
    });
  }

  it("decodes what it encodes", () => {
    const signatures = sign();
    const fullReport = encodeSignedReport(reportData, CONTEXT, signatures);
    expect(decodeSignedReport(fullReport)).to.deep.equal({
      fullReport,
      context: CONTEXT,
      reportData,
      report: REPORT,
      signatures,
    });
  });

  it("keeps signatures that recover to who signed", () => {
    const { signatures } = decodeSignedReport(encodeSignedReport(reportData, CONTEXT, sign()));
    const digest = reportDigest(reportData, CONTEXT);
    const signers = signatures.map(({ r, s, v }) => recoverAddress(digest, { r, s, v: v + 27 }));
    expect(signers).to.deep.equal(keys.map((key) => computeAddress(key)));
  });

  it("refuses what is no envelope", () => {
    for (const data of ["", "hello", "0x", "0x1234", `0x${"ff".repeat(320)}`, reportData]) {
      expect(refusal(() => decodeSignedReport(data)).field).to.equal("fullReport");
    }
    const cut = encodeSignedReport(reportData, CONTEXT, sign()).slice(0, -64);
    expect(refusal(() => decodeSignedReport(cut)).message).to.match(/^fullReport: it is not abi\.encode\(/);
  });

  it("refuses signatures that do not match each other", () => {
    const { configDigest, epochAndRound, extraHash } = CONTEXT;
    const context = [configDigest, epochAndRound, extraHash];
    const encode = (rs: string[], ss: string[], vs: string) =>
      AbiCoder.defaultAbiCoder().encode(ENVELOPE, [context, reportData, rs, ss, vs]);
    const word = id("r");
    expect(refusal(() => decodeSignedReport(encode([word, word], [word], ZeroHash))).message).to.contain(
      "2 r and 1 s are given",
    );
    const many = Array.from({ length: 32 }, () => word);
    expect(refusal(() => decodeSignedReport(encode(many, many, ZeroHash))).field).to.equal("signatures");
    const bits = toBeHex(27n << 248n, WORD);
    expect(refusal(() => decodeSignedReport(encode([word], [word], bits))).message).to.contain(
      "recovery bit 0 is 27",
    );
    const signature = { r: word, s: word, v: 0 };
    expect(
      refusal(() =>
        encodeSignedReport(
          reportData,
          CONTEXT,
          many.map(() => signature),
        ),
      ).field,
    ).to.equal("signatures");
  });

  it("refuses an envelope around a report of another schema", () => {
    const other = concat(["0x0002", dataSlice(reportData, 2)]);
    const fullReport = encodeSignedReport(other, CONTEXT, sign());
    expect(refusal(() => decodeSignedReport(fullReport)).message).to.contain("the schema is 0x0002");
  });
});
