import type { BlockTag } from "ethers";
import { NetworkError } from "../errors.ts";
import type { MarketContracts } from "../market.ts";
import { guarded } from "./guard.ts";
import { plain, type Plain } from "./plain.ts";
import { readState } from "./state.ts";

/** Ids asked for at once: a page of live ids costs the node little gas, a position's prices much. */
const IDS_PER_CALL = 1_000n;
const RISKS_PER_CALL = 50;

/** How near a position is to its end: what `PerpLens.risk` says of it; units in `IPerpLens.RiskView`. */
export type RiskReport = Plain<Awaited<ReturnType<MarketContracts["lens"]["risk"]>>[number]>;

/** Every term of a position's verdict; units in `IPerpLens.Explanation`. */
export type Explanation = Plain<Awaited<ReturnType<MarketContracts["lens"]["explain"]>>>;

/** Where readings are taken from: which block, or the latest. */
export interface ReadOptions {
  readonly blockTag?: BlockTag | undefined;
}

/**
 * How positions stand, in the order of `ids`; one that is no position has `position.exists` false.
 *
 * @param price Wad: as if it were the index price; default: the latest.
 * @throws NetworkError without an answer, RevertedError if a contract refuses to give one.
 */
export async function readRisk(
  { lens, addresses }: Pick<MarketContracts, "lens" | "addresses">,
  ids: readonly bigint[],
  { price, blockTag = "latest" }: ReadOptions & { readonly price?: bigint | undefined } = {},
): Promise<readonly RiskReport[]> {
  const read = (page: bigint[]) =>
    price === undefined
      ? lens.risk(addresses.market, page, { blockTag })
      : lens.riskAt(addresses.market, page, price, { blockTag });
  return guarded(async () => {
    const pages = await Promise.all(pagesOf(ids, RISKS_PER_CALL).map(read));
    return pages.flatMap((views) => plain(views));
  });
}

/**
 * Every term of a position's verdict at the latest price.
 *
 * @throws NetworkError without an answer, RevertedError if a contract refuses to give one.
 */
export async function readExplanation(
  { lens, addresses }: Pick<MarketContracts, "lens" | "addresses">,
  id: bigint,
  { blockTag = "latest" }: ReadOptions = {},
): Promise<Explanation> {
  return guarded(async () => plain(await lens.explain(addresses.market, id, { blockTag })));
}

/**
 * Ids of all positions there are, or of those that an account owns; ascending. One call or two for a thousand ids.
 *
 * @throws NetworkError without an answer, RevertedError if a contract refuses to give one.
 */
export async function readPositionIds(
  contracts: Pick<MarketContracts, "lens" | "stateLens" | "addresses">,
  { owner, blockTag = "latest" }: ReadOptions & { readonly owner?: string | undefined } = {},
): Promise<readonly bigint[]> {
  const { lens, addresses } = contracts;
  const found: bigint[] = [];
  for (let start = 1n; start !== 0n;) {
    const from = start;
    const { ids, next } = await guarded(() => lens.idsOf(addresses.market, from, IDS_PER_CALL, { blockTag }));
    if (owner === undefined) {
      found.push(...ids);
    } else if (ids.length !== 0) {
      const { positions } = await readState(contracts, ids, blockTag);
      const theirs = positions.filter((position) => position.owner.toLowerCase() === owner.toLowerCase());
      found.push(...theirs.map(({ id }) => id));
    }
    if (next !== 0n && next <= from)
      throw new NetworkError("answer", { detail: `the lens goes on at ${next} after ${from}` });
    start = next;
  }
  return found;
}

function pagesOf(ids: readonly bigint[], size: number): bigint[][] {
  return Array.from({ length: Math.ceil(ids.length / size) }, (_, i) => ids.slice(i * size, (i + 1) * size));
}
