import { fileURLToPath } from "node:url";
import {
  CollectStackTraces,
  EdrContext,
  FsAccessPermission,
  IncludeTraces,
  L1_CHAIN_TYPE,
  OSAKA,
  l1SolidityTestRunnerFactory,
  type Artifact,
} from "@nomicfoundation/edr";

/** What this process is asked: to run the one test of a contract in a folder, from which it may read. */
export interface Question {
  readonly artifact: Artifact;
  readonly folder: string;
}

export interface Answer {
  readonly folder: string;
  readonly passed: boolean;
  /** Why it failed. */
  readonly reason: string | undefined;
}

// Mocha imports every file of its folder: this one works in a process of its own alone.
if (process.argv[1] === fileURLToPath(import.meta.url)) await serve();

/** Answers each question its parent sends. */
async function serve(): Promise<void> {
  const context = new EdrContext();
  await context.registerSolidityTestRunnerFactory(L1_CHAIN_TYPE, l1SolidityTestRunnerFactory());

  process.on("message", ({ artifact, folder }: Question) => {
    const answer = (passed: boolean, reason?: string): void => {
      process.send!({ folder, passed, reason } satisfies Answer);
    };
    const config = {
      projectRoot: folder,
      hardfork: OSAKA,
      fsPermissions: [{ access: FsAccessPermission.ReadDirectory, path: folder }],
      disableBlockGasLimit: true,
      disableTransactionGasCap: true,
      collectStackTraces: CollectStackTraces.OnFailure,
      includeTraces: IncludeTraces.None,
    };
    context
      .runSolidityTests(L1_CHAIN_TYPE, [artifact], [artifact.id], config, {}, ({ testResults }) => {
        const [result] = testResults;
        if (testResults.length !== 1) answer(false, `${testResults.length} tests, not one`);
        else answer(result!.status === "Success", result!.reason);
      })
      .catch((error: unknown) => answer(false, String(error)));
  });
}
