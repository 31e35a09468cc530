import { decodeBytes32String } from "ethers";
import { formatAmount } from "../checks.ts";
import { printable } from "../text.ts";

/** Units that amounts are written in; without them money is written in the token's smallest units. */
export interface Units {
  readonly tokenDecimals?: number | undefined;
  /** Of the token, such as "USDC". */
  readonly symbol?: string | undefined;
}

/** Arguments of an error or event by name. */
export type Args = Readonly<Record<string, unknown>>;

/** Writes arguments for people; each throws RangeError for a name that there is not. */
export interface Say {
  /** As it is. */
  raw(name: string): string;
  /** Token units. */
  money(name: string): string;
  /** A price, size or ratio of 18 decimals. */
  wad(name: string): string;
  /** A wad ratio as a percentage. */
  percent(name: string): string;
  /** Seconds since 1970, as a UTC time. */
  time(name: string): string;
  /** Seconds of a duration. */
  seconds(name: string): string;
  /** A bytes32 that is a short text. */
  label(name: string): string;
  /** Text of a flag. */
  choose(name: string, yes: string, no: string): string;
  /** The means to write the fields of a struct. */
  inside(name: string): Say;
}

/** Longest argument as it is, and longest symbol. */
const [MAX_ARGUMENT, MAX_SYMBOL] = [160, 32];

/** Latest time that a date can show, seconds. */
const LAST_TIME = 8_640_000_000_000n;

/** The means to write `args`. */
export function createSay(args: Args, units: Units = {}): Say {
  const { tokenDecimals, symbol } = units;
  const get = (name: string): unknown => {
    if (!(name in args)) throw new RangeError(`${name}: there is no such argument`);
    return args[name];
  };
  const number = (name: string): bigint => BigInt(get(name) as bigint);
  return {
    raw: (name) => printable(String(get(name)), MAX_ARGUMENT),
    money: (name) =>
      tokenDecimals === undefined
        ? `${number(name)} token units`
        : `${formatAmount(number(name), tokenDecimals)} ${printable(symbol ?? "tokens", MAX_SYMBOL)}`,
    wad: (name) => formatAmount(number(name), 18),
    percent: (name) => `${formatAmount(number(name), 16)} %`,
    time: (name) => writeTime(number(name)),
    seconds: (name) => `${number(name)} s`,
    label: (name) => printable(readLabel(String(get(name))), MAX_ARGUMENT),
    choose: (name, yes, no) => (get(name) === true ? yes : no),
    inside: (name) => createSay(get(name) as Args, units),
  };
}

function writeTime(seconds: bigint): string {
  if (seconds === 0n) return "never";
  if (seconds > LAST_TIME) return `${seconds}`;
  return `${new Date(Number(seconds) * 1_000).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

function readLabel(bytes32: string): string {
  try {
    return decodeBytes32String(bytes32);
  } catch {
    return bytes32;
  }
}
