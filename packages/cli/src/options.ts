import { UsageError } from "./errors.ts";

/** What every command takes. */
export interface GlobalOptions {
  readonly rpc: string;
  readonly deployment?: string;
  readonly market?: string;
  readonly json?: true;
  readonly verbose?: true;
  readonly keystore?: string;
  readonly passwordFile?: string;
  readonly account?: string;
}

/** What every command takes that sends. */
export interface SendingOptions {
  readonly dryRun?: true;
  readonly yes?: true;
  readonly force?: true;
}

/** A private key looks like this, and so does an order's id. */
const KEY_LIKE = /(?:^|[^0-9a-z])(?:0x)?[0-9a-f]{64}(?![0-9a-z])/i;

/** Commands whose argument is an order's id. */
const TAKE_ID: readonly (readonly [string, readonly string[]])[] = [
  ["orders", ["cancel", "settle", "expire"]],
  ["stops", ["cancel"]],
];

/** Options without a value: what comes after one of them is an argument. */
const FLAGS = ["--json", "--verbose", "--dry-run", "--yes", "-y", "--force", "--all"];

/**
 * Refuses arguments that look like a private key: they are in the shell's history and in the list of processes. An
 * order's id where a command takes one is none.
 *
 * @throws UsageError that does not repeat it.
 */
export function refuseKeys(args: readonly string[]): void {
  args.forEach((arg, i) => {
    if (!KEY_LIKE.test(arg) || isOrderId(args, i)) return;
    throw new UsageError(
      "one of the arguments looks like a private key: a key never belongs on the command line, where others can see " +
        "it. Use --keystore, BULKHEAD_KEY in the environment, or --account; and take this key for exposed",
    );
  });
}

function isOrderId(args: readonly string[], at: number): boolean {
  const before = args[at - 1] ?? "";
  if (!/^0x[0-9a-f]{64}$/i.test(args[at]!) || (before.startsWith("-") && !FLAGS.includes(before)))
    return false;
  return TAKE_ID.some(([group, verbs]) => {
    const verb = args.findIndex((arg, i) => i < at && args[i - 1] === group && verbs.includes(arg));
    return verb !== -1 && args.slice(verb + 1, at).every((arg) => FLAGS.includes(arg));
  });
}

/** `--rpc`: an HTTP endpoint. */
export function checkUrl(text: string): string {
  const { protocol } = URL.canParse(text) ? new URL(text) : { protocol: "" };
  if (protocol === "http:" || protocol === "https:") return text;
  throw new UsageError(`--rpc: expected an http(s) URL, such as http://127.0.0.1:8545, got "${text}"`);
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** A duration as seconds: 90, 90s, 15m, 12h, 30d. */
export function duration(field: string, text: string): number {
  const match = /^(\d{1,9})([smhd]?)$/.exec(text);
  if (match === null)
    throw new UsageError(`${field}: expected a duration, such as 90s, 15m, 12h or 30d, got "${text}"`);
  return Number(match[1]) * SECONDS[match[2] || "s"]!;
}

/** A whole number of at least `least`. */
export function whole(field: string, text: string, least = 0): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (value >= least) return value;
  throw new UsageError(`${field}: expected a whole number of at least ${least}, got "${text}"`);
}
