import { min, mulDivUp, mulWadUp } from "../math/FixedMath.ts";
import { levelOf, NORMAL } from "./flags.ts";
import type { MarketParams, MarketState } from "./types.ts";

/** Bit of `Carry.paramVersion`: a tightening of the maintenance terms is announced or under way. */
const SCHEDULED = 128n;
const MAX_UINT64 = (1n << 64n) - 1n;

/**
 * The parameters in force at `time`, seconds, as far as it is known now: a schedule moves the maintenance terms in a
 * straight line, rounded up. `Parameters#_fillParams`.
 */
export function paramsAt(state: MarketState, time: bigint): MarketParams {
  const { params, schedule, carry } = state;
  if ((carry.paramVersion & SCHEDULED) === 0n || time <= schedule.startsAt) return params;
  const whole = schedule.endsAt - schedule.startsAt;
  const part = min(time - schedule.startsAt, whole);
  const { terms } = schedule;
  const between = (name: keyof typeof terms): bigint =>
    params[name] + mulDivUp(terms[name] - params[name], part, whole);
  return {
    ...params,
    maintenanceBase: between("maintenanceBase"),
    maintenanceSlope: between("maintenanceSlope"),
    liquidationFee: between("liquidationFee"),
    minKeeperReward: between("minKeeperReward"),
  };
}

/** The parameters that new risk meets: in an elevated market the initial ratio is raised. `Settlement#_elevate`. */
export function elevated(params: MarketParams, flags: bigint): MarketParams {
  if (levelOf(flags) === NORMAL) return params;
  const raise = (ratio: bigint): bigint => min(mulWadUp(ratio, params.elevatedFactor), MAX_UINT64);
  return {
    ...params,
    initialBase: raise(params.initialBase),
    initialSlope: raise(params.initialSlope),
  };
}
