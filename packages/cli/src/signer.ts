import { readFile } from "node:fs/promises";
import { checkAddress } from "@bulkhead/sdk";
import {
  decryptKeystoreJson,
  getAddress,
  isHexString,
  isKeystoreJson,
  Wallet,
  type JsonRpcProvider,
} from "ethers";
import type { Signer } from "ethers";
import { Failure, UsageError } from "./errors.ts";
import type { GlobalOptions } from "./options.ts";
import { askPassword } from "./prompt.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Who signs, before any secret is opened. */
export interface Identity {
  readonly address: string;
  /** Opens it: asks for the password of a keystore where it has to. */
  open(provider: JsonRpcProvider): Promise<Signer>;
}

export const NO_SIGNER =
  "who signs? Give --keystore <file>, --account <address> of the node or of a wallet behind it, or BULKHEAD_KEY in " +
  "the environment";

const NO_PASSWORD =
  "--keystore: no password: set BULKHEAD_PASSWORD, give --password-file <file>, or run on a terminal";

/**
 * Who the options and the environment say signs; `undefined` where neither does.
 *
 * @throws UsageError for two at once, for a file that is no keystore, and for a key that is none.
 */
export async function identityOf(
  options: GlobalOptions,
  env: Env = process.env,
): Promise<Identity | undefined> {
  const { keystore, account } = options;
  if (keystore !== undefined && account !== undefined)
    throw new UsageError("--keystore and --account: one of them signs, not both");
  if (keystore !== undefined) return ofKeystore(keystore, options, env);
  if (account !== undefined) return ofNode(account);
  return env.BULKHEAD_KEY === undefined || env.BULKHEAD_KEY === "" ? undefined : ofKey(env.BULKHEAD_KEY);
}

async function ofKeystore(file: string, options: GlobalOptions, env: Env): Promise<Identity> {
  const json = await textOf("--keystore", file);
  if (!isKeystoreJson(json))
    throw new UsageError(`--keystore: ${file} is no encrypted JSON keystore (version 3)`);
  const { address } = JSON.parse(json) as { address?: unknown };
  if (typeof address !== "string" || !isHexString(withPrefix(address), 20))
    throw new UsageError(`--keystore: ${file} does not say whose it is: it has no address`);
  return {
    address: getAddress(withPrefix(address)),
    open: async (provider) => {
      const password = await passwordFor(file, options, env);
      try {
        return new Wallet((await decryptKeystoreJson(json, password)).privateKey, provider);
      } catch (error) {
        if (/password/i.test((error as Error).message))
          throw new Failure(`--keystore: wrong password for ${file}`);
        throw new UsageError(`--keystore: ${file} can't be decrypted`);
      }
    },
  };
}

async function passwordFor(file: string, { passwordFile }: GlobalOptions, env: Env): Promise<string> {
  if (passwordFile !== undefined)
    return (await textOf("--password-file", passwordFile)).replace(/\r?\n$/, "");
  return env.BULKHEAD_PASSWORD ?? askPassword(`Password of ${file}: `, NO_PASSWORD);
}

function ofKey(key: string): Identity {
  const full = withPrefix(key.trim());
  if (!isHexString(full, 32))
    throw new UsageError("BULKHEAD_KEY: expected a private key: 0x and 64 hex digits");
  let wallet: Wallet;
  try {
    wallet = new Wallet(full);
  } catch {
    throw new UsageError("BULKHEAD_KEY: expected a private key: this number is out of its range");
  }
  return { address: wallet.address, open: async (provider) => wallet.connect(provider) };
}

function ofNode(account: string): Identity {
  const address = getAddress(checkAddress("--account", account));
  return {
    address,
    open: async (provider) => {
      const held = (await provider.send("eth_accounts", [])) as readonly string[];
      if (held.some((other) => other.toLowerCase() === address.toLowerCase()))
        return provider.getSigner(address);
      throw new Failure(
        `--account: the node does not hold ${address}`,
        "Connect the wallet to this endpoint and unlock the account, or sign with --keystore or BULKHEAD_KEY.",
      );
    },
  };
}

async function textOf(option: string, file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch {
    throw new UsageError(`${option}: ${file} can't be read`);
  }
}

function withPrefix(hex: string): string {
  return /^0x/i.test(hex) ? hex : `0x${hex}`;
}
