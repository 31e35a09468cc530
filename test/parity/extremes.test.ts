import { math } from "@bulkhead/sdk";
import { expect } from "chai";
import { network } from "hardhat";
import { createRandom, type Random } from "../../scripts/random.ts";
import { foresee, type Action, type Moment } from "../../scripts/vectors/actions.ts";
import { perform } from "../../scripts/vectors/walk.ts";
import { openWorld, type World } from "../../scripts/vectors/world.ts";
import { WORLDS } from "../../scripts/vectors/worlds.ts";

const STEPS = Number(process.env.EXTREME_STEPS ?? 150);
const SEED = Number(process.env.PREVIEW_SEED ?? 1);
const MAX_PRICE = 10n ** 30n;
const MAX_SIZE = (1n << 111n) - 1n;
const MAX_UINT256 = (1n << 256n) - 1n;
const WIDE = {
  depth: (1n << 112n) - 1n,
  maintenanceSlope: 5n * 10n ** 17n,
  initialSlope: 5n * 10n ** 17n,
  elevatedMove: 10n ** 18n,
  haltedMove: 10n ** 19n,
};
const YEAR = 31_536_000n;

const { unpack } = math.BreakerMath;

describe("previews at the ends of their ranges, against the transactions", () => {
  const seen = new Map<string, number>();
  const worlds = [
    "a thin pool with little insurance",
    "steep margins and dear carry, in a token of 18 decimals",
  ];
  for (const [i, name] of worlds.entries()) {
    it(`foresees ${STEPS} trades at prices of all magnitudes, sizes to the largest, and years between them: ${name}`, async function () {
      this.timeout(60_000 + STEPS * 400);
      const random = createRandom(SEED + i);
      const settings = WORLDS[name]!;
      const chain = await network.create();
      const world = await openWorld(chain, {
        ...settings,
        market: { ...settings.market, ...WIDE },
      });
      await world.observe(2_000n * 10n ** 18n, 60n);
      const start = await world.read([]);
      let snapshot: unknown = await chain.ethers.provider.send("evm_snapshot", []);
      let latest: Moment = start;
      // At lower prices the largest size is dust.
      const leastPrice = (10n ** 5n * world.unit * latest.state.quoteScale) / MAX_SIZE;
      let price = 2_000n * 10n ** 18n;
      for (let done = 0; done < STEPS; done += 1) {
        // A pool that has lost most of what it had begins anew.
        if (poolOf(latest.state) < poolOf(start.state) / 4n) {
          await chain.ethers.provider.send("evm_revert", [snapshot]);
          snapshot = await chain.ethers.provider.send("evm_snapshot", []);
          latest = await world.read([]);
          price = latest.state.price;
        }
        const moves = random.oneIn(5);
        // A breaker as wide as parameters let it be stops at ten times its anchor.
        if (moves) {
          const most = min(9n * unpack(latest.state.carry.anchor), MAX_PRICE);
          price = random.oneIn(2) ? most : min(magnitude(random, MAX_PRICE) + leastPrice, most);
        }
        const action = choose(world, random, latest, price);
        // By then the breaker takes the price as it is.
        const elapsed = moves ? random.between(YEAR / 40n, YEAR / 2n) : random.between(1n, 600n);
        latest = await compare(world, latest, action, elapsed);
      }
    });
  }

  it("has seen sizes to the largest, and why trades fail", () => {
    for (const what of ["None", "InsufficientMargin", "BelowMinimum", "OpenInterestCap"])
      expect(seen.get(`trade ${what}`) ?? 0, what).to.be.at.least(STEPS / 50);
    expect(seen.get("largest size") ?? 0).to.be.at.least(1);
  });

  it("foresees an index that has come to its bound, and goes on from there", async function () {
    this.timeout(60_000);
    const settings = WORLDS["steep margins and dear carry, in a token of 18 decimals"]!;
    const chain = await network.create();
    const world = await openWorld(chain, { ...settings, market: { ...settings.market, ...WIDE } });
    const start = 2_000n * 10n ** 18n;
    await world.observe(start, 60n);
    const owner = world.accounts.trader;
    let latest = await world.read([]);
    const act = async (action: Action, elapsed: bigint) =>
      (latest = await compare(world, latest, action, elapsed));
    const tradeAt = (price: bigint, sizeDelta: bigint) => ({
      ...{ sizeDelta, acceptablePrice: sizeDelta > 0n ? MAX_UINT256 : 0n, executionFee: 0n },
      ...{ price, indexPrice: price, indexIsFresh: true },
    });
    const openAt = async (price: bigint): Promise<bigint> => {
      const { nextPositionId: id, quoteScale } = latest.state;
      await act({ kind: "reserve", owner, collateral: 300_000n * world.unit }, 5n);
      const size = (300_000n * world.unit * quoteScale) / price;
      await act({ kind: "trade", id, trade: tradeAt(price, size) }, 4_000n);
      return id;
    };
    // At the highest price itself any impact of a buyer's would be above it.
    const highest = MAX_PRICE / 2n;
    // Whoever trades there tells the breaker so, and it takes the next price from where it is.
    let price = start;
    for (let steps = 0; price < highest && steps < 40; steps += 1) {
      price = min(9n * unpack(latest.state.carry.anchor), highest);
      await act({ kind: "trade", id: await openAt(price), trade: tradeAt(price, 0n) }, 5n);
    }
    await act({ kind: "trade", id: await openAt(highest), trade: tradeAt(highest, 0n) }, YEAR);
    expect(latest.positions).to.deep.equal([]);
    expect(latest.state.carry.longIndex).to.equal((1n << 95n) - 1n);
    await act({ kind: "accrue" }, YEAR);
    expect(latest.state.carry.longIndex).to.equal((1n << 95n) - 1n);
  });

  it("foresees redemptions cut to what is free, of a pool worth nothing, and of all its shares", async function () {
    this.timeout(60_000);
    const world = await openWorld(await network.create(), WORLDS["a thin pool with little insurance"]!);
    const { accounts, contracts, shares, unit } = world;
    const start = 2_000n * 10n ** 18n;
    await world.observe(start, 60n);
    let latest = await world.read([]);
    const act = async (action: Action, elapsed = 5n) => {
      const { state } = await world.read([]);
      return (latest = await compare(world, { ...latest, state }, action, elapsed));
    };
    const fulfil = async (price: bigint): Promise<bigint> => {
      const { supply, fulfillableFrom } = latest.state.pool;
      await world.observe(price, fulfillableFrom - world.now() + 1n);
      await act({ kind: "fulfillRedeems" });
      return supply - latest.state.pool.supply;
    };
    const trade = (sizeDelta: bigint, price: bigint) => ({
      ...{ sizeDelta, acceptablePrice: sizeDelta > 0n ? MAX_UINT256 : 0n, executionFee: 0n },
      ...{ price, indexPrice: price, indexIsFresh: true },
    });
    await act({ kind: "reserve", owner: accounts.trader, collateral: 20_000n * unit });
    await act({ kind: "trade", id: 1n, trade: trade(15n * 10n ** 18n, start) });
    // Some of the pool's money is its claim: to pay for shares it has to come home.
    const { marginVault, liquidityVault } = contracts;
    const gift = marginVault.interface.encodeFunctionData("fund", [liquidityVault.target, 9_000n * unit]);
    await world.send(accounts.operator, String(marginVault.target), gift, 1n);
    await act({ kind: "requestRedeem", amount: shares - 1n });
    const inPart = await fulfil(start);
    expect(inPart > 0n && inPart < shares - 1n, `${inPart} of ${shares}`).to.equal(true);
    // What the long has won is more than there is.
    expect(await fulfil(10n * start)).to.equal(0n);
    await act({ kind: "deposit", amount: 1_000n * unit });
    await act({ kind: "mint", amount: 10n ** 6n });
    await act({ kind: "trade", id: 1n, trade: trade(0n, start) });
    expect(await fulfil(start)).to.be.above(0n);
    while (latest.state.pool.batchShares !== 0n) await fulfil(start);
    const rest = latest.state.pool.supply;
    await act({ kind: "requestRedeem", amount: rest });
    await fulfil(start);
    expect(latest.state.pool.supply).to.equal(0n);
    await act({ kind: "deposit", amount: 1_000n * unit });
    for (const refused of ["deposit PoolInsolvent", "mint PoolInsolvent"])
      expect(seen.get(refused), refused).to.equal(1);
  });

  async function compare(world: World, before: Moment, action: Action, elapsed: bigint): Promise<Moment> {
    const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
    const step = await perform(world, before, action, elapsed);
    const said = foresee(step.before, action, step.time);
    expect(text(said.outcome.refusal), text(action)).to.equal(text(step.outcome.refusal));
    if (said.outcome.refusal !== undefined) count(`${action.kind} ${said.outcome.refusal.name}`);
    if (action.kind === "trade") count(`trade ${said.outcome.failure}`);
    if (step.after.positions.some(({ size }) => size === MAX_SIZE || size === -MAX_SIZE))
      count("largest size");
    expect(text(said.after), text(action)).to.equal(text(step.after));
    // An increase's event does not say what the pool could not pay of its carry; the position and the pool do.
    const { fill } = step.outcome;
    if (fill !== undefined) {
      const { realised } = said.outcome.fill!;
      expect(text(said.outcome.fill), text(action)).to.equal(
        text({ ...fill, ...(fill.pnl === 0n ? { realised } : {}) }),
      );
    }
    return step.after;
  }
});

/** Of any number of digits. */
function magnitude(random: Random, most: bigint): bigint {
  const digits = BigInt(random.below(String(most).length)) + 1n;
  const top = 10n ** digits;
  return random.between(1n, top < most ? top : most);
}

function choose(world: World, random: Random, { positions, state }: Moment, price: bigint): Action {
  const waiting = positions.find(({ size }) => size === 0n);
  const open = positions.filter(({ size }) => size !== 0n);
  const fixing = random.oneIn(3) ? magnitude(random, MAX_PRICE) : price;
  const trade = (sizeDelta: bigint, buys: boolean) => ({
    sizeDelta,
    acceptablePrice: buys ? MAX_UINT256 : 0n,
    executionFee: random.between(0n, 3n * world.unit),
    price: fixing,
    indexPrice: price,
    indexIsFresh: true,
  });
  if (waiting !== undefined) {
    const notional = random.oneIn(8) ? magnitude(random, MAX_PRICE) : waiting.collateral * 4n;
    const size = min((notional * state.quoteScale) / price + 1n, MAX_SIZE + BigInt(random.below(2)));
    const long = random.oneIn(2);
    return {
      kind: "trade",
      id: waiting.id,
      trade: { ...trade(long ? size : -size, long), price: random.oneIn(6) ? fixing : price },
    };
  }
  if (open.length < 4) {
    const collateral = random.between(15n * world.unit, poolOf(state) / 30n);
    return { kind: "reserve", owner: world.accounts.trader, collateral };
  }
  if (random.oneIn(8)) return { kind: "accrue" };
  const { id, size } = random.pick(open);
  const part = random.oneIn(3) ? 0n : (size * random.between(1n, 1_500n)) / 1_000n;
  const delta = random.oneIn(4) ? part : -part;
  return { kind: "trade", id, trade: trade(delta, delta === 0n ? size < 0n : delta > 0n) };
}

function poolOf({ carry, money }: Moment["state"]): bigint {
  return carry.poolCash + money.poolClaim;
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** Equal for equal values, readable where they differ. */
function text(value: unknown): string {
  return JSON.stringify(value, (_, x: unknown) => (typeof x === "bigint" ? x.toString() : x), 1);
}
