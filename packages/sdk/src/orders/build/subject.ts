import { MaxUint256 } from "ethers";
import {
  checkFee,
  checkFraction,
  checkPrice,
  checkRange,
  checkSize,
  checkTradeSize,
  checkUint,
} from "../../checks.ts";
import { InvalidInputError } from "../../errors.ts";
import { abs, mulWadDown, mulWadUp, WAD } from "../../math/FixedMath.ts";
import type { OrderRules } from "./rules.ts";

/** Stands in a request for the position opened last in the same transaction; `OrderBook.LAST_POSITION`. */
export const LAST_POSITION = MaxUint256;

/** Which way a position profits. */
export type Side = "long" | "short";

/** A position as an order needs to know it. */
export interface HeldPosition {
  readonly id: bigint;
  /** Signed base wad: long above zero, short below. */
  readonly size: bigint;
  /** The price at which it is liquidatable now, wad, as the lens gives it: a stop beyond it is refused. */
  readonly liquidationPrice?: bigint | undefined;
}

/** Opens a position. */
export interface OpenSubject {
  readonly open: Side;
  /** Base wad, above zero. */
  readonly size: bigint;
  /** Token units paid in: it bears the position, and pays the execution fee. */
  readonly collateral: bigint;
}

/** Makes an open position larger. */
export interface IncreaseSubject {
  readonly increase: HeldPosition;
  /** Base wad, above zero. */
  readonly size: bigint;
  /** Token units paid in. Default: none. */
  readonly collateral?: bigint | undefined;
}

/** Makes a position smaller, or closes it. */
export interface ExitSubject {
  readonly exit: HeldPosition;
  /** Base wad, above zero and at most the position's. Default: the whole position, however large it is by then. */
  readonly size?: bigint | undefined;
}

/** What an order is about. */
export type Subject = OpenSubject | IncreaseSubject | ExitSubject;

/** Worst fill price: a wad price, one at a slippage (wad ratio) from a wad price, or any. */
export type Accept = bigint | { readonly price: bigint; readonly slippage: bigint } | "any";

/** What every order says beside what it is about. */
export interface Terms {
  readonly accept: Accept;
  /** Token units. Default: the least. */
  readonly executionFee?: bigint | undefined;
  /** Token units of the execution fee that go to who sends a signed request. Default: none. */
  readonly relayFee?: bigint | undefined;
}

/** The fields that a subject and its terms come to. */
export interface Fields {
  readonly positionId: bigint;
  readonly sizeDelta: bigint;
  readonly collateral: bigint;
  readonly acceptablePrice: bigint;
  readonly executionFee: bigint;
}

/** The position that the request of an entry opens, for what goes into the same transaction with it. */
export function entryPosition({ sizeDelta }: { readonly sizeDelta: bigint }): HeldPosition {
  return { id: LAST_POSITION, size: sizeDelta };
}

/** The fields of an order, checked. `takesLast`: whether it may be about the position opened with it. */
export function fieldsOf(subject: Subject & Terms, rules: OrderRules, takesLast: boolean): Fields {
  const executionFee = feeOf(subject, rules);
  const traded = tradeOf(subject, takesLast);
  if ("open" in subject && traded.collateral < executionFee)
    throw new InvalidInputError(
      "collateral",
      traded.collateral,
      `at least the execution fee, ${executionFee} token units`,
    );
  const { isBuy, ...rest } = traded;
  return { ...rest, executionFee, acceptablePrice: worstPrice(subject.accept, isBuy) };
}

/** Whether an order buys. */
export function buys(subject: Subject): boolean {
  if ("open" in subject) return subject.open === "long";
  if ("increase" in subject) return subject.increase.size > 0n;
  return subject.exit.size < 0n;
}

function tradeOf(subject: Subject, takesLast: boolean) {
  const isBuy = buys(subject);
  if ("open" in subject) {
    if (subject.open !== "long" && subject.open !== "short")
      throw new InvalidInputError("open", subject.open, '"long" or "short"');
    const size = checkTradeSize("size", subject.size);
    return {
      positionId: 0n,
      isBuy,
      sizeDelta: signed(size, isBuy),
      collateral: checkUint("collateral", subject.collateral),
    };
  }
  if ("increase" in subject) {
    const positionId = checkHeld("increase", subject.increase, false);
    const size = checkTradeSize("size", subject.size);
    return {
      positionId,
      isBuy,
      sizeDelta: signed(size, isBuy),
      collateral: checkUint("collateral", subject.collateral ?? 0n),
    };
  }
  const positionId = checkHeld("exit", subject.exit, takesLast);
  const size = subject.size === undefined ? 0n : checkExitSize(subject.size, subject.exit);
  return { positionId, isBuy, sizeDelta: signed(size, isBuy), collateral: 0n };
}

/** Id of an open position, checked. */
export function checkHeld(field: string, { id, size }: HeldPosition, takesLast: boolean): bigint {
  checkSize(`${field}.size`, size);
  if (size === 0n) throw new InvalidInputError(`${field}.size`, size, "the size of an open position");
  checkRange(`${field}.id`, id, 1n, MaxUint256);
  if (id === LAST_POSITION && !takesLast)
    throw new InvalidInputError(
      `${field}.id`,
      id,
      "an open position: only exits and protective orders go with an entry",
    );
  return id;
}

function checkExitSize(size: unknown, held: HeldPosition): bigint {
  return checkRange(
    "size",
    size,
    1n,
    abs(held.size),
    (bound) => `${bound} (base wad; none to close the whole)`,
  );
}

function signed(size: bigint, isBuy: boolean): bigint {
  return isBuy ? size : -size;
}

/** The execution fee of a request: what the settler gets of it is what has bounds. */
export function feeOf(
  { executionFee, relayFee = 0n }: Pick<Terms, "executionFee" | "relayFee">,
  { leastFee: least, greatestFee: greatest }: OrderRules,
): bigint {
  checkUint("relayFee", relayFee, 128);
  return checkFee("executionFee", executionFee ?? least + relayFee, {
    least: least + relayFee,
    greatest: greatest + relayFee,
  });
}

/** Highest price of a buy or lowest of a sell, wad; rounded to the trader's side. */
function worstPrice(accept: Accept, isBuy: boolean): bigint {
  if (accept === "any") return isBuy ? MaxUint256 : 0n;
  if (typeof accept === "bigint") return checkPrice("accept", accept);
  if (typeof accept !== "object" || accept === null)
    throw new InvalidInputError("accept", accept, 'a wad price, { price, slippage }, or "any"');
  const price = checkPrice("accept.price", accept.price);
  const slippage = checkFraction("accept.slippage", accept.slippage);
  return isBuy ? mulWadDown(price, WAD + slippage) : mulWadUp(price, WAD - slippage);
}
