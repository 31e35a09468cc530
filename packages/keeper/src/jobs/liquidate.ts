import { describeError, isRevert } from "@bulkhead/sdk";
import type { JobContext } from "./due.ts";

/** Positions asked for in one view call. */
const PAGE = 200;
const BASE_GAS = 300_000n;
const GAS_PER_POSITION = 400_000n;

/** Liquidates those of `positions` that the chain says are liquidatable, worst first, `batchSize` at a time. */
export async function liquidatePositions(
  context: JobContext,
  positions: Iterable<bigint>,
  batchSize: number,
): Promise<void> {
  const { contracts, sender, rewardTo, log } = context;
  const candidates = await liquidatable(context, [...positions]);
  const market = contracts.market.connect(sender.wallet);
  for (let i = 0; i < candidates.length; i += batchSize) {
    const ids = candidates.slice(i, i + batchSize);
    try {
      if ((await market.liquidate.staticCall(ids, rewardTo)) === 0n) continue;
    } catch (error) {
      if (!isRevert(error)) throw error;
      log.warn({ ids: ids.map(String), reason: describeError(error) }, "can't liquidate now");
      continue;
    }
    const gas = BASE_GAS + GAS_PER_POSITION * BigInt(ids.length);
    await sender.send(`liquidate ${ids.join(",")}`, gas, (overrides) =>
      market.liquidate(ids, rewardTo, overrides),
    );
  }
}

/**
 * Which of `ids` are liquidatable. The transaction itself, simulated, tells cheapest that none of a page is; only pages
 * with hits are looked at one by one.
 */
async function liquidatable(
  { contracts, book, rewardTo, sender, log }: JobContext,
  ids: readonly bigint[],
): Promise<bigint[]> {
  const found: { id: bigint; deficit: bigint }[] = [];
  const countHits = async (page: readonly bigint[]): Promise<bigint> => {
    try {
      return await contracts.market.liquidate.staticCall([...page], rewardTo, {
        from: sender.wallet.address,
      });
    } catch (error) {
      if (!isRevert(error)) throw error;
      const reason = describeError(error);
      // Without a fresh price nothing can be liquidated; any other revert is looked at position by position.
      if (reason.startsWith("Oracle")) return 0n;
      log.warn({ positions: page.length, reason }, "can't simulate a whole page");
      return BigInt(page.length);
    }
  };
  for (let i = 0; i < ids.length; i += PAGE) {
    const page = ids.slice(i, i + PAGE);
    const hits = await countHits(page);
    if (hits === 0n) continue;
    for (const view of await contracts.lens.positions(contracts.addresses.market, page)) {
      if (!view.exists) book.positions.delete(view.id);
      else if (view.liquidatable && view.priceIsFresh) {
        found.push({ id: view.id, deficit: view.maintenanceMargin - view.equity });
      }
    }
  }
  return found
    .sort((a, b) => (b.deficit > a.deficit ? 1 : b.deficit < a.deficit ? -1 : 0))
    .map(({ id }) => id);
}
