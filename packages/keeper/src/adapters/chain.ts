import { JsonRpcProvider, Network, Wallet, type TransactionResponse, type TransactionReceipt } from "ethers";
import type { Logger } from "pino";
import pRetry from "p-retry";

/** How long to wait for a transaction to be mined before going on, ms. */
const RECEIPT_TIMEOUT_MS = 60_000;

/** A provider that asks one question per request and never caches the head. */
export async function connect(rpc: string, signal: AbortSignal, log: Logger): Promise<JsonRpcProvider> {
  const chainId = await pRetry(() => askChainId(rpc), {
    retries: Infinity,
    minTimeout: 200,
    maxTimeout: 5_000,
    signal,
    onFailedAttempt: ({ error }) => {
      log.warn({ error: error.message }, "RPC does not answer; trying again");
    },
  });
  const network = new Network("chain", chainId);
  return new JsonRpcProvider(rpc, network, { staticNetwork: network, batchMaxCount: 1, cacheTimeout: -1 });
}

async function askChainId(rpc: string): Promise<bigint> {
  const response = await fetch(rpc, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] }),
    signal: AbortSignal.timeout(5_000),
  });
  const body = (await response.json()) as { result?: unknown };
  if (typeof body.result !== "string") throw new Error(`no chain id in the answer (HTTP ${response.status})`);
  return BigInt(body.result);
}

/** Overrides that each transaction is sent with. */
export interface TxOverrides {
  readonly nonce: number;
  readonly gasLimit: bigint;
  readonly type: 2;
  readonly chainId: bigint;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

/** Tip offered to block builders: 0.1 gwei. The base fee may double before a transaction falls out. */
const TIP = 100_000_000n;

/**
 * Sends one account's transactions: several at once with consecutive nonces, counted again from the chain at the
 * start of each round and after a failure.
 */
export class Sender {
  readonly wallet: Wallet;
  readonly #provider: JsonRpcProvider;
  #nonce: number | undefined;
  #baseFee = 0n;
  #pending: { label: string; tx: TransactionResponse }[] = [];

  constructor(key: string, provider: JsonRpcProvider) {
    this.wallet = new Wallet(key, provider);
    this.#provider = provider;
  }

  /** Sets the base fee that the next transactions reckon with: the newest block's, wei. */
  setBaseFee(baseFee: bigint): void {
    this.#baseFee = baseFee;
  }

  /** Sends a transaction; throws if the node refuses it. */
  async send(
    label: string,
    gasLimit: bigint,
    submit: (overrides: TxOverrides) => Promise<TransactionResponse>,
  ): Promise<void> {
    this.#nonce ??= await this.wallet.getNonce("pending");
    try {
      const { chainId } = await this.#provider.getNetwork();
      const maxFeePerGas = 2n * this.#baseFee + TIP;
      const fees = { type: 2, chainId, maxFeePerGas, maxPriorityFeePerGas: TIP } as const;
      const tx = await submit({ nonce: this.#nonce, gasLimit, ...fees });
      this.#nonce += 1;
      this.#pending.push({ label, tx });
    } catch (error) {
      this.#nonce = undefined;
      throw error;
    }
  }

  /** Waits for everything sent since the last call. Failed and unmined ones are logged. Returns how many were sent. */
  async flush(log: Logger): Promise<number> {
    const sent = this.#pending;
    this.#pending = [];
    this.#nonce = undefined;
    for (const { label, tx } of sent) {
      let receipt: TransactionReceipt | null = null;
      try {
        receipt = await tx.wait(1, RECEIPT_TIMEOUT_MS);
      } catch (error) {
        log.warn({ tx: tx.hash, label, error: (error as Error).message }, "transaction failed");
        continue;
      }
      log.debug({ tx: tx.hash, label, gasUsed: receipt?.gasUsed.toString() }, "mined");
    }
    return sent.length;
  }
}
