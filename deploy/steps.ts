import type { BaseContract, ContractTransactionResponse, Signer, TransactionReceipt } from "ethers";
import type { Journal } from "./journal.ts";

/** What runs a deployment's steps: once each, however often the deployment is run. */
export interface Runner {
  readonly signer: Signer;
  readonly journal: Journal;
  /** Told what is done, and whether it had been done before. */
  readonly onStep: (name: string, done: "sent" | "found") => void;
}

/** Deploys a contract, or finds the one that an earlier run deployed. Returns its address. */
export async function deployStep(
  runner: Runner,
  name: string,
  send: () => Promise<BaseContract>,
): Promise<string> {
  const known = await finished(runner, name);
  if (known?.address !== undefined) {
    runner.onStep(name, "found");
    return known.address;
  }
  const contract = await send();
  const tx = contract.deploymentTransaction();
  if (tx === null) throw new Error(`${name}: no deployment transaction`);
  const address = await contract.getAddress();
  await runner.journal.setStep(name, { tx: tx.hash, address });
  const receipt = mined(name, await tx.wait());
  await runner.journal.setStep(name, { tx: tx.hash, address, block: receipt.blockNumber });
  runner.onStep(name, "sent");
  return address;
}

/** Sends a transaction unless an earlier run did, or `isDone` finds its effect on the chain. */
export async function callStep(
  runner: Runner,
  name: string,
  isDone: () => Promise<boolean>,
  send: () => Promise<ContractTransactionResponse>,
): Promise<void> {
  if ((await finished(runner, name)) !== undefined || (await isDone())) {
    runner.onStep(name, "found");
    return;
  }
  const tx = await send();
  await runner.journal.setStep(name, { tx: tx.hash });
  const receipt = mined(name, await tx.wait());
  await runner.journal.setStep(name, { tx: tx.hash, block: receipt.blockNumber });
  runner.onStep(name, "sent");
}

/** The step if its transaction is mined; waits for one that was sent and not yet seen mined. */
async function finished(
  { journal, signer }: Runner,
  name: string,
): Promise<{ address?: string } | undefined> {
  const step = journal.step(name);
  if (step === undefined) return undefined;
  if (step.block !== undefined) return step;
  const response = await signer.provider?.getTransaction(step.tx);
  // Dropped from the pool: it has to be sent again.
  if (response === null || response === undefined) return undefined;
  const receipt = mined(name, await response.wait());
  await journal.setStep(name, { ...step, block: receipt.blockNumber });
  return step;
}

function mined(name: string, receipt: TransactionReceipt | null): TransactionReceipt {
  if (receipt === null || receipt.status !== 1) throw new Error(`${name}: the transaction failed`);
  return receipt;
}
