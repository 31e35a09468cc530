import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { Bulkhead, type WaitingOrder } from "@bulkhead/sdk";
import { expect } from "chai";
import { openDesk, type CliDesk } from "./desk.ts";

/** What the package starts. */
export const BIN = join(import.meta.dirname, "../../packages/cli/bin/bulkhead.mjs");

/** How a run ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Variables of the environment that would change what a run says. */
const QUIET = {
  BULKHEAD_RPC: undefined,
  BULKHEAD_DEPLOYMENT: undefined,
  BULKHEAD_MARKET: undefined,
  BULKHEAD_KEYSTORE: undefined,
  BULKHEAD_ACCOUNT: undefined,
  BULKHEAD_KEY: undefined,
  BULKHEAD_PASSWORD: undefined,
  NO_COLOR: undefined,
  FORCE_COLOR: undefined,
};

/** Starts the command line, without a terminal. */
export function start(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd?: string,
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd,
    env: { ...process.env, ...QUIET, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended };
}

/** Runs the command line to its end. */
export async function bulkhead(...args: string[]): Promise<Ended> {
  return start(args).ended;
}

/** The command line at a market that is served. */
export function commandLine({ url, deployment }: Pick<CliDesk, "url" | "deployment">) {
  const at = ["--rpc", url, "--deployment", deployment];
  const bulkhead = async (...args: string[]): Promise<Ended> => start([...at, ...args]).ended;
  return {
    /** Where it is, as options. */
    at,
    bulkhead,
    /** What a command prints for people; it has to succeed. */
    text: async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await bulkhead(...args);
      expect(code, stderr).to.equal(0);
      return stdout;
    },
    /** What a command prints as JSON; it has to succeed. */
    json: async <T>(...args: string[]): Promise<T> => {
      const { code, stdout, stderr } = await bulkhead(...args, "--json");
      expect(code, stderr).to.equal(0);
      return JSON.parse(stdout) as T;
    },
  };
}

/** The command line at a market of its own, with the market as the sdk sees it. */
export async function openCommandLine() {
  const desk = await openDesk();
  const { markets } = await Bulkhead.connect(desk.ethers.provider, desk.addresses);
  const market = [...markets.values()][0]!;
  return {
    ...commandLine(desk),
    desk,
    market,
    alice: desk.alice.address,
    waiting: async (): Promise<readonly WaitingOrder[]> => market.orders.waiting(),
  };
}
