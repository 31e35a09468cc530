import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";

const CHECKER = join(import.meta.dirname, "../../tools/check-layers.mjs");

describe("layer check", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bulkhead-layers-"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function write(file: string, ...lines: string[]) {
    const path = join(folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, lines.join("\n"));
  }

  function check() {
    const { status, stderr } = spawnSync(process.execPath, [CHECKER, folder], { encoding: "utf8" });
    return { status, stderr };
  }

  it("passes when every import follows the arrows", () => {
    write("contracts/types/Price.sol", "type Price is uint256;");
    write("contracts/vaults/Vault.sol", 'import {Price} from "../types/Price.sol";');
    write("packages/sdk/src/index.ts", 'export * from "./math/fixed.ts";');
    write("packages/sdk/src/math/fixed.ts", "export const WAD = 10n ** 18n;");
    write("scripts/replay.ts", 'import { WAD } from "@bulkhead/sdk";');

    expect(check()).to.deep.equal({ status: 0, stderr: "" });
  });

  it("names file, line, import and rule when a vault imports the market", () => {
    write(
      "contracts/vaults/Vault.sol",
      "// a vault",
      "",
      "import {",
      "    Market",
      '} from "../market/Market.sol";',
    );

    const { status, stderr } = check();

    expect(status).to.equal(1);
    expect(stderr).to.include('contracts/vaults/Vault.sol:3: imports "../market/Market.sol"');
    expect(stderr).to.include("contracts/market/Market.sol");
    expect(stderr).to.include("a vault keeps money and meets its market through an interface");
  });

  it("keeps mocks and tests out of production", () => {
    write("contracts/market/Market.sol", 'import {Token} from "../mocks/Token.sol";');
    write("contracts/factory/Factory.sol", 'import {BaseTest} from "../../test/shared/BaseTest.sol";');
    write("scripts/replay.ts", 'import { fixture } from "../test/shared/fixture.ts";');

    const { status, stderr } = check();

    expect(status).to.equal(1);
    expect(stderr).to.include("contracts/mocks/Token.sol");
    expect(stderr).to.include("test/shared/BaseTest.sol");
    expect(stderr).to.include("test/shared/fixture.ts");
  });

  it("lets an oracle see its own formulas and no other", () => {
    write("contracts/oracles/Fine.sol", 'import {OracleMath} from "../libraries/math/OracleMath.sol";');
    write("contracts/oracles/Wrong.sol", 'import {MarginMath} from "../libraries/math/MarginMath.sol";');

    const { status, stderr } = check();

    expect(status).to.equal(1);
    expect(stderr).to.include("contracts/oracles/Wrong.sol:1");
    expect(stderr).to.not.include("contracts/oracles/Fine.sol");
  });

  it("keeps sdk math free of packages and of the rest of the sdk", () => {
    write("packages/sdk/src/math/fixed.ts", 'import { parseUnits } from "ethers";');
    write("packages/sdk/src/math/fees.ts", 'export { reads } from "../reads/index.ts";');

    const { status, stderr } = check();

    expect(status).to.equal(1);
    expect(stderr).to.include("packages/sdk/src/math/fixed.ts:1");
    expect(stderr).to.include("packages/sdk/src/math/fees.ts:1");
  });

  it("lets one file of the sdk import the generated contracts", () => {
    const line = 'export { Market } from "../../../typechain-types/Market.ts";';
    write("packages/sdk/src/contracts.ts", line);
    write("packages/sdk/src/market.ts", line);
    write("packages/keeper/src/book.ts", 'import { Market } from "../../../typechain-types/Market.ts";');

    const { status, stderr } = check();

    expect(status).to.equal(1);
    expect(stderr).to.include("packages/sdk/src/market.ts:1");
    expect(stderr).to.include("packages/keeper/src/book.ts:1");
    expect(stderr).to.not.include("packages/sdk/src/contracts.ts");
  });

  it("takes an entry of a package for the folder behind it", () => {
    write("packages/keeper/src/feed.ts", 'import { createStreamsClient } from "@bulkhead/sdk/streams";');
    write("packages/sdk/src/math/fees.ts", 'import { createStreamsClient } from "@bulkhead/sdk/streams";');

    const { status, stderr } = check();

    expect(status).to.equal(1);
    expect(stderr).to.include(
      'packages/sdk/src/math/fees.ts:1: imports "@bulkhead/sdk/streams" (packages/sdk/src/streams/index.ts)',
    );
    expect(stderr).to.not.include("packages/keeper/src/feed.ts");
  });

  it("refuses a folder that the table doesn't know", () => {
    write("contracts/misc/Thing.sol", "contract Thing {}");

    const { status, stderr } = check();

    expect(status).to.equal(1);
    expect(stderr).to.include("contracts/misc/Thing.sol: no layer for this folder");
  });

  it("reads past imports that stand in comments", () => {
    write(
      "contracts/types/Price.sol",
      '/* import {Market} from "../market/Market.sol"; */',
      "type Price is uint256;",
    );

    expect(check().status).to.equal(0);
  });
});
