import {
  collateralFor,
  maxSize,
  previewOrder,
  sizeFromRisk,
  type MarketState,
  type Obstacle,
  type RiskSizing,
} from "@bulkhead/sdk";

/** The size and collateral of an entry, and a word on where they come from. */
export interface Sized {
  /** Base wad, above zero. */
  readonly size: bigint;
  /** Token units. */
  readonly collateral: bigint;
  readonly remark?: string | undefined;
  /** Where the size follows from risk. */
  readonly risk?: RiskSizing | undefined;
}

/** Why there is no such size. */
export interface NotSized {
  readonly obstacle: Obstacle | "Risk" | "Liquidation" | "Leverage";
}

/** What an entry is sized by; sizes base wad, leverage wad, money token units. */
export type Sizing =
  | { readonly by: "both"; readonly size: bigint; readonly collateral: bigint }
  | { readonly by: "leverage of a size"; readonly size: bigint; readonly leverage: bigint }
  | { readonly by: "leverage of a collateral"; readonly collateral: bigint; readonly leverage: bigint }
  | { readonly by: "the largest"; readonly collateral: bigint }
  | {
      readonly by: "risk";
      readonly capital: bigint;
      readonly share: bigint;
      readonly stopPrice: bigint;
      readonly collateral?: bigint | undefined;
    };

/** Why a size is not larger, for people; the names are those of the sdk's bounds. */
const LIMITS: Readonly<Record<string, string>> = {
  Liquidation: "a larger one would be liquidated before the stop",
  Risk: "a larger one could lose more than that at the stop",
  Leverage: "no position stands at that leverage",
  InsufficientMargin: "a larger one needs more collateral",
  OpenInterestCap: "that is all its side of the market has room for",
  PositionCap: "that is the most one position may have",
  BelowMinimum: "less is below the least position of the market",
  ReduceOnly: "the market takes no new risk now",
  StalePrice: "the market has no fresh price",
};

/** What keeps a size from being larger, or from being at all. */
export function limitText(bound: string): string {
  return LIMITS[bound] ?? bound;
}

/** Steps that sizes found by search are cut to, base wad: a millionth. */
const STEP = 10n ** 12n;

/** Finds size and collateral of an entry; exact, but that a size that is searched for is cut to a millionth. */
export function sizeEntry(
  state: MarketState,
  isLong: boolean,
  sizing: Sizing,
  executionFee: bigint,
): Sized | NotSized {
  switch (sizing.by) {
    case "both":
      return { size: sizing.size, collateral: sizing.collateral };
    case "leverage of a size": {
      const { size, leverage } = sizing;
      const { collateral, bound } = collateralFor(state, {
        sizeDelta: isLong ? size : -size,
        leverage,
        executionFee,
      });
      if (collateral === undefined) return { obstacle: bound };
      const remark =
        bound === "Leverage" ? undefined : `the least collateral is more than that leverage needs: ${bound}`;
      return { size, collateral, remark };
    }
    case "leverage of a collateral":
      return sizeForLeverage(state, isLong, sizing.collateral, sizing.leverage, executionFee);
    case "the largest": {
      const { size, bound } = maxSize(state, { isLong, collateral: sizing.collateral, executionFee });
      return size === 0n
        ? { obstacle: bound }
        : { size: cut(size), collateral: sizing.collateral, remark: limitText(bound) };
    }
    case "risk":
      return sizeByRisk(state, sizing, executionFee);
  }
}

/** The largest size with which a position of this collateral stands at `leverage` or below. */
function sizeForLeverage(
  state: MarketState,
  isLong: boolean,
  collateral: bigint,
  leverage: bigint,
  executionFee: bigint,
): Sized | NotSized {
  const most = maxSize(state, { isLong, collateral, executionFee });
  if (most.size === 0n) return { obstacle: most.bound };
  const keeps = (size: bigint): boolean => {
    const { leverageAfter } = previewOrder(state, {
      sizeDelta: isLong ? size : -size,
      collateral,
      executionFee,
    });
    return leverageAfter !== undefined && leverageAfter <= leverage;
  };
  if (keeps(most.size)) return { size: cut(most.size), collateral, remark: limitText(most.bound) };
  let [low, high] = [0n, most.size / STEP + 1n];
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (keeps(middle * STEP)) low = middle;
    else high = middle;
  }
  return low === 0n ? { obstacle: "Leverage" } : { size: low * STEP, collateral };
}

function sizeByRisk(
  state: MarketState,
  { capital, share, stopPrice, collateral }: Extract<Sizing, { readonly by: "risk" }>,
  executionFee: bigint,
): Sized | NotSized {
  const risk = sizeFromRisk(state, {
    account: capital,
    riskShare: share,
    stopPrice,
    collateral,
    executionFee,
  });
  if (risk.sizeDelta === 0n) return { obstacle: risk.bound };
  const size = cut(risk.sizeDelta > 0n ? risk.sizeDelta : -risk.sizeDelta);
  const remark = risk.bound === "Risk" ? undefined : limitText(risk.bound);
  return { size, collateral: risk.collateral, remark, risk };
}

/** Cut to a millionth where that leaves something. */
function cut(size: bigint): bigint {
  return size < STEP ? size : size - (size % STEP);
}
