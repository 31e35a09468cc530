// Which folder may import which. `tools/check-layers.mjs` holds every import of the repository against this table.
//
// The first layer whose `files` pattern matches a file is that file's layer. `may` lists what it may import:
// path patterns (`*` within a folder, `**` across folders), or packages as `npm:<name>` and `npm:**` (any package,
// Node's own modules included). A file that no layer matches is an error, so a new folder needs a line here first.

const OPENZEPPELIN = "npm:@openzeppelin/contracts";
const TYPES = "contracts/types/**";
const LIBRARIES = "contracts/libraries/**";
const INTERFACES = "contracts/interfaces/**";

export const solidity = [
  {
    files: TYPES,
    may: [TYPES],
    why: "types are leaves",
  },
  {
    files: "contracts/libraries/math/**",
    may: [
      TYPES,
      "contracts/libraries/math/**",
      "contracts/libraries/Constants.sol",
      "contracts/libraries/Errors.sol",
      OPENZEPPELIN,
    ],
    why: "a formula is pure: it knows values, constants and errors, no contract",
  },
  {
    files: LIBRARIES,
    may: [TYPES, LIBRARIES, OPENZEPPELIN],
    why: "a shared library knows no contract",
  },
  {
    files: INTERFACES,
    may: [TYPES, INTERFACES, OPENZEPPELIN, "npm:@chainlink/contracts"],
    why: "an interface is declared with types and the interfaces of others only",
  },
  {
    files: "contracts/oracles/**",
    may: [
      TYPES,
      "contracts/libraries/*",
      "contracts/libraries/math/FixedMath.sol",
      "contracts/libraries/math/OracleMath.sol",
      INTERFACES,
      "contracts/oracles/**",
      OPENZEPPELIN,
      "npm:@chainlink/contracts",
    ],
    why: "an oracle reports prices and knows nothing of positions, margin or fees",
  },
  {
    files: "contracts/vaults/**",
    may: [TYPES, LIBRARIES, INTERFACES, "contracts/vaults/**", OPENZEPPELIN],
    why: "a vault keeps money and meets its market through an interface",
  },
  {
    files: "contracts/market/**",
    may: [TYPES, LIBRARIES, INTERFACES, "contracts/market/**", OPENZEPPELIN, "npm:solady"],
    why: "a market meets its vaults, its oracle and its order book through interfaces",
  },
  {
    files: "contracts/orders/**",
    may: [
      TYPES,
      LIBRARIES,
      INTERFACES,
      "contracts/vaults/**",
      "contracts/market/**",
      "contracts/orders/**",
      OPENZEPPELIN,
    ],
    why: "orders stand above the market, below the periphery",
  },
  {
    files: "contracts/periphery/automation/**",
    may: [
      TYPES,
      LIBRARIES,
      INTERFACES,
      "contracts/oracles/**",
      "contracts/periphery/automation/**",
      OPENZEPPELIN,
      "npm:@chainlink/contracts",
      "npm:solady",
    ],
    why: "an upkeep is an outside keeper on the chain: it meets the protocol through interfaces",
  },
  {
    files: "contracts/{factory,periphery}/**",
    may: [
      TYPES,
      LIBRARIES,
      INTERFACES,
      "contracts/oracles/**",
      "contracts/vaults/**",
      "contracts/market/**",
      "contracts/orders/**",
      "contracts/factory/**",
      "contracts/periphery/**",
      OPENZEPPELIN,
      "npm:solady",
    ],
    why: "the outer ring sees the protocol, never its tests",
  },
  {
    files: "{contracts/harness,contracts/mocks,test}/**",
    may: ["contracts/**", "test/**", "npm:**"],
    why: "test code sees everything",
  },
];

const TYPECHAIN = "typechain-types/**";
const SDK = "packages/sdk/src/**";
const KEEPER = "packages/keeper/src/**";
const CLI = "packages/cli/src/**";

export const typescript = [
  {
    files: "packages/sdk/src/math/**",
    may: ["packages/sdk/src/math/**"],
    why: "sdk math mirrors the Solidity math and needs nothing but itself",
  },
  {
    files: "packages/sdk/src/streams/**",
    may: ["packages/sdk/src/streams/**", "npm:ethers", "npm:p-retry", "npm:ws"],
    why: "reports are fetched without the protocol; HTTP is the platform's, WebSocket with headers is ws",
  },
  {
    files: "packages/sdk/src/contracts.ts",
    may: [TYPECHAIN],
    why: "one file of the sdk knows where the generated contracts are",
  },
  {
    files: SDK,
    may: [SDK, "npm:ethers"],
    why: "the sdk runs anywhere: it stands on its contracts and ethers only",
  },
  {
    files: KEEPER,
    may: [SDK, KEEPER, "npm:**"],
    why: "the keeper stands on the sdk, like any outside operator",
  },
  {
    files: CLI,
    may: [SDK, CLI, "npm:**"],
    why: "the command line stands on the sdk, like any outside user",
  },
  {
    files: "packages/cli/bin/**",
    may: [CLI, "packages/cli/dist/**", "npm:**"],
    why: "it starts the command line and does nothing else",
  },
  {
    files: "deploy/**",
    may: [TYPECHAIN, SDK, "deploy/**", "deployments/**", "npm:**"],
    why: "a deployment is described without the scripts that run it",
  },
  {
    files: "scripts/**",
    may: [TYPECHAIN, SDK, KEEPER, "deploy/**", "deployments/**", "data/**", "scripts/**", "npm:**"],
    why: "scripts use the product, never its tests",
  },
  {
    files: "test/**",
    may: [
      TYPECHAIN,
      SDK,
      KEEPER,
      CLI,
      "deploy/**",
      "deployments/**",
      "data/**",
      "scripts/**",
      "test/**",
      "tools/**",
      "npm:**",
    ],
    why: "test code sees everything",
  },
  {
    files: "tools/**",
    may: ["tools/**", "npm:**"],
    why: "a tool works before anything is built",
  },
  {
    files: "*",
    may: ["tools/**", "npm:**"],
    why: "a configuration file stands on tools, which need nothing that is built",
  },
];

/** Folders with nothing of ours to check: fetched, generated or written by a run. */
export const skipped = [
  "node_modules",
  "artifacts",
  "cache",
  "coverage",
  "dist",
  "deployments",
  "ignition",
  "reports",
  "snapshots",
  "typechain-types",
];
