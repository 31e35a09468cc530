import {
  AbiCoder,
  concat,
  id as hashOf,
  Interface,
  keccak256,
  toBeHex,
  Wallet,
  ZeroAddress,
  zeroPadBytes,
  ZeroHash,
  type Log,
  type TransactionReceipt,
} from "ethers";
import {
  AutomationForwarderLogic__factory,
  AutomationRegistry2_3__factory,
  AutomationRegistryLogicA2_3__factory,
  AutomationRegistryLogicB2_3__factory,
  AutomationRegistryLogicC2_3__factory,
  ChainModuleBase__factory,
  HistoryAggregator__factory,
  IAutomationRegistryMaster2_3__factory,
  LinkToken__factory,
  WETH__factory,
} from "../../typechain-types/index.ts";
import { mined, WAD, type Desk } from "./market.ts";

/** What Chainlink's registry on Arbitrum One allows; the least that any mainnet registry does. */
export const LIMITS = {
  checkGasLimit: 10_000_000n,
  maxPerformGas: 5_000_000n,
  maxCheckDataSize: 5_000n,
  maxPerformDataSize: 2_000n,
  maxRevertDataSize: 5_000n,
};

/** Chainlink's code for reports that are not there (HTTP 206). */
export const REPORT_MISSING = 808_206n;

const FAULTY = 1;
const NODES = 4;
const CONDITION = 0;
const LOG = 1;
/** Gas of a simulation: more than a check may use, less than one transaction may. */
const CALL_GAS = 16_000_000n;
/** What a transmission needs beyond its upkeep. */
const TRANSMIT_GAS = 1_500_000n;

const coder = AbiCoder.defaultAbiCoder();
const REPORT = "tuple(uint256,uint256,uint256[],uint256[],bytes[],bytes[])";
const LOG_TUPLE = "tuple(uint256,uint256,bytes32,uint256,bytes32,address,bytes32[],bytes)";
const CONDITIONAL_TRIGGER = "tuple(uint32,bytes32)";
const LOG_TRIGGER = "tuple(bytes32,bytes32,uint32,uint32,bytes32)";
const LOG_CONFIG = "tuple(address,uint8,bytes32,bytes32,bytes32,bytes32)";
const FAILURES = [
  "None",
  "Cancelled",
  "Paused",
  "CheckReverted",
  "NotNeeded",
  "PerformDataTooLarge",
  "InsufficientBalance",
  "CallbackReverted",
  "RevertDataTooLarge",
  "RegistryPaused",
] as const;
const CHECK_REVERTED = FAILURES.indexOf("CheckReverted");

const calls = new Interface(IAutomationRegistryMaster2_3__factory.abi);
const streams = new Interface([
  "error StreamsLookup(string feedParamKey, string[] feeds, string timeParamKey, uint256 time, bytes extraData)",
  "function checkErrorHandler(uint256 errCode, bytes extraData) view returns (bool, bytes)",
]);

/** What an upkeep asks of Data Streams. */
export interface Lookup {
  readonly feedParamKey: string;
  readonly feeds: readonly string[];
  readonly timeParamKey: string;
  readonly time: bigint;
  readonly extraData: string;
}

/** Data Streams as the nodes reach it: full reports for a request, or an error code. */
export type Streams = (lookup: Lookup) => readonly string[] | bigint;

/** What the nodes found. */
export interface Check {
  /** Why nothing is to be performed; "None" if something is, "SimulationFailed" if it would revert. */
  readonly reason: (typeof FAILURES)[number] | "SimulationFailed";
  readonly needed: boolean;
  readonly performData: string;
  /** Gas of the check. */
  readonly gasUsed: bigint;
  readonly lookup?: Lookup;
}

/** A check, and what came of it. */
export interface Run extends Check {
  /** Whether the upkeep was performed, and without a revert. */
  readonly performed: boolean;
  readonly receipt?: TransactionReceipt;
  /** Gas of performUpkeep as the registry bills it. */
  readonly performGas: bigint;
  /** Juels charged. */
  readonly charged: bigint;
}

interface Registration {
  readonly target: string;
  readonly checkData?: string;
  readonly gasLimit?: bigint;
  readonly log?: { readonly source: string; readonly topic0: string };
}

/**
 * Chainlink Automation on a test chain: the real registry 2.3 with its logic contracts and forwarders, and four nodes of
 * which one may be faulty. The nodes do what Chainlink's do: they simulate the check from the zero address, follow a
 * StreamsLookup, simulate the perform, sign a report and transmit it.
 */
export async function openAutomation(desk: Pick<Desk, "ethers" | "networkHelpers" | "operator">) {
  const { ethers, networkHelpers, operator } = desk;
  const { provider } = ethers;
  const now = await networkHelpers.time.latest();
  const priceFeed = async (decimals: number, answer: bigint) => {
    const feed = await new HistoryAggregator__factory(operator).deploy(decimals, "price");
    await feed.push(1, answer, now, now);
    return feed.getAddress();
  };
  const link = await new LinkToken__factory(operator).deploy();
  await link.grantMintRole(operator);
  await link.mint(operator, 10n ** 6n * WAD);
  const weth = await new WETH__factory(operator).deploy();
  const linkUsd = await priceFeed(8, 20n * 10n ** 8n);
  const logicC = await new AutomationRegistryLogicC2_3__factory(operator).deploy(
    link,
    linkUsd,
    await priceFeed(8, 2_000n * 10n ** 8n),
    await priceFeed(0, 10n ** 8n),
    await new AutomationForwarderLogic__factory(operator).deploy(),
    ZeroAddress,
    0,
    weth,
  );
  const logicB = await new AutomationRegistryLogicB2_3__factory(operator).deploy(logicC);
  const logicA = await new AutomationRegistryLogicA2_3__factory(operator).deploy(logicB);
  const head = await new AutomationRegistry2_3__factory(operator).deploy(logicA);
  const registry = IAutomationRegistryMaster2_3__factory.connect(await head.getAddress(), operator);

  const key = (role: string, index: number) => new Wallet(hashOf(`automation ${role} ${index}`), provider);
  const signers = Array.from({ length: NODES }, (_, i) => key("signer", i));
  const transmitters = Array.from({ length: NODES }, (_, i) => key("transmitter", i));
  for (const { address } of transmitters) await networkHelpers.setBalance(address, 1_000n * WAD);
  await registry.setConfigTypeSafe(
    signers.map(({ address }) => address),
    transmitters.map(({ address }) => address),
    FAULTY,
    {
      ...LIMITS,
      stalenessSeconds: 90_000n,
      gasCeilingMultiplier: 2n,
      fallbackGasPrice: 10n ** 8n,
      fallbackLinkPrice: 20n * 10n ** 8n,
      fallbackNativePrice: 2_000n * 10n ** 8n,
      transcoder: ZeroAddress,
      registrars: [],
      upkeepPrivilegeManager: operator,
      chainModule: await new ChainModuleBase__factory(operator).deploy(),
      reorgProtectionEnabled: true,
      financeAdmin: operator,
    },
    30,
    "0x",
    [link],
    [
      {
        gasFeePPB: 500_000_000n,
        flatFeeMilliCents: 0n,
        priceFeed: linkUsd,
        decimals: 18n,
        fallbackPrice: 20n * 10n ** 8n,
        minSpend: WAD / 10n,
      },
    ],
  );
  const [, , configDigest] = await registry.latestConfigDetails();
  let epoch = 0n;

  /** Registers an upkeep with 1,000 LINK; on a log if one is named. */
  const register = async ({ target, checkData = "0x", gasLimit, log }: Registration): Promise<bigint> => {
    const trigger =
      log === undefined
        ? "0x"
        : coder.encode([LOG_CONFIG], [[log.source, 0, log.topic0, ZeroHash, ZeroHash, ZeroHash]]);
    const receipt = await mined(
      registry.registerUpkeep(
        target,
        gasLimit ?? LIMITS.maxPerformGas,
        operator,
        log === undefined ? CONDITION : LOG,
        link,
        checkData,
        trigger,
        "0x",
      ),
    );
    const event = receipt.logs
      .map((entry) => registry.interface.parseLog(entry))
      .find(isNamed("UpkeepRegistered"));
    const upkeepId = event!.args.id as bigint;
    await link.approve(registry, 1_000n * WAD);
    await registry.addFunds(upkeepId, 1_000n * WAD);
    return upkeepId;
  };
  const forwarderOf = (upkeepId: bigint) => registry.getForwarder(upkeepId);

  /** A simulation on the registry, as the nodes call it. */
  const simulate = async <T>(signature: string, args: readonly unknown[]): Promise<T> => {
    const fragment = calls.getFunction(signature)!;
    const data = calls.encodeFunctionData(fragment, args);
    const answer = await provider.call({
      from: ZeroAddress,
      to: await registry.getAddress(),
      data,
      gasLimit: CALL_GAS,
      gasPrice: 0n,
    });
    return calls.decodeFunctionResult(fragment, answer).toObject() as T;
  };
  interface Answer {
    readonly upkeepNeeded: boolean;
    readonly performData: string;
    readonly upkeepFailureReason: bigint;
    readonly gasUsed: bigint;
  }

  const follow = async (upkeepId: bigint, lookup: Lookup, source: Streams): Promise<Answer> => {
    const found = source(lookup);
    if (typeof found !== "bigint") return simulate("checkCallback", [upkeepId, [...found], lookup.extraData]);
    const handler = streams.encodeFunctionData("checkErrorHandler", [found, lookup.extraData]);
    return simulate("executeCallback", [upkeepId, handler]);
  };

  /** What the nodes find to be done. */
  const check = async (upkeepId: bigint, triggerData?: string, source?: Streams): Promise<Check> => {
    let answer = await (triggerData === undefined
      ? simulate<Answer>("checkUpkeep(uint256)", [upkeepId])
      : simulate<Answer>("checkUpkeep(uint256,bytes)", [upkeepId, triggerData]));
    const { gasUsed } = answer;
    let lookup: Lookup | undefined;
    if (Number(answer.upkeepFailureReason) === CHECK_REVERTED && source !== undefined) {
      const error = streams.parseError(answer.performData);
      if (error?.name === "StreamsLookup") {
        lookup = error.args.toObject() as Lookup;
        answer = await follow(upkeepId, lookup, source);
      }
    }
    const { upkeepNeeded: needed, performData } = answer;
    const found = { needed, performData, gasUsed, ...(lookup === undefined ? {} : { lookup }) };
    if (!needed) return { ...found, reason: FAILURES[Number(answer.upkeepFailureReason)]! };
    const { success } = await simulate<{ success: boolean }>("simulatePerformUpkeep", [
      upkeepId,
      performData,
    ]);
    return { ...found, reason: success ? "None" : "SimulationFailed" };
  };

  /** Signs a report and transmits it: f + 1 signatures over its hash and context. */
  const transmit = async (upkeepId: bigint, performData: string, trigger?: string) => {
    const block = (await provider.getBlock("latest"))!;
    const { performGas } = await registry.getUpkeep(upkeepId);
    const moment = trigger ?? coder.encode([CONDITIONAL_TRIGGER], [[block.number, block.hash]]);
    const report = coder.encode(
      [REPORT],
      [[10n ** 8n, 20n * 10n ** 8n, [upkeepId], [performGas], [moment], [performData]]],
    );
    epoch += 1n;
    const context = [configDigest, toBeHex(epoch << 8n, 32), ZeroHash] as [string, string, string];
    const digest = keccak256(coder.encode(["bytes32", "bytes32[3]"], [keccak256(report), context]));
    const signatures = signers.slice(0, FAULTY + 1).map(({ signingKey }) => signingKey.sign(digest));
    const vs = zeroPadBytes(concat(signatures.map(({ v }) => toBeHex(v - 27, 1))), 32);
    return mined(
      registry.connect(transmitters[0]!).transmit(
        context,
        report,
        signatures.map(({ r }) => r),
        signatures.map(({ s }) => s),
        vs,
        { gasLimit: performGas + TRANSMIT_GAS },
      ),
    );
  };

  /** Transmits, and reads what the registry made of it. */
  const perform = async (upkeepId: bigint, performData: string, trigger?: string) => {
    const receipt = await transmit(upkeepId, performData, trigger);
    const events = receipt.logs.map((entry) => registry.interface.parseLog(entry));
    const event = events.find(isNamed("UpkeepPerformed"));
    return {
      receipt,
      performed: (event?.args.success as boolean | undefined) ?? false,
      performGas: (event?.args.gasUsed as bigint | undefined) ?? 0n,
      charged: (event?.args.totalPayment as bigint | undefined) ?? 0n,
    };
  };

  /** One round of the nodes for a conditional upkeep. */
  const run = async (upkeepId: bigint, source?: Streams): Promise<Run> => {
    const found = await check(upkeepId, undefined, source);
    if (found.reason !== "None") return { ...found, performed: false, performGas: 0n, charged: 0n };
    return { ...found, ...(await perform(upkeepId, found.performData)) };
  };

  /** One round of the nodes for each log of a receipt that a log upkeep is triggered by. */
  const runLogs = async (upkeepId: bigint, receipt: TransactionReceipt): Promise<Run[]> => {
    const config = await registry.getUpkeepTriggerConfig(upkeepId);
    const [source, , topic0] = coder.decode([LOG_CONFIG], config)[0] as [string, bigint, string];
    const runs: Run[] = [];
    for (const log of receipt.logs) {
      if (log.address !== source || log.topics[0] !== topic0) continue;
      const found = await check(upkeepId, encodeLog(log, (await receipt.getBlock()).timestamp));
      if (found.reason !== "None") {
        runs.push({ ...found, performed: false, performGas: 0n, charged: 0n });
        continue;
      }
      const block = (await provider.getBlock("latest"))!;
      const trigger = coder.encode(
        [LOG_TRIGGER],
        [[log.blockHash, log.transactionHash, log.index, block.number, block.hash]],
      );
      runs.push({ ...found, ...(await perform(upkeepId, found.performData, trigger)) });
    }
    return runs;
  };

  return { registry, link, weth, register, forwarderOf, check, perform, run, runLogs };
}

/** Automation on a test chain. */
export type Automation = Awaited<ReturnType<typeof openAutomation>>;

/** A log as `checkLog` is given it. */
export function encodeLog(log: Log, timestamp: number): string {
  return coder.encode(
    [LOG_TUPLE],
    [
      [
        log.index,
        timestamp,
        log.transactionHash,
        log.blockNumber,
        log.blockHash,
        log.address,
        log.topics,
        log.data,
      ],
    ],
  );
}

function isNamed(name: string) {
  return (event: { name: string } | null): boolean => event?.name === name;
}
