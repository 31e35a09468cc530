import { readFile } from "node:fs/promises";
import { CsvError, parse } from "csv-parse/sync";

/** A missing, empty or malformed input file: one line that names the file, the line, and what would be right. */
export class InputError extends Error {
  override readonly name = "InputError";
}

/** A CSV file, read whole. */
export interface Table {
  readonly file: string;
  /** Column names of the header, in order. */
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

/** One row: what to read fields from, and where to point when one is wrong. */
export interface Row {
  readonly file: string;
  /** Line in the file, from 1. */
  readonly line: number;
  readonly fields: Readonly<Record<string, string>>;
}

const EXPECTED = "give a CSV of Chainlink rounds or of OHLC candles";
const READ_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EISDIR: "this is a folder",
  EACCES: "no permission to read it",
};
/** Characters of the input that an error repeats. */
const QUOTED_LENGTH = 40;

/** 20 November 2286: a time in milliseconds lies beyond it. */
const LAST_SECOND = 9_999_999_999n;

/** Reads a CSV file with a header and at least one row. Throws {@link InputError}. */
export async function readTable(file: string): Promise<Table> {
  const records = parseRecords(file, await readText(file));
  const [header, ...body] = records;
  if (header === undefined) throw new InputError(`${file}: the file is empty; ${EXPECTED}`);
  const columns = header.record.map((name) => name.trim());
  const twice = columns.find((name, i) => columns.indexOf(name) !== i);
  if (twice !== undefined)
    throw new InputError(`${file}:${header.info.lines}: the header names ${quote(twice)} twice`);
  if (body.length === 0) {
    throw new InputError(`${file}:${header.info.lines + 1}: nothing after the header; ${EXPECTED}`);
  }
  const rows = body.map(({ record, info: { lines: line } }): Row => {
    if (record.length !== columns.length) {
      const found = `${record.length} ${record.length === 1 ? "column" : "columns"}`;
      throw new InputError(
        `${file}:${line}: ${found}, but the header has ${columns.length}: ${columns.join(",")}`,
      );
    }
    const fields = Object.fromEntries(columns.map((name, i) => [name, (record[i] ?? "").trim()]));
    return { file, line, fields };
  });
  return { file, columns, rows };
}

/** An error about one row. */
export function rowError({ file, line }: Row, problem: string): InputError {
  return new InputError(`${file}:${line}: ${problem}`);
}

/** Reads a whole number in [min, max]. `hint` ends the error: what the column should hold. */
export function wholeNumber(row: Row, column: string, min: bigint, max: bigint, hint: string): bigint {
  const text = row.fields[column] ?? "";
  if (!/^-?\d+$/.test(text)) throw rowError(row, `${column} ${quote(text)} is not a whole number; ${hint}`);
  const value = BigInt(text);
  if (value < min) throw rowError(row, `${column} ${quote(text)} is below ${min}; ${hint}`);
  if (value > max) throw rowError(row, `${column} ${quote(text)} is above ${max}; ${hint}`);
  return value;
}

/** Reads a Unix time in seconds. */
export function unixSeconds(row: Row, column: string): number {
  const hint = "Unix time in seconds, as 1692308723, is expected";
  return Number(wholeNumber(row, column, 1n, LAST_SECOND, hint));
}

/** Text of the input as an error shows it: on one line, not too long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > QUOTED_LENGTH ? `${text.slice(0, QUOTED_LENGTH)}…` : text);
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InputError(`${file}: ${READ_PROBLEMS[code ?? ""] ?? message}; ${EXPECTED}`);
  }
}

interface ParsedRecord {
  readonly record: readonly string[];
  /** Where in the file the record ends; `lines` counts from 1. */
  readonly info: { readonly lines: number };
}

function parseRecords(file: string, text: string): readonly ParsedRecord[] {
  try {
    const parsed: unknown = parse(text, {
      bom: true,
      info: true,
      recordDelimiter: ["\r\n", "\n"],
      relaxColumnCount: true,
      skipEmptyLines: true,
      trim: true,
    });
    // With `info`, csv-parse wraps each record; its types don't say so.
    return parsed as ParsedRecord[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new InputError(
      `${file}:${String(error.lines)}: not a CSV: ${error.message.replaceAll(/\s+/g, " ")}`,
    );
  }
}
