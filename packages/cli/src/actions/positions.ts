import type { Market, PositionState, Reading } from "@bulkhead/sdk";
import type { Action } from "../action.ts";
import { Failure, UsageError } from "../errors.ts";
import { idOf, shocksOf } from "../parse.ts";
import { priceLine, viewMarket } from "../present/market.ts";
import { positionJson, positionTable, viewPosition } from "../present/position.ts";
import { unitsOf } from "../present/units.ts";
import { ownerOf, type Session } from "../session.ts";

interface Options {
  readonly owner?: string;
  readonly all?: true;
  readonly explain?: true;
  readonly scenarios?: true;
  readonly shocks: string;
  readonly exposure?: true;
  readonly days: string;
}

/** `bulkhead positions` */
export const showPositions: Action<readonly [readonly string[]], Options> = async (
  session,
  [given],
  options,
) => {
  const { out } = session;
  const asked = [options.explain, options.scenarios, options.exposure].filter((flag) => flag === true).length;
  if (asked > 1) throw new UsageError("--explain, --scenarios and --exposure: one at a time");
  if (options.exposure === true) {
    if (given.length > 0) throw new UsageError("--exposure: it is of an owner, not of ids");
    const owner = ownerOf(options, session);
    return (await import("./exposure.ts")).showExposure(session, owner, options.days);
  }
  const { market } = session;
  const { ids, isAll } = await idsOf(session, market, given, options);
  if (options.explain === true) return (await import("./explain.ts")).explain(session, ids);
  const reading = await readLive(market, ids, given.length > 0);
  if (options.scenarios === true) {
    const shocks = shocksOf(options.shocks);
    return (await import("./scenarios.ts")).showScenarios(session, reading, shocks);
  }
  const views = reading.positions.map((position) => viewPosition(reading.state, position));
  const units = unitsOf(market);
  if (out.json) return out.data(views.map((view) => positionJson(view, units)));
  out.print(priceLine(await viewMarket(market), out.frame.paint));
  out.print(views.length === 0 ? "No positions." : positionTable(views, units, out.frame, isAll));
};

/** Ids that are given, or of whom is asked for. */
async function idsOf(
  session: Session,
  market: Market,
  given: readonly string[],
  options: Options,
): Promise<{ readonly ids: readonly bigint[]; readonly isAll: boolean }> {
  if (given.length > 0) {
    if (options.all === true || options.owner !== undefined)
      throw new UsageError("--owner, --all: with ids it is clear which positions");
    return { ids: given.map(idOf), isAll: true };
  }
  const owner = ownerOf(options, session);
  return { ids: await market.positions.ids({ owner }), isAll: owner === undefined };
}

/** Positions that there are; where they were named each has to be. */
async function readLive(market: Market, ids: readonly bigint[], named: boolean): Promise<Reading> {
  const { state, positions } = await market.positions.state(ids);
  const missing = positions.findIndex((position) => !isLive(position));
  if (named && missing !== -1) throw new Failure(`there is no position ${ids[missing]} on ${market.symbol}`);
  return { state, positions: positions.filter(isLive) };
}

function isLive({ owner }: PositionState): boolean {
  return !/^0x0{40}$/.test(owner);
}

/** One position that there is, with its market. Throws Failure for one that is not, or not open. */
export async function readOne(
  market: Market,
  id: bigint,
): Promise<{ readonly state: Reading["state"]; readonly position: PositionState }> {
  const { state, positions } = await readLive(market, [id], true);
  const position = positions[0]!;
  if (position.size === 0n)
    throw new Failure(`position ${id} waits for its opening order`, "See `bulkhead orders`.");
  return { state, position };
}
