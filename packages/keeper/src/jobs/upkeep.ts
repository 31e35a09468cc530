import { describeError, isRevert } from "@bulkhead/sdk";
import type { JobContext } from "./due.ts";

/** Positions asked for in one view call. */
const PAGE = 200;

/** Positions reduced in one transaction, and the gas for them. */
const BATCH = 20;
const BASE_GAS = 300_000n;
const GAS_PER_POSITION = 300_000n;
const OUTAGE_GAS = 300_000n;
const ACCRUAL_GAS = 200_000n;
const REDEMPTION_GAS = 500_000n;

/**
 * Keeps the market's state true: outages noted and ended, redemptions of the pool fulfilled when they are due, sides
 * brought down from profits that are too large.
 */
export async function keepUp(context: JobContext, now: number): Promise<void> {
  const { contracts, sender } = context;
  const status = await contracts.lens.status(contracts.addresses.market);
  const over = status.outage && (status.resumesAt === 0n || status.resumesAt <= BigInt(now));
  // One that an earlier outage has left running does not count for this one.
  if (status.priceIsFresh ? over : !status.outage || status.resumesAt !== 0n) {
    await noteOutage(context);
  }
  if (!status.priceIsFresh) return;
  // Else the next trade would be held against a price of long ago.
  if (status.accrualDue) {
    const market = contracts.market.connect(sender.wallet);
    await sender.send("accrue", ACCRUAL_GAS, (overrides) => market.accrue(overrides));
  }
  if (status.longDeleveragingDue) await deleverage(context, true);
  if (status.shortDeleveragingDue) await deleverage(context, false);
  if (await contracts.liquidityVault.isFulfillable()) await fulfil(context);
}

/** Notes that an outage has begun or ended, if the oracle says that it is one. */
async function noteOutage({ contracts, sender, log }: JobContext): Promise<void> {
  const market = contracts.market.connect(sender.wallet);
  try {
    await market.noteOutage.staticCall();
  } catch (error) {
    if (!isRevert(error)) throw error;
    log.debug({ reason: describeError(error) }, "no outage to note");
    return;
  }
  await sender.send("note the outage", OUTAGE_GAS, (overrides) => market.noteOutage(overrides));
}

/** Redeems the batch of the pool that is due. */
async function fulfil({ contracts, sender, log }: JobContext): Promise<void> {
  const vault = contracts.liquidityVault.connect(sender.wallet);
  try {
    await vault.fulfillRedeems.staticCall();
  } catch (error) {
    if (!isRevert(error)) throw error;
    log.warn({ reason: describeError(error) }, "can't fulfil redemptions now");
    return;
  }
  await sender.send("fulfil redemptions", REDEMPTION_GAS, (overrides) => vault.fulfillRedeems(overrides));
}

/** Reduces positions of a side, those with the highest return first, until it is at its target. */
async function deleverage(context: JobContext, isLong: boolean): Promise<void> {
  const { contracts, sender, log } = context;
  const ids = (await winners(context, isLong)).slice(0, BATCH);
  const market = contracts.market.connect(sender.wallet);
  try {
    if ((await market.deleverage.staticCall(isLong, ids)) === 0n) return;
  } catch (error) {
    if (!isRevert(error)) throw error;
    log.warn({ isLong, reason: describeError(error) }, "can't deleverage now");
    return;
  }
  const gas = BASE_GAS + GAS_PER_POSITION * BigInt(ids.length);
  await sender.send(`deleverage ${isLong ? "longs" : "shorts"} ${ids.join(",")}`, gas, (overrides) =>
    market.deleverage(isLong, ids, overrides),
  );
}

/** Winning positions of a side by their return, highest first. */
async function winners({ contracts, book }: JobContext, isLong: boolean): Promise<bigint[]> {
  const found: { id: bigint; pnl: bigint; entryNotional: bigint }[] = [];
  const ids = [...book.positions];
  for (let i = 0; i < ids.length; i += PAGE) {
    for (const v of await contracts.lens.positions(contracts.addresses.market, ids.slice(i, i + PAGE))) {
      if (v.size > 0n === isLong && v.pnl > 0n)
        found.push({ id: v.id, pnl: v.pnl, entryNotional: v.entryNotional });
    }
  }
  const higher = (a: (typeof found)[number], b: (typeof found)[number]): number => {
    const [x, y] = [a.pnl * b.entryNotional, b.pnl * a.entryNotional];
    return x > y ? -1 : x < y ? 1 : 0;
  };
  return found.sort(higher).map(({ id }) => id);
}
