import {
  connectFeedSource,
  correlation,
  exposure,
  judge,
  SeriesError,
  type ExposedPosition,
  type Exposure,
  type Market,
  type PricePoint,
} from "@bulkhead/sdk";
import { Failure } from "../errors.ts";
import { whole } from "../options.ts";
import { showDuration } from "../present/numbers.ts";
import { facts, table, type Column } from "../present/table.ts";
import { unitsOf, type Units } from "../present/units.ts";
import type { Session } from "../session.ts";

const DAY = 86_400;

interface Found {
  readonly market: Market;
  readonly positions: readonly ExposedPosition[];
  readonly prices: readonly PricePoint[];
}

/** What an owner's positions of all markets are together, by how prices have moved together. */
export async function showExposure(session: Session, owner: string | undefined, days: string): Promise<void> {
  const { out, markets } = session;
  const span = whole("--days", days, 1) * DAY;
  const found: Found[] = [];
  for (const market of markets.markets.values()) {
    const positions = await exposedOf(market, owner);
    if (positions.length === 0) continue;
    out.note(`reading the prices of ${market.symbol} over ${showDuration(BigInt(span))}…`);
    found.push({ market, positions, prices: await pricesOf(market, session, BigInt(span)) });
  }
  const [first] = found;
  if (first === undefined) throw new Failure("there is no open position");
  if (found.some(({ market }) => market.token.address !== first.market.token.address))
    throw new Failure("the markets have different collateral: their positions can't be added up");
  const units = unitsOf(first.market);
  const series = Object.fromEntries(found.map(({ market, prices }) => [market.symbol, prices]));
  let result: Exposure;
  try {
    result = exposure(
      found.flatMap(({ positions }) => positions),
      correlation(series),
    );
  } catch (error) {
    if (!(error instanceof SeriesError)) throw error;
    throw new Failure(`the prices say too little: ${error.message}`, "Give more --days.");
  }
  if (out.json) return out.data(toJson(result, units));
  print(session, result, units);
}

async function exposedOf(market: Market, owner: string | undefined): Promise<ExposedPosition[]> {
  const { state, positions } = await market.positions.state(await market.positions.ids({ owner }));
  return positions
    .filter(({ size }) => size !== 0n)
    .map((position) => {
      const { notional, equity } = judge(state, position);
      return { symbol: market.symbol, notional: position.size > 0n ? notional : -notional, equity };
    });
}

async function pricesOf(market: Market, { provider }: Session, span: bigint): Promise<PricePoint[]> {
  const { stream, oracle } = market.contracts.addresses;
  if (stream !== undefined)
    throw new Failure(`${market.symbol} has its prices from a stream: they are not on the chain`);
  const source = await connectFeedSource(oracle, provider);
  const newest = await source.latest();
  if (newest === undefined) throw new Failure(`${market.symbol} has no price`);
  const { observations } = await source.since(newest.observedAt - span);
  return observations
    .filter(({ price }) => price > 0n)
    .map(({ observedAt, price }) => ({ time: observedAt, price }));
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(2)}%`;
}

function print({ out }: Session, result: Exposure, units: Units): void {
  const { paint } = out.frame;
  out.print(
    facts(
      [
        ["gross", units.sum(result.gross)],
        ["net", units.sum(result.net)],
        ["like independent positions", result.independentPositions.toFixed(2)],
        [
          "a day's deviation",
          `${percent(result.volatility)} of gross; ${percent(result.undiversified)} if all went wrong at once`,
        ],
      ],
      paint,
      "",
    ),
  );
  const columns: Column<Exposure["shocks"][number]>[] = [
    { title: "IF THIS MOVES", cell: ({ symbol }) => symbol },
    { title: "BY", align: "right", cell: ({ move }) => (move > 0 ? `+${percent(move)}` : percent(move)) },
    { title: "LOSS", align: "right", cell: ({ loss }) => units.money(loss) },
    { title: "AT MOST, ISOLATED", align: "right", cell: ({ isolatedLoss }) => units.money(isolatedLoss) },
  ];
  out.print(`\n${table(columns, result.shocks, out.frame)}`);
}

function toJson({ gross, net, bySymbol, shocks, ...statistics }: Exposure, units: Units) {
  return {
    gross: units.exact(gross),
    net: units.exact(net),
    bySymbol: bySymbol.map((row) => ({ symbol: row.symbol, net: units.exact(row.net) })),
    ...statistics,
    shocks: shocks.map((shock) => ({
      ...shock,
      loss: units.exact(shock.loss),
      isolatedLoss: units.exact(shock.isolatedLoss),
    })),
  };
}
