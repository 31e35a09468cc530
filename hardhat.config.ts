import { createRequire } from "node:module";
import { defineConfig } from "hardhat/config";
import type { HardhatPlugin } from "hardhat/types/plugins";
import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import hardhatChaiMatchers from "@nomicfoundation/hardhat-ethers-chai-matchers";
import hardhatIgnitionEthers from "@nomicfoundation/hardhat-ignition-ethers";
import hardhatMocha from "@nomicfoundation/hardhat-mocha";
import hardhatNetworkHelpers from "@nomicfoundation/hardhat-network-helpers";
import hardhatTypechain from "@nomicfoundation/hardhat-typechain";
import { testsAlone } from "./tools/compile-tests.ts";

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

export default defineConfig({
  plugins: [
    hardhatEthers,
    hardhatChaiMatchers,
    hardhatIgnitionEthers,
    hardhatMocha,
    hardhatNetworkHelpers,
    hardhatTypechain,
    quietDependencies,
    testsAlone(optimizer),
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
      "@chainlink/contracts/src/v0.8/l2ep/dev/Flags.sol",
      "@chainlink/contracts/src/v0.8/l2ep/dev/arbitrum/ArbitrumSequencerUptimeFeed.sol",
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
    mocha: { timeout: 120_000, parallel: true, jobs: 2, require: ["./tools/mocha-values.mjs"] },
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
