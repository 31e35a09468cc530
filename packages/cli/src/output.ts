import { paintFor, type Paint } from "./present/paint.ts";
import type { Frame } from "./present/table.ts";

/** Where results go, and what is said on the way. */
export interface Output {
  /** Whether results are JSON. */
  readonly json: boolean;
  /** For what goes to stdout. */
  readonly frame: Frame;
  /** For what goes to stderr. */
  readonly aside: Paint;
  /** A result for people, on stdout. */
  print(text: string): void;
  /** A result for programs, on stdout. */
  data(value: unknown): void;
  /** Progress and remarks, on stderr. */
  note(text: string): void;
  /** Progress that replaces itself on a terminal and is left out elsewhere; empty to clear it. */
  status(text: string): void;
}

const CLEAR_LINE = "\r\u001b[2K";

/** What a process writes to. */
export function createOutput(json: boolean, { stdout, stderr, env } = process): Output {
  const width = stdout.isTTY ? stdout.columns : undefined;
  return {
    json,
    frame: { width: width || undefined, paint: paintFor(stdout, env) },
    aside: paintFor(stderr, env),
    print: (text) => void stdout.write(`${text}\n`),
    data: (value) => void stdout.write(`${JSON.stringify(value, undefined, 2)}\n`),
    note: (text) => void stderr.write(`${text}\n`),
    status: (text) => {
      if (stderr.isTTY && env.TERM !== "dumb") stderr.write(`${CLEAR_LINE}${text}`);
    },
  };
}
