import { judge, type Explanation, type Judgement } from "@bulkhead/sdk";
import { UsageError } from "../errors.ts";
import { rounded, showPercent, showPrice, showSize } from "../present/numbers.ts";
import { positionJson, showEnd, showStanding, sideAndSize, viewPosition } from "../present/position.ts";
import { facts, stacked, type Fact } from "../present/table.ts";
import { exactWad, unitsOf, type Units } from "../present/units.ts";
import type { Session } from "../session.ts";
import { readOne } from "./positions.ts";

/** Every term of the verdict on positions. */
export async function explain(session: Session, ids: readonly bigint[]): Promise<void> {
  const { market, out } = session;
  if (ids.length === 0) throw new UsageError("--explain: which positions? Give their ids");
  const units = unitsOf(market);
  const all: unknown[] = [];
  for (const id of ids) {
    const { state, position } = await readOne(market, id);
    const said = await market.positions.explain(id);
    const judgement = judge(state, position);
    if (out.json)
      all.push({ ...positionJson(viewPosition(state, position), units), terms: termsJson(said, units) });
    else {
      const { paint } = out.frame;
      const title = `Position ${id}, ${sideAndSize(position.size)} ${units.base}`;
      out.print(`${paint("bold", title)}, ${showStanding(judgement.standing, paint)}`);
      out.print(`  ${paint("dim", `of ${position.owner}`)}`);
      out.print(facts(sumsOf(said, judgement, units), paint));
      out.print(facts(endOf(judgement, units), paint));
      out.print(`  ${verdict(said, units)}`);
    }
  }
  if (out.json) out.data(all);
}

/** Sums of equity and margin, one under the other. */
function sumsOf(said: Explanation, { marginRatio }: Judgement, units: Units): Fact[] {
  const { position, worth, cost, baseRatio, sizeRatio, reserve, warningMargin, elevated } = said;
  const { size, price, collateral, carryOwed, equity } = position;
  const isLong = size > 0n;
  const [gained, given] = isLong ? ["+", "-"] : ["-", "+"];
  const ratio = `${showPercent(baseRatio)} + ${showPercent(sizeRatio)} for its size`;
  const lines: readonly (readonly [
    name: string,
    amount?: bigint | undefined,
    remark?: string | undefined,
  ])[] = [
    ["Equity"],
    ["  collateral", collateral],
    [`${gained} worth of ${showSize(isLong ? size : -size)} at ${showPrice(price)}`, worth],
    [`${given} cost of its entry`, cost],
    ["- carry owed", carryOwed],
    ["= equity", equity],
    ["Margins"],
    ["  notional", position.notional],
    ["= maintenance margin", position.maintenanceMargin, `${ratio}, + ${units.money(reserve)} reserve`],
    ["  warning below", warningMargin],
    ["  for new risk", position.initialMargin, elevated ? "raised by the breaker" : undefined],
    ["  margin ratio", undefined, showPercent(marginRatio)],
  ];
  const amounts = stacked(
    lines.map(([, amount]) => (amount === undefined ? "" : rounded(amount, units.decimals, units.decimals))),
  );
  return lines.map(([name, amount, remark], i) => {
    if (amount === undefined) return remark === undefined ? [name] : [name, remark];
    return [name, remark === undefined ? amounts[i] : `${amounts[i]}  (${remark})`];
  });
}

function endOf(
  { liquidationPrice, bankruptcyPrice, withdrawable, deficiency, reducible }: Judgement,
  units: Units,
): Fact[] {
  return [
    ["Ends"],
    ["liquidation at", showEnd(liquidationPrice)],
    ["bankruptcy at", showEnd(bankruptcyPrice)],
    ["may be withdrawn", units.sum(withdrawable)],
    ...(deficiency === 0n ? [] : [["missing to be healthy", units.sum(deficiency)] as const]),
    ["may be closed in part", `up to ${showSize(reducible)} ${units.base}`],
  ];
}

function verdict({ position, warningMargin }: Explanation, units: Units): string {
  const { equity, maintenanceMargin } = position;
  const [sum, warning, least] = [equity, warningMargin, maintenanceMargin].map((amount) =>
    units.money(amount),
  );
  if (equity < 0n) return `Equity ${sum} is below zero: bankrupt.`;
  if (equity < maintenanceMargin)
    return `Equity ${sum} is below the maintenance margin ${least}: liquidatable.`;
  if (equity < warningMargin) return `Equity ${sum} is below the warning margin ${warning}: margin call.`;
  return `Equity ${sum} is at or above the warning margin ${warning}: healthy.`;
}

function termsJson(
  { worth, cost, index, entryIndex, baseRatio, sizeRatio, reserve, warningMargin, elevated }: Explanation,
  units: Units,
) {
  return {
    worth: units.exact(worth),
    cost: units.exact(cost),
    carryIndex: exactWad(index),
    entryCarryIndex: exactWad(entryIndex),
    baseRatio: exactWad(baseRatio),
    sizeRatio: exactWad(sizeRatio),
    reserve: units.exact(reserve),
    warningMargin: units.exact(warningMargin),
    elevated,
  };
}
