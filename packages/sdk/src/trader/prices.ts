import { mulWadUp } from "../math/FixedMath.ts";
import { MAX_PRICE } from "../math/Constants.ts";
import type { MarketState } from "../engine/types.ts";

/** When a supposed price was observed, and whether it counts as fresh. */
export interface Observed {
  /** Seconds; default: the state's time. */
  readonly observedAt?: bigint | undefined;
  /** Default: true. */
  readonly fresh?: boolean | undefined;
}

/**
 * The same market with another latest price: what any other function says of the result is what would be if the oracle
 * had observed that price. Nothing is accrued or settled by it.
 *
 * The band is the price ∓ `uncertainty`, half of it rounded up, as `ChainlinkFeedOracle#band` gives it; a stream whose
 * bid and ask lie further apart has a wider one.
 *
 * @param price Wad, of [1, 10^30].
 * @throws RangeError for a price outside of that.
 * @example
 * const crashed = withPrice(state, (state.price * 9n) / 10n);
 * judge(crashed, position).standing;
 */
export function withPrice(state: MarketState, price: bigint, observed: Observed = {}): MarketState {
  if (price < 1n || price > MAX_PRICE) throw new RangeError(`price: ${price} is not in [1, ${MAX_PRICE}]`);
  const { observedAt = state.time, fresh = true } = observed;
  const half = mulWadUp(price, state.uncertainty);
  return { ...state, price, observedAt, priceIsFresh: fresh, low: price - half, high: price + half };
}
