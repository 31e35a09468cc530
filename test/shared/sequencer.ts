import type { Signer } from "ethers";
import { ArbitrumSequencerUptimeFeed__factory, Flags__factory } from "../../typechain-types/index.ts";
import { WAD, type Chain } from "./market.ts";

/** Chainlink's own uptime feed of Arbitrum, with its flags; `report` is the message of its validator on L1. */
export async function openUptimeFeed(
  { ethers, networkHelpers }: Pick<Chain, "ethers" | "networkHelpers">,
  by: Signer,
  isInitialised = true,
) {
  const validator = await by.getAddress();
  const flags = await new Flags__factory(by).deploy(validator, validator);
  const uptime = await new ArbitrumSequencerUptimeFeed__factory(by).deploy(flags, validator);
  const address = await uptime.getAddress();
  await flags.addAccess(address);
  // The flags let in whom they know.
  await flags.setRaisingAccessController(flags);
  await flags.setLoweringAccessController(flags);
  if (isInitialised) await uptime.initialize();
  const alias = await uptime.aliasedL1MessageSender();
  await networkHelpers.impersonateAccount(alias);
  await networkHelpers.setBalance(alias, WAD);
  const messenger = await ethers.getSigner(alias);
  const report = async (isDown: boolean, at: number): Promise<void> => {
    await uptime.connect(messenger).updateStatus(isDown, at);
  };
  /** Lets a contract read it, as all but its proxies can't. */
  const admit = async (reader: string): Promise<void> => void (await uptime.addAccess(reader));
  return { uptime, address, report, admit };
}
