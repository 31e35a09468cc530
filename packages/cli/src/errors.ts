/** The command line is wrong: nothing was done, exit code 2. The message says what would be right. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What was asked for can't be done: exit code 1. */
export class Failure extends Error {
  override readonly name = "Failure";
  /** What to do about it, a sentence. */
  readonly advice: string | undefined;

  constructor(message: string, advice?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.advice = advice;
  }
}

/** What a command ends with. */
export const EXIT = { ok: 0, failure: 1, usage: 2 } as const;

/** An error for a person: lines for stderr, and the exit code. */
export interface Told {
  readonly lines: readonly string[];
  readonly code: number;
}

/** Says what went wrong in one line, with advice where there is some. `verbose`: what it was caused by, too. */
export async function tell(error: unknown, verbose: boolean): Promise<Told> {
  const causes = verbose ? causesOf(error) : [];
  const told = (code: number, message: string, advice?: string): Told => ({
    code,
    lines: [`bulkhead: ${message}`, ...(advice === undefined ? [] : [`  ${advice}`]), ...causes],
  });
  if (error instanceof UsageError) return told(EXIT.usage, error.message);
  if (error instanceof Failure) return told(EXIT.failure, error.message, error.advice);
  if (isNotBuilt(error)) return told(EXIT.failure, "the contracts are not built yet: run `npm run build`");
  // The trader's tools refuse what they can't compute with.
  if (error instanceof RangeError) return told(EXIT.usage, error.message);
  const { RevertedError, SeriesError, toBulkheadError } = await import("@bulkhead/sdk");
  if (error instanceof SeriesError) return told(EXIT.failure, error.message);
  const known = toBulkheadError(error);
  if (known.code === "INVALID_INPUT") return told(EXIT.usage, known.message);
  return told(EXIT.failure, known.message, known instanceof RevertedError ? known.advice : undefined);
}

function isNotBuilt(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return code === "ERR_MODULE_NOT_FOUND" && String(message).includes("typechain-types");
}

function causesOf(error: unknown): string[] {
  const lines: string[] = [];
  for (let at = error; at instanceof Error && lines.length < 8; at = at.cause)
    lines.push(`  caused by: ${at.name}: ${at.message.split("\n")[0] ?? ""}`);
  return lines.slice(1);
}
