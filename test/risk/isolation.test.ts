import { connectMarket, encodeRoundProof, parseOrderEvent, type MarketContracts } from "@bulkhead/sdk";
import { expect } from "chai";
import { MaxUint256, type Signer } from "ethers";
import { deployMarket } from "../../deploy/deploy.ts";
import { deployLocalExternals } from "../../deploy/local.ts";
import type { HistoryAggregator } from "../../typechain-types/index.ts";
import { mined, openMarket, WAD, type Desk } from "../shared/market.ts";

/** Seconds between two steps of the second market; the first one's go in between. */
const STEP = 10_000;

interface Venue {
  readonly contracts: MarketContracts;
  readonly aggregator: HistoryAggregator;
  round: bigint;
}

/** A market beside the desk's own, on the same token, with its own feed at `dollars`. */
async function openAnother(desk: Desk, symbol: string, dollars: bigint, changes: object): Promise<Venue> {
  const { operator, token, file, networkHelpers, lp, unit } = desk;
  const now = await networkHelpers.time.latest();
  const externals = await deployLocalExternals(
    operator,
    { round: 1n, answer: dollars * 10n ** 8n, startedAt: now, updatedAt: now },
    { token, feedDecimals: 8 },
  );
  const market = { ...file, symbol, market: { ...file.market, ...changes } };
  const { addresses } = await deployMarket(operator, market, externals);
  const contracts = connectMarket(addresses, operator);
  for (const account of [operator, lp, desk.alice, desk.bob, desk.stranger]) {
    for (const spender of [addresses.marginVault, addresses.liquidityVault, addresses.insuranceFund])
      await token.connect(account).approve(spender, MaxUint256);
  }
  await contracts.liquidityVault.connect(lp).deposit(20_000_000n * unit, lp);
  await contracts.insuranceFund.donate(100_000n * unit);
  return { contracts, aggregator: externals.aggregator, round: 1n };
}

async function push(desk: Desk, venue: Venue, dollars: bigint): Promise<string> {
  const at = await desk.networkHelpers.time.latest();
  venue.round += 1n;
  await venue.aggregator.push(venue.round, dollars * 10n ** 8n, at, at);
  return encodeRoundProof((6n << 64n) | venue.round);
}

/** Commits, waits for the fixing and settles; returns the position. */
async function trade(
  desk: Desk,
  venue: Venue,
  account: Signer,
  wish: { positionId?: bigint; sizeDelta?: bigint; collateral?: bigint },
  dollars: bigint,
): Promise<bigint> {
  const { orderBook, market } = venue.contracts;
  const held = (await market.position(wish.positionId ?? 0n)).size;
  const sells = (wish.sizeDelta ?? 0n) < 0n || (wish.sizeDelta === undefined && held > 0n);
  const request = {
    positionId: 0n,
    sizeDelta: 0n,
    collateral: 0n,
    acceptablePrice: sells ? 0n : MaxUint256,
    executionFee: desk.file.orders.minExecutionFee,
    deadline: (await orderBook.earliestDeadline()) + 3_600n,
    ...wish,
  };
  const receipt = await mined(orderBook.connect(account).commit(request));
  const committed = receipt.logs.map((log) => parseOrderEvent(log)).find((e) => e?.kind === "committed");
  if (committed?.kind !== "committed") throw new Error("no order was committed");
  await desk.networkHelpers.time.increase(40);
  const proof = await push(desk, venue, dollars);
  await mined(orderBook.connect(desk.keeper).settle(committed.order, proof, desk.keeper));
  return committed.order.positionId;
}

/** All that a market holds and owes, and what its traders have. */
async function balances(desk: Desk, { contracts }: Venue): Promise<readonly bigint[]> {
  const { marginVault, liquidityVault, insuranceFund, market, addresses } = contracts;
  const { token, stranger, lp, keeper } = desk;
  const [long, short] = [await market.side(true), await market.side(false)];
  const ids = (await contracts.lens.idsOf(market, 0, 100)).ids;
  return [
    await token.balanceOf(addresses.marginVault),
    await token.balanceOf(addresses.liquidityVault),
    await token.balanceOf(addresses.insuranceFund),
    await marginVault.totalBalance(),
    await marginVault.totalClaim(),
    await liquidityVault.poolAssets(),
    await liquidityVault.balanceOf(lp),
    await insuranceFund.available(),
    await marginVault.claimOf(keeper),
    ...long,
    ...short,
    ...(await market.carry()),
    await token.balanceOf(stranger),
    ...(await Promise.all(ids.map((id) => marginVault.balanceOf(id)))),
    ...(await Promise.all(ids.map(async (id) => (await market.position(id)).entryNotional))),
  ];
}

/** A day in the second market, with or without a disaster in the first. Returns its balances after every step. */
async function day(withDisaster: boolean): Promise<(readonly bigint[])[]> {
  const desk = await openMarket();
  const { unit, stranger, networkHelpers } = desk;
  const free = { maxBorrowRate: 0n, maxFundingRate: 0n, maxFundingVelocity: 0n };
  const doomed = await openAnother(desk, "PUMP/USD", 10n, {
    ...free,
    maxPayoutShare: WAD,
    takerFee: 0n,
    makerFee: 0n,
    maxPremium: 0n,
    depth: 10_000_000n * WAD,
  });
  const other = await openAnother(desk, "BTC/USD", 30_000n, {});
  const start = (await networkHelpers.time.latest()) + 1_000;
  const seen: (readonly bigint[])[] = [];
  let step = 0;
  const next = async (): Promise<void> => {
    seen.push(await balances(desk, other));
    step += 1;
    await networkHelpers.time.increaseTo(start + step * STEP);
  };

  await next();
  const long = await trade(desk, other, stranger, { sizeDelta: WAD, collateral: 3_000n * unit }, 30_000n);
  await next();
  const winners = withDisaster ? await enter(desk, doomed) : [];
  await next();
  const short = await trade(
    desk,
    other,
    stranger,
    { sizeDelta: -2n * WAD, collateral: 2_500n * unit },
    30_300n,
  );
  await next();
  if (withDisaster) {
    await push(desk, doomed, 100n);
    await drain(desk, doomed, winners);
  }
  await next();
  await push(desk, other, 31_500n);
  await other.contracts.market.liquidate([long, short], desk.keeper);
  await next();
  await trade(desk, other, stranger, { positionId: long }, 29_000n);
  await next();
  return seen;
}

/** Two traders fill the side of a market. */
async function enter(desk: Desk, venue: Venue): Promise<bigint[]> {
  const wish = { sizeDelta: 790_000n * WAD, collateral: 3_000_000n * desk.unit };
  return [await trade(desk, venue, desk.alice, wish, 10n), await trade(desk, venue, desk.bob, wish, 10n)];
}

/** The price stands ten times as high: both take what there is, and the pool is empty to the last unit. */
async function drain(desk: Desk, venue: Venue, [first, second]: readonly bigint[]): Promise<void> {
  const { liquidityVault, lens, market } = venue.contracts;
  const before = await liquidityVault.poolAssets();
  expect(before).to.be.greaterThanOrEqual(20_000_000n * desk.unit);
  await trade(desk, venue, desk.alice, { positionId: first! }, 100n);
  // Half of the side's profit, so half of what there is: who comes first gets no more than who comes last.
  expect(await liquidityVault.poolAssets()).to.be.closeTo(before / 2n, desk.unit);
  await trade(desk, venue, desk.bob, { positionId: second! }, 100n);
  expect(await liquidityVault.poolAssets()).to.equal(0n);
  const { solvent, netAssetValue } = await lens.solvency(market);
  expect([solvent, netAssetValue]).to.deep.equal([true, 0n]);
}

describe("one market beside another", () => {
  it("is untouched to the unit when the other is drained to the last by a tenfold price", async () => {
    const [quiet, drained] = [await day(false), await day(true)];
    expect(quiet.length).to.equal(drained.length);
    for (const [step, expected] of quiet.entries())
      expect(drained[step], `step ${step}`).to.deep.equal(expected);
    // Something did happen there: positions opened, one was liquidated, one closed.
    expect(new Set(quiet.map((values) => values.join())).size).to.be.greaterThan(4);
  });
});
