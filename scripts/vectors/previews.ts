import type { MarketState, PositionState } from "@bulkhead/sdk";
import { network } from "hardhat";
import { createRandom } from "../random.ts";
import type { Action, Outcome } from "./actions.ts";
import { printJson, type VectorDocument } from "./document.ts";
import { outcomesOf, walk, type Step } from "./walk.ts";
import { openWorld } from "./world.ts";
import { WORLDS } from "./worlds.ts";

const SEED = 1;
const STEPS = 150;
/** Cases kept of each outcome in each market. */
const KEPT = 1;
/** How deep the file gets a line for everything: document, lists, cases. */
const DEPTH = 2;

/** What stays the same in a market's states. */
const FIXED = ["quoteScale", "uncertainty", "params", "schedule", "orderParams"] as const;
type Fixed = Pick<MarketState, (typeof FIXED)[number]>;
type Moving = Omit<MarketState, keyof Fixed>;

/** Integers as decimal text, at all depths. */
export type Texts<T> = T extends bigint
  ? string
  : T extends object
    ? { readonly [K in keyof T]: Texts<T[K]> }
    : T;

/** An action with the market and the positions it concerns, before and after. */
export interface PreviewCase {
  readonly market: string;
  readonly action: Action;
  /** Block time of the action, seconds. */
  readonly time: bigint;
  readonly before: { readonly state: Moving; readonly positions: readonly PositionState[] };
  readonly after: { readonly state: Moving; readonly positions: readonly PositionState[] };
  readonly outcome: Outcome;
}

/** `packages/sdk/vectors/previews.v1.json`, before integers became text. */
export interface PreviewVectors {
  readonly format: "bulkhead-preview-vectors";
  readonly version: 1;
  readonly seed: number;
  readonly markets: Readonly<Record<string, Fixed>>;
  readonly cases: readonly PreviewCase[];
}

/** Whole actions of a market, as they went on the chain. */
export const previewVectors: VectorDocument = { file: "previews.v1.json", make };

async function make(): Promise<string> {
  const markets: Record<string, Fixed> = {};
  const cases: PreviewCase[] = [];
  for (const [i, [market, settings]] of Object.entries(WORLDS).entries()) {
    const world = await openWorld(await network.create({ override: { initialDate: START } }), settings);
    const seen = new Map<string, number>();
    for await (const step of walk(world, createRandom(SEED + i), STEPS)) {
      markets[market] ??= fixedOf(step.before.state);
      const outcomes = outcomesOf(step);
      if (!outcomes.some((outcome) => (seen.get(outcome) ?? 0) < KEPT)) continue;
      for (const outcome of outcomes) seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
      cases.push(caseOf(market, step));
    }
  }
  const document: PreviewVectors = {
    format: "bulkhead-preview-vectors",
    version: 1,
    seed: SEED,
    markets,
    cases,
  };
  return `${printJson(texts(document), DEPTH)}\n`;
}

/** The chain's first block has this time, so that the file is the same every time. */
const START = new Date("2026-01-01T00:00:00Z");

function caseOf(market: string, { action, time, before, after, outcome }: Step): PreviewCase {
  const ids = concerned(action, after.state);
  const only = ({ state, positions }: Step["before"]) => ({
    state: movingOf(state),
    positions: positions.filter(({ id }) => ids.includes(id)),
  });
  return { market, action, time, before: only(before), after: only(after), outcome };
}

/** Positions that an action touches: those it names, or the one it makes. */
function concerned(action: Action, after: MarketState): readonly bigint[] {
  if ("ids" in action) return action.ids;
  if ("id" in action) return [action.id];
  return action.kind === "reserve" ? [after.nextPositionId - 1n] : [];
}

function fixedOf({ quoteScale, uncertainty, params, schedule, orderParams }: MarketState): Fixed {
  return { quoteScale, uncertainty, params, schedule, orderParams };
}

function movingOf(state: MarketState): Moving {
  return Object.fromEntries(
    Object.entries(state).filter(([name]) => !FIXED.includes(name as keyof Fixed)),
  ) as unknown as Moving;
}

function texts<T>(value: T): Texts<T> {
  return JSON.parse(
    JSON.stringify(value, (_, x: unknown) => (typeof x === "bigint" ? x.toString() : x)),
  ) as Texts<T>;
}
