import { abs, asInt256, divCeil, int256, mulDivDown, mulDivUp } from "./FixedMath.ts";

/** floor(|size| · price / scale), token units. `scale` is 10^(36 − token decimals). */
export function quoteDown(size: bigint, price: bigint, scale: bigint): bigint {
  return mulDivDown(size, price, scale);
}

/** ceil(|size| · price / scale), token units. */
export function quoteUp(size: bigint, price: bigint, scale: bigint): bigint {
  return mulDivUp(size, price, scale);
}

/** Profit (+) or loss (−) at `price` (wad) before carry, token units, rounded against the trader. */
export function pnl(size: bigint, entryNotional: bigint, price: bigint, scale: bigint): bigint {
  const entry = asInt256(entryNotional);
  return size >= 0n
    ? asInt256(asInt256(quoteDown(abs(size), price, scale)) - entry)
    : asInt256(entry - asInt256(quoteUp(abs(size), price, scale)));
}

/** Carry owed (+) or due (−) for an index move, ceil(|size| · (index − entryIndex) / scale), token units. */
export function carryOwed(size: bigint, index: bigint, entryIndex: bigint, scale: bigint): bigint {
  return divCeil(int256(asInt256(size) * int256(index - entryIndex)), scale);
}

/** collateral + pnl − carry, token units. */
export function equity(collateral: bigint, profit: bigint, carry: bigint): bigint {
  return int256(int256(asInt256(collateral) + profit) - carry);
}

/**
 * Part of `entryNotional` that goes with `closed` of `size`, token units: rounded up for longs, down for shorts. All of
 * it for a full close.
 */
export function entryShare(isLong: boolean, entryNotional: bigint, closed: bigint, size: bigint): bigint {
  return isLong ? mulDivUp(entryNotional, closed, size) : mulDivDown(entryNotional, closed, size);
}
