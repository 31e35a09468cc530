import {
  CollectStackTraces,
  EdrContext,
  FsAccessPermission,
  IncludeTraces,
  L1_CHAIN_TYPE,
  OSAKA,
  l1SolidityTestRunnerFactory,
  type TestResult,
} from "@nomicfoundation/edr";
import { artifacts } from "hardhat";

/** Runs the one test of a contract in a folder, from which it may read. */
export type SolidityTest = (folder: string) => Promise<TestResult>;

/** A Solidity test among the contracts, in Hardhat's own runner, without the traces that make `eth_call` slow. */
export async function loadSolidityTest(contractName: string): Promise<SolidityTest> {
  const artifact = await artifacts.readArtifact(contractName);
  // A name for the runner; any version does.
  const id = { name: contractName, source: artifact.sourceName, solcVersion: "0.8.30" };
  const contract = {
    abi: JSON.stringify(artifact.abi),
    bytecode: artifact.bytecode,
    deployedBytecode: artifact.deployedBytecode,
  };
  const context = new EdrContext();
  await context.registerSolidityTestRunnerFactory(L1_CHAIN_TYPE, l1SolidityTestRunnerFactory());
  return async (folder) => {
    const config = {
      projectRoot: folder,
      hardfork: OSAKA,
      fsPermissions: [{ access: FsAccessPermission.ReadDirectory, path: folder }],
      disableBlockGasLimit: true,
      disableTransactionGasCap: true,
      collectStackTraces: CollectStackTraces.OnFailure,
      includeTraces: IncludeTraces.None,
    };
    return new Promise((resolve, reject) => {
      context
        .runSolidityTests(L1_CHAIN_TYPE, [{ id, contract }], [id], config, {}, ({ testResults }) => {
          if (testResults.length === 1) resolve(testResults[0]!);
          else reject(new Error(`${contractName} has ${testResults.length} tests, not one`));
        })
        .catch(reject);
    });
  };
}
