import type { ReportV3 } from "@bulkhead/sdk";
import type { Round } from "../replay/rounds.ts";

/** A price from a second on. */
export interface PricePoint {
  /** Unix seconds. */
  readonly time: number;
  /** Quote currency per 1.0 base asset, 18 decimals. */
  readonly price: bigint;
}

/** What the reports of a feed have in common. */
export interface FeedTerms {
  readonly feedId: string;
  /** From bid to ask, around the price. Basis points. */
  readonly spreadBps: bigint;
  /** Wei. */
  readonly nativeFee: bigint;
  /** LINK, 18 decimals. */
  readonly linkFee: bigint;
  /** From a report's last second to its expiry. Seconds. */
  readonly lifetime: bigint;
}

/** Reports of consecutive intervals, as time goes on. */
export interface Feed {
  /**
   * The reports that are due by a second: one for each change of price since the last call, and one that ends with the
   * second itself. Together they hold every second from the first price on, each once.
   */
  advance(now: number): ReportV3[];
}

/** Basis points of 1. */
const BPS = 10_000n;
/** Rounds have 8 decimals, streams 18. */
const ROUND_TO_WAD = 10n ** 10n;

/** What a local feed's reports have in common: a spread of 2 basis points, no fees, expiry after 30 days. */
export const LOCAL_TERMS: Omit<FeedTerms, "feedId"> = {
  spreadBps: 2n,
  nativeFee: 0n,
  linkFee: 0n,
  lifetime: 2_592_000n,
};

/**
 * The prices of a Data Feed's rounds. Of rounds with the same time the last one counts.
 *
 * @param shift Added to every time. Seconds.
 */
export function pointsOf(rounds: readonly Round[], shift = 0): PricePoint[] {
  const prices = new Map(
    rounds.map(({ updatedAt, answer }) => [updatedAt + shift, answer * ROUND_TO_WAD] as const),
  );
  return [...prices].map(([time, price]) => ({ time, price }));
}

/**
 * Turns prices into reports. A price stands for its own second and all up to the next price's.
 *
 * @param points In order of time, no two of the same.
 */
export function createFeed(points: readonly PricePoint[], terms: FeedTerms): Feed {
  let reached = 0;
  let [last, end]: [PricePoint | undefined, number] = [undefined, 0];
  const report = (to: number, price: bigint): ReportV3 => {
    const from = last === undefined ? to : end + 1;
    end = to;
    return reportOf(terms, from, to, price);
  };
  return {
    advance: (now) => {
      const reports: ReportV3[] = [];
      for (let point = points[reached]; point !== undefined && point.time <= now; point = points[++reached]) {
        // The seconds before a change still have the old price.
        if (last !== undefined && point.time - 1 > end) reports.push(report(point.time - 1, last.price));
        reports.push(report(point.time, point.price));
        last = point;
      }
      if (last !== undefined && now > end) reports.push(report(now, last.price));
      return reports;
    },
  };
}

function reportOf(terms: FeedTerms, from: number, to: number, price: bigint): ReportV3 {
  const half = (price * terms.spreadBps) / (2n * BPS);
  return {
    feedId: terms.feedId,
    validFromTimestamp: BigInt(from),
    observationsTimestamp: BigInt(to),
    nativeFee: terms.nativeFee,
    linkFee: terms.linkFee,
    expiresAt: BigInt(to) + terms.lifetime,
    price,
    bid: price - half,
    ask: price + half,
  };
}
