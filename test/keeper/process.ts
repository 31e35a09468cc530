import { spawn, type ChildProcess } from "node:child_process";
import { createServer, request as httpRequest, type Server } from "node:http";
import { HDNodeWallet, Mnemonic } from "ethers";

/** The account of a local chain that keepers of tests send from. */
export const KEEPER = HDNodeWallet.fromMnemonic(
  Mnemonic.fromPhrase("test test test test test test test test test test test junk"),
  "m/44'/60'/0'/0/9",
);

/** How an endpoint misbehaves. */
export type Mood = "fine" | "refuses" | "errors" | "garbage" | "hangs";

/** An endpoint in front of `target` whose mood can be set. */
export async function moodyEndpoint(
  target: string,
): Promise<{ url: string; server: Server; set(mood: Mood): void }> {
  let mood: Mood = "fine";
  const server = createServer((request, response) => {
    if (mood === "refuses") return void request.socket.destroy();
    if (mood === "errors") return void response.writeHead(503).end("overloaded");
    if (mood === "garbage") return void response.writeHead(200).end("<html>not json</html>");
    if (mood === "hangs") return void setTimeout(() => request.socket.destroy(), 1_000);
    const { hostname, port } = new URL(target);
    const upstream = httpRequest(
      { hostname, port, path: request.url, method: request.method, headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    upstream.on("error", () => response.destroy());
    request.pipe(upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, server, set: (next) => (mood = next) };
}

/** Starts the keeper's command line. */
export function runKeeper(
  args: readonly string[],
  key = KEEPER.privateKey,
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  return spawn("tsx", ["packages/keeper/src/cli.ts", ...args], {
    env: { ...process.env, ...env, KEEPER_KEY: key },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Waits for its end. */
export async function ended(child: ChildProcess): Promise<{ code: number | null; stderr: string }> {
  let stderr = "";
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, stderr };
}

/** Waits up to 30 s for something to be so. */
export async function until(what: string, done: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end;) {
    if (await done()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what}: not within 30 s`);
}
