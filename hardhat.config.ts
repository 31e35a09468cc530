import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { defineConfig } from "hardhat/config";
import type { HardhatPlugin } from "hardhat/types/plugins";
import type { CompilerInput, CompilerOutput } from "hardhat/types/solidity";
import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import hardhatChaiMatchers from "@nomicfoundation/hardhat-ethers-chai-matchers";
import hardhatIgnitionEthers from "@nomicfoundation/hardhat-ignition-ethers";
import hardhatMocha from "@nomicfoundation/hardhat-mocha";
import hardhatNetworkHelpers from "@nomicfoundation/hardhat-network-helpers";
import hardhatTypechain from "@nomicfoundation/hardhat-typechain";

const require = createRequire(import.meta.url);
const OPTIMIZER_RUNS = 800;
const optimizer = { enabled: true, runs: OPTIMIZER_RUNS };

/** Whether a compiler message is about an npm package: the first place that it points at lies in one. */
function isAboutDependency(message = ""): boolean {
  const place = /\S+\.sol(?=:\d+:\d+)/.exec(message)?.[0] ?? "";
  return /^(\.\/)?(npm|node_modules)\//.test(place);
}

/** Drops the compiler's warnings about npm packages, which nobody here can mend; those about our own code stay. */
const quietDependencies: HardhatPlugin = {
  id: "quiet-dependencies",
  hookHandlers: {
    solidity: async () => ({
      default: async () => ({
        getCompilationJobErrors: async (context, job, output, next) => {
          const reported = await next(context, job, output);
          return reported.filter(
            ({ severity, formattedMessage }) => severity === "error" || !isAboutDependency(formattedMessage),
          );
        },
      }),
    }),
  },
};

type Selection = CompilerInput["settings"]["outputSelection"];

interface SyntaxNode {
  nodeType: string;
  id: number;
  name: string;
  src: string;
  abstract: boolean;
  contractKind: string;
  linearizedBaseContracts: number[];
}

/** What solc says of a contract without code. */
const NO_CODE = { object: "", opcodes: "", sourceMap: "", linkReferences: {} };

/** Shares the contracts in `files` out among `count` compilers, evenly by how much source each contract is made of. */
function shareOut(
  sources: CompilerOutput["sources"],
  files: string[],
  count: number,
  outputs: string[],
): Selection[] {
  const contracts = Object.entries(sources).flatMap(([file, { ast }]) =>
    (ast.nodes as SyntaxNode[])
      .filter(({ nodeType }) => nodeType === "ContractDefinition")
      .map((node) => ({ ...node, file, length: Number(node.src.split(":")[1]) })),
  );
  const lengths = new Map(contracts.map(({ id, length }) => [id, length]));
  const shares = Array.from({ length: count }, () => ({ length: 0, selection: {} as Selection }));
  const ordered = contracts
    .filter(
      ({ file, abstract, contractKind }) => files.includes(file) && !abstract && contractKind !== "interface",
    )
    .map(({ file, name, linearizedBaseContracts: bases }) => ({
      file,
      name,
      length: bases.reduce((sum, id) => sum + (lengths.get(id) ?? 0), 0),
    }))
    .sort((a, b) => b.length - a.length);
  for (const { file, name, length } of ordered) {
    const least = shares.reduce((a, b) => (b.length < a.length ? b : a));
    (least.selection[file] ??= {})[name] = outputs;
    least.length += length;
  }
  return shares.filter(({ length }) => length !== 0).map(({ selection }) => selection);
}

const testsIn = (input: CompilerInput) =>
  Object.keys(input.sources).filter((file) => file.startsWith("project/test/"));

/** Tests of libraries have these inlined: they are compiled as contracts are. */
const hasLibraryInside = (file: string) => /^project\/test\/(libraries|math)\//.test(file);

/**
 * Compiles of a build of tests the tests alone, on all cores and without the Yul optimiser's steps. Hardhat asks for
 * the code of whatever they import as well; they deploy that from the artifacts of the contracts' own build.
 */
const testsAlone: HardhatPlugin = {
  id: "tests-alone",
  hookHandlers: {
    solidity: async () => ({
      default: async () => ({
        preprocessSolcInputBeforeBuilding: async (context, input, next) => {
          if (testsIn(input).length === 0) return next(context, input);
          const details = { yulDetails: { optimizerSteps: ":" } };
          return next(context, {
            ...input,
            settings: { ...input.settings, optimizer: { ...optimizer, details } },
          });
        },
        invokeSolc: async (context, compiler, input, config, next) => {
          const tests = testsIn(input);
          if (tests.length === 0) return next(context, compiler, input, config);
          const { "": ofFile = [], "*": ofContract = [] } = input.settings.outputSelection["*"] ?? {};
          const compile = (outputSelection: Selection, settings = input.settings) =>
            next(context, compiler, { ...input, settings: { ...settings, outputSelection } }, config);
          const share = (files: string[], count: number) =>
            shareOut(output.sources, files, count, ofContract);

          // Syntax trees apart from code: asked for both at once, the compiler makes the code of every file.
          const output = await compile({ "*": { "": ofFile, "*": ["abi", "evm.methodIdentifiers"] } });
          const contracts = output.contracts;
          if (contracts === undefined || output.errors?.some(({ severity }) => severity === "error"))
            return output;
          const others = tests.filter((file) => !hasLibraryInside(file));
          const parts = [
            ...share(others, availableParallelism()).map((selection) => compile(selection)),
            ...share(tests.filter(hasLibraryInside), 1).map((selection) =>
              compile(selection, { ...input.settings, optimizer }),
            ),
          ];
          for (const part of await Promise.all(parts)) {
            const errors = part.errors?.filter(({ severity }) => severity === "error") ?? [];
            output.errors = [...(output.errors ?? []), ...errors];
            for (const [file, made] of Object.entries(part.contracts ?? {})) {
              contracts[file] = { ...contracts[file], ...made };
            }
          }
          // EDR reads the code of every contract, if only to see that there is none.
          for (const { evm } of Object.values(contracts).flatMap((file) => Object.values(file))) {
            if (evm !== undefined) evm.bytecode ??= evm.deployedBytecode ??= NO_CODE;
          }
          return output;
        },
      }),
    }),
  },
};

export default defineConfig({
  plugins: [
    hardhatEthers,
    hardhatChaiMatchers,
    hardhatIgnitionEthers,
    hardhatMocha,
    hardhatNetworkHelpers,
    hardhatTypechain,
    quietDependencies,
    testsAlone,
  ],
  solidity: {
    splitTestsCompilation: true,
    profiles: {
      default: {
        compilers: [
          {
            version: "0.8.30",
            path: require.resolve("solc/soljson.js"),
            settings: { optimizer, viaIR: true, evmVersion: "cancun" },
          },
          { version: "0.8.19", path: require.resolve("solc-0.8.19/soljson.js"), settings: { optimizer } },
          { version: "0.6.6", path: require.resolve("solc-0.6.6/soljson.js"), settings: { optimizer } },
        ],
      },
    },
    npmFilesToBuild: [
      "@openzeppelin/contracts/access/manager/AccessManager.sol",
      "@chainlink/contracts-legacy/src/v0.6/FluxAggregator.sol",
      "@chainlink/contracts-legacy/src/v0.6/EACAggregatorProxy.sol",
      "@chainlink/contracts/src/v0.8/llo-feeds/VerifierProxy.sol",
      "@chainlink/contracts/src/v0.8/llo-feeds/Verifier.sol",
      "@chainlink/contracts/src/v0.8/llo-feeds/FeeManager.sol",
      "@chainlink/contracts/src/v0.8/llo-feeds/RewardManager.sol",
      "@chainlink/contracts/src/v0.8/shared/token/ERC677/LinkToken.sol",
      "solady/src/tokens/WETH.sol",
      "@chainlink/contracts/src/v0.8/automation/AutomationForwarderLogic.sol",
      "@chainlink/contracts/src/v0.8/automation/chains/ChainModuleBase.sol",
      "@chainlink/contracts/src/v0.8/automation/interfaces/v2_3/IAutomationRegistryMaster2_3.sol",
      "@chainlink/contracts/src/v0.8/automation/v2_3/AutomationRegistry2_3.sol",
      "@chainlink/contracts/src/v0.8/automation/v2_3/AutomationRegistryLogicA2_3.sol",
      "@chainlink/contracts/src/v0.8/automation/v2_3/AutomationRegistryLogicB2_3.sol",
      "@chainlink/contracts/src/v0.8/automation/v2_3/AutomationRegistryLogicC2_3.sol",
    ],
  },
  paths: { tests: { mocha: "./test", solidity: "./test" } },
  typechain: { outDir: "./typechain-types" },
  test: {
    mocha: { timeout: 120_000 },
    solidity: {
      fuzz: { runs: Number(process.env.FUZZ_RUNS ?? 256) },
      invariant: {
        runs: Number(process.env.INVARIANT_RUNS ?? 32),
        depth: Number(process.env.INVARIANT_DEPTH ?? 64),
        failOnRevert: true,
      },
      fsPermissions: { dangerouslyReadWriteDirectory: ["snapshots"], readDirectory: ["data"] },
    },
  },
  networks: {
    // Execution fees follow the base fee; a chain with nobody else on it has none.
    default: { type: "edr-simulated", chainType: "l1", initialBaseFeePerGas: 0 },
    // `hardhat node`, and any script that asks for the network "node" in process: a chain to replay a busy day on.
    node: {
      type: "edr-simulated",
      chainType: "l1",
      accounts: { count: 300 },
      allowBlocksWithSameTimestamp: true,
      mining: { auto: true },
      initialBaseFeePerGas: 0,
      // Seconds since 1970 at which the chain begins, for a replay of the past; default: now.
      ...(process.env.CHAIN_START === undefined
        ? {}
        : { initialDate: new Date(Number(process.env.CHAIN_START) * 1_000) }),
    },
    localhost: { type: "http", chainType: "l1", url: "http://127.0.0.1:8545" },
  },
});
