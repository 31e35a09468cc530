import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { artifacts } from "hardhat";
import type { Answer, Question } from "./solidity-test.ts";

/** A Solidity test among the contracts. */
export interface SolidityTest {
  /** Runs it in a folder, from which it may read. */
  readonly run: (folder: string) => Promise<Answer>;
  /** Ends its process. */
  readonly close: () => void;
}

/**
 * The one test of a contract, in Hardhat's runner of Solidity tests, without the traces that make `eth_call` slow. It has
 * a process of its own: there may be only one runner in each, and Hardhat's is out of reach.
 */
export async function loadSolidityTest(contractName: string): Promise<SolidityTest> {
  const { abi, bytecode, deployedBytecode, sourceName } = await artifacts.readArtifact(contractName);
  const artifact = {
    // A name for the runner; any version does.
    id: { name: contractName, source: sourceName, solcVersion: "0.8.30" },
    contract: { abi: JSON.stringify(abi), bytecode, deployedBytecode },
  };
  const child = fork(fileURLToPath(new URL("solidity-test.ts", import.meta.url)), {
    execArgv: ["--import", "tsx"],
  });
  const waiting = new Map<string, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();
  child.on("message", (answer: Answer) => waiting.get(answer.folder)?.resolve(answer));
  child.on("exit", (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`the runner ended with code ${code}`));
  });
  return {
    run: (folder) =>
      new Promise<Answer>((resolve, reject) => {
        waiting.set(folder, { resolve, reject });
        child.send({ artifact, folder } satisfies Question);
      }).finally(() => waiting.delete(folder)),
    close: () => child.disconnect(),
  };
}
