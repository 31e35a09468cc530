import { judge } from "@bulkhead/sdk";
import type { Random } from "../random.ts";
import { readReceipt } from "./receipts.ts";
import { foresee, type Action, type Consequence, type Moment } from "./actions.ts";
import type { World } from "./world.ts";

const WAD = 10n ** 18n;
const START = 2_000n * WAD;
const MAX_UINT256 = (1n << 256n) - 1n;
const DAY = 86_400n;
const GUARDED = 4n;
/** Lowest and highest price the feed's oracle believes, wad. */
const [LOWEST, HIGHEST] = [20n * WAD, 900_000n * WAD];
const MOST_POSITIONS = 10;

/** An action as it went on the chain: everything before it, and everything after. */
export interface Step extends Consequence {
  readonly action: Action;
  /** Block time of the action, seconds. */
  readonly time: bigint;
  readonly before: Moment;
}

/**
 * Walks a market through `count` random actions, each a transaction: trades at random prices, collateral, liquidations,
 * deposits and redemptions, with prices and time moving between them. Yields what was before and after each.
 */
export async function* walk(world: World, random: Random, count: number): AsyncGenerator<Step> {
  let latest = await world.read([]);
  for (let done = 0; done < count;) {
    const onEdge = !random.oneIn(3) && (await drift(world, random, latest));
    const guarded = (latest.state.carry.flags & GUARDED) !== 0n;
    if (random.oneIn(guarded ? 4 : 12)) await disturb(world, random, latest);
    const before = await world.read(latest.positions.map(({ id }) => id));
    latest = { ...before, positions: before.positions.filter(({ owner }) => BigInt(owner) !== 0n) };
    const action = onEdge && random.oneIn(2) ? liquidateAll(latest) : await choose(world, random, latest);
    if (action === undefined) continue;
    const step = await perform(world, latest, action, random.between(1n, 20n));
    latest = step.after;
    done += 1;
    yield step;
  }
}

/**
 * Lets time pass and the price move: mostly a little, at times a lot, or to where a position is just liquidatable or just
 * not. Tells whether it is that.
 */
async function drift(world: World, random: Random, latest: Moment): Promise<boolean> {
  const { fulfillableFrom } = latest.state.pool;
  const toBatch = fulfillableFrom - world.now();
  const elapsed =
    toBatch > 0n && random.oneIn(12)
      ? toBatch
      : random.oneIn(10)
        ? random.between(1n, DAY)
        : random.between(1n, 1_800n);
  const price = latest.state.price === 0n ? START : latest.state.price;
  const most = random.oneIn(80) ? 5_000n : random.oneIn(5) ? 10n * world.swing : world.swing;
  const open = latest.positions.filter(({ size }) => size !== 0n);
  const edge =
    open.length === 0 || !random.oneIn(5) ? 0n : judge(latest.state, random.pick(open)).liquidationPrice;
  const onEdge = edge > (price * 4n) / 5n && edge < (price * 6n) / 5n;
  const next = onEdge
    ? edge + random.uniform(-(edge / 400n), edge / 400n)
    : (price * (10_000n + random.uniform(-most, most))) / 10_000n;
  await world.observe(next < LOWEST || next > HIGHEST ? START : next, elapsed);
  return onEdge;
}

/** What happens in a market beside the actions: the guardian, gifts, surplus, deleveraging, outages, money brought home. */
async function disturb(world: World, random: Random, { state, positions }: Moment): Promise<void> {
  const { contracts, accounts, unit } = world;
  const { market, liquidityVault, insuranceFund, marginVault } = contracts;
  const call = async (at: { target: unknown }, data: string, from = accounts.operator): Promise<void> => {
    await world.send(from, String(at.target), data, 1n);
  };
  if ((state.carry.flags & GUARDED) !== 0n)
    return call(market, market.interface.encodeFunctionData("resumeNewRisk"), accounts.lp);
  switch (random.below(8)) {
    case 0:
      return call(market, market.interface.encodeFunctionData("stopNewRisk"));
    case 1:
      return call(
        insuranceFund,
        insuranceFund.interface.encodeFunctionData("donate", [random.between(1n, 20_000n * unit)]),
      );
    case 2:
      return call(insuranceFund, insuranceFund.interface.encodeFunctionData("releaseSurplus"));
    case 3:
      return call(insuranceFund, insuranceFund.interface.encodeFunctionData("collect"));
    case 4:
      return call(liquidityVault, liquidityVault.interface.encodeFunctionData("collect"));
    case 5:
      return call(market, market.interface.encodeFunctionData("noteOutage"));
    case 6:
      return call(
        marginVault,
        marginVault.interface.encodeFunctionData("fund", [
          await liquidityVault.getAddress(),
          random.between(1n, 1_000n * unit),
        ]),
      );
    default:
      return call(
        market,
        market.interface.encodeFunctionData("deleverage", [random.oneIn(2), positions.map(({ id }) => id)]),
      );
  }
}

/** Sends an action and reads what it left. */
export async function perform(world: World, before: Moment, action: Action, elapsed: bigint): Promise<Step> {
  const { from, to, data } = await callOf(world, action);
  const sent = await world.send(from, to, data, elapsed);
  const opened = action.kind === "reserve" ? [before.state.nextPositionId] : [];
  const ids = [...before.positions.map(({ id }) => id), ...opened];
  const after = await world.read(ids);
  // Whether the price was fresh is a matter of the action's own time.
  const { priceIsFresh } = after.state;
  const live = after.positions.filter(({ owner }) => BigInt(owner) !== 0n);
  return {
    action,
    time: world.now(),
    before: { ...before, state: { ...before.state, priceIsFresh } },
    after: { ...after, positions: live },
    outcome: readReceipt(world.contracts, action, sent),
  };
}

async function callOf(
  { contracts, accounts }: World,
  action: Action,
): Promise<{ readonly from: string; readonly to: string; readonly data: string }> {
  const { market, liquidityVault, addresses } = contracts;
  const { trader, lp, keeper } = accounts;
  const pool = (from: string, data: string) => ({ from, to: addresses.liquidityVault, data });
  const engine = (from: string, data: string) => ({ from, to: addresses.market, data });
  switch (action.kind) {
    case "reserve":
      return engine(
        addresses.orderBook,
        market.interface.encodeFunctionData("reserve", [action.owner, action.owner, action.collateral]),
      );
    case "trade": {
      const trade = {
        keepsReserved: false,
        ...action.trade,
        positionId: action.id,
        owner: trader,
        feeTo: keeper,
      };
      return engine(addresses.orderBook, market.interface.encodeFunctionData("execute", [trade]));
    }
    case "collateral":
      return engine(
        trader,
        action.delta < 0n
          ? market.interface.encodeFunctionData("removeCollateral", [action.id, -action.delta])
          : market.interface.encodeFunctionData("addCollateral", [action.id, action.delta]),
      );
    case "liquidate":
      return engine(keeper, market.interface.encodeFunctionData("liquidate", [[...action.ids], keeper]));
    case "deposit":
      return pool(lp, liquidityVault.interface.encodeFunctionData("deposit", [action.amount, lp]));
    case "mint":
      return pool(lp, liquidityVault.interface.encodeFunctionData("mint", [action.amount, lp]));
    case "requestRedeem":
      return pool(lp, liquidityVault.interface.encodeFunctionData("requestRedeem", [action.amount, lp, lp]));
    case "claim":
      return pool(lp, liquidityVault.interface.encodeFunctionData("redeem", [action.amount, lp, lp]));
    case "fulfillRedeems":
      return pool(keeper, liquidityVault.interface.encodeFunctionData("fulfillRedeems"));
    case "accrue":
      return engine(keeper, market.interface.encodeFunctionData("accrue"));
  }
}

/** What an action came to, by name: one that is done to several positions has several. */
export function outcomesOf({ action, outcome, before, time }: Step): string[] {
  if (outcome.refusal !== undefined) return [`${action.kind} ${outcome.refusal.name}`];
  switch (action.kind) {
    case "trade":
      return [`trade ${foresee(before, action, time).outcome.failure}`];
    case "collateral":
      return [`collateral ${action.delta > 0n ? "in" : "out"}`];
    case "liquidate":
      return outcome.receipts!.flatMap(({ newSize, badDebt, rewardFromInsurance }) => [
        newSize === 0n ? "liquidated whole" : "liquidated in part",
        ...(badDebt === 0n ? [] : ["bad debt"]),
        ...(rewardFromInsurance === 0n ? [] : ["reward from insurance"]),
      ]);
    case "reserve":
    case "deposit":
    case "mint":
    case "requestRedeem":
    case "fulfillRedeems":
    case "claim":
    case "accrue":
      return [action.kind];
  }
}

/* CHOICES */

function liquidateAll({ positions }: Moment): Action {
  return { kind: "liquidate", ids: positions.map(({ id }) => id) };
}

async function choose(world: World, random: Random, before: Moment): Promise<Action | undefined> {
  const { positions, state } = before;
  const open = positions.filter(({ size }) => size !== 0n);
  const waiting = positions.find(({ size }) => size === 0n);
  if (state.price === 0n) return undefined;
  if (waiting !== undefined && !random.oneIn(8))
    return { kind: "trade", id: waiting.id, trade: openingTrade(random, before, waiting.collateral) };
  if (positions.length < 3 || (positions.length < MOST_POSITIONS && random.oneIn(5)))
    return { kind: "reserve", owner: world.accounts.trader, collateral: money(random, before, world.unit) };
  switch (random.below(12)) {
    case 0:
    case 1:
    case 2: {
      if (open.length === 0) return undefined;
      const position = random.pick(open);
      return { kind: "trade", id: position.id, trade: laterTrade(random, before, position.size) };
    }
    case 3:
    case 4:
      return chooseCollateral(random, before, world.unit);
    case 5:
    case 6:
      return { kind: "liquidate", ids: positions.filter(() => !random.oneIn(5)).map(({ id }) => id) };
    case 7:
    case 8:
      return chooseEntry(random, before, world.unit);
    case 9:
    case 10:
      return random.oneIn(4)
        ? await chooseClaim(world, random)
        : random.oneIn(3)
          ? { kind: "requestRedeem", amount: 1n + random.between(0n, world.shares / 20n) }
          : { kind: "fulfillRedeems" };
    default:
      return { kind: "accrue" };
  }
}

/** An amount between ten tokens and a thirtieth of the pool, token units; seldom next to nothing. */
function money(random: Random, { state }: Moment, unit: bigint): bigint {
  if (random.oneIn(20)) return random.between(1n, 5n * unit);
  return random.between(10n * unit, (state.carry.poolCash + state.money.poolClaim) / 30n + 10n * unit);
}

function chooseEntry(random: Random, before: Moment, unit: bigint): Action {
  const amount = random.oneIn(10) ? random.between(0n, 2n) : money(random, before, unit);
  return random.oneIn(2) ? { kind: "deposit", amount } : { kind: "mint", amount: amount * 10n ** 6n };
}

/** Some of what has been redeemed, all of it, or more than there is. */
async function chooseClaim({ contracts, accounts }: World, random: Random): Promise<Action> {
  const { liquidityVault: vault } = contracts;
  const [shares, assets] = [await vault.maxRedeem(accounts.lp), await vault.maxWithdraw(accounts.lp)];
  return { kind: "claim", claimable: { shares, assets }, amount: random.between(0n, shares + 1n) };
}

function chooseCollateral(random: Random, before: Moment, unit: bigint): Action | undefined {
  const { positions } = before;
  if (positions.length === 0) return undefined;
  const { id, collateral } = random.pick(positions);
  if (random.oneIn(3)) return { kind: "collateral", id, delta: money(random, before, unit) / 10n + 1n };
  return { kind: "collateral", id, delta: -((collateral * BigInt(random.below(1_010))) / 1_000n + 1n) };
}

/** The trade that a waiting position is opened with: up to sixty times its collateral, at times far more. */
function openingTrade(random: Random, before: Moment, collateral: bigint) {
  const { price, quoteScale } = before.state;
  const leverage = random.oneIn(10) ? random.between(60n, 10_000n) : 5n + BigInt(random.below(40));
  const size = (collateral * leverage * quoteScale) / price + 1n;
  return tradeOf(random, before, random.oneIn(2) ? size : -size);
}

/** An increase, a decrease or a close. */
function laterTrade(random: Random, before: Moment, size: bigint) {
  if (random.oneIn(4)) return tradeOf(random, before, 0n, size < 0n);
  const part = (size * random.between(1n, 1_500n)) / 1_000n;
  return tradeOf(random, before, random.oneIn(3) ? part : -part);
}

/** A trade at a price near the index price. */
function tradeOf(random: Random, { state }: Moment, sizeDelta: bigint, buys = sizeDelta > 0n) {
  const { price, unit } = { price: state.price, unit: 10n ** 36n / state.quoteScale };
  const fixing = random.oneIn(3) ? price : (price * (10_000n + random.uniform(-200n, 200n))) / 10_000n;
  const limited = random.oneIn(6);
  return {
    sizeDelta,
    acceptablePrice: limited
      ? (fixing * (10_000n + random.uniform(-60n, 60n))) / 10_000n
      : buys
        ? MAX_UINT256
        : 0n,
    executionFee: random.between(0n, 3n * unit),
    price: fixing,
    indexPrice: price,
    indexIsFresh: state.priceIsFresh && !random.oneIn(25),
  };
}
