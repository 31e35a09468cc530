import type { EventFragment, Interface } from "ethers";
import {
  ChainlinkStreamsOracle__factory,
  InsuranceFund__factory,
  LiquidityVault__factory,
  MarginVault__factory,
  MarketFactory__factory,
  OrderBook__factory,
  PerpMarket__factory,
  type ChainlinkStreamsOracle,
  type InsuranceFund,
  type LiquidityVault,
  type MarginVault,
  type MarketFactory,
  type OrderBook,
  type PerpMarket,
  type TypedContractEvent,
  type TypedLogDescription,
} from "../contracts.ts";
import { plainArgs, type Plain } from "../reads/plain.ts";
import type { MarketAddresses } from "../types.ts";
import { EVENT_TEXTS } from "./event-texts.ts";
import { createSay, type Args, type Say, type Units } from "./say.ts";

interface Emitters {
  readonly orderBook: OrderBook;
  readonly market: PerpMarket;
  readonly marginVault: MarginVault;
  readonly liquidityVault: LiquidityVault;
  readonly insuranceFund: InsuranceFund;
  readonly oracle: ChainlinkStreamsOracle;
  readonly factory: MarketFactory;
}

type Filters<C extends keyof Emitters> = Emitters[C]["filters"];
type NameIn<C extends keyof Emitters> = Exclude<keyof Filters<C>, `${string}(${string}` | number | symbol>;

/** Names of the events of each contract. */
export type EventName = { readonly [C in keyof Emitters]: NameIn<C> };

type ArgsOf<E> = E extends TypedContractEvent ? Plain<TypedLogDescription<E>["args"]> : never;

/** An event of a market's set, its oracle or its factory. */
export type ProtocolEvent = {
  [C in keyof Emitters]: {
    [N in NameIn<C>]: {
      /** Which contract of the set emitted it. */
      readonly contract: C;
      readonly name: N;
      /** By name; structs are objects. */
      readonly args: ArgsOf<Filters<C>[N]>;
      /** One sentence for people. */
      readonly text: string;
    };
  }[NameIn<C>];
}[keyof Emitters];

const INTERFACES: { readonly [C in keyof Emitters]: Interface } = {
  orderBook: OrderBook__factory.createInterface(),
  market: PerpMarket__factory.createInterface(),
  marginVault: MarginVault__factory.createInterface(),
  liquidityVault: LiquidityVault__factory.createInterface(),
  insuranceFund: InsuranceFund__factory.createInterface(),
  oracle: ChainlinkStreamsOracle__factory.createInterface(),
  factory: MarketFactory__factory.createInterface(),
};

const CONTRACTS = Object.keys(INTERFACES) as readonly (keyof Emitters)[];

/** A log as far as it is decoded. */
export interface RawLog {
  readonly address?: string;
  readonly topics: readonly string[];
  readonly data: string;
}

/** Where the contracts are, to tell them apart. */
export type EmitterAddresses = Partial<Pick<MarketAddresses, Exclude<keyof Emitters, "factory">>> & {
  readonly factory?: string | undefined;
};

/**
 * Decodes a log of a market's set, its oracle or its factory: name, arguments by name, and a sentence. `undefined` for
 * all others.
 *
 * @param at Addresses of the set: logs of other contracts are passed over, and the few events that two contracts share
 * (`Collected`, `Transfer` of any token) are told apart. Without it the first contract that has the event is named.
 * @param units Decimals and symbol of the collateral token, to write money with.
 * @example
 * for (const log of receipt.logs) console.log(decodeEvent(log, addresses)?.text);
 */
export function decodeEvent(log: RawLog, at?: EmitterAddresses, units?: Units): ProtocolEvent | undefined {
  for (const contract of candidates(log, at)) {
    const fragment = fragmentOf(INTERFACES[contract], log);
    if (fragment !== undefined) return decodeAs(contract, fragment, log, units);
  }
  return undefined;
}

/** A stranger may put anything under the topic of an event: what does not decode is none. */
function decodeAs(
  contract: keyof Emitters,
  fragment: EventFragment,
  { data, topics }: RawLog,
  units?: Units,
): ProtocolEvent | undefined {
  try {
    const args = plainArgs(INTERFACES[contract].decodeEventLog(fragment, data, topics));
    const text = textOf(contract, fragment.name, args, units);
    return { contract, name: fragment.name, args, text } as ProtocolEvent;
  } catch {
    return undefined;
  }
}

/** The events of a set among logs, in their order. */
export function decodeEvents(logs: readonly RawLog[], at?: EmitterAddresses, units?: Units): ProtocolEvent[] {
  return logs.map((log) => decodeEvent(log, at, units)).filter((event) => event !== undefined);
}

function candidates({ address }: RawLog, at?: EmitterAddresses): readonly (keyof Emitters)[] {
  if (at === undefined || address === undefined) return CONTRACTS;
  return CONTRACTS.filter((contract) => at[contract]?.toLowerCase() === address.toLowerCase());
}

/** ERC-20 and ERC-721 share signatures and differ in what is indexed. */
function fragmentOf(abi: Interface, { topics }: RawLog): EventFragment | undefined {
  const [topic] = topics;
  if (topic === undefined) return undefined;
  const fragment = abi.getEvent(topic);
  const indexed = fragment?.inputs.filter((input) => input.indexed).length;
  return fragment !== null && indexed === topics.length - 1 ? fragment : undefined;
}

function textOf(contract: keyof Emitters, name: string, args: Args, units?: Units): string {
  const texts: Readonly<Record<string, (say: Say) => string>> = EVENT_TEXTS[contract];
  return texts[name]?.(createSay(args, units)) ?? name;
}
