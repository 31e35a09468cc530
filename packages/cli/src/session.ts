import {
  Bulkhead,
  checkAddress,
  toBulkheadError,
  type Deployment,
  type Market,
  type Markets,
} from "@bulkhead/sdk";
import { JsonRpcProvider, Network } from "ethers";
import { deploymentFor } from "./deployment.ts";
import { Failure, UsageError } from "./errors.ts";
import { checkUrl, type GlobalOptions } from "./options.ts";
import { createOutput, type Output } from "./output.ts";
import { identityOf, NO_SIGNER } from "./signer.ts";

/** What a command works with: a chain, its markets, who asks, and where to answer. */
export interface Session {
  readonly out: Output;
  readonly provider: JsonRpcProvider;
  readonly markets: Markets;
  /** The market that is asked about. Throws UsageError if that is not clear. */
  readonly market: Market;
  /** Who would sign, if anybody. */
  readonly address: string | undefined;
  /** The same, who has to be there. Throws UsageError. */
  requireAddress(): string;
  /** The market with the signer behind it: asks for a keystore's password where it has to. */
  sign(): Promise<Market>;
}

/** How often a node is asked for new blocks, ms. */
const POLLING_MS = 500;

/** Connects, runs, and closes the connection again. */
export async function withSession<T>(
  options: GlobalOptions,
  run: (session: Session) => Promise<T>,
): Promise<T> {
  const provider = await connect(checkUrl(options.rpc));
  try {
    return await run(await openSession(options, provider));
  } finally {
    provider.destroy();
  }
}

async function openSession(options: GlobalOptions, provider: JsonRpcProvider): Promise<Session> {
  const out = createOutput(options.json === true);
  const { chainId } = await provider.getNetwork();
  const deployment = await deploymentFor(chainId, options.deployment);
  const identity = await identityOf(options);
  const markets = await Bulkhead.connect(provider, deployment);
  return {
    out,
    provider,
    markets,
    get market() {
      return select(markets, options.market);
    },
    address: identity?.address,
    requireAddress: () => {
      if (identity !== undefined) return identity.address;
      throw new UsageError(NO_SIGNER);
    },
    sign: async () => {
      if (identity === undefined) throw new UsageError(NO_SIGNER);
      const { symbol } = select(markets, options.market);
      const signer = await identity.open(provider);
      return (await Bulkhead.connect(signer, only(deployment, symbol))).market(symbol);
    },
  };
}

/** A provider that knows its chain, so that a node that does not answer is an error and not a wait. */
async function connect(url: string): Promise<JsonRpcProvider> {
  const asking = new JsonRpcProvider(url);
  try {
    const answer = await asking._send({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] });
    const [first] = answer;
    if (first === undefined || !("result" in first)) throw new Error("no chain id in the answer");
    const network = new Network("chain", BigInt(first.result as string));
    return new JsonRpcProvider(url, network, {
      staticNetwork: network,
      batchMaxCount: 1,
      cacheTimeout: -1,
      polling: true,
      pollingInterval: POLLING_MS,
    });
  } catch (error) {
    // What follows the host may be a key.
    const { origin } = new URL(url);
    throw new Failure(`--rpc: ${origin}: ${toBulkheadError(error).message}`, undefined, error);
  } finally {
    asking.destroy();
  }
}

function select({ markets }: Markets, wanted: string | undefined): Market {
  const symbols = [...markets.keys()].join(", ");
  if (wanted === undefined) {
    const [first, ...others] = markets.values();
    if (first !== undefined && others.length === 0) return first;
    throw new UsageError(`--market: which one? There are ${symbols}`);
  }
  const found = [...markets.values()].find(({ symbol }) => symbol.toLowerCase() === wanted.toLowerCase());
  if (found !== undefined) return found;
  throw new UsageError(`--market: expected one of ${symbols}, got "${wanted}"`);
}

function only(deployment: Deployment, symbol: string): Deployment {
  const { [symbol]: set } = deployment.markets;
  return set === undefined ? deployment : { ...deployment, markets: { [symbol]: set } };
}

/** Whose positions or orders are asked for: the owner that is given, else who signs; `undefined` for everybody's. */
export function ownerOf(
  { owner, all }: { readonly owner?: string | undefined; readonly all?: true | undefined },
  { address }: Pick<Session, "address">,
): string | undefined {
  if (all === true && owner !== undefined) throw new UsageError("--owner and --all: one of them, not both");
  if (all === true) return undefined;
  return owner === undefined ? address : checkAddress("--owner", owner);
}
