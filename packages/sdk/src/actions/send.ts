import {
  isError,
  type Signer,
  type TransactionReceipt,
  type TransactionRequest,
  type TransactionResponse,
} from "ethers";
import { toBulkheadError } from "../decode/advice.ts";
import { decodeEvents, type EmitterAddresses, type ProtocolEvent } from "../decode/events.ts";
import type { Units } from "../decode/say.ts";
import { NetworkError, RevertedError, TimeoutError, type BulkheadError } from "../errors.ts";

/** How long a transaction may take to be mined by default, ms. */
const TIMEOUT_MS = 120_000;

/** Gas on top of the estimate, in percent: what is due inside a call may grow until it is mined. */
const GAS_MARGIN = 25n;

/** How to send. */
export interface SendOptions {
  /** Ms. Default: two minutes. */
  readonly timeoutMs?: number | undefined;
  /** Blocks on top of the transaction's own, which is one. Default: 1. */
  readonly confirmations?: number | undefined;
  /** Told as soon as the node has the transaction. */
  readonly onSent?: ((hash: string) => void) | undefined;
  /** Addresses of the set, to tell apart the events that two contracts share. */
  readonly addresses?: EmitterAddresses | undefined;
  /** Decimals and symbol of the collateral token, to write money with. */
  readonly units?: Units | undefined;
}

/** A transaction that went through. */
export interface Sent {
  readonly receipt: TransactionReceipt;
  /** The protocol's events in it, in their order. */
  readonly events: readonly ProtocolEvent[];
  /**
   * What the call returned when it was simulated, for `decodeFunctionResult`. What follows from the block's time, an order's
   * id for one, is another in the end: the events have it.
   */
  readonly returned: string;
}

/**
 * Simulates a transaction, sends it, and waits until it is mined. What would revert is not sent.
 *
 * @param request With its destination and data, as a generated contract's `populateTransaction` or
 * {@link encodeOrderCalls} give them.
 * @throws RevertedError with name, arguments and advice, from the simulation or the chain; UserRejectedError,
 * InsufficientFundsError, UnderpricedError, NonceError and NetworkError while sending; TimeoutError if it is not mined in
 * time. Nothing else.
 * @example
 * const { events } = await send(signer, await orderBook.commit.populateTransaction(request), { addresses });
 */
export async function send(
  signer: Signer,
  request: TransactionRequest,
  options: SendOptions = {},
): Promise<Sent> {
  const { addresses, units, onSent } = options;
  const asError = (error: unknown): BulkheadError => toBulkheadError(error, units);
  let returned: string;
  let response: TransactionResponse;
  try {
    const from = await signer.getAddress();
    returned = await signer.call({ ...request, from });
    const gasLimit = request.gasLimit ?? withMargin(await signer.estimateGas({ ...request, from }));
    response = await signer.sendTransaction({ ...request, gasLimit });
  } catch (error) {
    throw asError(error);
  }
  onSent?.(response.hash);
  const receipt = await mined(signer, request, response, options);
  return { receipt, returned, events: decodeEvents(receipt.logs, addresses, units) };
}

function withMargin(gas: bigint): bigint {
  return (gas * (100n + GAS_MARGIN)) / 100n;
}

async function mined(
  signer: Signer,
  request: TransactionRequest,
  response: TransactionResponse,
  { timeoutMs = TIMEOUT_MS, confirmations = 1, units }: SendOptions,
): Promise<TransactionReceipt> {
  try {
    const receipt = await response.wait(confirmations, timeoutMs);
    if (receipt === null) throw new NetworkError("server", { detail: "no receipt" });
    return receipt;
  } catch (error) {
    // The wallet sent the same again at another fee: it is this one.
    if (isError(error, "TRANSACTION_REPLACED") && error.reason === "repriced" && error.receipt.status === 1)
      return error.receipt;
    const found = toBulkheadError(error, units);
    if (found instanceof TimeoutError) throw new TimeoutError(response.hash, error);
    if (!(found instanceof RevertedError)) throw found;
    throw await explained(signer, request, found, units);
  }
}

/** A mined transaction does not say why it reverted: asks again in the state before it. */
async function explained(
  signer: Signer,
  request: TransactionRequest,
  found: RevertedError,
  units: Units | undefined,
): Promise<BulkheadError> {
  const { transactionHash, cause } = found;
  if (found.revert.kind !== "none") return found;
  try {
    const receipt = isError(cause, "CALL_EXCEPTION") ? cause.receipt : undefined;
    if (!receipt) return found;
    await signer.call({ ...request, from: receipt.from, blockTag: receipt.blockNumber - 1 });
    return found;
  } catch (error) {
    const again = toBulkheadError(error, units);
    if (!(again instanceof RevertedError)) return found;
    return new RevertedError(again.revert, { advice: again.advice, transactionHash, cause });
  }
}
