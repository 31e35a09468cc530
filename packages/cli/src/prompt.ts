import { createInterface, type Interface } from "node:readline/promises";
import { Writable } from "node:stream";
import { Failure, UsageError } from "./errors.ts";

/** Whether there is somebody to ask. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** Asks a question of yes or no on the terminal; anything but yes is no. */
export async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  return /^y(es)?$/i.test((await answerTo(`${question} [y/N] `, terminal)).trim());
}

/**
 * Asks for a password on the terminal, which shows nothing of it.
 *
 * @throws UsageError where there is no terminal; its message is `otherwise`.
 */
export async function askPassword(question: string, otherwise: string): Promise<string> {
  if (!canAsk()) throw new UsageError(otherwise);
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await answerTo("", terminal);
  } finally {
    process.stderr.write("\n");
  }
}

/** The answer to a question; a terminal that is closed instead, by Ctrl-C or Ctrl-D, gives none. */
async function answerTo(question: string, terminal: Interface): Promise<string> {
  const closed = new Promise<never>((_, reject) => {
    terminal.once("close", () => reject(new Failure("interrupted: nothing was sent")));
  });
  try {
    return await Promise.race([terminal.question(question), closed]);
  } finally {
    terminal.close();
  }
}
