import { isRevert } from "@bulkhead/sdk";
import { ZeroAddress, type Provider } from "ethers";
import {
  AccessManager__factory,
  InsuranceFund__factory,
  LiquidityVault__factory,
  MarginVault__factory,
  MarketFactory__factory,
  OrderBook__factory,
  PerpMarket__factory,
} from "../typechain-types/index.ts";
import {
  ADMIN_ROLE,
  PUBLIC_ROLE,
  readFunctions,
  type Chain,
  type FunctionState,
  type Target,
} from "./access.ts";
import { ROLES } from "./governance.ts";

/** One that holds a role, or is going to. Times in seconds. */
export interface Member {
  readonly account: string;
  /** Whether there is code at the account: a multisig, a timelock. */
  readonly isContract: boolean;
  /** False until `since`: the role was granted with a delay that isn't over. */
  readonly isActive: boolean;
  readonly since: bigint;
  /** Between scheduling and executing a call. */
  readonly delay: bigint;
  /** What the delay changes to, and when; absent if it doesn't. */
  readonly nextDelay?: { readonly delay: bigint; readonly at: bigint };
}

/** A role as it stands on the chain. */
export interface RoleState {
  readonly id: bigint;
  readonly name: string;
  /** Role that grants and revokes it. */
  readonly admin: bigint;
  /** Role that cancels what its members have scheduled. */
  readonly guardian: bigint;
  /** Seconds from a grant until it counts. */
  readonly grantDelay: bigint;
  readonly members: readonly Member[];
}

/** Who may do what to a market, as of one block. */
export interface RoleTable {
  readonly chainId: bigint;
  readonly block: number;
  readonly market: string;
  readonly symbol: string;
  readonly authority: string;
  /** Whether the authority lets nobody call any restricted function. */
  readonly isClosed: boolean;
  /** Seconds before a change of what roles may call on the market takes place. */
  readonly adminDelay: bigint;
  readonly roles: readonly RoleState[];
  readonly functions: readonly FunctionState[];
  /** Addresses of the contracts that the functions are of. */
  readonly contracts: Readonly<Record<string, string>>;
  readonly factory?: FactoryState;
}

/** Who owns the factory. */
export interface FactoryState {
  readonly owner: string;
  /** Was offered the ownership and has not accepted; absent if nobody was. */
  readonly pendingOwner?: string;
}

/** What {@link readRoles} looks at. */
export interface RoleQuery {
  readonly market: string;
  readonly factory?: string;
  /** A block no later than the one the authority was deployed in; default: the chain's first. */
  readonly fromBlock?: number;
}

/** The authority's events don't reach back to its deployment, so members may be missing. */
export class IncompleteHistoryError extends Error {
  override readonly name = "IncompleteHistoryError";
}

/**
 * Reads who may do what to a market, all as of the latest block. Members come from the authority's events and are
 * confirmed by it.
 *
 * @throws IncompleteHistoryError if `fromBlock` is too late.
 */
export async function readRoles(provider: Provider, query: RoleQuery): Promise<RoleTable> {
  const block = await provider.getBlockNumber();
  const at = { blockTag: block };
  for (const address of [query.market, query.factory ?? query.market])
    if ((await provider.getCode(address, block)) === "0x") throw new Error(`no contract at ${address}`);
  const market = PerpMarket__factory.connect(query.market, provider);
  const authorityAt = await market.authority(at).catch((error: unknown) => {
    throw isRevert(error) ? new Error(`no market at ${query.market}`) : error;
  });
  const authority = AccessManager__factory.connect(authorityAt, provider);
  const chain: Chain = { provider, block, authority };
  const history = await readHistory(chain, query.fromBlock ?? 0);
  const accounts = [...new Set([...history.members.values()].flatMap((members) => [...members]))];
  const functions: FunctionState[] = [];
  const targets = await targetsOf(chain, query);
  for (const target of targets) {
    functions.push(...(await readFunctions(chain, target, accounts)));
  }
  const used = functions.flatMap(({ access }) => (access.kind === "role" ? [access.role] : []));
  return {
    chainId: (await provider.getNetwork()).chainId,
    block,
    market: query.market,
    symbol: await market.symbol(at),
    authority: authorityAt,
    isClosed: await authority.isTargetClosed(query.market, at),
    adminDelay: await authority.getTargetAdminDelay(query.market, at),
    roles: await readStates(chain, history, used),
    functions,
    contracts: Object.fromEntries(targets.map(({ contract, address }) => [contract, address])),
    ...(query.factory === undefined ? {} : { factory: await readFactory(chain, query.factory) }),
  };
}

/** The contracts of a market that have state-changing functions. */
async function targetsOf({ provider, block }: Chain, query: RoleQuery): Promise<Target[]> {
  const at = { blockTag: block };
  const market = PerpMarket__factory.connect(query.market, provider);
  const [marginVault, liquidityVault, insuranceFund, orderBook] = await Promise.all([
    market.marginVault(at),
    market.liquidityVault(at),
    market.insuranceFund(at),
    market.orderBook(at),
  ]);
  const targets: Target[] = [
    { contract: "market", address: query.market, abi: market.interface },
    { contract: "marginVault", address: marginVault, abi: MarginVault__factory.createInterface() },
    { contract: "liquidityVault", address: liquidityVault, abi: LiquidityVault__factory.createInterface() },
    { contract: "insuranceFund", address: insuranceFund, abi: InsuranceFund__factory.createInterface() },
    { contract: "orderBook", address: orderBook, abi: OrderBook__factory.createInterface() },
  ];
  if (query.factory === undefined) return targets;
  const abi = MarketFactory__factory.createInterface();
  return [...targets, { contract: "factory", address: query.factory, abi }];
}

/** What the authority's events tell. */
interface History {
  readonly members: ReadonlyMap<bigint, ReadonlySet<string>>;
  readonly labels: ReadonlyMap<bigint, string>;
}

async function readHistory({ authority, block }: Chain, fromBlock: number): Promise<History> {
  const { filters } = authority;
  const granted = await authority.queryFilter(filters.RoleGranted(), fromBlock, block);
  const revoked = await authority.queryFilter(filters.RoleRevoked(), fromBlock, block);
  const labelled = await authority.queryFilter(filters.RoleLabel(), fromBlock, block);
  // Its constructor grants the first role.
  if (!granted.some(({ args }) => args.roleId === ADMIN_ROLE)) {
    const address = await authority.getAddress();
    throw new IncompleteHistoryError(`no administrator of ${address} was granted since block ${fromBlock}`);
  }
  const changes = [...granted, ...revoked].sort((a, b) => a.blockNumber - b.blockNumber || a.index - b.index);
  const members = new Map<bigint, Set<string>>();
  for (const { args, eventName } of changes) {
    const holders = members.get(args.roleId) ?? new Set();
    members.set(args.roleId, holders);
    if (eventName === "RoleGranted") holders.add(args.account);
    else holders.delete(args.account);
  }
  return { members, labels: new Map(labelled.map(({ args }) => [args.roleId, args.label])) };
}

/** The roles that anyone was ever given or any function needs. */
async function readStates(chain: Chain, history: History, used: readonly bigint[]): Promise<RoleState[]> {
  const { authority, block } = chain;
  const at = { blockTag: block };
  const ids = [...new Set([...history.members.keys(), ...history.labels.keys(), ...used])]
    .filter((role) => role !== PUBLIC_ROLE)
    .sort((a, b) => (a < b ? -1 : 1));
  const states: RoleState[] = [];
  for (const role of ids) {
    const members: Member[] = [];
    for (const account of history.members.get(role) ?? [])
      members.push(await readMember(chain, role, account));
    states.push({
      id: role,
      name: nameOf(role, history),
      admin: await authority.getRoleAdmin(role, at),
      guardian: await authority.getRoleGuardian(role, at),
      grantDelay: await authority.getRoleGrantDelay(role, at),
      members,
    });
  }
  return states;
}

async function readMember(
  { provider, authority, block }: Chain,
  role: bigint,
  account: string,
): Promise<Member> {
  const at = { blockTag: block };
  const { isMember } = await authority.hasRole(role, account, at);
  const { since, currentDelay, pendingDelay, effect } = await authority.getAccess(role, account, at);
  return {
    account,
    isContract: (await provider.getCode(account, block)) !== "0x",
    isActive: isMember,
    since,
    delay: currentDelay,
    ...(effect === 0n ? {} : { nextDelay: { delay: pendingDelay, at: effect } }),
  };
}

/** What a role is called: by the authority, or where that has no label by the deployment that set it up. */
function nameOf(role: bigint, { labels }: History): string {
  if (role === ADMIN_ROLE) return "ADMIN";
  return labels.get(role) ?? ROLES.find(({ id }) => id === role)?.name ?? `role ${role}`;
}

async function readFactory({ provider, block }: Chain, address: string): Promise<FactoryState> {
  const factory = MarketFactory__factory.connect(address, provider);
  const owner = await factory.owner({ blockTag: block });
  const pendingOwner = await factory.pendingOwner({ blockTag: block });
  return { owner, ...(pendingOwner === ZeroAddress ? {} : { pendingOwner }) };
}
