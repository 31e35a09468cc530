import { expect } from "chai";
import { GUARDIAN, RISK_ADMIN } from "../../deploy/governance.ts";
import { IncompleteHistoryError, readRoles, type RoleTable } from "../../deploy/roles.ts";
import { AccessManager__factory, MarketFactory__factory } from "../../typechain-types/index.ts";
import { openMarket } from "../shared/market.ts";

/** The desk with its authority, and a way to read its roles. */
async function openDesk() {
  const desk = await openMarket();
  const authority = AccessManager__factory.connect(await desk.market.authority(), desk.operator);
  const market = await desk.market.getAddress();
  const read = (fromBlock = 0) =>
    readRoles(desk.ethers.provider, { market, factory: desk.factory, fromBlock });
  return { ...desk, authority, read };
}

function role(table: RoleTable, name: string) {
  return table.roles.find((state) => state.name === name)!;
}

/** Functions of a contract, by who may call them. */
function functionsOf(table: RoleTable, contract: string, kind: string): string[] {
  const found = table.functions.filter((f) => f.contract === contract && f.access.kind === kind);
  return [...new Set(found.map(({ name }) => name))].sort();
}

/** Functions that an account may call through a role, each with its delay. */
function callableBy(table: RoleTable, account: string): Record<string, bigint> {
  return Object.fromEntries(
    table.functions.flatMap(({ name, access }) => {
      if (access.kind !== "role" || access.callers === "anyone") return [];
      return access.callers.filter((c) => c.account === account).map(({ delay }) => [name, delay]);
    }),
  );
}

/** The functions of a role. */
function functionsFor(table: RoleTable, id: bigint): string[] {
  return table.functions
    .filter(({ access }) => access.kind === "role" && access.role === id)
    .map(({ name }) => name);
}

describe("readRoles", () => {
  it("shows a fresh market: both roles and the authority with the deployer, delays as in the parameters", async () => {
    const { read, operator, file, authority, market, factory } = await openDesk();
    const table = await read();
    expect(table).to.include({ market: await market.getAddress(), authority: await authority.getAddress() });
    expect(table).to.deep.include({ isClosed: false, adminDelay: 0n });
    expect(table.factory).to.deep.equal({ owner: operator.address });
    expect(table.contracts).to.include({ market: table.market, factory });
    expect(table.roles.map(({ name }) => name)).to.deep.equal(["ADMIN", "RISK_ADMIN", "GUARDIAN"]);
    for (const { name, members, admin, guardian } of table.roles) {
      const delay = name === "RISK_ADMIN" ? file.governance.riskDelay : 0n;
      expect(members).to.have.length(1);
      expect(members[0]).to.include({ account: operator.address, isActive: true, isContract: false, delay });
      expect({ admin, guardian }).to.deep.equal({ admin: 0n, guardian: 0n });
    }
    expect(functionsFor(table, RISK_ADMIN.id)).to.have.members([...RISK_ADMIN.functions]);
    expect(functionsFor(table, GUARDIAN.id)).to.deep.equal(["stopNewRisk"]);
    const { stopNewRisk, ...delayed } = callableBy(table, operator.address);
    expect(stopNewRisk).to.equal(0n);
    expect(delayed).to.deep.equal(
      Object.fromEntries(RISK_ADMIN.functions.map((name) => [name, file.governance.riskDelay])),
    );
  });

  it("tells every state-changing function that one contract alone may call from those of everybody", async () => {
    const table = await (await openDesk()).read();
    const { market, functions } = table;
    expect(functionsOf(table, "market", "contract")).to.deep.equal(
      ["addPoolCash", "depositFor", "execute", "release", "reserve", "takePoolCash"].sort(),
    );
    expect(functionsOf(table, "marginVault", "contract")).to.deep.equal([
      "close",
      "deposit",
      "settle",
      "withdraw",
    ]);
    expect(functionsOf(table, "liquidityVault", "contract")).to.deep.equal(["provide"]);
    expect(functionsOf(table, "insuranceFund", "contract")).to.deep.equal(["cover"]);
    expect(functionsOf(table, "orderBook", "contract")).to.be.empty;
    for (const { contract, access } of functions) {
      if (access.kind === "contract" && contract !== "market") expect(access.caller).to.equal(market);
    }
    expect(functionsOf(table, "market", "anyone")).to.include.members([
      "addCollateral",
      "liquidate",
      "noteOutage",
    ]);
    expect(functionsOf(table, "factory", "owner")).to.deep.equal([
      "createMarket",
      "renounceOwnership",
      "transferOwnership",
    ]);
    expect(functionsOf(table, "factory", "pendingOwner")).to.deep.equal(["acceptOwnership"]);
    for (const { contract, access } of functions) {
      if (access.kind === "role") expect(contract).to.equal("market");
      if (access.kind === "owner") expect(contract).to.equal("factory");
    }
  });

  it("follows a role that is granted and revoked", async () => {
    const { read, operator, stranger, authority } = await openDesk();
    await authority.grantRole(GUARDIAN.id, stranger, 0n);
    await authority.revokeRole(GUARDIAN.id, operator);
    await authority.labelRole(GUARDIAN.id, "WATCH");
    const table = await read();
    expect(role(table, "WATCH").members.map(({ account }) => account)).to.deep.equal([stranger.address]);
    expect(callableBy(table, stranger.address)).to.deep.equal({ stopNewRisk: 0n });
    expect(callableBy(table, operator.address)).not.to.have.property("stopNewRisk");
  });

  it("tells a grant and a shorter delay that are to come from what holds", async () => {
    const { read, operator, stranger, authority, networkHelpers } = await openDesk();
    await authority.setGrantDelay(GUARDIAN.id, 3_600n);
    await networkHelpers.time.increase(6 * 86_400);
    await authority.grantRole(GUARDIAN.id, stranger, 0n);
    await authority.grantRole(RISK_ADMIN.id, operator, 60n);
    const now = BigInt(await networkHelpers.time.latest());
    const table = await read();
    const coming = role(table, "GUARDIAN").members.find(({ account }) => account === stranger.address);
    expect(coming).to.include({ isActive: false, since: now - 1n + 3_600n });
    expect(callableBy(table, stranger.address)).to.be.empty;
    const [risk] = role(table, "RISK_ADMIN").members;
    expect(risk?.nextDelay?.delay).to.equal(60n);
    expect(risk?.nextDelay?.at).to.equal(now + risk!.delay - 60n);
  });

  it("lets nobody call anything of a closed market", async () => {
    const { read, authority, market } = await openDesk();
    await authority.setTargetClosed(market, true);
    const table = await read();
    expect(table.isClosed).to.equal(true);
    const restricted = table.functions.filter(({ access }) => access.kind === "role");
    expect(restricted).to.have.length(RISK_ADMIN.functions.length + GUARDIAN.functions.length);
    for (const { access } of restricted) expect(access).to.deep.include({ callers: [] });
  });

  it("keeps a restricted function in sight that everybody may call, and gives one of no role to the administrators", async () => {
    const { read, operator, authority, market } = await openDesk();
    const [stop, resume] = ["stopNewRisk", "resumeNewRisk"].map(
      (name) => market.getFunction(name as "stopNewRisk").fragment.selector,
    );
    await authority.setTargetFunctionRole(market, [stop!], 2n ** 64n - 1n);
    await authority.setTargetFunctionRole(market, [resume!], 0n);
    const { functions } = await read();
    const access = (name: string) => functions.find((f) => f.name === name)?.access;
    expect(access("stopNewRisk")).to.deep.equal({ kind: "role", role: 2n ** 64n - 1n, callers: "anyone" });
    const callers = [{ account: operator.address, delay: 0n }];
    expect(access("resumeNewRisk")).to.deep.equal({ kind: "role", role: 0n, callers });
  });

  it("shows who was offered the factory", async () => {
    const { read, operator, stranger, factory } = await openDesk();
    await MarketFactory__factory.connect(factory, operator).transferOwnership(stranger);
    expect((await read()).factory).to.include({ owner: operator.address, pendingOwner: stranger.address });
  });

  it("refuses a history that begins too late, and an address without a market", async () => {
    const { read, ethers, stranger, factory } = await openDesk();
    const late = await read(await ethers.provider.getBlockNumber()).catch((error: unknown) => error);
    expect(late).to.be.instanceOf(IncompleteHistoryError);
    for (const [address, what] of [
      [stranger.address, "contract"],
      [factory, "market"],
    ] as const) {
      const refused = await readRoles(ethers.provider, { market: address }).catch((error: unknown) => error);
      expect((refused as Error).message).to.equal(`no ${what} at ${address}`);
    }
  });
});
