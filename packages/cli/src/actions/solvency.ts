import { math, type SolvencyReport, type StressReport } from "@bulkhead/sdk";
import type { Action } from "../action.ts";
import { EXIT, Failure } from "../errors.ts";
import { shocksOf } from "../parse.ts";
import { priceLine, viewMarket } from "../present/market.ts";
import { rounded, showPercent, showPrice, signed } from "../present/numbers.ts";
import type { Paint } from "../present/paint.ts";
import { stacked, table, type Column } from "../present/table.ts";
import { exactWad, unitsOf, type Units } from "../present/units.ts";

const { min } = math.FixedMath;

/** A line of the books: an amount with its sign in the sum, or whether the sum holds. */
interface Line {
  readonly text: string;
  readonly amount: bigint;
  readonly holds?: boolean;
}

interface Book {
  readonly title: string;
  readonly lines: readonly Line[];
}

/** `bulkhead solvency` */
export const showSolvency: Action<readonly [], { readonly stress?: true; readonly shocks: string }> = async (
  session,
  _,
  options,
) => {
  const { market, out } = session;
  const units = unitsOf(market);
  const shocks = options.stress === true ? shocksOf(options.shocks) : [];
  const [view, stress] = await Promise.all([
    viewMarket(market),
    shocks.length === 0 ? [] : market.stress(shocks),
  ]);
  const report = view.solvency;
  const code = report.solvent ? EXIT.ok : EXIT.failure;
  if (stress.some(({ price }) => price === 0n)) throw new Failure("--stress: the market has no price now");
  if (out.json) {
    out.data({ ...reportJson(report, units), stress: stress.map((row) => stressJson(row, units)) });
    return code;
  }
  const { paint } = out.frame;
  out.print(`${priceLine(view, paint)}, in ${units.symbol}`);
  out.print(printBooks(booksOf(report), units, paint));
  out.print(
    report.solvent
      ? paint("green", "\nSolvent: every vault holds what it owes, and the pool can pay its worst case.")
      : paint("red", "\nNOT SOLVENT: see the lines marked FAILS."),
  );
  if (stress.length > 0) out.print(`\n${table(stressColumns(units, paint), stress, out.frame)}`);
  return code;
};

/** The books: for each vault what it holds, less what it owes. */
function booksOf(s: SolvencyReport): Book[] {
  const inMargin = s.tokensInMarginVault - s.totalCollateral - s.totalClaims;
  const inPool = s.tokensInLiquidityVault - s.poolCash - s.poolReserved;
  const inInsurance = s.tokensInInsurance - s.insuranceReserve;
  const assets = s.poolCash + s.poolClaim;
  const carry = s.longCarry + s.shortCarry;
  const pnl = s.longPnl + s.shortPnl;
  const uncovered = min(s.totalCollateral - (carry - pnl), 0n);
  return [
    {
      title: "Margin vault",
      lines: [
        { text: "  tokens held", amount: s.tokensInMarginVault },
        { text: "- collateral of positions", amount: s.totalCollateral },
        { text: "- claims: pool, insurance, treasury, keepers", amount: s.totalClaims },
        { text: "= over", amount: inMargin, holds: inMargin >= 0n },
      ],
    },
    {
      title: "Liquidity vault",
      lines: [
        { text: "  tokens held", amount: s.tokensInLiquidityVault },
        { text: "- cash of the pool", amount: s.poolCash },
        { text: "- set aside for redeemed shares", amount: s.poolReserved },
        { text: "= over", amount: inPool, holds: inPool >= 0n },
      ],
    },
    {
      title: "Insurance fund",
      lines: [
        { text: "  tokens held", amount: s.tokensInInsurance },
        { text: "- reserve", amount: s.insuranceReserve },
        { text: "= over", amount: inInsurance, holds: inInsurance >= 0n },
      ],
    },
    {
      title: "Pool",
      lines: [
        { text: "  cash", amount: s.poolCash },
        { text: "+ claim on the margin vault", amount: s.poolClaim },
        { text: "- profit of longs", amount: s.longPnl },
        { text: "- profit of shorts", amount: s.shortPnl },
        { text: "+ carry that traders owe", amount: carry },
        ...(uncovered === 0n
          ? []
          : [{ text: "+ what traders owe beyond their collateral", amount: uncovered }]),
        { text: "= net asset value", amount: s.netAssetValue },
        { text: "  worst case of payouts", amount: s.worstCasePayout },
        {
          text: "  left of cash and claim then",
          amount: assets - s.worstCasePayout,
          holds: assets >= s.worstCasePayout,
        },
      ],
    },
    {
      title: "Insurance for bad debt",
      lines: [
        { text: "  reserve", amount: s.insuranceReserve },
        { text: "+ claim on the margin vault", amount: s.insuranceClaim },
        { text: "= available", amount: s.insuranceReserve + s.insuranceClaim },
      ],
    },
  ];
}

function printBooks(books: readonly Book[], units: Units, paint: Paint): string {
  const lines = books.flatMap((book) => book.lines);
  const amounts = stacked(lines.map(({ amount }) => rounded(amount, units.decimals, units.decimals)));
  const width = Math.max(...lines.map(({ text }) => text.length));
  let at = 0;
  return books
    .map(({ title, lines: own }) => {
      const texts = own.map(({ text, holds }) => {
        const amount = amounts[at++]!;
        const mark =
          holds === undefined ? "" : holds ? `  ${paint("green", "holds")}` : `  ${paint("red", "FAILS")}`;
        return `  ${paint(text.startsWith("=") ? "bold" : "dim", text.padEnd(width))}  ${amount}${mark}`;
      });
      return [paint("bold", title), ...texts].join("\n");
    })
    .join("\n");
}

function stressColumns(units: Units, paint: Paint): Column<StressReport>[] {
  const right = { align: "right" } as const;
  const money = (title: string, of: (row: StressReport) => bigint, spare?: number): Column<StressReport> => ({
    title,
    ...right,
    spare,
    cell: (row) => units.money(of(row)),
  });
  return [
    { title: "MOVE", ...right, cell: ({ shock }) => signed(shock, showPercent(shock, 1)) },
    { title: "PRICE", ...right, cell: ({ price }) => showPrice(price) },
    money("POOL", ({ netAssetValue }) => netAssetValue),
    money("LONGS", ({ longPnl }) => longPnl),
    money("SHORTS", ({ shortPnl }) => shortPnl),
    { title: "PAID", ...right, spare: 3, cell: ({ haircut }) => showPercent(haircut) },
    money("BAD DEBT", ({ uncovered }) => uncovered),
    money("INSURED", ({ fromInsurance }) => fromInsurance, 2),
    {
      title: "DELEVERAGING",
      spare: 1,
      cell: ({ deleveragingDue }) => (deleveragingDue ? paint("yellow", "due") : "no"),
    },
  ];
}

function stressJson(row: StressReport, units: Units) {
  return {
    shock: exactWad(row.shock),
    price: exactWad(row.price),
    netAssetValue: units.exact(row.netAssetValue),
    longPnl: units.exact(row.longPnl),
    shortPnl: units.exact(row.shortPnl),
    haircut: exactWad(row.haircut),
    uncovered: units.exact(row.uncovered),
    fromInsurance: units.exact(row.fromInsurance),
    deleveragingDue: row.deleveragingDue,
  };
}

function reportJson(s: SolvencyReport, units: Units) {
  const {
    price,
    observedAt,
    priceIsFresh,
    solvent,
    longOpenInterest,
    shortOpenInterest,
    longIndex,
    shortIndex,
    ...money
  } = s;
  return {
    solvent,
    price: exactWad(price),
    observedAt: Number(observedAt),
    priceIsFresh,
    longOpenInterest: exactWad(longOpenInterest),
    shortOpenInterest: exactWad(shortOpenInterest),
    longIndex: exactWad(longIndex),
    shortIndex: exactWad(shortIndex),
    ...Object.fromEntries(Object.entries(money).map(([name, amount]) => [name, units.exact(amount)])),
  };
}
