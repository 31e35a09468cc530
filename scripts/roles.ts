import Table from "cli-table3";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { getAddress, isAddress, JsonRpcProvider } from "ethers";
import { PUBLIC_ROLE, type Access } from "../deploy/access.ts";
import { Journal, JournalError } from "../deploy/journal.ts";
import { readRoles, type Member, type RoleQuery, type RoleState, type RoleTable } from "../deploy/roles.ts";

interface Options {
  readonly rpc: string;
  readonly market?: string;
  readonly factory?: string;
  readonly file?: string;
  readonly fromBlock?: number;
  readonly json?: true;
}

class UsageError extends Error {
  override readonly name = "UsageError";
}

const program = new Command("roles")
  .description(
    "Shows who may do what to a market, read from the chain: every role of its authority with members and delays, every " +
      "function that only a role, a contract or an owner may call, and those that anyone may.",
  )
  .option("--rpc <url>", "HTTP endpoint of the chain", "http://127.0.0.1:8545")
  .option("--market <address>", "the market (default: all markets of the deployment record)", toAddress)
  .option("--factory <address>", "the factory, to show its owner too (default: as recorded)", toAddress)
  .option("--file <file>", "the deployment record (default: deployments/<chainId>.json)")
  .option(
    "--from-block <n>",
    "a block no later than the authority's deployment (default: as recorded, else the first)",
    toBlock,
  )
  .option("--json", "print one JSON array, a table per market")
  .addHelpText(
    "after",
    `
Examples:
  npm run roles
  npm run roles -- --rpc https://rpc.example --market 0x…
  npm run --silent roles -- --json > roles.json`,
  )
  .allowExcessArguments(false)
  .exitOverride();

async function main(): Promise<number> {
  let options: Options;
  try {
    options = program.parse().opts<Options>();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  const provider = new JsonRpcProvider(options.rpc, undefined, { batchMaxCount: 1 });
  try {
    const tables: RoleTable[] = [];
    for (const query of await queriesFor(options, provider)) tables.push(await readRoles(provider, query));
    process.stdout.write(
      options.json === true ? `${JSON.stringify(tables, plain, 2)}\n` : tables.map(print).join("\n"),
    );
    return 0;
  } catch (error) {
    const message =
      error instanceof Error
        ? ((error as { shortMessage?: string }).shortMessage ?? error.message)
        : String(error);
    process.stderr.write(`roles: ${message}\n`);
    return error instanceof UsageError || error instanceof JournalError ? 2 : 1;
  } finally {
    provider.destroy();
  }
}

/** The market asked for, or those of the record, with what the record knows beside. */
async function queriesFor(options: Options, provider: JsonRpcProvider): Promise<RoleQuery[]> {
  let chainId: number;
  try {
    chainId = Number(BigInt((await provider.send("eth_chainId", [])) as string));
  } catch {
    throw new Error(`--rpc: ${options.rpc} does not answer`);
  }
  const file = options.file ?? `deployments/${chainId}.json`;
  const { record } = await Journal.open(provider, file);
  const recorded = Object.values((record.markets ?? {}) as Record<string, { market: string }>);
  const markets = options.market === undefined ? recorded.map(({ market }) => market) : [options.market];
  if (markets.length === 0)
    throw new UsageError(`--market: ${file} records none on this chain; give its address`);
  return markets.map((market) => {
    const known = recorded.some((entry) => entry.market.toLowerCase() === market.toLowerCase());
    const factory = options.factory ?? (known ? (record.factory as string | undefined) : undefined);
    const fromBlock = options.fromBlock ?? (known ? record.steps.authority?.block : undefined);
    return {
      market: getAddress(market),
      ...(factory === undefined ? {} : { factory }),
      ...(fromBlock === undefined ? {} : { fromBlock }),
    };
  });
}

/* PRINTING */

function print(table: RoleTable): string {
  const { symbol, market, authority, chainId, block, isClosed, adminDelay, contracts, factory } = table;
  const facts: [string, string][] = [
    ["authority", authority],
    ["closed", isClosed ? "YES: nobody may call any function of a role" : "no"],
    ["admin delay", duration(adminDelay)],
    ...Object.entries(contracts),
  ];
  if (factory !== undefined) facts.push(["  owner", factory.owner]);
  if (factory?.pendingOwner !== undefined) facts.push(["  offered to", factory.pendingOwner]);
  const lines = facts.map(([name, value]) => `  ${name.padEnd(14)} ${value}`);
  const title = `${printable(symbol)} ${market}, chain ${chainId}, block ${block}`;
  return `${[title, ...lines, "", "Roles", rolesOf(table), "", "Functions", functionsOf(table)].join("\n")}\n`;
}

function rolesOf({ roles }: RoleTable): string {
  const output = newTable(["role", "granted by", "scheduled calls cancelled by", "grant delay", "members"]);
  for (const { id, admin, guardian, grantDelay, members } of roles) {
    output.push([
      roleName(roles, id),
      roleName(roles, admin),
      roleName(roles, guardian),
      duration(grantDelay),
      members.map(memberLine).join("\n") || "nobody",
    ]);
  }
  return output.toString();
}

function memberLine({ account, isContract, isActive, since, delay, nextDelay }: Member): string {
  const parts = [`${account}${isContract ? " (contract)" : ""}: ${timing(delay)}`];
  if (!isActive) parts.push(`not before ${moment(since)}`);
  if (nextDelay !== undefined) parts.push(`${timing(nextDelay.delay)} from ${moment(nextDelay.at)}`);
  return parts.join("; ");
}

/** One line per contract and way of access, restricted ones first. */
function functionsOf({ functions, roles, contracts }: RoleTable): string {
  const groups = new Map<string, { contract: string; names: Set<string>; access: Access }>();
  for (const { contract, name, access } of functions) {
    const key = JSON.stringify([contract, access], plain);
    const group = groups.get(key) ?? { contract, names: new Set(), access };
    groups.set(key, group);
    group.names.add(name);
  }
  const output = newTable(["contract", "functions", "may be called by"]);
  for (const kind of ["role", "owner", "pendingOwner", "contract", "anyone"] as const) {
    for (const { contract, names, access } of groups.values()) {
      if (access.kind === kind)
        output.push([contract, columns([...names]), callersOf(access, roles, contracts)]);
    }
  }
  return output.toString();
}

function callersOf(access: Access, roles: readonly RoleState[], contracts: RoleTable["contracts"]): string {
  switch (access.kind) {
    case "anyone":
      return "anyone";
    case "owner":
      return "the owner";
    case "pendingOwner":
      return "whom the owner offered the ownership";
    case "contract": {
      const found = Object.entries(contracts).find(([, address]) => address === access.caller);
      return `${found?.[0] ?? access.caller} only`;
    }
    case "role": {
      const { role, callers } = access;
      if (callers === "anyone") return `${roleName(roles, role)}: anyone`;
      const lines = callers.map(({ account, delay }) => `${account}: ${timing(delay)}`);
      return [`${roleName(roles, role)}:`, ...(lines.length === 0 ? ["nobody"] : lines)].join("\n");
    }
  }
}

/** Names in lines of at most forty characters, where they are no longer. */
function columns(names: readonly string[]): string {
  const WIDTH = 40;
  const lines: string[] = [];
  for (const name of names) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + name.length + 2 <= WIDTH)
      lines[lines.length - 1] = `${last}, ${name}`;
    else lines.push(name);
  }
  return lines.join(",\n");
}

function newTable(head: string[]) {
  return new Table({ style: { head: [], border: [] }, head });
}

function roleName(roles: readonly RoleState[], role: bigint): string {
  if (role === PUBLIC_ROLE) return "PUBLIC";
  return `${printable(roles.find(({ id }) => id === role)?.name ?? "role")} (${role})`;
}

function timing(delay: bigint): string {
  return delay === 0n ? "at once" : `after ${duration(delay)}`;
}

function duration(seconds: bigint): string {
  if (seconds === 0n) return "none";
  const [unit, length] = seconds % 3_600n === 0n ? ["h", 3_600n] : ["s", 1n];
  return `${seconds / BigInt(length)} ${unit}`;
}

function moment(seconds: bigint): string {
  return new Date(Number(seconds) * 1_000).toISOString().replace(".000Z", "Z");
}

/** Names come from the chain: what a terminal would obey is taken out. */
function printable(text: string): string {
  return text.replace(/\p{C}/gu, "");
}

function plain(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

function toAddress(text: string): string {
  if (!isAddress(text)) throw new InvalidArgumentError("It must be an address: 0x and 40 hex digits.");
  return text;
}

function toBlock(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new InvalidArgumentError("It must be the number of a block.");
  return Number(text);
}

process.exitCode = await main();
