import { GovernanceModule__factory, type AccessManager } from "../typechain-types/index.ts";
import type { MarketFile } from "./params/types.ts";
import { callStep, type Runner } from "./steps.ts";

const { interface: abi } = GovernanceModule__factory.connect("0x0000000000000000000000000000000000000000");

/** A role of a market's governance. */
export interface Role {
  /** Number in the AccessManager. */
  readonly id: bigint;
  readonly name: string;
  /** The market's functions it may call; everything else is nobody's, or everybody's. */
  readonly functions: readonly string[];
}

/** Changes parameters within their hard bounds, after a delay. */
export const RISK_ADMIN: Role = {
  id: 1n,
  name: "RISK_ADMIN",
  functions: ["setParams", "scheduleMaintenance", "cancelSchedule", "resumeNewRisk"],
};

/** Stops new risk at once, and can do nothing else. */
export const GUARDIAN: Role = { id: 2n, name: "GUARDIAN", functions: ["stopNewRisk"] };

export const ROLES: readonly Role[] = [RISK_ADMIN, GUARDIAN];

/** Selectors of a role's functions. */
export function selectorsOf(role: Role): string[] {
  return role.functions.map((name) => abi.getFunction(name as "setParams").selector);
}

/**
 * Gives the market's restricted functions to their roles, and both roles to the deployer, who hands them on. Steps that
 * are done already are found on the chain.
 */
export async function assignRoles(
  runner: Runner,
  authority: AccessManager,
  market: string,
  file: MarketFile,
): Promise<void> {
  const holder = await runner.signer.getAddress();
  for (const role of ROLES) {
    const selectors = selectorsOf(role);
    await callStep(
      runner,
      `functions of ${role.name} for ${file.symbol}`,
      async () =>
        (await Promise.all(selectors.map((s) => authority.getTargetFunctionRole(market, s)))).every(
          (id) => id === role.id,
        ),
      () => authority.setTargetFunctionRole(market, selectors, role.id),
    );
    const delay = role === RISK_ADMIN ? file.governance.riskDelay : 0n;
    // Whoever administers roles must not get round the delay by a grant without one, nor by other roles for functions.
    if (delay !== 0n) {
      await callStep(
        runner,
        `delay of grants of ${role.name}`,
        async () => (await authority.getRoleGrantDelay(role.id)) >= delay,
        () => authority.setGrantDelay(role.id, delay),
      );
      await callStep(
        runner,
        `delay of changes of functions of ${file.symbol}`,
        async () => (await authority.getTargetAdminDelay(market)) >= delay,
        () => authority.setTargetAdminDelay(market, delay),
      );
    }
    await callStep(
      runner,
      `${role.name} to the deployer`,
      async () => {
        const { isMember, executionDelay } = await authority.hasRole(role.id, holder);
        return isMember && executionDelay >= delay;
      },
      () => authority.grantRole(role.id, holder, delay),
    );
  }
}
