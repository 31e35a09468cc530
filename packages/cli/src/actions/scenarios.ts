import { scenarios, type Reading, type Scenario } from "@bulkhead/sdk";
import { Failure } from "../errors.ts";
import { showPercent, showPrice, signed } from "../present/numbers.ts";
import type { Paint } from "../present/paint.ts";
import { showResult, showStanding } from "../present/position.ts";
import { table, type Column } from "../present/table.ts";
import { exactWad, unitsOf } from "../present/units.ts";
import type { Session } from "../session.ts";

/** What open positions would be worth after each shock. */
export async function showScenarios(
  { market, out }: Session,
  { state, positions }: Reading,
  shocks: readonly bigint[],
): Promise<void> {
  const open = positions.filter(({ size }) => size !== 0n);
  if (open.length === 0) throw new Failure("there is no open position to shock");
  if (state.price === 0n) throw new Failure("the market has no price now");
  const units = unitsOf(market);
  const rows = scenarios(state, open, shocks);
  if (out.json)
    return out.data(
      rows.map((row) => ({
        shock: exactWad(row.shock),
        price: exactWad(row.price),
        pnl: units.exact(row.pnl),
        carryOwed: units.exact(row.carryOwed),
        equity: units.exact(row.equity),
        isolatedEquity: units.exact(row.isolatedEquity),
        ifClosed: units.exact(row.ifClosed),
        positions: row.positions.map(({ id, judgement }) => ({
          id: String(id),
          standing: judgement.standing,
          equity: units.exact(judgement.equity),
        })),
      })),
    );
  const { paint } = out.frame;
  const right = { align: "right" } as const;
  const columns: Column<Scenario>[] = [
    { title: "MOVE", ...right, cell: ({ shock }) => signed(shock, showPercent(shock, 1)) },
    { title: "PRICE", ...right, cell: ({ price }) => showPrice(price) },
    { title: "PNL", ...right, cell: ({ pnl }) => showResult(pnl, units, paint) },
    { title: "EQUITY", ...right, cell: ({ isolatedEquity }) => units.money(isolatedEquity) },
    { title: "IF CLOSED", ...right, cell: ({ ifClosed }) => units.money(ifClosed) },
    { title: "STANDING", cell: (row) => standingsOf(row, paint) },
  ];
  const ids = open.map(({ id }) => id).join(", ");
  out.print(`${market.symbol}, position${open.length === 1 ? "" : "s"} ${ids}, in ${units.symbol}`);
  out.print(table(columns, rows, out.frame));
}

/** One position's standing, or how many stand how. */
function standingsOf({ positions }: Scenario, paint: Paint): string {
  const counts = new Map<Scenario["positions"][number]["judgement"]["standing"], number>();
  for (const { judgement } of positions)
    counts.set(judgement.standing, (counts.get(judgement.standing) ?? 0) + 1);
  const all = [...counts];
  if (positions.length === 1) return showStanding(all[0]![0], paint);
  return all.map(([standing, count]) => `${count} ${showStanding(standing, paint)}`).join(", ");
}
