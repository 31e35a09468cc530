import { isRevert, revertData } from "@bulkhead/sdk";
import {
  dataSlice,
  getAddress,
  id,
  Interface,
  ZeroAddress,
  type ErrorDescription,
  type ErrorFragment,
  type FunctionFragment,
  type ParamType,
  type Provider,
} from "ethers";
import { Errors__factory, MarketFactory__factory, type AccessManager } from "../typechain-types/index.ts";

/** The AccessManager's own roles: of its administrators, and of everybody. */
export const ADMIN_ROLE = 0n;
export const PUBLIC_ROLE = 2n ** 64n - 1n;

/** An account that holds nothing: what it is refused is restricted. */
const STRANGER = getAddress(dataSlice(id("an account without any role"), 12));

/** How the contracts refuse a caller for who it is. */
const refusals = new Interface([
  ...["AccessDenied", "Unauthorized"].map((name) => fragmentOf(Errors__factory.createInterface(), name)),
  fragmentOf(MarketFactory__factory.createInterface(), "OwnableUnauthorizedAccount"),
]);

/** One that may call a function of a role: `delay` seconds after scheduling it, or at once. */
export interface Caller {
  readonly account: string;
  readonly delay: bigint;
}

/** Who may call a function; `anyone` says that no privilege is asked, not that every call succeeds. */
export type Access =
  | { readonly kind: "anyone" }
  | { readonly kind: "role"; readonly role: bigint; readonly callers: readonly Caller[] | "anyone" }
  | { readonly kind: "contract"; readonly caller: string }
  | { readonly kind: "owner" }
  | { readonly kind: "pendingOwner" };

/** A state-changing function of one of a market's contracts. */
export interface FunctionState {
  readonly contract: string;
  readonly name: string;
  readonly selector: string;
  readonly access: Access;
}

/** Where everything is read, so that it is of one block. */
export interface Chain {
  readonly provider: Provider;
  readonly block: number;
  readonly authority: AccessManager;
}

/** A contract as it is probed. */
export interface Target {
  readonly contract: string;
  readonly address: string;
  readonly abi: Interface;
}

/**
 * Who may call each state-changing function of a contract. What is restricted is found by calling it in simulation as an
 * account that holds nothing; whom the authority lets, by asking it about `accounts` and that one.
 */
export async function readFunctions(
  chain: Chain,
  target: Target,
  accounts: readonly string[],
): Promise<FunctionState[]> {
  const fragments = target.abi.fragments.filter(
    (fragment): fragment is FunctionFragment => fragment.type === "function",
  );
  return Promise.all(
    fragments
      .filter(({ constant }) => !constant)
      .map(async (fragment) => ({
        contract: target.contract,
        name: fragment.name,
        selector: fragment.selector,
        access: await accessOf(chain, target, fragment, accounts),
      })),
  );
}

async function accessOf(
  chain: Chain,
  { address, abi }: Target,
  fragment: FunctionFragment,
  accounts: readonly string[],
): Promise<Access> {
  const { authority, block } = chain;
  const data = abi.encodeFunctionData(fragment, fragment.inputs.map(zeroOf));
  const refusal = await refusalOf(chain, address, data, STRANGER);
  if (refusal?.name === "Unauthorized") return { kind: "contract", caller: refusal.args[1] as string };
  if (refusal?.name === "OwnableUnauthorizedAccount") return ownAccess(chain, address, data);
  const at = { blockTag: block };
  const role = await authority.getTargetFunctionRole(address, fragment.selector, at);
  // A role given to a function that asks for none would say nothing; what was made public stays in sight.
  if (refusal?.name !== "AccessDenied" && role !== PUBLIC_ROLE) return { kind: "anyone" };
  if ((await authority.canCall(STRANGER, address, fragment.selector, at)).immediate)
    return { kind: "role", role, callers: "anyone" };
  const callers: Caller[] = [];
  for (const account of accounts) {
    const { immediate, delay } = await authority.canCall(account, address, fragment.selector, at);
    if (immediate || delay > 0n) callers.push({ account, delay });
  }
  return { kind: "role", role, callers };
}

/** Whether it is the owner who may, or the one that the ownership was offered to. */
async function ownAccess(chain: Chain, address: string, data: string): Promise<Access> {
  const contract = MarketFactory__factory.connect(address, chain.provider);
  const owner = await contract.owner({ blockTag: chain.block });
  const refusal = await refusalOf(chain, address, data, owner);
  return { kind: refusal?.name === "OwnableUnauthorizedAccount" ? "pendingOwner" : "owner" };
}

/** How a call is refused for who makes it; null if it isn't. */
async function refusalOf(
  chain: Chain,
  to: string,
  data: string,
  from: string,
): Promise<ErrorDescription | null> {
  try {
    await chain.provider.call({ to, data, from, blockTag: chain.block });
    return null;
  } catch (error) {
    // Anything else is no answer of the contract.
    if (!isRevert(error)) throw error;
    return refusals.parseError(revertData(error) ?? "0x");
  }
}

/** The zero of a type: access is checked before arguments. */
function zeroOf(type: ParamType): unknown {
  if (type.isArray()) {
    const length = Math.max(type.arrayLength, 0);
    return Array.from({ length }, () => zeroOf(type.arrayChildren));
  }
  if (type.isTuple()) return type.components.map(zeroOf);
  if (type.type === "address") return ZeroAddress;
  if (type.type === "bool") return false;
  if (type.type === "string") return "";
  const bytes = /^bytes(\d*)$/.exec(type.type);
  return bytes === null ? 0n : `0x${"00".repeat(Number(bytes[1]))}`;
}

function fragmentOf(abi: Interface, name: string): ErrorFragment {
  const fragment = abi.getError(name);
  if (fragment === null) throw new Error(`no error is called ${name}`);
  return fragment;
}
