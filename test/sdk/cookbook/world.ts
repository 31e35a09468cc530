import type { Server } from "node:http";
import { readOrders, type Deployment, type Order } from "@bulkhead/sdk";
import { HDNodeWallet, Mnemonic, type Eip1193Provider } from "ethers";
import { LOCAL_CREDENTIALS, startStreamsServer } from "../../../scripts/streams/server.ts";
import { openMarket, WAD, type Desk } from "../../shared/market.ts";
import { ETH_USD } from "../../shared/stream.ts";
import { serve } from "../outside.ts";

/** When the recipes begin, so that they always print the same: 17 March 2030. Seconds. */
const BEGINNING = 1_900_000_000;

/** How long after the present an observation is made: more than the settlement delay. Seconds. */
const NEXT_ROUND = 40;

/** A chain that recipes run on: a market with liquidity, and traders. */
export interface World {
  readonly url: string;
  readonly deployment: Deployment;
  /** Does what a comment of the document says, such as `ETH 2010; settle`. */
  happen(what: string): Promise<void>;
  /** Runs what finds keys, credentials and a browser's wallet where recipes look for them. */
  within<T>(recipe: () => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

/** A market on a feed whose clock moves a second with each transaction, and with nothing else. */
export async function openFeedWorld(): Promise<World> {
  const desk = await openMarket();
  const clock = clockOf(desk);
  await clock.mineAt(BEGINNING);
  const verbs = verbsOf(desk, clock);
  const happen = async (what: string): Promise<void> => {
    for (const deed of what.split("; ")) {
      const [verb = "", argument = ""] = deed.split(" ");
      if (verbs[verb] === undefined) throw new Error(`meanwhile: nobody knows how to ${deed}`);
      await verbs[verb](argument);
    }
  };
  const { bob, stranger, unit } = desk;
  await happen("ETH 2000");
  await clock.step();
  await desk.commit(bob, { sizeDelta: 50n * WAD, collateral: 15_000n * unit });
  await clock.step();
  await desk.commit(stranger, { sizeDelta: -20n * WAD, collateral: 1_500n * unit });
  await happen("ETH 2000; settle");
  const { url, server } = await serve(desk, async (method) => {
    if (method === "eth_sendRawTransaction" || method === "eth_sendTransaction") await clock.step();
  });
  const within = withGlobals(keysOf(), desk);
  return { url, deployment: deploymentOf(desk), happen, within, stop: async () => stopServer(server) };
}

/** A market on a stream whose order has its report, with the API that serves it. */
export async function openStreamWorld(): Promise<World> {
  const desk = await openMarket({ onStream: true });
  const { networkHelpers, stream, alice, unit } = desk;
  const api = await startStreamsServer({ feedIds: [ETH_USD] });
  const { url, server } = await serve(desk);
  await desk.commit(alice, { sizeDelta: 10n * WAD, collateral: 3_000n * unit });
  await networkHelpers.time.increase(NEXT_ROUND);
  api.publish(stream!.sign(2_010n, await networkHelpers.time.latest()));
  const { key, secret } = LOCAL_CREDENTIALS;
  const access = {
    STREAMS_URL: api.url,
    STREAMS_WS_URL: api.wsUrl,
    STREAMS_KEY: key,
    STREAMS_SECRET: secret,
  };
  const stop = async (): Promise<void> => {
    await api.stop();
    stopServer(server);
  };
  const happen = async (what: string): Promise<never> => Promise.reject(new Error(`on a stream: ${what}`));
  const within = withGlobals({ ...keysOf(), ...access }, desk);
  return { url, deployment: deploymentOf(desk), happen, within, stop };
}

type Clock = ReturnType<typeof clockOf>;

/** Lets time be what it is told to be. */
function clockOf({ networkHelpers }: Desk) {
  const { time, mine } = networkHelpers;
  /** Lets the next block be a second later than the last one. */
  const step = async (): Promise<void> => time.setNextBlockTimestamp((await time.latest()) + 1);
  const mineAt = async (timestamp: number): Promise<void> => {
    await time.setNextBlockTimestamp(timestamp);
    await mine();
  };
  const wait = async (seconds: number): Promise<void> => mineAt((await time.latest()) + seconds);
  return { step, mineAt, wait };
}

/** What comments of the document can ask for. */
function verbsOf(desk: Desk, { step, wait }: Clock): Record<string, (argument: string) => Promise<void>> {
  let round = 0n;
  return {
    /** The feed observes a price, in dollars. */
    ETH: async (dollars) => {
      await wait(NEXT_ROUND);
      await step();
      round = await desk.push(BigInt(dollars));
    },
    /** A keeper settles the market orders that wait, at that price. */
    settle: async () => {
      for (const order of await waitingOrders(desk)) {
        await step();
        await desk.settle(order, round);
      }
    },
    /** Seconds pass. */
    wait: async (seconds) => wait(Number(seconds)),
  };
}

async function waitingOrders(desk: Desk): Promise<{ orderId: string; order: Order }[]> {
  const toBlock = await desk.ethers.provider.getBlockNumber();
  const waiting = await readOrders(desk, { fromBlock: 0, toBlock });
  return waiting.flatMap((found) => (found.kind === "market" ? [found] : []));
}

/** Sets environment and browser for a while. */
function withGlobals(env: Readonly<Record<string, string>>, { ethers }: Desk): World["within"] {
  const ethereum: Eip1193Provider = {
    request: ({ method, params }) => ethers.provider.send(method, (params ?? []) as unknown[]),
  };
  return async (recipe) => {
    Object.assign(process.env, env);
    Object.assign(globalThis, { ethereum });
    try {
      return await recipe();
    } finally {
      for (const name of Object.keys(env)) delete process.env[name];
      delete (globalThis as { ethereum?: unknown }).ethereum;
    }
  };
}

/** Keys of the local chain's accounts, under the names that recipes look for. */
function keysOf(): Readonly<Record<string, string>> {
  const phrase = Mnemonic.fromPhrase("test test test test test test test test test test test junk");
  const keyOf = (index: number) => HDNodeWallet.fromMnemonic(phrase, `m/44'/60'/0'/0/${index}`).privateKey;
  return { PRIVATE_KEY: keyOf(2), KEEPER_KEY: keyOf(4), SESSION_KEY: keyOf(5) };
}

function deploymentOf({ addresses }: Desk): Deployment {
  const { lens, stateLens, ...market } = addresses;
  return { chainId: 31337, lens, stateLens, markets: { "ETH/USD": market } };
}

function stopServer(server: Server): void {
  server.closeAllConnections();
  server.close();
}
