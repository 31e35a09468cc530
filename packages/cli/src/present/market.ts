import {
  carryAt,
  math,
  type Market,
  type MarketState,
  type SolvencyReport,
  type StatusReport,
} from "@bulkhead/sdk";
import { showDuration, showPercent, showPrice, showSize, signed } from "./numbers.ts";
import type { Paint } from "./paint.ts";
import { facts, table, type Column, type Frame } from "./table.ts";
import { exactWad, unitsOf, YEAR, type Units } from "./units.ts";

/** What is shown of a market. */
export interface MarketView {
  readonly market: Market;
  readonly units: Units;
  readonly state: MarketState;
  readonly status: StatusReport;
  readonly solvency: SolvencyReport;
}

/** Reads what is shown of a market. */
export async function viewMarket(market: Market): Promise<MarketView> {
  const [{ state }, status, solvency] = await Promise.all([
    market.positions.state(),
    market.status(),
    market.solvency(),
  ]);
  return { market, units: unitsOf(market), state, status, solvency };
}

const LEVELS = ["normal", "elevated", "halted"] as const;

/** What a market is in, the gravest first. */
export function conditionsOf({
  level,
  guarded,
  insolvent,
  outage,
  priceIsFresh,
  price,
}: StatusReport): string[] {
  return [
    ...(insolvent ? ["insolvent"] : []),
    ...(outage ? ["outage"] : []),
    ...(price === 0n ? ["no price"] : priceIsFresh ? [] : ["stale price"]),
    ...(guarded ? ["stopped by guardian"] : []),
    LEVELS[Number(level)] ?? `level ${level}`,
  ];
}

/** The same, painted. */
export function condition(status: StatusReport, paint: Paint): string {
  const all = conditionsOf(status);
  const shown = all.length > 1 && all.at(-1) === "normal" ? all.slice(0, -1) : all;
  const text = shown.join(", ");
  return paint(text === "normal" ? "green" : text === "elevated" ? "yellow" : "red", text);
}

/** Price and how old it is, as a title says it. */
export function priceLine({ state, status, market }: MarketView, paint: Paint): string {
  if (state.price === 0n) return `${market.symbol}: ${paint("red", "no price")}`;
  const age = `${showDuration(state.time - state.observedAt)} old`;
  const stale = state.priceIsFresh ? paint("dim", age) : paint("red", `${age}, stale`);
  return `${paint("bold", `${market.symbol} at ${showPrice(state.price)}`)}, ${stale}, ${condition(status, paint)}`;
}

interface Rates {
  readonly funding: bigint;
  readonly longBorrow: bigint;
  readonly shortBorrow: bigint;
}

/** Of a year, wad ratios. Funding above zero: longs pay. */
function ratesOf({ state }: MarketView): Rates {
  const { fundingRate, longBorrowRate, shortBorrowRate } =
    state.price === 0n ? state.carry : carryAt(state, state.time);
  return {
    funding: fundingRate * YEAR,
    longBorrow: longBorrowRate * YEAR,
    shortBorrow: shortBorrowRate * YEAR,
  };
}

/** All markets, a line each. */
export function marketTable(views: readonly MarketView[], frame: Frame): string {
  const { paint } = frame;
  const columns: Column<MarketView>[] = [
    { title: "MARKET", cell: ({ market }) => market.symbol },
    {
      title: "PRICE",
      align: "right",
      cell: ({ state }) => (state.price === 0n ? "-" : showPrice(state.price)),
    },
    { title: "AGE", align: "right", cell: ({ state }) => ageOf(state, paint) },
    { title: "STATE", cell: ({ status }) => condition(status, paint) },
    { title: "LONG", align: "right", cell: ({ state }) => showSize(state.long.openInterest) },
    { title: "SHORT", align: "right", cell: ({ state }) => showSize(state.short.openInterest) },
    {
      title: "FUNDING/Y",
      align: "right",
      spare: 1,
      cell: (view) => signed(ratesOf(view).funding, showPercent(ratesOf(view).funding)),
    },
    {
      title: "BORROW/Y",
      align: "right",
      spare: 2,
      cell: (view) => `${showPercent(ratesOf(view).longBorrow)} / ${showPercent(ratesOf(view).shortBorrow)}`,
    },
    { title: "POOL", align: "right", cell: ({ solvency, units }) => units.sum(solvency.netAssetValue) },
    {
      title: "SOLVENT",
      cell: ({ solvency }) => (solvency.solvent ? paint("green", "yes") : paint("red", "NO")),
    },
  ];
  return table(columns, views, frame);
}

function ageOf({ time, observedAt, price, priceIsFresh }: MarketState, paint: Paint): string {
  if (price === 0n) return "-";
  const age = showDuration(time - observedAt);
  return priceIsFresh ? age : paint("red", age);
}

/** Where the contracts of a market are. */
export function addressFacts({ market }: MarketView, paint: Paint): string {
  const { stream, block, ...places } = market.contracts.addresses;
  const list = Object.entries(places).filter(([, place]) => place !== undefined) as [string, string][];
  const more: [string, string][] =
    stream === undefined
      ? []
      : [
          ["verifier", stream.verifier],
          ["stream", stream.streamId],
        ];
  const from: [string, string][] = block === undefined ? [] : [["since block", String(block)]];
  return facts([...list, ...more, ...from], paint);
}

/** A market for programs. */
export function marketJson(view: MarketView) {
  const { market, units, state, status, solvency } = view;
  const rates = ratesOf(view);
  const side = (openInterest: bigint) => ({
    openInterest: exactWad(openInterest),
    notional: units.exact(math.PositionMath.quoteUp(openInterest, state.price, units.scale)),
  });
  return {
    symbol: market.symbol,
    token: { symbol: units.symbol, decimals: units.decimals },
    time: Number(state.time),
    price: exactWad(state.price),
    observedAt: Number(state.observedAt),
    priceIsFresh: state.priceIsFresh,
    conditions: conditionsOf(status),
    breaker: LEVELS[Number(status.level)],
    reduceOnly: status.reduceOnly,
    long: side(state.long.openInterest),
    short: side(state.short.openInterest),
    fundingPerYear: exactWad(rates.funding),
    longBorrowPerYear: exactWad(rates.longBorrow),
    shortBorrowPerYear: exactWad(rates.shortBorrow),
    poolValue: units.exact(solvency.netAssetValue),
    solvent: solvency.solvent,
    addresses: market.contracts.addresses,
  };
}
