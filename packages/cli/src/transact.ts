import type { Market, ProtocolEvent, Sent, Spender } from "@bulkhead/sdk";
import { MaxUint256 } from "ethers";
import { EXIT, Failure, UsageError } from "./errors.ts";
import type { SendingOptions } from "./options.ts";
import { canAsk, confirm } from "./prompt.ts";
import { showShort } from "./present/numbers.ts";
import { facts, type Fact } from "./present/table.ts";
import { unitsOf } from "./present/units.ts";
import type { Session } from "./session.ts";

/** What a command is about to do. */
export interface Preview {
  /** One line: what it is. */
  readonly title: string;
  readonly facts: readonly Fact[];
  /** Why it would not go through as things stand; it is not sent then. */
  readonly obstacles: readonly string[];
  /** What else there is to say about it. */
  readonly remarks?: readonly string[];
  /** The same for programs. */
  readonly json: object;
}

/** What a wallet has to let a vault take, token units. */
export interface Payment {
  readonly spender: Spender;
  readonly amount: bigint;
  readonly how: "exact" | "unlimited";
}

/** A command that sends. */
export interface Deed<T extends Sent> {
  readonly preview: Preview;
  readonly payment?: Payment | undefined;
  readonly send: (market: Market, onSent: (hash: string) => void) => Promise<T>;
  /** What comes of it; its JSON joins the result's. Gives the exit code if it is not 0. */
  readonly afterwards?: (sent: T) => Promise<Aftermath>;
}

/** What came after a transaction. */
export interface Aftermath {
  readonly json: object;
  readonly code?: number;
}

/** Shows the preview; unless it is a dry run asks, approves, sends, and says what happened. Gives the exit code. */
export async function transact<T extends Sent>(
  session: Session,
  deed: Deed<T>,
  options: SendingOptions,
): Promise<number> {
  const { out } = session;
  const { preview } = await withPayment(session, deed);
  const { obstacles } = preview;
  const shown = { ...preview.json, obstacles, remarks: preview.remarks ?? [] };
  if (options.dryRun === true) {
    if (out.json) out.data({ dryRun: true, preview: shown });
    else printPreview(session, preview, out.print);
    return obstacles.length === 0 ? EXIT.ok : EXIT.failure;
  }
  session.requireAddress();
  if (options.yes !== true && !canAsk())
    throw new UsageError("there is no terminal to ask on: --yes sends without asking, --dry-run only shows");
  const aside = out.json ? out.note : out.print;
  if (!out.json || options.yes !== true) printPreview(session, preview, aside);
  if (obstacles.length > 0 && options.force !== true)
    throw new Failure(`not sent: ${obstacles[0]}`, "--force sends it all the same.");
  if (options.yes !== true && !(await confirm("Send it?"))) throw new Failure("not sent");
  const market = await session.sign();
  const hashes: string[] = [];
  const onSent = (hash: string): void => {
    hashes.push(hash);
    out.note(`sent ${hash}`);
  };
  if (deed.payment !== undefined) await approve(session, market, deed.payment, onSent);
  const sent = await deed.send(market, onSent);
  if (!out.json) sayEvents(session, sent.events);
  const after = await deed.afterwards?.(sent);
  if (out.json)
    out.data({ preview: shown, transactions: hashes, events: sent.events.map(eventJson), ...after?.json });
  return after?.code ?? EXIT.ok;
}

/** The preview with what there is to say about the wallet. */
async function withPayment<T extends Sent>(session: Session, deed: Deed<T>): Promise<Deed<T>> {
  const { payment, preview } = deed;
  const { address, market } = session;
  if (payment === undefined || address === undefined || payment.amount === 0n) return deed;
  const units = unitsOf(market);
  const [balance, allowance] = await Promise.all([
    market.wallet.balance(address),
    market.wallet.allowance(address, payment.spender),
  ]);
  const isShort = balance < payment.amount;
  const approves = allowance < payment.amount;
  const amount = payment.how === "unlimited" ? "any amount" : units.sum(payment.amount);
  return {
    ...deed,
    preview: {
      ...preview,
      facts: [
        ...preview.facts,
        ["wallet", units.sum(balance)],
        ...(approves
          ? ([
              ["first", `approves the ${NAMES[payment.spender]} for ${amount}`],
              ["spender", market.contracts.addresses[payment.spender]],
            ] as const)
          : []),
      ],
      obstacles: [
        ...(isShort
          ? [`the wallet has ${units.sum(balance)} of the ${units.sum(payment.amount)} it takes`]
          : []),
        ...preview.obstacles,
      ],
      json: {
        ...preview.json,
        wallet: { balance: units.exact(balance), allowance: units.exact(allowance), approves },
      },
    },
  };
}

const NAMES: Readonly<Record<Spender, string>> = {
  marginVault: "margin vault",
  liquidityVault: "liquidity vault",
  insuranceFund: "insurance fund",
};

async function approve(
  { out, requireAddress }: Session,
  market: Market,
  { spender, amount, how }: Payment,
  onSent: (hash: string) => void,
): Promise<void> {
  if ((await market.wallet.allowance(requireAddress(), spender)) >= amount) return;
  out.note(`approving the ${NAMES[spender]} first`);
  await market.wallet.approve(spender, how === "unlimited" ? MaxUint256 : amount, { onSent });
}

function printPreview({ out }: Session, preview: Preview, write: (text: string) => void): void {
  const paint = write === out.note ? out.aside : out.frame.paint;
  write(paint("bold", preview.title));
  if (preview.facts.length > 0) write(facts(preview.facts, paint));
  for (const remark of preview.remarks ?? []) write(paint("yellow", `  ! ${remark}`));
  for (const obstacle of preview.obstacles) write(paint("red", `  x ${obstacle}`));
}

/** What follows from other events, and says nothing more to people. */
const IMPLIED: readonly string[] = ["Transfer", "Approval"];

/** Says what the protocol's contracts logged, on stdout. */
export function sayEvents({ out }: Pick<Session, "out">, events: readonly ProtocolEvent[]): void {
  for (const { name, text, contract } of events)
    if (contract !== "oracle" && !IMPLIED.includes(name)) out.print(`  ${withShortIds(text)}`);
}

/** Ids of orders by the digits that commands take, addresses by their ends. */
export function withShortIds(text: string): string {
  return text
    .replace(/0x[0-9a-f]{64}/gi, (id) => id.slice(0, 10))
    .replace(/0x[0-9a-f]{40}(?![0-9a-f])/gi, showShort);
}

/** An event for programs: its whole numbers as decimal strings. */
export function eventJson({ contract, name, args, text }: ProtocolEvent): object {
  return {
    contract,
    name,
    args: JSON.parse(
      JSON.stringify(args, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)),
    ) as object,
    text,
  };
}
