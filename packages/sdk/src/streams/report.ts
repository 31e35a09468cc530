import { AbiCoder, concat, dataLength, dataSlice, isHexString, keccak256, toBeHex } from "ethers";

/** What a Data Streams report of schema v3 says of a crypto asset. */
export interface ReportV3 {
  /** 32 bytes; the first two are the schema, 0x0003. */
  readonly feedId: string;
  /** First second that the price stands for. Unix seconds. */
  readonly validFromTimestamp: bigint;
  /** Last second that the price stands for. Unix seconds. */
  readonly observationsTimestamp: bigint;
  /** Fee of a verification paid in the chain's own token, wei. */
  readonly nativeFee: bigint;
  /** Fee of a verification paid in LINK, 18 decimals. */
  readonly linkFee: bigint;
  /** Last second at which a fee manager accepts the report. Unix seconds. */
  readonly expiresAt: bigint;
  /** Median of the oracles: quote currency per 1.0 base asset, 18 decimals. */
  readonly price: bigint;
  /** 18 decimals. */
  readonly bid: bigint;
  /** 18 decimals. */
  readonly ask: bigint;
}

/** An oracle's signature. `v` is the recovery bit, 0 or 1. */
export interface ReportSignature {
  readonly r: string;
  readonly s: string;
  readonly v: number;
}

/** What oracles sign along with a report: 32 bytes each. */
export interface ReportContext {
  /** The configuration of oracles that signs. */
  readonly configDigest: string;
  /** Epoch and round of the oracles' protocol: 27 bytes of padding, 4 of epoch, 1 of round. */
  readonly epochAndRound: string;
  readonly extraHash: string;
}

/** A report with its signatures. */
export interface SignedReport {
  /** All of it, as `VerifierProxy.verify` takes it. */
  readonly fullReport: string;
  readonly context: ReportContext;
  /** The report as signed: {@link REPORT_BYTES} bytes. */
  readonly reportData: string;
  readonly report: ReportV3;
  readonly signatures: readonly ReportSignature[];
}

/** A report that can't be encoded or decoded: names the field, and says what would be right. */
export class ReportError extends Error {
  override readonly name = "ReportError";
  readonly field: string;

  constructor(field: string, problem: string) {
    super(`${field}: ${problem}`);
    this.field = field;
  }
}

/** Bytes of a report of schema v3: nine words. */
export const REPORT_BYTES = 288;
/** The schema of this codec, as the first two bytes of a feed id. */
export const SCHEMA_V3 = "0x0003";
/** Signatures fit one word of recovery bits; the verifier allows 31 oracles. */
export const MAX_SIGNATURES = 31;

const WORD = 32;
const SIGNED = ["bytes32[3]", "bytes", "bytes32[]", "bytes32[]", "bytes32"];

/** Every number of a report in order, with its bits and whether it has a sign. */
const NUMBERS = [
  ["validFromTimestamp", 32, false],
  ["observationsTimestamp", 32, false],
  ["nativeFee", 192, false],
  ["linkFee", 192, false],
  ["expiresAt", 32, false],
  ["price", 192, true],
  ["bid", 192, true],
  ["ask", 192, true],
] as const;

/** Throws {@link ReportError} unless the id is 32 bytes and of schema v3. */
export function checkFeedId(feedId: string): void {
  if (!isHexString(feedId, WORD)) {
    throw new ReportError("feedId", `${quote(feedId)} is given; 0x and 64 hex digits are expected`);
  }
  const schema = dataSlice(feedId, 0, 2);
  if (schema !== SCHEMA_V3) {
    throw new ReportError("feedId", `the schema is ${schema}; ${SCHEMA_V3} (price, bid and ask) is expected`);
  }
}

/** Whether the report's price stands for a second. */
export function holds(report: ReportV3, timestamp: bigint): boolean {
  return report.validFromTimestamp <= timestamp && timestamp <= report.observationsTimestamp;
}

/** ABI-encodes a report. Throws {@link ReportError} if a value does not fit its type. */
export function encodeReport(report: ReportV3): string {
  checkFeedId(report.feedId);
  const words = NUMBERS.map(([field, bits, hasSign]) => {
    const value = report[field];
    const { min, max } = range(bits, hasSign);
    if (value < min || value > max) throw new ReportError(field, `${value} is not from ${min} to ${max}`);
    return toBeHex(BigInt.asUintN(256, value), WORD);
  });
  return concat([report.feedId, ...words]);
}

/**
 * Decodes a report as `VerifierProxy.verify` returns it. Says nothing of its truth: anyone can encode one.
 * Throws {@link ReportError} for another schema, another length, or a value outside its type.
 */
export function decodeReport(reportData: string): ReportV3 {
  if (!isHexString(reportData, true) || dataLength(reportData) < WORD) {
    throw new ReportError(
      "report",
      `${quote(reportData)} is given; ${REPORT_BYTES} bytes as hex are expected`,
    );
  }
  const feedId = dataSlice(reportData, 0, WORD);
  checkFeedId(feedId);
  const length = dataLength(reportData);
  if (length !== REPORT_BYTES) {
    throw new ReportError("report", `it has ${length} bytes; ${REPORT_BYTES} are expected`);
  }
  const numbers = NUMBERS.map(([field, bits, hasSign], i) => {
    const word = BigInt(dataSlice(reportData, (i + 1) * WORD, (i + 2) * WORD));
    const value = hasSign ? BigInt.asIntN(256, word) : word;
    const { min, max } = range(bits, hasSign);
    if (value < min || value > max) throw new ReportError(field, `${value} is not from ${min} to ${max}`);
    return [field, value] as const;
  });
  return { feedId, ...(Object.fromEntries(numbers) as Omit<ReportV3, "feedId">) };
}

/** The hash that oracles sign. */
export function reportDigest(reportData: string, context: ReportContext): string {
  return keccak256(concat([keccak256(reportData), ...words(context)]));
}

/**
 * Puts a report and its signatures together, as `VerifierProxy.verify` takes them.
 *
 * @throws ReportError for more than {@link MAX_SIGNATURES} signatures.
 */
export function encodeSignedReport(
  reportData: string,
  context: ReportContext,
  signatures: readonly ReportSignature[],
): string {
  if (signatures.length > MAX_SIGNATURES) {
    throw new ReportError("signatures", `${signatures.length} are given; ${MAX_SIGNATURES} at most`);
  }
  const bits = Uint8Array.from({ length: WORD }, (_, i) => signatures[i]?.v ?? 0);
  return AbiCoder.defaultAbiCoder().encode(SIGNED, [
    words(context),
    reportData,
    signatures.map(({ r }) => r),
    signatures.map(({ s }) => s),
    bits,
  ]);
}

/**
 * Decodes a signed report: the `fullReport` of the Data Streams API. Who signed is for the verifier to say.
 * Throws {@link ReportError}.
 */
export function decodeSignedReport(fullReport: string): SignedReport {
  if (!isHexString(fullReport, true)) {
    throw new ReportError("fullReport", `${quote(fullReport)} is given; bytes as hex are expected`);
  }
  const { context, reportData, rs, ss, bits } = openEnvelope(fullReport);
  if (rs.length !== ss.length || rs.length > MAX_SIGNATURES) {
    throw new ReportError(
      "signatures",
      `${rs.length} r and ${ss.length} s are given; as many of each, ${MAX_SIGNATURES} at most, are expected`,
    );
  }
  const signatures = rs.map((r, i): ReportSignature => {
    const v = Number(dataSlice(bits, i, i + 1));
    if (v > 1) throw new ReportError("signatures", `recovery bit ${i} is ${v}; 0 or 1 is expected`);
    return { r, s: ss[i] ?? "0x", v };
  });
  return { fullReport, context, reportData, report: decodeReport(reportData), signatures };
}

function openEnvelope(fullReport: string) {
  try {
    const [[configDigest, epochAndRound, extraHash], reportData, rs, ss, bits] = AbiCoder.defaultAbiCoder()
      .decode(SIGNED, fullReport)
      .toArray(true) as [[string, string, string], string, string[], string[], string];
    return { context: { configDigest, epochAndRound, extraHash }, reportData, rs, ss, bits };
  } catch {
    const layout = "abi.encode(bytes32[3] context, bytes report, bytes32[] rs, bytes32[] ss, bytes32 vs)";
    throw new ReportError("fullReport", `it is not ${layout}`);
  }
}

function words({ configDigest, epochAndRound, extraHash }: ReportContext): string[] {
  return [configDigest, epochAndRound, extraHash];
}

function range(bits: number, hasSign: boolean): { readonly min: bigint; readonly max: bigint } {
  const size = 1n << BigInt(hasSign ? bits - 1 : bits);
  return { min: hasSign ? -size : 0n, max: size - 1n };
}

/** Characters of a wrong value that an error repeats. */
const QUOTED_LENGTH = 80;

function quote(value: unknown): string {
  const text = String(value);
  return JSON.stringify(text.length > QUOTED_LENGTH ? `${text.slice(0, QUOTED_LENGTH)}…` : text);
}
