import {
  ChainlinkStreamsOracle__factory,
  describeError,
  isRevert,
  nativeFeeToken,
  type ChainlinkStreamsOracle,
  type MarketContracts,
  type StreamSource,
} from "@bulkhead/sdk";
import { ZeroAddress } from "ethers";
import type { Logger } from "pino";
import type { Sender } from "./chain.ts";

/** Reports brought in one transaction, and gas for one; what is not used is not paid. */
const BATCH = 20;
const GAS_PER_REPORT = 400_000n;

/** Brings signed reports to a market's oracle, and pays for their verification in the native token. */
export class ReportBringer {
  readonly oracle: ChainlinkStreamsOracle;
  readonly #sender: Sender;
  readonly #stream: StreamSource;
  readonly #log: Logger;
  readonly #kept = new Set<string>();

  constructor(contracts: MarketContracts, sender: Sender, stream: StreamSource, log: Logger) {
    this.oracle = ChainlinkStreamsOracle__factory.connect(contracts.addresses.oracle, sender.wallet);
    this.#sender = sender;
    this.#stream = stream;
    this.#log = log;
  }

  /** Brings what the oracle does not keep yet, and waits until it does. A refused report is logged and not brought. */
  async bring(reports: readonly string[]): Promise<void> {
    const wanted = [...new Set(reports)].filter((report) => !this.#kept.has(report));
    const missing: string[] = [];
    for (const report of wanted) if (await this.#isWanted(report)) missing.push(report);
    if (missing.length === 0) return;
    const feeToken = await nativeFeeToken(this.oracle);
    for (let i = 0; i < missing.length; i += BATCH) {
      const batch = missing.slice(i, i + BATCH);
      const value = feeToken === ZeroAddress ? 0n : await this.oracle.feeFor(batch, feeToken);
      await this.#sender.send(
        `bring ${batch.length} reports`,
        GAS_PER_REPORT * BigInt(batch.length),
        (overrides) => this.oracle.submit(batch, feeToken, { ...overrides, value }),
      );
    }
    await this.#sender.flush(this.#log);
  }

  /** Brings the newest report. */
  async bringHead(): Promise<void> {
    const { head } = this.#stream;
    if (head !== undefined) await this.bring([head.fullReport]);
  }

  /** Forgets what was brought: the chain has reorganised. */
  forget(): void {
    this.#kept.clear();
  }

  /** Whether the oracle would take a report that it does not keep. */
  async #isWanted(report: string): Promise<boolean> {
    const { observationsTimestamp } = await this.oracle.reportIn(report);
    const [validFrom] = await this.oracle.reportAt(observationsTimestamp);
    if (validFrom !== 0n) {
      this.#kept.add(report);
      return false;
    }
    const feeToken = await nativeFeeToken(this.oracle);
    const value = feeToken === ZeroAddress ? 0n : await this.oracle.feeFor([report], feeToken);
    try {
      await this.oracle.submit.staticCall([report], feeToken, { value });
      return true;
    } catch (error) {
      if (!isRevert(error)) throw error;
      this.#log.warn({ observationsTimestamp, reason: describeError(error) }, "can't bring a report now");
      return false;
    }
  }
}
