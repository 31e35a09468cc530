import { StreamsError } from "./errors.ts";
import { decodeSignedReport, type SignedReport } from "./report.ts";

/**
 * Reads one report of an answer. Only `fullReport` counts, since that is what oracles sign; the fields beside it are
 * the server's word. Throws {@link StreamsError} if it is malformed, of a feed not asked for, or holds no second.
 */
export function readReport(value: unknown, feedIds: readonly string[]): SignedReport {
  const { fullReport } = (value ?? {}) as { readonly fullReport?: unknown };
  if (typeof fullReport !== "string") throw new StreamsError("answer", "the report has no fullReport");
  const signed = decode(fullReport);
  const { feedId, validFromTimestamp, observationsTimestamp } = signed.report;
  if (!feedIds.includes(feedId)) {
    throw new StreamsError(
      "answer",
      `the report is of feed ${feedId}; ${feedIds.join(" or ")} was asked for`,
    );
  }
  if (validFromTimestamp > observationsTimestamp) {
    throw new StreamsError(
      "answer",
      `the report is valid from ${validFromTimestamp}, which is after ${observationsTimestamp}, its last second`,
    );
  }
  return signed;
}

/** Parses JSON. Throws {@link StreamsError}. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new StreamsError("answer", "the answer is not JSON", { cause });
  }
}

function decode(fullReport: string): SignedReport {
  try {
    return decodeSignedReport(fullReport.toLowerCase());
  } catch (cause) {
    throw new StreamsError("answer", cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
