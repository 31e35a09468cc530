import {
  judge,
  leverageOf,
  math,
  NEVER,
  type Judgement,
  type MarketState,
  type PositionState,
} from "@bulkhead/sdk";
import { showPercent, showPrice, showShort, showSize, showTimes, signed } from "./numbers.ts";
import type { Paint, Style } from "./paint.ts";
import { table, type Column, type Frame } from "./table.ts";
import { exactWad, type Units } from "./units.ts";

const { abs, mulDivDown, WAD } = math.FixedMath;

/** What is shown of a position. */
export interface PositionView {
  readonly position: PositionState;
  readonly judgement: Judgement;
  /** Wad; `undefined` without equity. */
  readonly leverage: bigint | undefined;
  /** Wad. */
  readonly entryPrice: bigint;
  /** Wad. */
  readonly price: bigint;
}

/** A position of a market as it is shown. */
export function viewPosition(state: MarketState, position: PositionState): PositionView {
  const judgement = judge(state, position);
  return {
    position,
    judgement,
    leverage: leverageOf(judgement),
    entryPrice:
      position.size === 0n ? 0n : mulDivDown(position.entryNotional, state.quoteScale, abs(position.size)),
    price: state.price,
  };
}

const STANDINGS: Readonly<Record<Judgement["standing"], readonly [text: string, style: Style]>> = {
  waiting: ["waiting", "dim"],
  healthy: ["healthy", "green"],
  marginCall: ["margin call", "yellow"],
  liquidatable: ["liquidatable", "red"],
  bankrupt: ["bankrupt", "red"],
};

/** How a position stands, in words. */
export function showStanding(standing: Judgement["standing"], paint: Paint): string {
  const [text, style] = STANDINGS[standing];
  return paint(style, text);
}

/** A price at which a position ends, or a dash where none does. */
export function showEnd(price: bigint): string {
  return isEnd(price) ? showPrice(price) : "none";
}

function isEnd(price: bigint): boolean {
  return price !== 0n && price !== NEVER;
}

/** Move of the price to an end of a position, wad; `undefined` where no price is one. */
function distanceTo(end: bigint, price: bigint): bigint | undefined {
  return isEnd(end) && price !== 0n ? ((end - price) * WAD) / price : undefined;
}

/** The distance to liquidation for people. */
export function showDistance({ judgement, price }: PositionView): string {
  const distance = distanceTo(judgement.liquidationPrice, price);
  return distance === undefined ? "-" : signed(distance, showPercent(distance, 1));
}

/** Money with its sign and colour. */
export function showResult(amount: bigint, units: Units, paint: Paint): string {
  const text = signed(amount, units.money(amount));
  return amount === 0n ? text : paint(amount > 0n ? "green" : "red", text);
}

/** "long 2.5", "short 4"; a position without a size waits for its opening order. */
export function sideAndSize(size: bigint): string {
  return size === 0n ? "-" : `${size > 0n ? "long" : "short"} ${showSize(abs(size))}`;
}

/** Positions, a line each. `owners`: with whose they are. */
export function positionTable(
  views: readonly PositionView[],
  units: Units,
  frame: Frame,
  owners: boolean,
): string {
  const { paint } = frame;
  const right = { align: "right" } as const;
  const open = (text: (view: PositionView) => string) => (view: PositionView) =>
    view.position.size === 0n ? "-" : text(view);
  const columns: Column<PositionView>[] = [
    { title: "ID", ...right, cell: ({ position }) => String(position.id) },
    ...(owners
      ? [{ title: "OWNER", spare: 4, cell: ({ position }: PositionView) => showShort(position.owner) }]
      : []),
    { title: "SIZE", cell: ({ position }) => sideAndSize(position.size) },
    { title: "ENTRY", ...right, spare: 2, cell: open(({ entryPrice }) => showPrice(entryPrice)) },
    { title: "MARK", ...right, spare: 7, cell: open(({ price }) => (price === 0n ? "-" : showPrice(price))) },
    { title: "PNL", ...right, cell: open(({ judgement }) => showResult(judgement.pnl, units, paint)) },
    { title: "CARRY", ...right, spare: 6, cell: open(({ judgement }) => units.money(judgement.carryOwed)) },
    {
      title: "EQUITY",
      ...right,
      cell: ({ position, judgement }) =>
        units.money(position.size === 0n ? position.collateral : judgement.equity),
    },
    {
      title: "LEV.",
      ...right,
      cell: open(({ leverage }) => (leverage === undefined ? "-" : showTimes(leverage))),
    },
    {
      title: "MARGIN",
      ...right,
      spare: 5,
      cell: open(({ judgement }) => showPercent(judgement.marginRatio)),
    },
    { title: "LIQUIDATION", ...right, cell: open(({ judgement }) => showEnd(judgement.liquidationPrice)) },
    { title: "AWAY", ...right, spare: 3, cell: open(showDistance) },
    { title: "STANDING", cell: ({ judgement }) => showStanding(judgement.standing, paint) },
  ];
  return table(columns, views, frame);
}

/** A position for programs. Prices that there are none of are null. */
export function positionJson(
  { position, judgement: j, leverage, entryPrice, price }: PositionView,
  units: Units,
) {
  const end = (at: bigint): string | null => (isEnd(at) ? exactWad(at) : null);
  const distance = distanceTo(j.liquidationPrice, price);
  return {
    id: String(position.id),
    owner: position.owner,
    side: position.size === 0n ? null : position.size > 0n ? "long" : "short",
    size: exactWad(abs(position.size)),
    entryPrice: exactWad(entryPrice),
    price: exactWad(price),
    collateral: units.exact(position.collateral),
    notional: units.exact(j.notional),
    pnl: units.exact(j.pnl),
    carryOwed: units.exact(j.carryOwed),
    equity: units.exact(j.equity),
    leverage: leverage === undefined ? null : exactWad(leverage),
    marginRatio: exactWad(j.marginRatio),
    maintenanceMargin: units.exact(j.maintenanceMargin),
    initialMargin: units.exact(j.initialMargin),
    withdrawable: units.exact(j.withdrawable),
    liquidationPrice: end(j.liquidationPrice),
    bankruptcyPrice: end(j.bankruptcyPrice),
    distance: distance === undefined ? null : exactWad(distance),
    standing: j.standing,
    openedAt: Number(position.openedAt),
  };
}
