import {
  encodeReport,
  encodeSignedReport,
  reportDigest,
  type ReportContext,
  type ReportSignature,
  type ReportV3,
} from "@bulkhead/sdk";
import { SigningKey, ZeroAddress, ZeroHash, computeAddress, id, toBeHex, type Signer } from "ethers";
import {
  FeeManager__factory,
  LinkToken__factory,
  RewardManager__factory,
  Verifier__factory,
  VerifierProxy__factory,
  WETH__factory,
  type FeeManager,
  type LinkToken,
  type RewardManager,
  type Verifier,
  type VerifierProxy,
  type WETH,
} from "../typechain-types/index.ts";

/** A network of oracles that signs reports. Local chains only: its keys follow from a seed. */
export interface LocalDon {
  readonly oracles: readonly SigningKey[];
  /** How many oracles may be faulty; a report carries one signature more. */
  readonly faulty: number;
}

/** Who signs what. The defaults make a report that the verifier accepts, anything else makes one that it refuses. */
export interface SignOptions {
  /** In order; default: the first `faulty + 1` oracles. */
  readonly signers?: readonly SigningKey[];
  /** The configuration of oracles that is claimed to sign; default: the feed's. */
  readonly configDigest?: string;
}

/** Chainlink's own verifier on a local chain, with the oracles that it trusts. */
export interface LocalStreams {
  readonly proxy: VerifierProxy;
  readonly verifier: Verifier;
  readonly don: LocalDon;
  /** Lets the oracles sign for one feed more. Returns the config digest. */
  addFeed(feedId: string): Promise<string>;
  /** Digest of the feed's configuration. Throws if the feed was not added. */
  configDigest(feedId: string): string;
  /** Signs a report; the result is what `VerifierProxy.verify` takes. Throws `ReportError` if it can't be encoded. */
  sign(report: ReportV3, options?: SignOptions): string;
}

/** Chainlink's own billing of verifications, with the tokens to pay in. */
export interface LocalFees {
  readonly feeManager: FeeManager;
  /** Takes LINK from the subscriber: it needs the allowance. */
  readonly rewardManager: RewardManager;
  /** The deployer may mint. */
  readonly link: LinkToken;
  /** The chain's token, wrapped; the fee manager needs the allowance of who pays in it. */
  readonly weth: WETH;
}

/** Epoch 1, round 1: 27 bytes of padding, 4 of epoch, 1 of round. */
const EPOCH_AND_ROUND = toBeHex(0x0101, 32);

/** Makes the oracles. The same seed gives the same keys; oracles have to be more than three times the faulty ones. */
export function createDon(
  settings: { readonly seed?: string; readonly oracles?: number; readonly faulty?: number } = {},
): LocalDon {
  const { seed = "bulkhead", oracles: count = 4, faulty = 1 } = settings;
  const oracles = Array.from({ length: count }, (_, i) => new SigningKey(id(`${seed}: oracle ${i}`)));
  return { oracles, faulty };
}

/** Signs an encoded report for a configuration of oracles. */
export function signReport(
  don: LocalDon,
  reportData: string,
  { signers, configDigest }: SignOptions & { readonly configDigest: string },
): string {
  const context: ReportContext = { configDigest, epochAndRound: EPOCH_AND_ROUND, extraHash: ZeroHash };
  const digest = reportDigest(reportData, context);
  const keys = signers ?? don.oracles.slice(0, don.faulty + 1);
  const signatures = keys.map((key): ReportSignature => {
    const { r, s, yParity } = key.sign(digest);
    return { r, s, v: yParity };
  });
  return encodeSignedReport(reportData, context, signatures);
}

/** Deploys the verifier behind its proxy, and lets the oracles sign for the feeds. Local chains only. */
export async function deployLocalStreams(
  signer: Signer,
  settings: { readonly feedIds?: readonly string[]; readonly don?: LocalDon } = {},
): Promise<LocalStreams> {
  const { feedIds = [], don = createDon() } = settings;
  const proxy = await new VerifierProxy__factory(signer).deploy(ZeroAddress);
  const verifier = await new Verifier__factory(signer).deploy(proxy);
  await (await proxy.initializeVerifier(verifier)).wait();
  const digests = new Map<string, string>();
  const streams: LocalStreams = {
    proxy,
    verifier,
    don,
    addFeed: async (feedId) => {
      const digest = await configure(verifier, don, feedId);
      digests.set(feedId.toLowerCase(), digest);
      return digest;
    },
    configDigest: (feedId) => {
      const digest = digests.get(feedId.toLowerCase());
      if (digest === undefined) throw new Error(`feed ${feedId} has no oracles; add it with addFeed`);
      return digest;
    },
    sign: (report, options = {}) => {
      const configDigest = options.configDigest ?? streams.configDigest(report.feedId);
      return signReport(don, encodeReport(report), { ...options, configDigest });
    },
  };
  for (const feedId of feedIds) await streams.addFeed(feedId);
  return streams;
}

async function configure(verifier: Verifier, { oracles, faulty }: LocalDon, feedId: string): Promise<string> {
  const addresses = oracles.map((key) => computeAddress(key));
  const transmitters = oracles.map((_, i) => toBeHex(i + 1, 32));
  await (await verifier.setConfig(feedId, addresses, transmitters, faulty, "0x", 1, "0x", [])).wait();
  return (await verifier.latestConfigDetails(feedId)).configDigest;
}

/** Bills verifications of a proxy from now on: deploys the fee manager and its tokens. Local chains only. */
export async function deployLocalFees(signer: Signer, proxy: VerifierProxy): Promise<LocalFees> {
  const link = await new LinkToken__factory(signer).deploy();
  await (await link.grantMintRole(await signer.getAddress())).wait();
  const weth = await new WETH__factory(signer).deploy();
  const rewardManager = await new RewardManager__factory(signer).deploy(link);
  const feeManager = await new FeeManager__factory(signer).deploy(link, weth, proxy, rewardManager);
  await (await rewardManager.setFeeManager(feeManager)).wait();
  await (await proxy.setFeeManager(feeManager)).wait();
  return { feeManager, rewardManager, link, weth };
}
