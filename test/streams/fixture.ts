import { network } from "hardhat";
import { deployLocalFees, deployLocalStreams } from "../../deploy/streams.ts";
import { BTC_USD, ETH_USD } from "./reports.ts";

export const { ethers, networkHelpers } = await network.create();
export const [owner, trader] = await ethers
  .getSigners()
  .then((signers) => [signers[0]!, signers[1]!] as const);

/** The verifier without fees. */
export function freeStreams() {
  return deployLocalStreams(owner, { feedIds: [ETH_USD, BTC_USD] });
}

/** The verifier with fees. */
export async function billedStreams() {
  const streams = await freeStreams();
  return { streams, fees: await deployLocalFees(owner, streams.proxy) };
}
