import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ethUsd } from "../../deploy/params/markets/eth-usd.ts";
import { planActions, type Action } from "../replay/population.ts";
import type { ReplayResult } from "../replay/result.ts";
import type { Round } from "../replay/rounds.ts";
import { runRounds, type Conduct } from "../replay/run.ts";
import { setStage } from "../replay/stage.ts";

/** What goes wrong in a scenario, on top of the prices. */
export interface Scenario {
  readonly name: string;
  /** One line for the table. */
  readonly title: string;
  /** Multiplies what every trader wants to trade; default 1. */
  readonly sizes?: bigint;
  /** Everyone is long. */
  readonly isOneSided?: boolean;
  /** Seconds for which the keeper is dead, from where the price falls most in them. */
  readonly keeperDead?: number;
  /** Seconds for which the feed lands no round, from where the price falls most in them. */
  readonly feedStuck?: number;
  /** All providers ask for all of it back, in time for the batch to be due an hour before the steepest half hour. */
  readonly providersLeave?: boolean;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** From calm to worst. */
export const SCENARIOS: readonly Scenario[] = [
  { name: "live", title: "Keeper alive, as it was" },
  { name: "large", title: "Ten times the sizes", sizes: 10n },
  { name: "one-sided", title: "Everyone long", isOneSided: true },
  { name: "dead-1", title: "Keeper dead for 1 minute", keeperDead: MINUTE },
  { name: "dead-5", title: "Keeper dead for 5 minutes", keeperDead: 5 * MINUTE },
  { name: "dead-30", title: "Keeper dead for 30 minutes", keeperDead: 30 * MINUTE },
  { name: "stuck", title: "Feed stuck for an hour", feedStuck: HOUR },
  { name: "leaving", title: "Providers leave all they can", providersLeave: true },
  {
    name: "everything",
    title: "Everyone long at ten times the size, keeper dead for 5 minutes, providers leaving",
    sizes: 10n,
    isOneSided: true,
    keeperDead: 5 * MINUTE,
    providersLeave: true,
  },
];

/** Who trades in a study. */
export interface Crowd {
  readonly traders: number;
  readonly seed: number;
  readonly leverageMax: number;
}

/** Runs a scenario on a chain of its own. `onRound` is told how many rounds are done, of how many. */
export async function runScenario(
  scenario: Scenario,
  rounds: readonly Round[],
  crowd: Crowd,
  onRound: (done: number, of: number) => void,
): Promise<ReplayResult> {
  const landed = withoutStuck(rounds, scenario.feedStuck ?? 0);
  const actions = planActions(landed, crowd).map((action) => changed(action, scenario));
  const scratch = await mkdtemp(join(tmpdir(), "bulkhead-"));
  const stage = await setStage(landed, crowd.traders, scratch, () => undefined);
  try {
    const conduct = conductOf(scenario, landed);
    return await runRounds(stage, landed, actions, (done) => onRound(done, landed.length), conduct);
  } finally {
    await stage.keeper.stop();
    await stage.source.stop();
    await stage.chain.stop();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The time from which the price falls most within `seconds`: of the first round of the steepest span. */
export function steepestFall(rounds: readonly Round[], seconds: number): number {
  let start = 0;
  let deepest = 1;
  for (const [i, first] of rounds.entries()) {
    for (let k = i; k < rounds.length; k += 1) {
      const round = rounds[k]!;
      if (round.updatedAt > first.updatedAt + seconds) break;
      const left = Number(round.answer) / Number(first.answer);
      if (left < deepest) [deepest, start] = [left, first.updatedAt];
    }
  }
  return start;
}

/** The rounds that land: none within the span, but the one that ends it. Ids go on without a gap, as a feed's do. */
function withoutStuck(rounds: readonly Round[], seconds: number): readonly Round[] {
  if (seconds === 0) return rounds;
  const start = steepestFall(rounds, seconds);
  const first = rounds[0]?.roundId ?? 0n;
  return rounds
    .filter(({ updatedAt }) => updatedAt <= start || updatedAt > start + seconds)
    .map((round, i) => ({ ...round, roundId: first + BigInt(i) }));
}

function changed(action: Action, { sizes = 1n, isOneSided = false }: Scenario): Action {
  if (action.kind !== "open") return action;
  return {
    ...action,
    notional: action.notional * sizes,
    side: isOneSided ? "long" : action.side,
  };
}

function conductOf(scenario: Scenario, rounds: readonly Round[]): Conduct {
  const dead = scenario.keeperDead ?? 0;
  const start = dead === 0 ? 0 : steepestFall(rounds, dead);
  const wait = Number(ethUsd.pool.redemptionPeriod);
  const exodus = scenario.providersLeave === true ? steepestFall(rounds, HOUR / 2) - HOUR - wait : Infinity;
  return {
    keeperRests: ({ updatedAt }) => dead !== 0 && updatedAt >= start && updatedAt < start + dead,
    providersLeave: ({ updatedAt }) => updatedAt >= exodus,
  };
}
