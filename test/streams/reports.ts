import { encodeReport, type ReportV3 } from "@bulkhead/sdk";
import { id } from "ethers";
import { createDon, signReport } from "../../deploy/streams.ts";

export const ETH_USD = `0x0003${"11".repeat(30)}`;
export const BTC_USD = `0x0003${"22".repeat(30)}`;
export const WAD = 10n ** 18n;

/** Wei. */
export const NATIVE_FEE = 10n ** 15n;
/** LINK, 18 decimals. */
export const LINK_FEE = 10n ** 16n;

/** A report whose price stands for the seconds from `from` to `to`. */
export function reportOf(from: number, to = from, overrides: Partial<ReportV3> = {}): ReportV3 {
  return {
    feedId: ETH_USD,
    validFromTimestamp: BigInt(from),
    observationsTimestamp: BigInt(to),
    nativeFee: NATIVE_FEE,
    linkFee: LINK_FEE,
    expiresAt: BigInt(to + 86_400),
    price: 2_000n * WAD,
    bid: 1_999n * WAD,
    ask: 2_001n * WAD,
    ...overrides,
  };
}

/** Oracles that nobody appointed. */
export const strangers = createDon({ seed: "strangers" });

const don = createDon();

/** A report with signatures of oracles, for who does not verify them. */
export function signedOf(...terms: Parameters<typeof reportOf>): string {
  return signReport(don, encodeReport(reportOf(...terms)), { configDigest: id("a configuration") });
}
