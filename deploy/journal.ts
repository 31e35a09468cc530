import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Provider } from "ethers";

/** Chain id of local development chains, which forget everything when they restart. */
export const LOCAL_CHAIN_ID = 31337;

/** A step of a deployment: its transaction, and what it deployed if it deploys. */
export interface Step {
  readonly tx: string;
  readonly address?: string;
  /** Set once the transaction is mined. */
  readonly block?: number;
}

/** What stands in `deployments/<chainId>.json`: steps while it goes on, addresses and parameters when it is done. */
export interface DeploymentRecord {
  readonly chainId: number;
  /** Hash of the chain's first block: tells a chain from another of the same id. */
  readonly genesis: string;
  readonly steps: Record<string, Step>;
  readonly [key: string]: unknown;
}

/** A record that belongs to another chain, or that can't be read. */
export class JournalError extends Error {
  override readonly name = "JournalError";
}

/**
 * Remembers every step of a deployment, on disk if it has a file. A transaction is written down before it is waited
 * for, so a run that dies in between finds it again instead of sending another.
 */
export class Journal {
  #record: DeploymentRecord;
  readonly #file: string | undefined;

  private constructor(record: DeploymentRecord, file: string | undefined) {
    this.#record = record;
    this.#file = file;
  }

  /** Opens the record in `file`, or starts one; without a file it lives in memory only. */
  static async open(provider: Provider, file?: string): Promise<Journal> {
    const chainId = Number((await provider.getNetwork()).chainId);
    const genesis = (await provider.getBlock(0))?.hash ?? "";
    const fresh: DeploymentRecord = { chainId, genesis, steps: {} };
    if (file === undefined) return new Journal(fresh, undefined);
    const known = await read(file);
    if (known === undefined) return new Journal(fresh, file);
    if (known.chainId === chainId && known.genesis === genesis) return new Journal(known, file);
    if (known.chainId === chainId && chainId === LOCAL_CHAIN_ID) return new Journal(fresh, file);
    throw new JournalError(
      `${file} is of chain ${known.chainId} (first block ${known.genesis}), not of this one: ` +
        `${chainId} (${genesis}); move it away to start anew`,
    );
  }

  get record(): DeploymentRecord {
    return this.#record;
  }

  step(name: string): Step | undefined {
    return this.#record.steps[name];
  }

  async setStep(name: string, step: Step): Promise<void> {
    this.#record = { ...this.#record, steps: { ...this.#record.steps, [name]: step } };
    await this.#save();
  }

  /** Adds what was deployed to the record. */
  async finish(result: Record<string, unknown>): Promise<void> {
    this.#record = { ...this.#record, ...result };
    await this.#save();
  }

  async #save(): Promise<void> {
    if (this.#file === undefined) return;
    await mkdir(dirname(this.#file), { recursive: true });
    // Whole or not at all: a half-written file would lose the steps before.
    await writeFile(`${this.#file}.new`, `${JSON.stringify(this.#record, bigintToString, 2)}\n`);
    await rename(`${this.#file}.new`, this.#file);
  }
}

async function read(file: string): Promise<DeploymentRecord | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const record = JSON.parse(text) as DeploymentRecord;
    if (typeof record.chainId === "number" && typeof record.steps === "object") return record;
  } catch {
    // Told below: not JSON is as bad as another JSON.
  }
  throw new JournalError(`${file} is not a deployment record; move it away to start anew`);
}

function bigintToString(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
