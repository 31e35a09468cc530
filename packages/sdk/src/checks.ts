import { isAddress, isHexString } from "ethers";
import { InvalidInputError } from "./errors.ts";
import { MAX_PRICE, MAX_SIZE } from "./math/Constants.ts";
import { WAD } from "./math/FixedMath.ts";

export { MAX_PRICE, MAX_SIZE };

const WAD_DECIMALS = 18;

/** More characters than any amount has. */
const MAX_TEXT = 200;

/** Latest time that a contract holds, and one that is no small number of a test: seconds. */
const LATEST_TIME = (1n << 40n) - 1n;
const A_DATE = 1_000_000_000n;

/**
 * `value` if it is an address, else throws InvalidInputError: mixed case must be the checksum's, zero is nobody's.
 *
 * @example
 * checkAddress("owner", "0x5FbDB2315678afecb367f032d93F642f64180aa3");
 */
export function checkAddress(field: string, value: unknown): string {
  // ethers takes an address without 0x, and ICAP's form; a contract's ABI says 0x.
  if (!isHexString(value, 20) || !isAddress(value))
    throw new InvalidInputError(
      field,
      value,
      "an address: 0x and 40 hex digits, in mixed case with its checksum",
    );
  if (BigInt(value) === 0n) throw new InvalidInputError(field, value, "an address that is not zero");
  return value;
}

/**
 * `value` if it is a whole number of `bits` bits without sign.
 *
 * @throws InvalidInputError naming the field, and what would be right.
 */
export function checkUint(field: string, value: unknown, bits = 256): bigint {
  return checkRange(field, value, 0n, (1n << BigInt(bits)) - 1n);
}

/**
 * `value` if it is a whole number of `bits` bits with sign.
 *
 * @throws InvalidInputError naming the field, and what would be right.
 */
export function checkInt(field: string, value: unknown, bits = 256): bigint {
  const end = 1n << BigInt(bits - 1);
  return checkRange(field, value, -end, end - 1n);
}

/**
 * `value` if it is a bigint of [`least`, `greatest`]; `format` writes bounds for people.
 *
 * @throws InvalidInputError naming the field, and what would be right.
 */
export function checkRange(
  field: string,
  value: unknown,
  least: bigint,
  greatest: bigint,
  format: (bound: bigint) => string = String,
): bigint {
  if (typeof value !== "bigint")
    throw new InvalidInputError(field, value, "a bigint, such as 5n or the result of parseAmount");
  if (value < least || value > greatest)
    throw new InvalidInputError(field, value, `${format(least)} to ${format(greatest)}`);
  return value;
}

/**
 * `price` if it is one: wad, above zero, at most {@link MAX_PRICE}.
 *
 * @throws InvalidInputError naming the field, and what would be right.
 */
export function checkPrice(field: string, price: unknown): bigint {
  return checkRange(field, price, 1n, MAX_PRICE, (bound) => `${bound} (wad)`);
}

/**
 * `size` if it is a signed size of a position or an order, base wad: at most {@link MAX_SIZE} either way.
 *
 * @throws InvalidInputError naming the field, and what would be right.
 */
export function checkSize(field: string, size: unknown): bigint {
  return checkRange(field, size, -MAX_SIZE, MAX_SIZE, (bound) => `${bound} (base wad)`);
}

/**
 * `size` if it is the size of something that trades, without a side: base wad, above zero.
 *
 * @throws InvalidInputError naming the field, and what would be right.
 */
export function checkTradeSize(field: string, size: unknown): bigint {
  return checkRange(field, size, 1n, MAX_SIZE, (bound) => `${bound} (base wad)`);
}

/**
 * `ratio` if it is a wad ratio strictly between zero and one.
 *
 * @throws InvalidInputError naming the field, and what would be right.
 */
export function checkFraction(field: string, ratio: unknown): bigint {
  return checkRange(field, ratio, 1n, WAD - 1n, (bound) => `${bound} (wad: 1e18 is 100 %)`);
}

/**
 * `time` if it is one that a contract holds, seconds since 1970, and not before `earliest`.
 *
 * @throws InvalidInputError naming the field, and what would be right.
 */
export function checkDeadline(field: string, time: unknown, earliest: bigint): bigint {
  // No deadline is thousands of years away.
  if (typeof time === "bigint" && earliest > A_DATE && time > earliest * 100n)
    throw new InvalidInputError(field, time, "seconds since 1970, not milliseconds");
  return checkRange(field, time, earliest, LATEST_TIME, (bound) => `${bound} seconds since 1970`);
}

/**
 * `fee` if it is an execution fee within the market's bounds, token units.
 *
 * @throws InvalidInputError naming the field, and what would be right.
 */
export function checkFee(
  field: string,
  fee: unknown,
  { least, greatest }: { readonly least: bigint; readonly greatest: bigint },
): bigint {
  return checkRange(field, fee, least, greatest, (bound) => `${bound} token units`);
}

/**
 * A decimal text in units of `decimals` decimals; `18` for prices, sizes and ratios, the token's for money. Takes digits
 * with one point between them, and nothing else: no sign, exponent, separator of thousands or space.
 *
 * @throws InvalidInputError naming the field, and what about the text is wrong.
 * @example
 * parseAmount("collateral", "1250.5", 6); // 1250500000n
 */
export function parseAmount(field: string, text: unknown, decimals: number): bigint {
  const wrong = (expected: string) => new InvalidInputError(field, text, expected);
  if (typeof text !== "string") throw wrong('a decimal number as text, such as "1250.5"');
  if (text.length > MAX_TEXT) throw wrong(`at most ${MAX_TEXT} characters`);
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) throw wrong(whatIsWrong(text));
  const [, whole = "0", fraction = ""] = match;
  // Zeros at the end say nothing.
  const digits = fraction.replace(/0+$/, "");
  if (digits.length > decimals)
    throw wrong(decimals === 0 ? "a whole number" : `a number with at most ${decimals} decimals`);
  return checkUint(field, BigInt(whole + digits.padEnd(decimals, "0")));
}

/**
 * As {@link parseAmount}, with a sign allowed in front.
 *
 * @throws InvalidInputError naming the field, and what would be right.
 */
export function parseSignedAmount(field: string, text: unknown, decimals: number): bigint {
  if (typeof text !== "string" || !/^[+-]\d/.test(text)) return parseAmount(field, text, decimals);
  const amount = parseAmount(field, text.slice(1), decimals);
  return checkInt(field, text.startsWith("-") ? -amount : amount);
}

/**
 * A wad price from a decimal text, checked as {@link checkPrice} does.
 *
 * @throws InvalidInputError naming the field, and what would be right.
 */
export function parsePrice(field: string, text: unknown): bigint {
  return checkPrice(field, parseAmount(field, text, WAD_DECIMALS));
}

/**
 * An amount as decimal text, exact and without zeros at the end: what {@link parseSignedAmount} reads back.
 *
 * @example
 * formatAmount(1250500000n, 6); // "1250.5"
 */
export function formatAmount(value: bigint, decimals: number): string {
  const sign = value < 0n ? "-" : "";
  const digits = String(value < 0n ? -value : value).padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
  return fraction === "" ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}

function whatIsWrong(text: string): string {
  const plain = 'digits with at most one point between them, such as "1250.5"';
  if (text.trim() !== text || text === "") return `${plain}, without spaces`;
  if (/^-/.test(text)) return "an amount that is not negative";
  if (/^[+]?[\d.]+e[+-]?\d+$/i.test(text)) return `${plain}, not an exponent`;
  if (/^[\d.]*\d[,_' ]\d[\d,_' .]*$/.test(text)) return `${plain}, without separators of thousands`;
  if (/^0x/i.test(text)) return `${plain}, not hex`;
  if (/^\.\d|\d\.$/.test(text)) return `${plain}: a digit on both sides of the point`;
  return plain;
}
