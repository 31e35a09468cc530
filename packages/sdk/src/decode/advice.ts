import { RevertedError, type BulkheadError, type Revert } from "../errors.ts";
import type { Errors__factory } from "../contracts.ts";
import { failureName, FAILURES, type FailureName } from "../orders/order.ts";
import { classifyError } from "./classify.ts";
import { decodeRevert } from "./errors.ts";
import { MARKET_ADVICE } from "./advice/market.ts";
import { ORACLE_ADVICE } from "./advice/oracles.ts";
import { ORDER_ADVICE } from "./advice/orders.ts";
import { STANDARD_ADVICE } from "./advice/standard.ts";
import { createSay, type Say, type Units } from "./say.ts";
import type { STANDARD_ERRORS } from "./standard.ts";

type ProtocolError = Extract<(typeof Errors__factory.abi)[number], { type: "error" }>["name"];
type StandardError = (typeof STANDARD_ERRORS)[number] extends infer S
  ? S extends `${infer Name}(${string}`
    ? Name
    : never
  : never;

/** Name of a custom error that there is advice on: all of them. */
export type ErrorName = ProtocolError | StandardError;

const ADVICE: Record<ErrorName, (say: Say) => string> = {
  ...ORDER_ADVICE,
  ...MARKET_ADVICE,
  ...ORACLE_ADVICE,
  ...STANDARD_ADVICE,
};

const FAILURE_ADVICE: Record<FailureName, string> = {
  None: "The order executed.",
  NoPrice:
    "No price could be proven for the order in its time; it was closed and costs at most its fee. Order again.",
  PositionGone:
    "The position was closed or liquidated before the order's price came: there is nothing to trade.",
  OwnerChanged: "The position has another owner since the order: its owner has to order anew.",
  StalePrice: "There was no fresh price, which opening and growing need: order again once the feed answers.",
  Slippage: "The fill would have been worse than the acceptable price: accept a wider one, or trade less.",
  BelowMinimum: "What would be left or opened is below the least notional: trade more, or close the whole.",
  OpenInterestCap: "The side's open interest is at its limit: trade less, or wait until others close.",
  InsufficientMargin: "Equity would be below the margin required: add collateral, or trade less.",
  ReduceOnly:
    "The market takes no new risk now, or the order would have grown the position: reducing and closing work.",
  PositionCap: "The position would be larger than one may be for the pool: trade less.",
};

const PANIC_ADVICE: Readonly<Record<string, string>> = {
  1: "An assertion of the contract failed.",
  17: "A number grew beyond its range: use smaller amounts.",
  18: "Something was divided by zero.",
  33: "A number is no value of its enumeration: check the encoded arguments.",
  50: "A list is shorter than what was asked of it: check the encoded arguments.",
};

/** What a `Failure` means and what to do, by name or number. */
export function failureAdvice(failure: FailureName | bigint): string {
  return FAILURE_ADVICE[typeof failure === "bigint" ? failureName(failure) : failure];
}

/**
 * What a revert means and what to do about it; `undefined` where nothing is known of it.
 *
 * @param units Decimals and symbol of the collateral token, to write money with.
 */
export function adviceOn(revert: Revert, units?: Units): string | undefined {
  if (revert.kind === "panic") return PANIC_ADVICE[String(revert.panic)];
  if (revert.kind !== "custom" || !(revert.errorName in ADVICE)) return undefined;
  const { errorName, args } = revert;
  if (errorName === "OrderNotFillable") return notFillable(args, units);
  return ADVICE[errorName as ErrorName](createSay(args, units));
}

function notFillable(args: Readonly<Record<string, unknown>>, units?: Units): string {
  const reason = FAILURES[Number(args.reason)];
  if (reason === undefined) return ADVICE.OrderNotFillable(createSay(args, units));
  return `${ADVICE.OrderNotFillable(createSay({ ...args, reason }, units))} ${failureAdvice(reason)}`;
}

/**
 * Whatever ethers, a wallet, a node or `fetch` threw, as one of the SDK's errors; reverts decoded, with advice.
 *
 * @param units Decimals and symbol of the collateral token, to write money with.
 * @example
 * const error = toBulkheadError(caught, { tokenDecimals: 6, symbol: "USDC" });
 * console.error(error.message, error instanceof RevertedError ? error.advice : "");
 */
export function toBulkheadError(error: unknown, units?: Units): BulkheadError {
  // One that was classified before may have been so without advice.
  const known = error instanceof RevertedError && error.advice === undefined;
  if (!known)
    return classifyError(error, { decode: decodeRevert, advise: (revert) => adviceOn(revert, units) });
  const { revert, transactionHash, cause } = error;
  const advice = adviceOn(revert, units);
  return advice === undefined ? error : new RevertedError(revert, { advice, transactionHash, cause });
}
