import { readFile } from "node:fs/promises";
import { isAddress, isHexString } from "ethers";
import { z } from "zod";
import type { MarketAddresses } from "@bulkhead/sdk";

/** Bad configuration: names the field and what would be right. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

const address = z.string().refine(isAddress, "must be an address: 0x and 40 hex digits");

const schema = z.object({
  rpc: z.url({ protocol: /^https?$/, error: "must be an http(s) URL, e.g. http://127.0.0.1:8545" }),
  market: z.string().min(1),
  key: z.string().refine((v) => isHexString(v, 32), "must be a private key: 0x and 64 hex digits"),
  rewardTo: address.optional(),
  pollMs: z.coerce.number().int().min(5).max(60_000),
  batchSize: z.coerce.number().int().min(1).max(100),
  refreshSeconds: z.coerce.number().int().min(0).max(3_600),
  streams: z
    .object({
      restUrl: z.url({ protocol: /^https?$/, error: "must be an http(s) URL: the Data Streams API" }),
      key: z.string().min(1, "must be the id of the Data Streams user: set STREAMS_KEY"),
      secret: z.string().min(1, "must be the secret of the Data Streams user: set STREAMS_SECRET"),
    })
    .optional(),
  logLevel: z.enum(["trace", "debug", "info", "warn", "error", "silent"]),
});

/**
 * What a keeper runs with. `pollMs`: how often it asks for a new block; `batchSize`: positions per liquidation;
 * `refreshSeconds`: age at which a stream's price on chain is brought up to date while positions are open.
 */
export type KeeperConfig = z.infer<typeof schema> & { readonly addresses: MarketAddresses };

const deploymentSchema = z.object({
  chainId: z.number().int(),
  lens: address,
  stateLens: address,
  markets: z.record(
    z.string(),
    z.object({
      token: address,
      feed: address.optional(),
      stream: z.object({ verifier: address, streamId: z.string() }).optional(),
      oracle: address,
      marginVault: address,
      liquidityVault: address,
      insuranceFund: address,
      market: address,
      orderBook: address,
      block: z.number().int().optional(),
    }),
  ),
});

/** Checks the options and reads the market's addresses from a deployment file. Throws {@link ConfigError}. */
export async function loadConfig(
  options: Record<string, unknown>,
  deploymentFile: string,
): Promise<KeeperConfig> {
  const config = check(schema, options, "option");
  let text: string;
  try {
    text = await readFile(deploymentFile, "utf8");
  } catch {
    throw new ConfigError(
      `deployment: ${deploymentFile} can't be read; give the file that the deployment wrote`,
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new ConfigError(`deployment: ${deploymentFile} is not JSON`);
  }
  const deployment = check(deploymentSchema, json, deploymentFile);
  const market = deployment.markets[config.market];
  if (market === undefined) {
    const known = Object.keys(deployment.markets).join(", ");
    throw new ConfigError(`market: ${config.market} is not in ${deploymentFile}, which has ${known}`);
  }
  if (market.stream !== undefined && config.streams === undefined)
    throw new ConfigError(`streams: ${config.market} has its prices from a stream; --streams-url is needed`);
  return { ...config, addresses: { ...market, lens: deployment.lens, stateLens: deployment.stateLens } };
}

function check<T>(type: z.ZodType<T>, value: unknown, where: string): T {
  const result = type.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new ConfigError(`${where}: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "invalid"}`);
}
