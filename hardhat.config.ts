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

/** What solc says of a contract without code. */
const NO_CODE = { object: "", opcodes: "", sourceMap: "", linkReferences: {} };

type Selection = CompilerInput["settings"]["outputSelection"];

interface ContractNode {
  nodeType: string;
  id: number;
  name: string;
  src: string;
  abstract: boolean;
  contractKind: string;
  linearizedBaseContracts: number[];
}

/** The contracts of `names` that have code, by files; each with the length of all source that goes into it. */
function sourceLengths(
  output: CompilerOutput,
  names: string[],
): { name: string; contract: string; length: number }[] {
  const lengths = new Map<number, number>();
  const nodes = (name: string) =>
    (output.sources[name]?.ast.nodes as ContractNode[]).filter(
      ({ nodeType }) => nodeType === "ContractDefinition",
    );
  for (const name of Object.keys(output.sources)) {
    for (const { id, src } of nodes(name)) lengths.set(id, Number(src.split(":")[1]));
  }
  return names.flatMap((name) =>
    nodes(name)
      .filter(({ abstract, contractKind }) => !abstract && contractKind === "contract")
      .map((node) => ({
        name,
        contract: node.name,
        length: node.linearizedBaseContracts.reduce((sum, id) => sum + (lengths.get(id) ?? 0), 0),
      })),
  );
}

/**
 * Compiles of a build of tests the tests alone, on all cores. Hardhat asks for the code of whatever they import as
 * well, but they deploy that from the contracts' own artifacts.
 */
const testsAlone: HardhatPlugin = {
  id: "tests-alone",
  hookHandlers: {
    solidity: async () => ({
      default: async () => ({
        invokeSolc: async (context, compiler, input, config, next) => {
          const tests = Object.keys(input.sources).filter((name) => name.startsWith("project/test/"));
          const { "": ofFile = [], "*": ofContract = [] } = input.settings.outputSelection["*"] ?? {};
          if (tests.length === 0) return next(context, compiler, input, config);
          const compile = (outputSelection: Selection) =>
            next(context, compiler, { ...input, settings: { ...input.settings, outputSelection } }, config);

          // Apart from the code: asked for both at once, the compiler makes the code of all files.
          const outline = await compile({ "*": { "": ofFile, "*": ["abi", "evm.methodIdentifiers"] } });
          if (outline.errors?.some(({ severity }) => severity === "error") === true) return outline;
          const shares = Array.from({ length: availableParallelism() }, () => ({
            length: 0,
            selection: {} as Selection,
          }));
          for (const { name, contract, length } of sourceLengths(outline, tests).sort(
            (a, b) => b.length - a.length,
          )) {
            const least = shares.reduce((a, b) => (b.length < a.length ? b : a));
            (least.selection[name] ??= {})[contract] = ofContract;
            least.length += length;
          }
          const busy = shares.filter(({ length }) => length !== 0);
          const parts = await Promise.all(busy.map(({ selection }) => compile(selection)));

          for (const { errors, contracts } of parts) {
            outline.errors = [
              ...(outline.errors ?? []),
              ...(errors ?? []).filter(({ severity }) => severity === "error"),
            ];
            for (const [name, file] of Object.entries(contracts ?? {}))
              Object.assign(outline.contracts?.[name] ?? {}, file);
          }
          // EDR reads the code of every contract, if only to find that it has none.
          for (const { evm } of Object.values(outline.contracts ?? {}).flatMap((file) =>
            Object.values(file),
          )) {
            if (evm !== undefined) evm.bytecode ??= evm.deployedBytecode ??= NO_CODE;
          }
          return outline;
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
