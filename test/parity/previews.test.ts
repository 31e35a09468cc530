import { carryAt, judge, lockedAssets, netAssetValue, type Judgement, type Standing } from "@bulkhead/sdk";
import { expect } from "chai";
import type { Result } from "ethers";
import { network } from "hardhat";
import { createRandom, type Random } from "../../scripts/random.ts";
import { foresee, type Action, type Outcome } from "../../scripts/vectors/actions.ts";
import { outcomesOf, perform, walk, type Step } from "../../scripts/vectors/walk.ts";
import { openWorld, type World } from "../../scripts/vectors/world.ts";
import { WORLDS } from "../../scripts/vectors/worlds.ts";

const STEPS = Number(process.env.PREVIEW_STEPS ?? 400);
const SEED = Number(process.env.PREVIEW_SEED ?? 1);
const WAD = 10n ** 18n;
const STANDINGS: readonly (Standing | "none")[] = [
  "none",
  "waiting",
  "healthy",
  "marginCall",
  "liquidatable",
  "bankrupt",
];

/** What a walk must have come by, or it proves less than it says: outcomes and how often at least. */
const EXPECTED: Readonly<Record<string, number>> = {
  reserve: 100,
  "trade None": 200,
  "trade Slippage": 10,
  "trade StalePrice": 5,
  "trade ReduceOnly": 10,
  "trade BelowMinimum": 5,
  "trade InsufficientMargin": 50,
  "trade OpenInterestCap": 1,
  "collateral in": 20,
  "collateral out": 10,
  "collateral InsufficientMargin": 10,
  "collateral InsufficientCash": 1,
  "liquidated whole": 30,
  "liquidated in part": 3,
  "bad debt": 10,
  "reward from insurance": 10,
  deposit: 20,
  mint: 20,
  "deposit ERC4626ExceededMaxDeposit": 1,
  requestRedeem: 20,
  fulfillRedeems: 10,
  "fulfillRedeems RedeemBatchNotDue": 10,
  claim: 5,
  "claim ERC4626ExceededMaxRedeem": 1,
  accrue: 20,
};

describe("previews of whole actions, against the transactions", () => {
  const seen = new Map<string, number>();

  for (const [i, [name, settings]] of Object.entries(WORLDS).entries()) {
    it(`foresees market, positions and money after ${STEPS} random actions, to the unit: ${name}`, async function () {
      this.timeout(60_000 + STEPS * 300);
      const random = createRandom(SEED + i);
      const world = await openWorld(await network.create(), settings);
      let done = 0;
      for await (const step of walk(world, random, STEPS)) {
        check(step);
        for (const key of outcomesOf(step)) seen.set(key, (seen.get(key) ?? 0) + 1);
        if ((done += 1) % 10 === 0) await checkViews(world, random, step);
      }
    });
  }

  it("has seen every kind of outcome", function () {
    if (STEPS < 400) this.skip();
    for (const [outcome, least] of Object.entries(EXPECTED))
      expect(seen.get(outcome) ?? 0, outcome).to.be.at.least(least);
  });

  it("foresees a profit cut to what the pool can pay", async () => {
    const world = await openWorld(
      await network.create(),
      WORLDS["profits cut, positions and deposits capped"]!,
    );
    const open = await openPosition(world, 40n * WAD, 20_000n * world.unit);
    await world.observe(3_500n * WAD, 60n);
    const before = await world.read([open]);
    const close = tradeAt(3_500n * WAD, 0n, 0n);
    const step = await perform(world, before, { kind: "trade", id: open, trade: close }, 5n);
    check(step);
    const { pnl, realised } = step.outcome.fill!;
    expect(realised < pnl, `${realised} of ${pnl}`).to.equal(true);
  });

  it("foresees liquidations that wait for the end of an outage and its grace period", async () => {
    const world = await openWorld(await network.create(), WORLDS["the market as it is deployed"]!);
    const { market, addresses } = world.contracts;
    const id = await openPosition(world, 40n * WAD, 3_000n * world.unit);
    const note = market.interface.encodeFunctionData("noteOutage");
    await world.send(world.accounts.keeper, addresses.market, note, 5_000n);
    await world.observe(1_950n * WAD, 60n);
    const liquidated: number[] = [];
    for (const elapsed of [5n, 300n, 301n]) {
      const step = await perform(world, await world.read([id]), { kind: "liquidate", ids: [id] }, elapsed);
      check(step);
      liquidated.push(step.outcome.receipts!.length);
    }
    expect(liquidated).to.deep.equal([0, 0, 1]);
  });

  /** Holds what the sdk says of an action against what became of it. */
  function check({ action, time, before, after, outcome }: Step): void {
    const said = foresee(before, action, time);
    const where = `${text(action)} at ${time} (PREVIEW_SEED=${SEED})`;
    expect(bare(told(action, said.outcome)), where).to.deep.equal(bare(told(action, outcome)));
    expect(text(said.after), where).to.equal(text(after));
  }

  /** Holds what the sdk says of a market and its positions at any price and time against the chain's views. */
  async function checkViews(world: World, random: Random, { after }: Step): Promise<void> {
    const { lens, market, liquidityVault, addresses } = world.contracts;
    const { state, positions } = await world.read(after.positions.map(({ id }) => id));
    if (state.price === 0n) return;
    const price = (state.price * (10_000n + random.uniform(-4_000n, 4_000n))) / 10_000n;
    const later = state.time + random.between(0n, 200_000n);
    const carry = plain(await market.carryIn(price, later));
    // The breaker follows nothing that has not happened.
    const { anchor, anchorAt, flags } = carry;
    expect(text({ ...carryAt(state, later, price), anchor, anchorAt, flags })).to.equal(text(carry));
    expect(netAssetValue(state, price, state.time)).to.equal(await liquidityVault.netAssetValue(price));
    expect(lockedAssets(state, price, state.time)).to.equal(await market.lockedAssets(price));
    const ids = positions.map(({ id }) => id);
    const views = random.oneIn(2)
      ? await lens.risk(addresses.market, ids)
      : await lens.riskAt(addresses.market, ids, price);
    views.forEach((view, k) => {
      const ours = judge(state, positions[k]!, state.time, view.position.price);
      expect(ours, text(positions[k])).to.deep.equal(judgementOf(view));
    });
  }
});

/** What both sides tell: a transaction that executes no trade doesn't say why, what it leaves behind is all the same. */
function told({ kind }: Action, { failure, ...rest }: Outcome): Outcome {
  return kind === "trade"
    ? { ...rest, fill: failure === "None" ? rest.fill : undefined }
    : { failure, ...rest };
}

/** The lens's view in the sdk's terms. */
function judgementOf(view: { readonly position: unknown }): Judgement {
  const all: Record<string, unknown> = { ...plain(view.position), ...plain(view) };
  const pick = (name: string): bigint => all[name] as bigint;
  return {
    standing: STANDINGS[Number(pick("state"))] as Standing,
    price: pick("price"),
    notional: pick("notional"),
    pnl: pick("pnl"),
    carryOwed: pick("carryOwed"),
    equity: pick("equity"),
    marginRatio: pick("marginRatio"),
    maintenanceMargin: pick("maintenanceMargin"),
    initialMargin: pick("initialMargin"),
    warningMargin: pick("warningMargin"),
    deficiency: pick("deficiency"),
    withdrawable: pick("withdrawable"),
    reducible: pick("reducible"),
    liquidationPrice: pick("liquidationPrice"),
    bankruptcyPrice: pick("bankruptcyPrice"),
  };
}

/** A position of the trader's, opened at the price of now. */
async function openPosition(world: World, size: bigint, collateral: bigint): Promise<bigint> {
  await world.observe(2_000n * WAD, 60n);
  const reserved = await perform(
    world,
    await world.read([]),
    { kind: "reserve", owner: world.accounts.trader, collateral },
    5n,
  );
  const { id } = reserved.after.positions[0]!;
  const trade = tradeAt(2_000n * WAD, size, (1n << 256n) - 1n);
  const opened = await perform(world, reserved.after, { kind: "trade", id, trade }, 5n);
  expect(opened.outcome.failure).to.equal("None");
  return id;
}

function tradeAt(price: bigint, sizeDelta: bigint, acceptablePrice: bigint) {
  return { sizeDelta, acceptablePrice, executionFee: 0n, price, indexPrice: price, indexIsFresh: true };
}

function plain(struct: unknown): Record<string, unknown> {
  return (struct as Result).toObject();
}

/** Without what is undefined. */
function bare(value: unknown): unknown {
  return JSON.parse(text(value));
}

/** Equal for equal values, readable where they differ. */
function text(value: unknown): string {
  return JSON.stringify(value, (_, x: unknown) => (typeof x === "bigint" ? x.toString() : x), 1);
}
