import { setTimeout as sleep } from "node:timers/promises";
import {
  connectFeedSource,
  connectMarket,
  connectStreamSource,
  describeError,
  readLogs,
  type ObservedPrice,
  type StreamSource,
} from "@bulkhead/sdk";
import { createStreamsClient } from "@bulkhead/sdk/streams";
import type { Block, JsonRpcProvider } from "ethers";
import type { Logger } from "pino";
import { connect, Sender } from "../adapters/chain.ts";
import { ReportBringer } from "../adapters/reports.ts";
import type { KeeperConfig } from "../config.ts";
import { freshen } from "../jobs/freshen.ts";
import { liquidatePositions } from "../jobs/liquidate.ts";
import { executeDue, type JobContext } from "../jobs/due.ts";
import { dueProtections } from "../jobs/protect.ts";
import { dueSettlements } from "../jobs/settle.ts";
import { keepUp } from "../jobs/upkeep.ts";
import { dueSlices, dueTriggers, Watches } from "../jobs/trigger.ts";
import { Book } from "../state/book.ts";

/** Blocks asked for in one log query, and blocks read again when the chain turns out to have reorganised. */
const LOG_RANGE = 2_000;
const REORG_DEPTH = 64;
const MAX_BACKOFF_MS = 10_000;

/** Chain seconds after which positions are checked again though neither price nor positions changed: carry. */
const CARRY_CHECK_SECONDS = 60;

/** After each pass: the block it saw, and how many transactions it sent. */
export interface Progress {
  readonly block: number;
  readonly sent: number;
}

/**
 * Runs until `signal` aborts. Each pass reads the new blocks' events, settles and liquidates what is due, and waits
 * for its transactions. A pass that fails is logged and tried again with growing pauses; nothing is lost, since the
 * events are read again from the last block that went through.
 */
export async function runKeeper(
  config: KeeperConfig,
  log: Logger,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void = () => {},
): Promise<void> {
  const provider = await connect(config.rpc, signal, log);
  try {
    const sender = new Sender(config.key, provider);
    const contracts = connectMarket(config.addresses, provider);
    const { oracle } = config.addresses;
    const stream = await untilAnswered(() => streamOf(config, provider), log, signal);
    const keeper: Pass = {
      provider,
      config,
      watches: new Watches(),
      synced: { number: -1, hash: "" },
      checked: { round: undefined, at: 0 },
      context: {
        contracts,
        sender,
        book: new Book(config.addresses.orderBook),
        orderParams: await untilAnswered(() => contracts.orderBook.orderParams(), log, signal),
        rewardTo: config.rewardTo ?? sender.wallet.address,
        log,
        prices: stream ?? (await untilAnswered(() => connectFeedSource(oracle, provider), log, signal)),
        reports: stream === undefined ? undefined : new ReportBringer(contracts, sender, stream, log),
      },
    };
    log.info({ market: config.market, keeper: sender.wallet.address }, "keeper started");
    await loop(keeper, log, signal, onProgress);
  } finally {
    provider.destroy();
    log.info("keeper stopped");
  }
}

/** The stream that a market has its prices from, if it is one. */
async function streamOf(
  { addresses, streams }: KeeperConfig,
  provider: JsonRpcProvider,
): Promise<StreamSource | undefined> {
  if (addresses.stream === undefined || streams === undefined) return undefined;
  const client = createStreamsClient({ ...streams, wsUrl: streams.restUrl.replace(/^http/, "ws") });
  return connectStreamSource(addresses.oracle, client, provider);
}

interface Pass {
  readonly provider: JsonRpcProvider;
  readonly config: KeeperConfig;
  readonly context: JobContext;
  readonly watches: Watches;
  synced: { number: number; hash: string };
  /** What the last check of all positions saw. */
  checked: { round: bigint | undefined; at: number };
}

async function loop(
  keeper: Pass,
  log: Logger,
  signal: AbortSignal,
  onProgress: (p: Progress) => void,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      const progress = await pass(keeper);
      failures = 0;
      if (progress !== undefined) onProgress(progress);
      await pause(keeper.config.pollMs, signal);
    } catch (error) {
      failures += 1;
      log.warn({ error: describeError(error), failures }, "pass failed; trying again");
      await pause(Math.min(250 * 2 ** Math.min(failures, 10), MAX_BACKOFF_MS), signal);
    }
  }
}

/** One pass over the newest block; `undefined` if there is none since the last. */
async function pass(keeper: Pass): Promise<Progress | undefined> {
  const { provider, context } = keeper;
  const head = await provider.getBlock("latest");
  if (head === null || (head.number === keeper.synced.number && head.hash === keeper.synced.hash))
    return undefined;
  await readEvents(keeper, head);
  context.sender.setBaseFee(head.baseFeePerGas ?? 0n);

  const now = BigInt(head.timestamp);
  let latest: ObservedPrice | undefined;
  // Orders first: they may save a position from its liquidation. Where one job fails the others still do theirs: without
  // an answer from Data Streams, say, there is still the price that is on chain.
  const failures = await runAll([
    async () => {
      latest = await context.prices.latest();
      await freshen(context, latest, head.timestamp, keeper.config.refreshSeconds);
    },
    async () => executeDue(context, await dueSettlements(context, now)),
    async () => executeDue(context, await dueProtections(context)),
    async () => executeDue(context, await dueTriggers(context, keeper.watches, now)),
    async () => executeDue(context, await dueSlices(context, now)),
    async () => liquidateDue(keeper, latest?.id, head.timestamp),
    async () => keepUp(context, head.timestamp),
  ]);
  const sent = await context.sender.flush(context.log);
  if (failures.length > 0) throw failures[0];
  keeper.synced = { number: head.number, hash: head.hash ?? "" };
  return { block: head.number, sent };
}

/** Runs jobs one after the other, whatever becomes of each. Returns what they threw. */
async function runAll(jobs: readonly (() => Promise<void>)[]): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const job of jobs) {
    try {
      await job();
    } catch (error) {
      failures.push(error);
    }
  }
  return failures;
}

/** Checks every position when the price changed or carry may have added up, else those that changed themselves. */
async function liquidateDue(keeper: Pass, round: bigint | undefined, now: number): Promise<void> {
  const { context, config, checked } = keeper;
  const { book } = context;
  const all = round !== checked.round || now - checked.at >= CARRY_CHECK_SECONDS;
  const ids = all ? [...book.positions] : [...book.changed].filter((id) => book.positions.has(id));
  if (ids.length > 0) await liquidatePositions(context, ids, config.batchSize);
  book.changed.clear();
  if (all) keeper.checked = { round, at: now };
}

async function readEvents(keeper: Pass, head: Block): Promise<void> {
  const { provider, context, synced } = keeper;
  let from = synced.number + 1;
  const last =
    synced.number >= 0 && head.number > synced.number ? await provider.getBlock(synced.number) : head;
  if (synced.number >= 0 && last?.hash !== synced.hash) {
    from = Math.max(0, Math.min(synced.number, head.number) - REORG_DEPTH);
    context.prices.forget();
    context.reports?.forget();
    context.log.warn({ from, head: head.number }, "chain reorganised; reading again");
  }
  const address = [context.contracts.addresses.orderBook, context.contracts.addresses.market];
  // A pass that failed may have read further, on a branch that is gone.
  context.book.rewind(from);
  const query = { address, fromBlock: from, toBlock: head.number };
  for await (const entry of readLogs(provider, query, LOG_RANGE)) context.book.apply(entry);
}

async function untilAnswered<T>(ask: () => Promise<T>, log: Logger, signal: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (signal.aborted) throw error;
      log.warn({ error: describeError(error) }, "market does not answer; trying again");
      await pause(1_000, signal);
    }
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
