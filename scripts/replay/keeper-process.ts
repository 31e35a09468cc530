import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Progress } from "@bulkhead/keeper";

const CLI = fileURLToPath(new URL("../../packages/keeper/src/cli.ts", import.meta.url));
const STOP_TIMEOUT_MS = 10_000;

/** The keeper as its own process, talking to the chain over JSON-RPC only. */
export interface KeeperProcess {
  /**
   * Waits until the keeper has passed over the newest block without sending anything more, or until `timeoutMs`
   * have gone by. Returns whether it caught up.
   */
  caughtUp(head: () => Promise<number>, timeoutMs: number): Promise<boolean>;
  /** Stops it where it is, or lets it go on; while it rests it is not waited for. */
  rest(resting: boolean): void;
  stop(): Promise<void>;
}

/** Starts the keeper's command line, as an operator would; its log goes to stderr. */
export function startKeeper(
  url: string,
  deploymentFile: string,
  key: string,
  logLevel: string,
  { args, env }: { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> },
): KeeperProcess {
  const child = fork(
    CLI,
    ["--rpc", url, "--deployment", deploymentFile, "--poll-ms", "10", "--log-level", logLevel, ...args],
    { env: { ...process.env, ...env, KEEPER_KEY: key }, execArgv: ["--import", "tsx"] },
  );
  let progress: Progress = { block: -1, sent: 0 };
  let exited: Error | undefined;
  let isResting = false;
  const listeners = new Set<() => void>();
  const wake = (): void => {
    for (const listener of listeners) listener();
  };
  child.on("message", (message) => {
    progress = message as Progress;
    wake();
  });
  child.once("exit", (code, signal) => {
    exited = new Error(`the keeper ended early (${signal ?? `code ${code}`})`);
    wake();
  });

  return {
    async caughtUp(head, timeoutMs) {
      const end = performance.now() + timeoutMs;
      for (;;) {
        if (exited !== undefined) throw exited;
        if (isResting) return false;
        // Asked first: what the keeper reports in the meantime must count.
        const newest = await head();
        if (progress.sent === 0 && progress.block >= newest) return true;
        const left = end - performance.now();
        if (left <= 0) return false;
        await new Promise<void>((resolve) => {
          const done = (): void => {
            clearTimeout(timer);
            listeners.delete(done);
            resolve();
          };
          const timer = setTimeout(done, Math.min(left, 1_000));
          listeners.add(done);
        });
      }
    },
    rest(resting) {
      if (resting === isResting) return;
      isResting = resting;
      child.kill(resting ? "SIGSTOP" : "SIGCONT");
    },
    stop: () => {
      child.kill("SIGCONT");
      return stop(child);
    },
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.removeAllListeners("exit");
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGINT");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}
