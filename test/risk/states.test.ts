import { expect } from "chai";
import { AccessManager__factory } from "../../typechain-types/index.ts";
import { RISK_ADMIN } from "../../deploy/governance.ts";
import { openMarket, orderEvents, protocol, WAD, type Desk } from "../shared/market.ts";

const SIZE = 10n * WAD;
const LP_SHARES = 10n ** 15n;
const NORMAL = 0n;
const ELEVATED = 1n;
const HALTED = 2n;

/** Opens the desk and a position each for Alice (a long with much margin) and Bob (a short with little). */
async function openDesk() {
  const desk = await openMarket();
  const { trade, alice, bob, unit, liquidityVault, lp, push, networkHelpers, file } = desk;
  // Money to claim, a batch to fulfil, and in the one after it a request to cancel.
  const vault = liquidityVault.connect(lp);
  await vault.requestRedeem(LP_SHARES, lp, lp);
  await networkHelpers.time.increase(file.pool.redemptionPeriod);
  await push(2_000n);
  await vault.fulfillRedeems();
  await vault.requestRedeem(LP_SHARES, lp, lp);
  await vault.requestRedeem(LP_SHARES, bob, lp);
  await networkHelpers.time.increase(file.pool.redemptionPeriod);
  await push(2_000n);
  const { id: safe } = await trade(alice, { sizeDelta: SIZE, collateral: 15_000n * unit });
  const { id: risky } = await trade(bob, { sizeDelta: -SIZE, collateral: 2_600n * unit });
  return { ...desk, safe, risky };
}

type RiskDesk = Awaited<ReturnType<typeof openDesk>>;

/** A state of the market: how it comes about, and the price it leaves. */
interface MarketState {
  readonly name: string;
  readonly enter: (desk: RiskDesk) => Promise<void>;
  readonly price: bigint;
  /** What must not go through in it; all else must. */
  readonly refused: readonly ActionName[];
}

const NEW_RISK = ["open", "increase"] as const;

const STATES: readonly MarketState[] = [
  { name: "normal", enter: async () => undefined, price: 2_000n, refused: [] },
  {
    name: "elevated",
    enter: async ({ push }) => void (await push(2_210n)),
    price: 2_210n,
    refused: [],
  },
  {
    name: "halted",
    enter: async ({ push }) => void (await push(2_240n).then(() => push(2_510n))),
    price: 2_510n,
    refused: NEW_RISK,
  },
  {
    name: "stopped by the guardian",
    enter: async ({ market }) => void (await market.stopNewRisk()),
    price: 2_000n,
    refused: NEW_RISK,
  },
  {
    name: "insolvent",
    enter: async ({ market, token, insuranceFund }) => {
      await token.burn(insuranceFund, 1n);
      await market.checkSolvency();
    },
    price: 2_000n,
    refused: NEW_RISK,
  },
  {
    name: "outage",
    enter: async ({ market, networkHelpers }) => {
      await networkHelpers.time.increase(5_000);
      await market.noteOutage();
    },
    price: 0n,
    // Without a price there is no verdict, and no share has a worth; orders wait for the next price, which ends it.
    refused: ["withdraw", "liquidate", "LP deposit", "LP redemption"],
  },
  {
    name: "grace period",
    enter: async ({ market, networkHelpers, push }) => {
      await networkHelpers.time.increase(5_000);
      await market.noteOutage();
      await push(2_000n);
      await market.noteOutage();
    },
    price: 2_000n,
    // Losses nobody may realise yet would be borne by who stays in the pool.
    refused: ["liquidate", "LP redemption"],
  },
];

/** What users and keepers do; each throws, or returns false, if it could not be done. */
const ACTIONS = {
  open: ({ trade, bob, unit }: RiskDesk, price: bigint) =>
    executed(trade(bob, { sizeDelta: WAD, collateral: 1_500n * unit }, price)),
  increase: ({ trade, alice, safe }: RiskDesk, price: bigint) =>
    executed(trade(alice, { positionId: safe, sizeDelta: WAD }, price)),
  decrease: ({ trade, alice, safe }: RiskDesk, price: bigint) =>
    executed(trade(alice, { positionId: safe, sizeDelta: -WAD }, price)),
  close: ({ trade, alice, safe }: RiskDesk, price: bigint) =>
    executed(trade(alice, { positionId: safe }, price)),
  "top up": async ({ market, stranger, risky, unit }: RiskDesk) =>
    void (await market.connect(stranger).addCollateral(risky, unit)),
  withdraw: async ({ market, alice, safe, unit }: RiskDesk) =>
    void (await market.connect(alice).removeCollateral(safe, unit)),
  liquidate: async (desk: RiskDesk, price: bigint) => {
    // The short becomes liquidatable wherever the price stands now.
    if (price !== 0n) await desk.push(price < 2_240n ? 2_240n : price);
    return (await desk.market.liquidate.staticCall([desk.risky], desk.keeper)) === 1n;
  },
  "cancel an order": async ({ orderBook, alice, safe, request, place }: RiskDesk & Placing) => {
    const order = await place(alice, { ...(await request({ positionId: safe })), limitPrice: 9_000n * WAD });
    await orderBook.connect(alice).cancel(order);
  },
  claim: async ({ marginVault, keeper }: RiskDesk) => {
    const owed = await marginVault.claimOf(keeper);
    expect(owed).to.be.greaterThan(0n);
    await marginVault.connect(keeper).claim(keeper, owed);
  },
  "LP deposit": async ({ liquidityVault, lp, unit }: RiskDesk) =>
    void (await liquidityVault.connect(lp).deposit(unit, lp)),
  "LP request": async ({ liquidityVault, lp }: RiskDesk) =>
    void (await liquidityVault.connect(lp).requestRedeem(10n ** 12n, lp, lp)),
  "LP cancellation": async ({ liquidityVault, bob }: RiskDesk) => {
    await liquidityVault.connect(bob).cancelRedeemRequest(0, bob);
    await liquidityVault.connect(bob).claimCancelRedeemRequest(0, bob, bob);
    expect(await liquidityVault.balanceOf(bob)).to.equal(LP_SHARES);
  },
  "LP redemption": async ({ liquidityVault }: RiskDesk) => void (await liquidityVault.fulfillRedeems()),
  "LP claim": async ({ liquidityVault, lp }: RiskDesk) => {
    const owed = await liquidityVault.maxWithdraw(lp);
    expect(owed).to.be.greaterThan(0n);
    await liquidityVault.connect(lp).withdraw(owed, lp, lp);
  },
} satisfies Record<string, (desk: RiskDesk & Placing, price: bigint) => Promise<boolean | void>>;

type ActionName = keyof typeof ACTIONS;

interface Placing {
  readonly place: (account: Desk["alice"], request: object) => Promise<never>;
}

describe("market states", () => {
  const table: Record<string, Record<string, string>> = {};

  for (const state of STATES) {
    it(`${state.name}: everyone can leave, top up, claim and cancel`, async () => {
      const desk = await openDesk();
      const placing = { ...desk, place: placer(desk) };
      await state.enter(desk);
      const row: Record<string, string> = {};
      for (const name of Object.keys(ACTIONS) as ActionName[]) {
        const { takeSnapshot } = desk.networkHelpers;
        const snapshot = await takeSnapshot();
        const price = state.price === 0n ? 2_000n : state.price;
        const done = await ACTIONS[name](placing, name === "liquidate" ? state.price : price).then(
          (result) => result !== false,
          (error: Error) => void (row[name] = shortReason(error)),
        );
        row[name] ??= done === true ? "yes" : "no";
        await snapshot.restore();
      }
      table[state.name] = row;
      for (const name of Object.keys(ACTIONS) as ActionName[]) {
        const isRefused = (state.refused as readonly string[]).includes(name);
        expect(row[name] === "yes", `${name} in ${state.name}: ${row[name]}`).to.equal(!isRefused);
      }
    });
  }

  after(() => {
    const names = Object.keys(ACTIONS);
    const width = Math.max(...STATES.map(({ name }) => name.length));
    const line = (first: string, cells: readonly string[]) =>
      `    ${first.padEnd(width)} | ${cells.map((cell, i) => cell.padEnd(names[i]!.length)).join(" | ")}`;
    console.log(line("state", names));
    for (const [name, row] of Object.entries(table)) {
      console.log(
        line(
          name,
          names.map((action) => (row[action] === "yes" ? "yes" : "-")),
        ),
      );
    }
  });
});

describe("the circuit breaker", () => {
  it("rises with the move against its anchor, and cools down", async () => {
    const { lens, market, push, networkHelpers, file } = await openMarket();
    const level = async () => (await lens.status(market)).level;
    await market.accrue();
    expect(await level()).to.equal(NORMAL);
    await push(2_190n);
    expect(await level()).to.equal(NORMAL);
    await push(2_201n);
    expect(await level()).to.equal(ELEVATED);
    await market.accrue();
    // It stays where it rose to, until the time is over, though the price comes back.
    await push(2_000n);
    expect(await level()).to.equal(ELEVATED);
    await push(1_490n);
    expect(await level()).to.equal(HALTED);
    await market.accrue();
    await networkHelpers.time.increase(file.market.coolDown - 60n);
    expect(await level()).to.equal(HALTED);
    await networkHelpers.time.increase(61n);
    await push(1_490n);
    expect(await level()).to.equal(NORMAL);
    await market.accrue();
    const { anchor } = await lens.status(market);
    expect(anchor).to.be.lessThanOrEqual(1_490n * WAD);
    expect(anchor).to.be.greaterThan((1_490n * WAD * 32_767n) / 32_768n);
  });

  it("asks more margin of new risk only", async () => {
    const desk = await openDesk();
    const { view, push, trade, stranger, unit, market, safe, alice, file } = desk;
    const calm = await view(safe);
    await push(1_790n);
    const elevated = await view(safe);
    const p = file.market;
    expect(elevated.initialMargin - elevated.maintenanceMargin).to.be.greaterThan(
      ((calm.initialMargin - calm.maintenanceMargin) * p.elevatedFactor) / WAD,
    );
    // Maintenance is that of a calm market.
    expect((elevated.maintenanceMargin * 2_000n) / 1_790n).to.be.closeTo(calm.maintenanceMargin, 2n);
    // 2.5 % was enough a moment ago; now 3 % and the reserve are needed.
    const thin = { sizeDelta: WAD, collateral: 55n * unit };
    const { outcome } = await trade(stranger, thin, 1_790n);
    expect(outcome).to.include({ kind: "failed" });
    const { withdrawable } = (await desk.lens.risk(market, [safe]))[0]!;
    await expect(
      market.connect(alice).removeCollateral(safe, withdrawable + unit),
    ).to.be.revertedWithCustomError(protocol, "InsufficientMargin");
  });
});

describe("outages", () => {
  it("are noted by anyone, and liquidations wait one grace period after them", async () => {
    const desk = await openDesk();
    const { market, networkHelpers, push, risky, keeper, lens, file, stranger } = desk;
    const { time } = networkHelpers;
    await expect(market.noteOutage()).to.be.revertedWithCustomError(protocol, "NoOutage");
    await time.increase(5_000);
    await expect(market.connect(stranger).noteOutage()).to.emit(market, "OutageNoted");
    await push(2_240n);
    expect((await desk.view(risky)).liquidatable).to.equal(true);
    expect((await lens.status(market)).resumesAt).to.equal(0n);
    // The first try starts the grace period, and liquidates nobody.
    await expect(market.connect(keeper).liquidate([risky], keeper)).to.emit(market, "OutageOver");
    const { resumesAt } = await lens.status(market);
    expect(resumesAt).to.equal(BigInt(await time.latest()) + file.market.gracePeriod);
    expect(await market.liquidate.staticCall([risky], keeper)).to.equal(0n);
    await market.connect(stranger).addCollateral(risky, desk.unit);
    await time.increaseTo(resumesAt);
    await market.connect(keeper).liquidate([risky], keeper);
    expect((await desk.view(risky)).liquidatable).to.equal(false);
    expect((await lens.status(market)).outage).to.equal(false);
    // Over: no second grace period.
    await expect(market.noteOutage()).to.be.revertedWithCustomError(protocol, "NoOutage");
  });
});

describe("insolvency", () => {
  it("stops new risk, lets everyone out, and is over when it is mended", async () => {
    const { market, lens, token, liquidityVault, trade, alice, safe, unit } = await openDesk();
    expect(await market.checkSolvency.staticCall()).to.equal(true);
    await token.burn(liquidityVault, unit);
    await expect(market.checkSolvency()).to.emit(market, "SolvencyChecked").withArgs(false);
    const status = await lens.status(market);
    expect([status.insolvent, status.reduceOnly]).to.deep.equal([true, true]);
    const { outcome } = await trade(alice, { positionId: safe });
    expect(outcome).to.include({ kind: "settled" });
    await token.mint(liquidityVault, unit);
    await expect(market.checkSolvency()).to.emit(market, "SolvencyChecked").withArgs(true);
    expect((await lens.status(market)).reduceOnly).to.equal(false);
  });
});

describe("insurance", () => {
  it("keeps its target and gives the pool what is beyond", async () => {
    const { insuranceFund, liquidityVault, stranger, file, unit } = await openMarket();
    expect(await insuranceFund.surplus()).to.equal(0n);
    await insuranceFund.releaseSurplus();
    const { insuranceTarget } = file.market;
    const missing = insuranceTarget - (await insuranceFund.available());
    await expect(insuranceFund.connect(stranger).donate(missing + 7n * unit))
      .to.emit(insuranceFund, "Donated")
      .withArgs(stranger.address, missing + 7n * unit);
    expect(await insuranceFund.surplus()).to.equal(7n * unit);
    const before = await liquidityVault.poolAssets();
    await expect(insuranceFund.releaseSurplus())
      .to.emit(insuranceFund, "SurplusReleased")
      .withArgs(7n * unit);
    expect(await insuranceFund.available()).to.equal(insuranceTarget);
    expect((await liquidityVault.poolAssets()) - before).to.equal(7n * unit);
  });
});

describe("deleveraging", () => {
  /** A thin pool against which three longs win: the early one the most, the late one the least. */
  async function rally() {
    const desk = await openMarket();
    const { liquidityVault, lp, leave, market, operator, bob, file } = desk;
    const manager = AccessManager__factory.connect(await market.authority(), operator);
    await manager.grantRole(RISK_ADMIN.id, bob, 0);
    // Carry is free and the breaker calm here, so that sums can be told by hand.
    await market.connect(bob).setParams({
      ...file.market,
      maxBorrowRate: 0n,
      maxFundingRate: 0n,
      maxFundingVelocity: 0n,
      elevatedMove: WAD,
      haltedMove: 10n * WAD,
    });
    const shares = await liquidityVault.balanceOf(lp);
    await leave(lp, (shares * 99n) / 100n);
    const { unit, trade, alice, stranger } = desk;
    const ids: bigint[] = [];
    for (const [account, dollars] of [
      [alice, 1_000n],
      [alice, 1_100n],
      [stranger, 1_400n],
    ] as const) {
      const wish = { sizeDelta: 30n * WAD, collateral: 30_000n * unit };
      ids.push((await trade(account, wish, dollars)).id);
    }
    const sidePnl = async () => (await desk.lens.solvency(market)).longPnl;
    const target = async () => ((await liquidityVault.poolAssets()) * file.market.adlTarget) / WAD;
    return { ...desk, ids, sidePnl, target };
  }

  it("is refused while a side's profit is below the trigger", async () => {
    const { market, ids, push } = await rally();
    await push(1_600n);
    await expect(market.deleverage(true, ids)).to.be.revertedWithCustomError(protocol, "DeleverageNotDue");
    await expect(market.deleverage(false, ids)).to.be.revertedWithCustomError(protocol, "DeleverageNotDue");
  });

  it("brings the side to its target and not past it, from those who gained most", async () => {
    const { market, ids, push, sidePnl, target, lens, view } = await rally();
    const [first, second, third] = ids as [bigint, bigint, bigint];
    await push(2_800n);
    expect((await lens.status(market)).longDeleveragingDue).to.equal(true);
    const before = await Promise.all(ids.map((id) => market.position(id)));
    const preview = await lens.deleveragePreview(market, true, [third, second, first]);
    expect(preview.due).to.equal(true);
    await expect(market.deleverage(true, [third, second, first, 99n])).to.emit(market, "PositionDeleveraged");
    const after = await Promise.all(ids.map((id) => market.position(id)));
    // The last one's return is below the side's: it is left alone though it was named first.
    expect(after[2]).to.deep.equal(before[2]);
    expect(after[1]!.size).to.be.lessThan(before[1]!.size);
    expect([...preview.closed]).to.deep.equal([
      0n,
      before[1]!.size - after[1]!.size,
      before[0]!.size - after[0]!.size,
    ]);
    expect(await sidePnl()).to.equal(preview.newSidePnl);
    // On the target, to the price of one unit of size and roundings.
    expect(await sidePnl()).to.be.greaterThanOrEqual(await target());
    expect(await sidePnl()).to.be.lessThanOrEqual((await target()) + 5n);
    expect((await view(third)).exists).to.equal(true);
    await expect(market.deleverage(true, ids)).to.be.revertedWithCustomError(protocol, "DeleverageNotDue");
  });

  it("pays at the index price into the position, without fee or impact", async () => {
    const { market, ids, push, marginVault } = await rally();
    const [first, second] = ids as [bigint, bigint];
    await push(2_800n);
    const before = await market.position(first);
    const held = await marginVault.balanceOf(first);
    const receipt = await (await market.deleverage(true, [second, first])).wait();
    const engine = await market.getAddress();
    const event = receipt!.logs
      .filter(({ address }) => address === engine)
      .map((log) => market.interface.parseLog(log))
      .find((log) => log?.name === "PositionDeleveraged" && log.args.positionId === first);
    const { closedSize, realised, carry } = event!.args as unknown as Record<string, bigint>;
    const share = (before.entryNotional * closedSize! + before.size - 1n) / before.size;
    const quote = (closedSize! * 2_800n) / 10n ** 12n;
    expect(event!.args.pnl).to.equal(quote - share);
    expect((await marginVault.balanceOf(first)) - held).to.equal(realised! - carry!);
  });
});

/** Whether a trade executed. */
async function executed(traded: Promise<{ outcome?: { kind: string } | undefined }>): Promise<boolean> {
  const { outcome } = await traded;
  return outcome?.kind === "settled";
}

function placer({ orderBook }: RiskDesk) {
  return async (account: Desk["alice"], request: object) => {
    const resting = {
      limitPrice: 0n,
      stopPrice: 0n,
      trail: 0n,
      trailIsRatio: false,
      reduceOnly: true,
      beyondLiquidation: false,
      ...request,
    };
    const tx = await orderBook.connect(account).place(resting as never);
    const placed = orderEvents((await tx.wait())!).find((event) => event.kind === "placed");
    if (placed?.kind !== "placed") throw new Error("nothing was placed");
    return placed.order as never;
  };
}

function shortReason(error: Error): string {
  return /'(\w+)\(/.exec(error.message)?.[1] ?? error.message.slice(0, 80);
}
