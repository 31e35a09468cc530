import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { deployments, type Deployment } from "@bulkhead/sdk";
import { UsageError } from "./errors.ts";

/**
 * The markets of a chain: of the file that is given, else as the sdk knows them, else of `deployments/<chainId>.json` in
 * this folder. Folders above may be another's, who would choose where money goes.
 *
 * @throws UsageError where there are none, or the file is not of this chain.
 */
export async function deploymentFor(chainId: bigint, given?: string): Promise<Deployment> {
  if (given !== undefined) return read(given, chainId, false);
  const known = deployments[String(chainId)];
  if (known !== undefined) return known;
  const own = resolve("deployments", `${chainId}.json`);
  if (existsSync(own)) return read(own, chainId, true);
  throw new UsageError(
    `no markets are known on chain ${chainId}: give --deployment <file>, or run where there is deployments/${chainId}.json`,
  );
}

async function read(file: string, chainId: bigint, found: boolean): Promise<Deployment> {
  const wrong = (what: string): UsageError =>
    new UsageError(`${found ? "" : "--deployment: "}${file} ${what}`);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch {
    throw wrong("can't be read");
  }
  let json: Partial<Deployment>;
  try {
    json = JSON.parse(text) as Partial<Deployment>;
  } catch {
    throw wrong("is not JSON");
  }
  if (!isDeployment(json))
    throw wrong("records no finished deployment: it has no markets, lens and stateLens");
  if (BigInt(json.chainId) !== chainId) throw wrong(`is of chain ${json.chainId}, the node is on ${chainId}`);
  return json;
}

/** As far as its shape goes: the sdk checks every address. */
function isDeployment(json: Partial<Deployment> | null): json is Deployment {
  if (typeof json !== "object" || json === null) return false;
  const { chainId, lens, stateLens, markets } = json;
  if (!Number.isSafeInteger(chainId) || typeof lens !== "string" || typeof stateLens !== "string")
    return false;
  return typeof markets === "object" && markets !== null && Object.keys(markets).length > 0;
}
