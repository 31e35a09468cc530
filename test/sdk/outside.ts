import { spawn } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter } from "node:path";
import type { Desk } from "../shared/market.ts";

/** The environment outside the workspace: the machine's own Node and npm, not the pinned ones with their loader. */
const OUTSIDE = {
  ...process.env,
  NODE_OPTIONS: "",
  PATH: (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => !folder.includes("node_modules"))
    .join(delimiter),
};

/** Runs a command of the machine in a folder; returns its stdout. Throws with all that it printed if it fails. */
export async function run(folder: string, command: string, ...args: string[]): Promise<string> {
  const shell = process.platform === "win32";
  const child = spawn(command, args, { cwd: folder, env: OUTSIDE, shell, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`${command} ${args.join(" ")}: exit code ${code}\n${stdout}${stderr}`);
  return stdout;
}

interface RpcRequest {
  readonly id: number;
  readonly method: string;
  readonly params?: unknown[];
}

/** Serves a chain of this process over HTTP, as its JSON-RPC endpoint; `before` each call it does what is asked of it. */
export async function serve(
  { ethers }: Pick<Desk, "ethers">,
  before: (method: string) => Promise<void> = async () => {},
): Promise<{ url: string; server: Server }> {
  const answer = async ({ id, method, params = [] }: RpcRequest): Promise<unknown> => {
    try {
      await before(method);
      return { jsonrpc: "2.0", id, result: await ethers.provider.send(method, params) };
    } catch (error) {
      const { code = -32_000, message, data } = error as { code?: number; message: string; data?: unknown };
      return { jsonrpc: "2.0", id, error: { code, message, data } };
    }
  };
  const server = createServer((request, response) => {
    void (async () => {
      let body = "";
      for await (const chunk of request) body += String(chunk);
      const asked = JSON.parse(body) as RpcRequest | RpcRequest[];
      const told = Array.isArray(asked) ? await Promise.all(asked.map(answer)) : await answer(asked);
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(told));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}
