import type { ReportV3 } from "@bulkhead/sdk";
import { ZeroAddress, type Signer } from "ethers";
import { deployLocalStreams, type LocalDon } from "../../deploy/streams.ts";
import { ChainlinkStreamsOracle__factory } from "../../typechain-types/index.ts";

const WAD = 10n ** 18n;

/** The stream of a test market. */
export const ETH_USD = `0x0003${"11".repeat(30)}`;

/** Seconds that a report stands for at most: the ones before it in a longer time are nobody's business. */
const LONGEST = 50;

/** A stream over Chainlink's own verifier whose reports follow each other without outages. Prices in whole dollars. */
export async function localStream(signer: Signer, start: number, don?: LocalDon) {
  const streams = await deployLocalStreams(signer, {
    feedIds: [ETH_USD],
    ...(don === undefined ? {} : { don }),
  });
  let last = start;
  let oracle = ZeroAddress;
  /** The next report: observed at `at`, valid from where the last one ended. */
  const sign = (dollars: bigint, at: number, wish: Partial<ReportV3> = {}): string => {
    const report = {
      feedId: ETH_USD,
      validFromTimestamp: BigInt(Math.max(last + 1, at - LONGEST)),
      observationsTimestamp: BigInt(at),
      nativeFee: 0n,
      linkFee: 0n,
      expiresAt: BigInt(at + 30 * 86_400),
      price: dollars * WAD,
      bid: dollars * WAD,
      ask: dollars * WAD,
      ...wish,
    };
    last = at;
    return streams.sign(report);
  };
  const bring = async (...reports: string[]): Promise<void> => {
    const contract = ChainlinkStreamsOracle__factory.connect(oracle, signer);
    await (await contract.submit(reports, ZeroAddress)).wait();
  };
  return {
    streams,
    sign,
    bring,
    /** The oracle that reports are brought to. */
    serve: (address: string): void => {
      oracle = address;
    },
    external: { verifier: await streams.proxy.getAddress(), streamId: ETH_USD },
  };
}
