// An install under Node < 22 skips Hardhat's native binding, whose `engines` field asks for Node >= 22.
// npm scripts have node_modules/.bin first on PATH, so this file itself runs under the pinned Node 24:
// when the binding does not load, it asks npm once more, under this Node, to add it.
import { spawnSync } from "node:child_process";

const PROBE =
  "require('module').createRequire(require.resolve('hardhat/package.json'))('@nomicfoundation/edr')";

function bindingLoads() {
  return spawnSync(process.execPath, ["-e", PROBE]).status === 0;
}

if (!bindingLoads()) {
  const npm = process.env.npm_execpath;
  spawnSync(process.execPath, [npm, "install", "--no-save", "--ignore-scripts"], { stdio: "inherit" });
  if (!bindingLoads()) {
    console.error("Hardhat's native binding is missing. Install once more with Node 22 or newer.");
    process.exit(1);
  }
}
