import { math, type MarketContracts } from "@bulkhead/sdk";
import type { Ledger } from "./ledger.ts";

/** Positions asked for in one view call. */
const PAGE = 150;

type Solvency = Awaited<ReturnType<MarketContracts["lens"]["solvency"]>>;
type PositionView = Awaited<ReturnType<MarketContracts["lens"]["positions"]>>[number];

/** The books that don't balance: what was compared, and both figures. */
export class AuditError extends Error {
  override readonly name = "AuditError";
}

/** All positions at one block, and the market's own O(1) view of the same block. */
export interface Books {
  readonly solvency: Solvency;
  readonly positions: readonly PositionView[];
}

/** Reads the O(1) solvency view and every position of `ids` as of `block`. */
export async function readBooks(
  contracts: MarketContracts,
  ids: readonly bigint[],
  block: number,
): Promise<Books> {
  const { lens, addresses } = contracts;
  const solvency = await lens.solvency(addresses.market, { blockTag: block });
  const positions: PositionView[] = [];
  for (let i = 0; i < ids.length; i += PAGE) {
    positions.push(...(await lens.positions(addresses.market, ids.slice(i, i + PAGE), { blockTag: block })));
  }
  return { solvency, positions };
}

/** Every position of `ids` as of `block` if the price, wad, were that. */
export async function positionsAt(
  { lens, addresses }: MarketContracts,
  ids: readonly bigint[],
  block: number,
  price: bigint,
): Promise<readonly PositionView[]> {
  const positions: PositionView[] = [];
  for (let i = 0; i < ids.length; i += PAGE) {
    const page = ids.slice(i, i + PAGE);
    positions.push(...(await lens.positionsAt(addresses.market, page, price, { blockTag: block })));
  }
  return positions;
}

/**
 * Holds the O(1) solvency equation against a full sum over all positions, to the unit. Returns nothing; throws
 * {@link AuditError} at the first figure that differs.
 *
 * @param scale 10^(36 − token decimals).
 * @param crossed Tokens that came into the vaults minus those that left, by their transfers.
 */
export function audit({ solvency: s, positions }: Books, scale: bigint, crossed: bigint): void {
  const sums = {
    collateral: 0n,
    long: { size: 0n, entry: 0n, carry: 0n },
    short: { size: 0n, entry: 0n, carry: 0n },
  };
  for (const p of positions) {
    sums.collateral += p.collateral;
    const side = p.size > 0n ? sums.long : sums.short;
    const size = p.size < 0n ? -p.size : p.size;
    side.size += size;
    side.entry += p.entryNotional;
    side.carry += size * p.carryIndex;
  }
  const { long, short } = sums;
  const longPnl = math.PositionMath.pnl(long.size, long.entry, s.price, scale);
  const shortPnl = math.PositionMath.pnl(-short.size, short.entry, s.price, scale);
  const longCarry = math.CarryMath.sideCarry(long.size, s.longIndex, long.carry, scale);
  const shortCarry = math.CarryMath.sideCarry(short.size, s.shortIndex, short.carry, scale);
  const poolAssets = s.poolCash + s.poolClaim;
  const nav = math.PoolMath.netAssetValue(
    poolAssets,
    longPnl + shortPnl,
    longCarry + shortCarry,
    sums.collateral,
  );

  equal("sum of collateral", sums.collateral, s.totalCollateral);
  equal("long open interest", long.size, s.longOpenInterest);
  equal("short open interest", short.size, s.shortOpenInterest);
  equal("PnL of all longs", longPnl, s.longPnl);
  equal("PnL of all shorts", shortPnl, s.shortPnl);
  equal("carry of all longs", longCarry, s.longCarry);
  equal("carry of all shorts", shortCarry, s.shortCarry);
  equal("net asset value", nav, s.netAssetValue);
  equal("tokens in the margin vault", s.tokensInMarginVault, s.totalCollateral + s.totalClaims);
  equal("tokens in the liquidity vault", s.tokensInLiquidityVault, s.poolCash + s.poolReserved);
  equal("tokens in the insurance fund", s.tokensInInsurance, s.insuranceReserve);
  equal("money in minus money out", crossed, conserved(s));
  if (!s.solvent) throw new AuditError("the market says it is not solvent");
}

/**
 * Holds the pool's counters against the sums of the events that they count, to the unit; throws {@link AuditError}
 * where they differ.
 */
export function auditYield(
  counters: Readonly<Record<keyof Ledger["settled"], bigint>>,
  ledger: Ledger,
): void {
  const summed = Object.entries(ledger.settled) as [keyof Ledger["settled"], bigint][];
  for (const [name, sum] of summed) equal(`${name} of the pool`, sum, counters[name]);
}

/** What the protocol's own ledgers say it holds, token units. */
export function conserved(s: Solvency): bigint {
  return s.totalCollateral + s.totalClaims + s.poolCash + s.poolReserved + s.insuranceReserve;
}

function equal(what: string, summed: bigint, reported: bigint): void {
  if (summed !== reported) throw new AuditError(`${what}: ${summed} summed, ${reported} reported`);
}
