import { splitBySkew } from "../math/FeeMath.ts";
import { abs, mulDivDown, mulDivUp, mulWadUp } from "../math/FixedMath.ts";
import { quoteUp } from "../math/PositionMath.ts";
import { skewOf } from "../engine/accrual.ts";
import { priceOf } from "../engine/trading.ts";
import type { MarketState } from "../engine/types.ts";

/** What a size costs to trade, at a price and the market's skew. Money in token units, prices wad. */
export interface Quote {
  /** Signed base wad. */
  readonly sizeDelta: bigint;
  /** Before impact. */
  readonly price: bigint;
  /** notional / size, rounded against the trader. As an acceptable price it is never too tight at this fixing and skew. */
  readonly meanPrice: bigint;
  /** Money that changes hands for the size: what a buyer pays, a seller receives. */
  readonly notional: bigint;
  /** Paid (+) or received (−) over the price; it is part of `notional`. */
  readonly impact: bigint;
  /** Part of the size that increases the absolute skew, base wad. */
  readonly takerSize: bigint;
  /** Part of the size that reduces it, base wad. */
  readonly makerSize: bigint;
  readonly takerFee: bigint;
  readonly makerFee: bigint;
  /** takerFee + makerFee, each rounded up. */
  readonly fee: bigint;
}

/**
 * Fill price, impact and fee of a trade, whoever makes it: what `PerpMarket.execute` takes for the size, to the unit.
 * Formulas: SPEC, T1 to T4. Whether the order would execute is for {@link previewOrder} to say.
 *
 * @param sizeDelta Signed base wad.
 * @param price Fill price before impact, wad; default: the index price.
 * @throws RangeError for a size of 0, or where there is no price.
 * @example
 * const { meanPrice, fee, impact } = quote(state, 5n * 10n ** 18n);
 */
export function quote(state: MarketState, sizeDelta: bigint, price = state.price): Quote {
  if (sizeDelta === 0n) throw new RangeError("sizeDelta: 0 is no trade");
  if (price <= 0n) throw new RangeError(`price: ${price} is not above 0`);
  const { params, quoteScale } = state;
  const { impact, fee, notional } = priceOf({ state, params }, sizeDelta, price);
  const { increasing, reducing } = splitBySkew(skewOf(state), sizeDelta);
  const takerFee = mulWadUp(quoteUp(increasing, price, quoteScale), params.takerFee);
  const divide = sizeDelta > 0n ? mulDivUp : mulDivDown;
  return {
    sizeDelta,
    price,
    meanPrice: divide(notional, quoteScale, abs(sizeDelta)),
    notional,
    impact,
    takerSize: increasing,
    makerSize: reducing,
    takerFee,
    makerFee: fee - takerFee,
    fee,
  };
}
