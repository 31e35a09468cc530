import { mulDivUp, WAD } from "../math/FixedMath.ts";
import type { Judgement } from "../engine/judgement.ts";

/**
 * Leverage of a position: notional at the index price over equity, wad, rounded up (SPEC, M9). Equity counts PnL and
 * carry at the index price, and what fees and impact have taken already.
 *
 * @returns `undefined` for a position without equity: no leverage describes it.
 * @example
 * const tenfold = leverageOf(judge(state, position)); // 10_000_000_000_000_000_000n
 */
export function leverageOf({ notional, equity }: Pick<Judgement, "notional" | "equity">): bigint | undefined {
  if (notional === 0n) return 0n;
  return equity > 0n ? mulDivUp(notional, WAD, equity) : undefined;
}
