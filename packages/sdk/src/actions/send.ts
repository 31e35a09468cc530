import {
  isError,
  JsonRpcSigner,
  type Signer,
  type TransactionReceipt,
  type TransactionRequest,
  type TransactionResponse,
} from "ethers";
import { toBulkheadError } from "../decode/advice.ts";
import { decodeEvents, type EmitterAddresses, type ProtocolEvent } from "../decode/events.ts";
import type { Units } from "../decode/say.ts";
import {
  InvalidInputError,
  NetworkError,
  NonceError,
  RevertedError,
  TimeoutError,
  type BulkheadError,
} from "../errors.ts";

/** How long a transaction may take to be mined by default, ms. */
const TIMEOUT_MS = 120_000;

/** Gas on top of the estimate, in percent: what is due inside a call may grow until it is mined. */
const GAS_MARGIN = 25n;

/** Between two looks for a transaction that a wallet has sent, ms. */
const POLL_MS = 250;

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
 * {@link encodeOrderCalls} give them. With a `chainId` nothing is sent on another chain.
 * @throws RevertedError with name, arguments and advice, from the simulation or the chain; UserRejectedError,
 * InsufficientFundsError, UnderpricedError, NonceError and NetworkError until it is sent; TimeoutError with its
 * hash if it is not seen mined in time, or the node is lost meanwhile; NonceError if another took its place. Nothing else.
 * @example
 * const { events } = await send(signer, await orderBook.commit.populateTransaction(request), { addresses });
 */
export async function send(
  signer: Signer,
  request: TransactionRequest,
  options: SendOptions = {},
): Promise<Sent> {
  const { addresses, units, onSent, timeoutMs = TIMEOUT_MS } = options;
  let returned: string;
  let response: TransactionResponse;
  try {
    const from = await signer.getAddress();
    const chainId = await chainFor(signer, request);
    const call = { ...request, from, chainId: null };
    returned = await signer.call(call);
    const gasLimit = request.gasLimit ?? withMargin(await signer.estimateGas(call));
    // Sender and chain are the simulation's: a wallet may have gone on to others since.
    response = await submit(signer, { ...request, from, chainId, gasLimit }, timeoutMs, onSent);
  } catch (error) {
    throw toBulkheadError(error, units);
  }
  const receipt = await mined(signer, request, response, options);
  return { receipt, returned, events: decodeEvents(receipt.logs, addresses, units) };
}

/** The chain that a transaction is for, which its signer has to be on. */
async function chainFor({ provider }: Signer, { chainId: wanted }: TransactionRequest): Promise<bigint> {
  if (provider === null) throw new InvalidInputError("signer", undefined, "a signer connected to a provider");
  // The first answer after a change is the chain before it, and the second the one that it is on.
  await provider.getNetwork();
  const { chainId } = await provider.getNetwork();
  if (wanted !== null && wanted !== undefined && BigInt(wanted) !== chainId)
    throw new NetworkError("chain", { detail: `it is on ${chainId}, the transaction is for ${wanted}` });
  return chainId;
}

function withMargin(gas: bigint): bigint {
  return (gas * (100n + GAS_MARGIN)) / 100n;
}

/**
 * Hands a transaction over. A wallet gives a hash alone, and one that passes it on to others, such as a contract's, may
 * never show the transaction under it.
 */
async function submit(
  signer: Signer,
  transaction: TransactionRequest,
  timeoutMs: number,
  onSent: SendOptions["onSent"],
): Promise<TransactionResponse> {
  if (!(signer instanceof JsonRpcSigner)) {
    const response = await signer.sendTransaction(transaction);
    onSent?.(response.hash);
    return response;
  }
  const { provider } = signer;
  const block = await provider.getBlockNumber();
  const hash = await signer.sendUncheckedTransaction(transaction);
  onSent?.(hash);
  const end = Date.now() + timeoutMs;
  for (;;) {
    // Whatever fails from now on, it is sent.
    const response = await provider.getTransaction(hash).catch(() => null);
    if (response !== null) return response.replaceableTransaction(block);
    if (Date.now() >= end) throw new TimeoutError(hash);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function mined(
  signer: Signer,
  request: TransactionRequest,
  response: TransactionResponse,
  options: SendOptions,
): Promise<TransactionReceipt> {
  const { timeoutMs = TIMEOUT_MS, confirmations = 1, units } = options;
  try {
    const receipt = await response.wait(Math.max(confirmations, 1), timeoutMs);
    if (receipt === null) throw new TimeoutError(response.hash);
    return receipt;
  } catch (error) {
    // The wallet sent the same again at another fee: it is this one.
    if (isError(error, "TRANSACTION_REPLACED") && error.reason === "repriced")
      return mined(signer, request, error.replacement, options);
    const found = toBulkheadError(error, units);
    if (found instanceof RevertedError) throw await explained(signer, request, found, units);
    if (found instanceof NonceError) throw found;
    // A node that is lost meanwhile says nothing of what was sent: its hash does.
    throw new TimeoutError(response.hash, error);
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
    const { from, blockNumber } = receipt;
    await signer.call({ ...request, from, chainId: null, blockTag: blockNumber - 1 });
    return found;
  } catch (error) {
    const again = toBulkheadError(error, units);
    if (!(again instanceof RevertedError)) return found;
    return new RevertedError(again.revert, { advice: again.advice, transactionHash, cause });
  }
}
