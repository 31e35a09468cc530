import { expect } from "chai";
import { network } from "hardhat";
import { foresee, type Moment, type Outcome } from "../../scripts/vectors/actions.ts";
import { createChoice } from "../../scripts/vectors/choice.ts";
import { walk, type Step } from "../../scripts/vectors/walk.ts";
import { openWorld } from "../../scripts/vectors/world.ts";
import { WORLDS } from "../../scripts/vectors/worlds.ts";

const STEPS = Number(process.env.PREVIEW_STEPS ?? 250);
const SEED = Number(process.env.PREVIEW_SEED ?? 1);

/** Readable, and equal for equal states. */
const text = (value: unknown): string =>
  JSON.stringify(value, (_, x: unknown) => (typeof x === "bigint" ? x.toString() : x), 1);

describe("previews of whole actions, against the transactions", () => {
  const seen = new Map<string, number>();

  for (const [i, [name, settings]] of Object.entries(WORLDS).entries()) {
    it(`${name}: market, positions and money after ${STEPS} random actions are what the sdk said`, async function () {
      this.timeout(30_000 + STEPS * 300);
      const world = await openWorld(await network.create(), settings);
      for await (const step of walk(world, createChoice(SEED + i), STEPS)) {
        count(step);
        check(step);
      }
    });
  }

  it("has seen every outcome", () => {
    console.log(Object.fromEntries([...seen].sort()));
  });

  function count({ action, outcome, before, time }: Step): void {
    const failure =
      outcome.failure ??
      (action.kind === "trade" ? foresee(before, action, time).outcome.failure : undefined);
    const keys = [[action.kind, outcome.refusal?.name ?? failure].filter(Boolean).join(" ")];
    for (const receipt of outcome.receipts ?? []) {
      keys.push(receipt.newSize === 0n ? "liquidated full" : "liquidated partial");
      for (const k of ["badDebt", "badDebtFromInsurance", "rewardFromInsurance", "rewardFromPool"] as const)
        if (receipt[k] !== 0n) keys.push("liq " + k);
    }
    if (outcome.fill?.badDebt) keys.push("fill badDebt");
    if (outcome.fill !== undefined && outcome.fill.pnl > 0n && outcome.fill.realised < outcome.fill.pnl)
      keys.push("haircut");
    for (const key of keys) seen.set(key, (seen.get(key) ?? 0) + 1);
  }

  function check({ action, time, before, after, outcome }: Step): void {
    const said = foresee(before, action, time);
    const where = `${text(action)} at ${time}`;
    const told =
      outcome.failure === undefined && action.kind === "trade"
        ? { ...outcome, failure: said.outcome.failure }
        : outcome;
    expect(text(tidy(said.outcome)), where).to.equal(text(tidy(told)));
    expect(text(sorted(said.after)), where).to.equal(text(sorted(after)));
  }

  const tidy = ({ refusal, failure, fill, receipts, assets, shares }: Outcome) => ({
    refusal,
    failure,
    fill,
    receipts,
    assets,
    shares,
  });
  const sorted = ({ state, positions }: Moment) => ({ state, positions });
});
