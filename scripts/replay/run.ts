import type { MarketContracts } from "@bulkhead/sdk";
import type { Signer } from "ethers";
import { audit, auditYield, conserved, positionsAt, readBooks, type Books } from "./audit.ts";
import type { LocalChain } from "./chain.ts";
import type { KeeperProcess } from "./keeper-process.ts";
import { Ledger } from "./ledger.ts";
import type { Action } from "./population.ts";
import { percentile, type LiquidationPoint, type ReplayResult, type RoundPoint } from "./result.ts";
import type { Round } from "./rounds.ts";
import type { RoundSource } from "./source.ts";
import { act, type Venue } from "./trader.ts";

/** Longest wall-clock time a round waits for the keeper, ms: one block of Ethereum. Reality gives it no less. */
const KEEPER_PATIENCE_MS = 12_000;

/** Chainlink answers of 8 decimals to wad prices. */
const ANSWER_SCALE = 10n ** 10n;

/** Everything a replay drives. */
export interface Stage {
  readonly chain: LocalChain;
  readonly keeper: KeeperProcess;
  readonly contracts: MarketContracts;
  readonly source: RoundSource;
  readonly operator: string;
  readonly keeperAccount: string;
  readonly lps: readonly string[];
  readonly traders: readonly string[];
  /** The key of a trader, to sign with. */
  readonly signerOf: (trader: number) => Signer;
  /** Block from which the market's events are read. */
  readonly fromBlock: number;
}

/** What happens to a replay beyond prices and traders; each is asked before a round lands. */
export interface Conduct {
  /** Whether the keeper does nothing. */
  readonly keeperRests?: (round: Round) => boolean;
  /** Whether liquidity providers take out all they can. */
  readonly providersLeave?: (round: Round) => boolean;
}

interface Progress {
  readonly crossed: Map<bigint, { round: number; at: number }>;
  readonly latencyMs: number[];
  readonly latencyRounds: number[];
  readonly series: RoundPoint[];
  readonly liquidations: LiquidationPoint[];
  liquidatableBefore: Set<bigint>;
  missed: number;
  nextBlock: number;
  liquidationsSeen: number;
}

/**
 * Streams `rounds` (the first of which is on-chain already) at their own timestamps, lets the traders act after each,
 * gives the keeper time, and audits the books after every round. Throws AuditError if they ever don't balance.
 */
export async function runRounds(
  stage: Stage,
  rounds: readonly Round[],
  actions: readonly Action[],
  onRound: (done: number) => void,
  conduct: Conduct = {},
): Promise<ReplayResult> {
  const started = performance.now();
  const { chain, contracts } = stage;
  const params = await contracts.market.params();
  const orderParams = await contracts.orderBook.orderParams();
  const quietSeconds = stage.source.quietSeconds(orderParams);
  const scale = await contracts.market.quoteScale();
  const ledger = new Ledger(contracts.addresses, stage.traders, scale);
  const { traders, signerOf, operator: relayer } = stage;
  const venue: Venue = { chain, contracts, ledger, traders, signerOf, relayer, scale, params };
  const progress: Progress = {
    crossed: new Map(),
    latencyMs: [],
    latencyRounds: [],
    series: [],
    liquidations: [],
    liquidatableBefore: new Set(),
    missed: 0,
    nextBlock: stage.fromBlock,
    liquidationsSeen: 0,
  };

  await follow(stage, ledger, progress, rounds, 0);
  const navStart = (await readBooks(contracts, [], (await chain.head()).number)).solvency.netAssetValue;
  let lpIn = 0n;
  let next = 0;
  let books: Books | undefined;
  for (const [index, round] of rounds.entries()) {
    const price = round.answer * ANSWER_SCALE;
    stage.keeper.rest(conduct.keeperRests?.(round) ?? false);
    if (index > 0) {
      const block = await stage.source.land(round);
      await follow(stage, ledger, progress, rounds, index);
      // Every position is summed up here: after all that happened in the round before, at this round's price.
      const ids = [...ledger.positions.keys()];
      const books = await readBooks(contracts, ids, block);
      audit(books, scale, ledger.moneyIn - ledger.moneyOut);
      const atPrice = stage.source.isPushed
        ? books.positions
        : await positionsAt(contracts, ids, block, price);
      findCrossings(chain, atPrice, progress, index, block);
      await letKeeperWork(stage);
    }
    await follow(stage, ledger, progress, rounds, index);
    await forgetRestored(stage, progress);
    await stage.source.refresh();
    const { timestamp: now } = await chain.head();
    const acted = new Set<number>();
    for (; next < actions.length && (actions[next]?.roundIndex ?? Infinity) <= index; next += 1) {
      const action = actions[next];
      if (action === undefined || acted.has(action.trader)) continue;
      acted.add(action.trader);
      await act(venue, action, price, now);
    }
    lpIn += conduct.providersLeave?.(round) ? await takeLiquidity(stage) : await moveLiquidity(stage, index);
    await letKeeperWork(stage);
    await follow(stage, ledger, progress, rounds, index);
    if (ledger.pending.size > 0) {
      await passQuietTime(stage, round, rounds[index + 1], quietSeconds);
      await follow(stage, ledger, progress, rounds, index);
    }
    const { number } = await chain.head();
    const ids = index === rounds.length - 1 ? [...ledger.positions.keys()] : [];
    books = await readBooks(contracts, ids, number);
    progress.series.push(pointOf(round, books, ledger, progress));
    onRound(index + 1);
  }
  if (books === undefined) throw new Error("no rounds to replay");
  audit(books, scale, ledger.moneyIn - ledger.moneyOut);
  auditYield(await contracts.market.poolYield(), ledger);

  const { solvency } = books;
  return {
    series: progress.series,
    liquidations: progress.liquidations,
    refusals: Object.fromEntries(ledger.refusals),
    stillOpen: ledger.positions.size,
    summary: {
      rounds: rounds.length,
      opened: ledger.opened,
      refused: ledger.refused,
      closed: ledger.closed,
      liquidatedFull: ledger.liquidatedFull,
      liquidatedPartial: ledger.liquidatedPartial,
      triggered: ledger.triggered,
      slices: ledger.slices,
      protected: ledger.protected,
      missed: progress.missed,
      badDebt: ledger.badDebt,
      badDebtLp: ledger.badDebtLp,
      insurancePaid: ledger.insurancePaid,
      haircut: ledger.haircut,
      deleveraged: ledger.deleveraged,
      deleveragedNotional: ledger.deleveragedNotional,
      insurance: solvency.insuranceReserve + solvency.insuranceClaim,
      // What was redeemed and not claimed yet has left the pool too.
      lpResult: solvency.netAssetValue + solvency.poolReserved - navStart - lpIn,
      keeperRewards: await contracts.marginVault.claimOf(stage.keeperAccount),
      conservationError: ledger.moneyIn - ledger.moneyOut - conserved(solvency),
      latencyMs: spread(progress.latencyMs),
      latencyRounds: spread(progress.latencyRounds),
      wallSeconds: (performance.now() - started) / 1_000,
    },
  };
}

async function letKeeperWork({ chain, keeper, source }: Stage): Promise<void> {
  await source.tick();
  await keeper.caughtUp(async () => (await chain.head()).number, KEEPER_PATIENCE_MS);
}

/** Between two rounds far apart nothing happens on this chain: one block lets quiet-market fallbacks come due. */
async function passQuietTime(
  stage: Stage,
  round: Round,
  next: Round | undefined,
  quietSeconds: number,
): Promise<void> {
  const { timestamp } = await stage.chain.head();
  const due = Math.max(timestamp, round.updatedAt) + quietSeconds;
  if (next === undefined || due >= next.updatedAt) return;
  await stage.chain.setNextTime(due);
  await stage.chain.mine();
  await letKeeperWork(stage);
}

/**
 * Every fifty rounds an LP adds a twentieth of what they have, or asks for it back, in turns, and claims what has come
 * of that. Returns what came in, token units; negative for out.
 */
async function moveLiquidity(stage: Stage, index: number): Promise<bigint> {
  const { chain, contracts, lps } = stage;
  const turn = index / 50;
  const lp = lps[turn % lps.length];
  if (index === 0 || index % 50 !== 0 || lp === undefined) return 0n;
  const { liquidityVault, addresses } = contracts;
  const claimed = await claim(stage, lp);
  if (Math.floor(turn / lps.length) % 2 === 0) {
    const assets = (await liquidityVault.convertToAssets(await liquidityVault.balanceOf(lp))) / 20n;
    if (assets === 0n || assets > (await liquidityVault.maxDeposit(lp))) return -claimed;
    const data = liquidityVault.interface.encodeFunctionData("deposit", [assets, lp]);
    await chain.send(lp, addresses.liquidityVault, data);
    return assets - claimed;
  }
  await requestRedeem(stage, lp, (await liquidityVault.balanceOf(lp)) / 20n);
  return -claimed;
}

/** Every provider asks for all back, and claims what they can. Returns what came in, token units: negative. */
async function takeLiquidity(stage: Stage): Promise<bigint> {
  let taken = 0n;
  for (const lp of stage.lps) {
    await requestRedeem(stage, lp, await stage.contracts.liquidityVault.balanceOf(lp));
    taken -= await claim(stage, lp);
  }
  return taken;
}

async function requestRedeem({ chain, contracts }: Stage, lp: string, shares: bigint): Promise<void> {
  if (shares === 0n) return;
  const { liquidityVault, addresses } = contracts;
  const data = liquidityVault.interface.encodeFunctionData("requestRedeem", [shares, lp, lp]);
  await chain.send(lp, addresses.liquidityVault, data);
}

/** Takes what was redeemed for a provider; returns it, token units. */
async function claim({ chain, contracts }: Stage, lp: string): Promise<bigint> {
  const { liquidityVault, addresses } = contracts;
  const assets = await liquidityVault.maxWithdraw(lp);
  if (assets === 0n) return 0n;
  const data = liquidityVault.interface.encodeFunctionData("withdraw", [assets, lp, lp]);
  await chain.send(lp, addresses.liquidityVault, data);
  return assets;
}

/** Which positions this round has made liquidatable, before the keeper could do anything. */
function findCrossings(
  chain: LocalChain,
  positions: Books["positions"],
  progress: Progress,
  index: number,
  block: number,
): void {
  const liquidatable = new Set(positions.filter((p) => p.liquidatable).map((p) => p.id));
  const at = chain.seenAt.get(block) ?? performance.now();
  for (const id of liquidatable) {
    if (progress.liquidatableBefore.has(id) && progress.crossed.has(id)) progress.missed += 1;
    if (!progress.crossed.has(id)) progress.crossed.set(id, { round: index, at });
  }
  for (const id of progress.crossed.keys()) if (!liquidatable.has(id)) progress.crossed.delete(id);
  progress.liquidatableBefore = liquidatable;
}

/** Takes out what is no longer liquidatable though nobody liquidated it: protective orders have topped it up. */
async function forgetRestored({ contracts }: Stage, { crossed }: Progress): Promise<void> {
  if (crossed.size === 0) return;
  for (const view of await contracts.lens.positions(contracts.addresses.market, [...crossed.keys()])) {
    if (!view.liquidatable) crossed.delete(view.id);
  }
}

/** Reads events up to the newest block, and times the liquidations among them. */
async function follow(
  { chain, contracts }: Stage,
  ledger: Ledger,
  progress: Progress,
  rounds: readonly Round[],
  index: number,
): Promise<void> {
  const { number } = await chain.head();
  if (number < progress.nextBlock) return;
  const { market, orderBook, token } = contracts.addresses;
  const logs = await chain.provider.getLogs({
    address: [market, orderBook, token],
    fromBlock: progress.nextBlock,
    toBlock: number,
  });
  progress.nextBlock = number + 1;
  for (const log of logs) ledger.apply(log);

  for (const liquidation of ledger.liquidations.slice(progress.liquidationsSeen)) {
    const crossing = progress.crossed.get(liquidation.positionId);
    const at = chain.seenAt.get(liquidation.block);
    if (crossing !== undefined) {
      progress.latencyRounds.push(index - crossing.round);
      if (at !== undefined) progress.latencyMs.push(Math.max(0, at - crossing.at));
      progress.crossed.delete(liquidation.positionId);
    }
    progress.liquidations.push({
      timestamp: rounds[index]?.updatedAt ?? 0,
      price: liquidation.price,
      full: liquidation.full,
      badDebt: liquidation.badDebt,
    });
  }
  progress.liquidationsSeen = ledger.liquidations.length;
}

function pointOf(round: Round, { solvency }: Books, ledger: Ledger, progress: Progress): RoundPoint {
  return {
    roundId: round.roundId,
    timestamp: round.updatedAt,
    price: round.answer * ANSWER_SCALE,
    lpNav: solvency.netAssetValue,
    insurance: solvency.insuranceReserve + solvency.insuranceClaim,
    openInterestLong: solvency.longOpenInterest,
    openInterestShort: solvency.shortOpenInterest,
    collateral: solvency.totalCollateral,
    openPositions: ledger.positions.size,
    liquidations: progress.liquidations.length,
  };
}

function spread(values: readonly number[]): { p50: number; p99: number; max: number } {
  return { p50: percentile(values, 50), p99: percentile(values, 99), max: percentile(values, 100) };
}
