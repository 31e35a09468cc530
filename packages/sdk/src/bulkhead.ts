import type { ContractRunner } from "ethers";
import type { Sent } from "./actions/send.ts";
import { checkAddress } from "./checks.ts";
import { dispatch, type ActionOptions, type Desk, type Token } from "./client/desk.ts";
import { identify } from "./client/identify.ts";
import { ordersClient, type OrdersClient } from "./client/orders.ts";
import { poolClient, type PoolClient } from "./client/pool.ts";
import { positionsClient, type PositionsClient } from "./client/positions.ts";
import { walletClient, type WalletClient } from "./client/wallet.ts";
import { asBulkheadError } from "./decode/errors.ts";
import { deployments, type Deployment } from "./deployments.ts";
import { InvalidInputError, NetworkError, UnknownChainError } from "./errors.ts";
import { connectMarket, type MarketContracts } from "./market.ts";
import {
  readSolvency,
  readStatus,
  readStress,
  type SolvencyReport,
  type StatusReport,
  type StressReport,
} from "./reads/market.ts";
import type { ReadOptions } from "./reads/positions.ts";
import type { MarketAddresses } from "./types.ts";

/**
 * One market: its books, positions, orders and pool, and the contracts underneath.
 *
 * Here and in the clients below reads throw NetworkError, or RevertedError where a contract refuses to answer; what sends
 * throws as {@link send} does. Arguments are checked first: InvalidInputError.
 */
export interface Market {
  /** As in "ETH/USD". */
  readonly symbol: string;
  readonly token: Token;
  /** The generated contracts, for what is not wrapped. */
  readonly contracts: MarketContracts;
  readonly positions: PositionsClient;
  readonly orders: OrdersClient;
  /** The liquidity vault. */
  readonly pool: PoolClient;
  readonly wallet: WalletClient;
  /** Price, breaker, outage, and what is announced or due. */
  status(options?: ReadOptions): Promise<StatusReport>;
  /** What holds what the market owes. */
  solvency(options?: ReadOptions): Promise<SolvencyReport>;
  /** The market after shocks, wad ratios of the price. */
  stress(shocks: readonly bigint[], options?: ReadOptions): Promise<readonly StressReport[]>;
  /** Brings carry and breaker up to now; anyone. */
  accrue(options?: ActionOptions): Promise<Sent>;
  /** Has the market compare what its vaults hold with what they owe; anyone. */
  checkSolvency(options?: ActionOptions): Promise<Sent>;
}

/** The markets of a chain. */
export interface Markets {
  readonly chainId: bigint;
  /** By symbol. */
  readonly markets: ReadonlyMap<string, Market>;
  /** A market by its symbol. Throws InvalidInputError for one that is not there. */
  market(symbol: string): Market;
}

/**
 * Where everything begins.
 *
 * @namespace
 */
export const Bulkhead = {
  /**
   * Connects to the markets of a chain. Each market is asked whether the set is its own, and is itself taken on the word
   * of whoever passes its address, as are the lenses.
   *
   * @param runner Provider for reads, signer for writes too.
   * @param where A chain whose deployment is known, a deployment as `npm run deploy` records it, or one market's addresses.
   * @throws UnknownChainError for a chain without a known deployment, NetworkError if the runner is on another chain or
   * does not answer, InvalidInputError for addresses that are none, or not of one set.
   * @example
   * const bulkhead = await Bulkhead.connect(new JsonRpcProvider(url), deployment);
   * const market = bulkhead.market("ETH/USD");
   * const [report] = await market.positions.risk([7n]);
   */
  async connect(
    runner: ContractRunner,
    where: bigint | number | Deployment | MarketAddresses,
  ): Promise<Markets> {
    const chainId = await chainOf(runner);
    const found = "object" === typeof where ? where : knownOn(BigInt(where));
    const expected =
      typeof where === "object" ? ("chainId" in where ? BigInt(where.chainId) : chainId) : BigInt(where);
    if (chainId !== expected)
      throw new NetworkError("chain", { detail: `it is on ${chainId}, the markets are on ${expected}` });
    const listed = "markets" in found ? marketsOf(found) : [["", found] as const];
    const opened = await Promise.all(
      listed.map(([symbol, addresses]) => openMarket(runner, chainId, symbol, addresses)),
    );
    const markets = new Map(opened.map((market) => [market.symbol, market]));
    return {
      chainId,
      markets,
      market: (symbol) => {
        const market = markets.get(symbol);
        if (market !== undefined) return market;
        throw new InvalidInputError("symbol", symbol, `one of ${[...markets.keys()].join(", ")}`);
      },
    };
  },
};

async function chainOf(runner: ContractRunner): Promise<bigint> {
  if (!runner.provider)
    throw new InvalidInputError("runner", runner, "a provider, or a signer connected to one");
  try {
    return (await runner.provider.getNetwork()).chainId;
  } catch (error) {
    throw asBulkheadError(error);
  }
}

function knownOn(chainId: bigint): Deployment {
  const found = deployments[String(chainId)];
  if (found === undefined) throw new UnknownChainError(chainId, Object.keys(deployments).map(BigInt));
  return found;
}

function marketsOf({ lens, stateLens, markets }: Deployment): (readonly [string, MarketAddresses])[] {
  return Object.entries(markets).map(([symbol, set]) => [symbol, { ...set, lens, stateLens }]);
}

const CONTRACTS = [
  "token",
  "oracle",
  "marginVault",
  "liquidityVault",
  "insuranceFund",
  "market",
  "orderBook",
  "lens",
  "stateLens",
] as const;

async function openMarket(
  runner: ContractRunner,
  chainId: bigint,
  name: string,
  addresses: MarketAddresses,
): Promise<Market> {
  for (const contract of CONTRACTS) checkAddress(contract, addresses[contract]);
  const contracts = connectMarket(addresses, runner);
  const { token, title } = await identify(contracts, runner);
  return marketClient({ chainId, symbol: name === "" ? title : name, contracts, token });
}

function marketClient(desk: Desk): Market {
  const { contracts } = desk;
  const { market } = contracts;
  return {
    ...desk,
    positions: positionsClient(desk),
    orders: ordersClient(desk),
    pool: poolClient(desk),
    wallet: walletClient(desk),
    status: (options) => readStatus(contracts, options),
    solvency: (options) => readSolvency(contracts, options),
    stress: (shocks, options) => readStress(contracts, shocks, options),
    accrue: (options) => dispatch(desk, market.accrue.populateTransaction(), options),
    checkSolvency: (options) => dispatch(desk, market.checkSolvency.populateTransaction(), options),
  };
}
