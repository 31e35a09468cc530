import { abs, clamp, mulDivDown } from "../math/FixedMath.ts";
import { MAX_PRICE } from "../math/Constants.ts";
import type { MarketState, PositionState } from "../engine/types.ts";
import { attempt } from "./attempt.ts";
import { withPrice } from "./prices.ts";
import { firstThat, gallop, lastThat } from "./search.ts";

/** What closing has to make good. */
export interface BreakEvenWish {
  /** Token units the owner has paid in; default: the collateral it has now, without what the entry has cost. */
  readonly paidIn?: bigint | undefined;
  /** Token units, of the closing order; default: the least that the market ever asks for. */
  readonly executionFee?: bigint | undefined;
}

/**
 * The price at which closing the whole position gives back what went in, all costs of the close in it: fee, impact,
 * execution fee, and carry up to `time`, the time before it charged at that price as the contracts do. For a long the
 * least price, for a short the highest one, exact: one wad unit worse and it falls short. (Roundings of a token unit may
 * let some price within a few units' worth of it do as well.)
 *
 * @param time Seconds, of the close; default: the state's.
 * @returns Wad; `undefined` if no price does, as for a short that has lost more than its size is worth, or a winner
 * whose profit would be cut to what the pool can pay.
 * @throws RangeError for a position that is not open.
 * @example
 * const price = breakEven(state, position, { paidIn: 1_000_000_000n });
 */
export function breakEven(
  state: MarketState,
  position: PositionState,
  { paidIn = position.collateral, executionFee }: BreakEvenWish = {},
  time = state.time,
): bigint | undefined {
  if (position.size === 0n) throw new RangeError(`position: ${position.id} is not open`);
  const returns = (price: bigint): boolean => {
    const close = { position, sizeDelta: 0n, executionFee };
    const attempted = attempt(withPrice(state, price, { observedAt: time }), close, time);
    if (attempted.refusal !== undefined)
      throw new RangeError(`executionFee: ${executionFee} is refused, ${attempted.refusal.name}`);
    return attempted.result.toOwner >= paidIn;
  };
  // A long's proceeds rise with the price, a short's fall, but for rounding: of each unit of price the size gains its whole,
  // and impact, fee and carry take hundredths of it. Only a profit that is cut to what the pool pays bends back, far beyond
  // the first price that does; so the search begins at the entry and looks for the edge next to it.
  const entry = clamp(
    mulDivDown(position.entryNotional, state.quoteScale, abs(position.size)),
    1n,
    MAX_PRICE,
  );
  const step = entry / 1024n + 1n;
  const isLong = position.size > 0n;
  const better = isLong ? MAX_PRICE : 1n;
  const worse = isLong ? 1n : MAX_PRICE;
  const does = returns(entry);
  const edge = gallop(entry, does ? worse : better, step, (price) => returns(price) === does);
  if (edge === undefined) return does ? worse : undefined;
  const [low, high] = edge[0] < edge[1] ? edge : [edge[1], edge[0]];
  return isLong ? firstThat(low, high, returns) : lastThat(low, high, returns);
}
