import { spawn, type ChildProcess } from "node:child_process";
import { createServer } from "node:net";
import { JsonRpcProvider, Network, WebSocketProvider, type TransactionReceipt } from "ethers";

const HOST = "127.0.0.1";
const START_TIMEOUT_MS = 60_000;
const CHAIN_ID = 31337n;

/** A local chain in its own process, with direct means to drive it. */
export interface LocalChain {
  readonly url: string;
  readonly chainId: bigint;
  readonly provider: JsonRpcProvider;
  /** Unlocked, funded accounts. */
  readonly accounts: readonly string[];
  /** Wall-clock time at which each block was announced, ms; by block number. */
  readonly seenAt: ReadonlyMap<number, number>;
  /** Sends from an unlocked account and returns the receipt; throws if it reverted. */
  send(from: string, to: string, data: string): Promise<TransactionReceipt>;
  /** Lets the next block have this timestamp, or the earliest later one possible, seconds. */
  setNextTime(timestamp: number): Promise<void>;
  mine(): Promise<number>;
  /** Timestamp and number of the newest block. */
  head(): Promise<{ number: number; timestamp: number }>;
  stop(): Promise<void>;
}

/** Gas limit of driven transactions; what is not used is not paid. */
const GAS = "0xf42400"; // 16,000,000

/**
 * Starts `hardhat node` with the "node" network of the configuration on a free port.
 *
 * @param startsAt Timestamp of its first block, seconds.
 */
export async function startChain(startsAt: number): Promise<LocalChain> {
  const port = await freePort();
  const node = spawn("hardhat", ["node", "--network", "node", "--hostname", HOST, "--port", String(port)], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, CHAIN_START: String(startsAt) },
  });
  const url = `http://${HOST}:${port}`;
  await untilListening(node);

  const network = new Network("local", CHAIN_ID);
  const provider = new JsonRpcProvider(url, network, {
    staticNetwork: network,
    batchMaxCount: 1,
    cacheTimeout: -1,
  });
  const socket = new WebSocketProvider(`ws://${HOST}:${port}`, network, { staticNetwork: network });
  const seenAt = new Map<number, number>();
  await socket.on("block", (number: number) => seenAt.set(number, performance.now()));
  const accounts = (await provider.send("eth_accounts", [])) as string[];

  const head = async (): Promise<{ number: number; timestamp: number }> => {
    const block = (await provider.send("eth_getBlockByNumber", ["latest", false])) as Record<string, string>;
    return { number: Number(block.number), timestamp: Number(block.timestamp) };
  };
  return {
    url,
    chainId: CHAIN_ID,
    provider,
    accounts,
    seenAt,
    head,
    async send(from, to, data) {
      const hash = (await provider.send("eth_sendTransaction", [{ from, to, data, gas: GAS }])) as string;
      const receipt = await provider.getTransactionReceipt(hash);
      if (receipt === null) throw new Error(`transaction ${hash} was not mined`);
      if (receipt.status !== 1) throw new Error(`transaction ${hash} reverted`);
      return receipt;
    },
    async setNextTime(timestamp) {
      const { timestamp: now } = await head();
      await provider.send("evm_setNextBlockTimestamp", [Math.max(timestamp, now)]);
    },
    async mine() {
      await provider.send("evm_mine", []);
      return (await head()).number;
    },
    async stop() {
      await socket.destroy();
      provider.destroy();
      if (node.exitCode === null) {
        const ended = new Promise((resolve) => node.once("exit", resolve));
        node.kill("SIGKILL");
        await ended;
      }
    },
  };
}

async function untilListening(node: ChildProcess): Promise<void> {
  let output = "";
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`the local chain did not start in ${START_TIMEOUT_MS / 1000} s:\n${output}`));
    }, START_TIMEOUT_MS);
    node.once("error", reject);
    node.once("exit", (code) => {
      reject(new Error(`the local chain ended with code ${code}:\n${output}`));
    });
    const read = (chunk: Buffer): void => {
      if (output.length < 10_000) output += chunk.toString();
      if (output.includes("Started HTTP and WebSocket JSON-RPC server")) {
        clearTimeout(timer);
        resolve();
      }
    };
    node.stdout?.on("data", read);
    node.stderr?.on("data", read);
  });
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, HOST, () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => {
        resolve(port);
      });
    });
  });
}
