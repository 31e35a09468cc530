import { stripVTControlCharacters } from "node:util";
import Table from "cli-table3";
import type { Paint } from "./paint.ts";

/** A column of a table. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  /** Numbers stand at the right. */
  readonly align?: "left" | "right";
  /** What is left out where the terminal is too narrow: the greatest first. Without one it always stays. */
  readonly spare?: number | undefined;
}

/** Where a table is shown. */
export interface Frame {
  /** Columns of the terminal; none where there is none: then nothing is left out. */
  readonly width: number | undefined;
  readonly paint: Paint;
}

const GAP = "  ";

/** No lines: columns stand two spaces apart, which is as easily read as cut. */
const CHARS = {
  ...{ top: "", "top-mid": "", "top-left": "", "top-right": "" },
  ...{ bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "" },
  ...{ left: "", "left-mid": "", mid: "", "mid-mid": "" },
  ...{ right: "", "right-mid": "", middle: GAP },
};

/** Rows under a line of titles, each a line, without a line end after the last. */
export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { width, paint }: Frame,
): string {
  const cells = columns.map(({ cell }) => rows.map(cell));
  const widths = columns.map(({ title }, i) => Math.max(...[title, ...cells[i]!].map(lengthOf)));
  const { kept, left } = fitting(columns, widths, width);
  const output = new Table({
    head: kept.map((i) => paint("bold", columns[i]!.title)),
    colAligns: kept.map((i) => columns[i]!.align ?? "left"),
    chars: CHARS,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0, compact: true },
  });
  output.push(...rows.map((_, row) => kept.map((i) => cells[i]![row]!)));
  const lines = output
    .toString()
    .split("\n")
    .map((line) => line.trimEnd());
  if (left.length === 0) return lines.join("\n");
  const titles = left.map((i) => columns[i]!.title.toLowerCase()).join(", ");
  return [...lines, paint("dim", `Left out for width: ${titles}.`)].join("\n");
}

/** Which columns fit, and which are left out; by index. */
function fitting<Row>(
  columns: readonly Column<Row>[],
  widths: readonly number[],
  width = Infinity,
): { readonly kept: readonly number[]; readonly left: readonly number[] } {
  const kept = new Set(columns.keys());
  const total = (): number =>
    [...kept].reduce((sum, i) => sum + widths[i]!, 0) + GAP.length * Math.max(kept.size - 1, 0);
  const spare = [...columns.keys()]
    .filter((i) => columns[i]!.spare !== undefined)
    .sort((a, b) => columns[b]!.spare! - columns[a]!.spare!);
  for (const i of spare) {
    if (total() <= width) break;
    kept.delete(i);
  }
  const all = [...columns.keys()];
  return { kept: all.filter((i) => kept.has(i)), left: all.filter((i) => !kept.has(i)) };
}

/** A name and what there is to say of it; without a value it is a heading, without a name it goes on from above. */
export type Fact = readonly [name: string, value?: string | undefined];

/** Names in a column of their own, what is said of them beside it. */
export function facts(list: readonly Fact[], paint: Paint, indent = "  "): string {
  const width = Math.max(0, ...list.map(([name, value]) => (value === undefined ? 0 : lengthOf(name))));
  return list
    .map(([name, value]) => {
      if (value === undefined) return `${indent}${paint("bold", name)}`;
      return `${indent}${paint("dim", name)}${" ".repeat(width - lengthOf(name))}  ${value}`;
    })
    .join("\n");
}

/** Texts of numbers, one above the other: as wide as the widest, to the right. */
export function stacked(texts: readonly string[]): string[] {
  const width = Math.max(0, ...texts.map(lengthOf));
  return texts.map((text) => " ".repeat(width - lengthOf(text)) + text);
}

function lengthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}
