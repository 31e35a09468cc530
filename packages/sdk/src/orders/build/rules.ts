import { max, min, mulDivUp, WAD } from "../../math/FixedMath.ts";
import { quoteUp } from "../../math/PositionMath.ts";
import { NetworkError } from "../../errors.ts";
import type { MarketContracts } from "../../market.ts";
import { guarded } from "../../reads/guard.ts";
import type { OrderParams } from "../../types.ts";

/** What an order book asks of every order now; see {@link readOrderRules}. */
export interface OrderRules {
  /** Timestamp of the newest block, seconds. */
  readonly now: bigint;
  /** Earliest deadline of a market order, seconds. */
  readonly earliestDeadline: bigint;
  /** Least and greatest execution fee, token units. */
  readonly leastFee: bigint;
  readonly greatestFee: bigint;
}

/** How much the base fee may rise before an order is mined: by a quarter, two blocks' worth. */
const HEADROOM = (WAD * 5n) / 4n;
const MAX_UINT64 = (1n << 64n) - 1n;

/** What the least execution fee follows from. */
export interface FeeTerms {
  /** Wei per gas. */
  readonly baseFee: bigint;
  /** Collateral tokens for one native token, wad; 0 where the least fee is a constant. */
  readonly nativePrice: bigint;
  /** 10^(36 − the token's decimals). */
  readonly quoteScale: bigint;
}

/** What the gas of an execution costs, within the bounds, token units; `OrderStorage._leastExecutionFee`. */
export function leastExecutionFee(
  params: OrderParams,
  { baseFee, nativePrice, quoteScale }: FeeTerms,
): bigint {
  if (params.executionGas === 0n) return params.minExecutionFee;
  const cost = quoteUp(min(baseFee, MAX_UINT64) * params.executionGas, nativePrice, quoteScale);
  return min(max(cost, params.minExecutionFee), params.maxExecutionFee);
}

/**
 * Reads what the builders check orders against. The least fee is figured for a base fee a quarter above the newest
 * block's, from its own terms: a node that simulates `executionFeeBounds` takes the base fee for zero.
 *
 * @throws NetworkError without an answer.
 */
export async function readOrderRules({ orderBook, market }: MarketContracts): Promise<OrderRules> {
  const block = await guarded(async () => orderBook.runner?.provider?.getBlock("latest"));
  if (block === null || block === undefined) throw new NetworkError("server", { detail: "no newest block" });
  const [params, nativePrice, quoteScale] = await guarded(() =>
    Promise.all([orderBook.orderParams(), orderBook.nativePrice(), market.quoteScale()]),
  );
  const baseFee = mulDivUp(block.baseFeePerGas ?? 0n, HEADROOM, WAD);
  const now = BigInt(block.timestamp);
  return {
    now,
    earliestDeadline: now + 2n * params.settlementDelay + params.fallbackDelay,
    leastFee: leastExecutionFee(params, { baseFee, nativePrice, quoteScale }),
    greatestFee: params.maxExecutionFee,
  };
}
