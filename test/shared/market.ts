import { connectMarket, encodeRoundProof, parseOrderEvent, type Order, type OrderEvent } from "@bulkhead/sdk";
import {
  MaxUint256,
  type BigNumberish,
  type ContractTransactionResponse,
  type Signer,
  type TransactionReceipt,
} from "ethers";
import { network } from "hardhat";
import type { Externals } from "../../deploy/code.ts";
import { deployMarket } from "../../deploy/deploy.ts";
import { deployLocalExternals } from "../../deploy/local.ts";
import { ethUsd } from "../../deploy/params/markets/eth-usd.ts";
import { inTokenOf } from "../../deploy/params/scale.ts";
import type { MarketFile } from "../../deploy/params/types.ts";
import type { LocalDon } from "../../deploy/streams.ts";
import { Errors__factory, UnrulyToken__factory } from "../../typechain-types/index.ts";
import { localStream } from "./stream.ts";

export const WAD = 10n ** 18n;
export const START_PRICE = 2_000n;

/** For `revertedWithCustomError`: every error of the protocol, whichever contract lets it through. */
export const protocol = { interface: Errors__factory.createInterface() };

/** A simulated chain. */
export type Chain = Awaited<ReturnType<typeof network.create>>;

/** What a test may want otherwise: decimals of token and feed, parameters of the market, further feeds of its oracle. */
export interface Settings {
  readonly tokenDecimals?: number;
  readonly feedDecimals?: number;
  readonly market?: Partial<MarketFile["market"]>;
  /** Whether prices come from a stream instead of a feed. */
  readonly onStream?: boolean;
  /** Who signs its reports; four oracles by default, of which one may be faulty. */
  readonly don?: LocalDon;
  /** What else the oracle stands on, deployed before it. */
  readonly extras?: (chain: Chain, operator: Signer) => Promise<Partial<Externals>>;
}

/** The parameter file in units of a token of other decimals. One trader may be the whole side: a test needs no crowd. */
function scaled(decimals: number): MarketFile {
  const { market, ...file } = inTokenOf(decimals, ethUsd);
  return { ...file, market: { ...market, maxPositionShare: market.maxSideShare } };
}

/**
 * A whole market on a chain of its own: 20 M of liquidity, 100,000 of insurance, accounts with tokens and approvals,
 * and the means to trade. Prices in whole dollars, times in seconds.
 */
export async function openMarket({
  tokenDecimals = 6,
  feedDecimals = 8,
  market = {},
  onStream = false,
  don,
  extras = async () => ({}),
}: Settings = {}) {
  const chain = await network.create();
  const { ethers, networkHelpers } = chain;
  const [operator, lp, alice, bob, keeper, stranger] = await ethers.getSigners();
  if (!operator || !lp || !alice || !bob || !keeper || !stranger) throw new Error("six accounts are needed");
  const { time } = networkHelpers;
  const unit = 10n ** BigInt(tokenDecimals);
  const answer = (dollars: bigint): bigint => dollars * 10n ** BigInt(feedDecimals);
  const others = await extras(chain, operator);
  const now = await time.latest();
  const token = await new UnrulyToken__factory(operator).deploy("USD Coin", "USDC", tokenDecimals);
  const local = await deployLocalExternals(
    operator,
    { round: 1n, answer: answer(START_PRICE), startedAt: now, updatedAt: now },
    { token, feedDecimals },
  );
  const externals = { ...local, ...others };
  const plain = scaled(tokenDecimals);
  const file = { ...plain, market: { ...plain.market, ...market } };
  const stream = onStream ? await localStream(operator, now - 1, don) : undefined;
  const { addresses, factory } = await deployMarket(
    operator,
    file,
    stream === undefined ? externals : { ...externals, feed: undefined, stream: stream.external },
    {
      beforeMarket: async (oracle) => {
        stream?.serve(oracle);
        await stream?.bring(stream.sign(START_PRICE, await time.latest()));
      },
    },
  );
  const contracts = connectMarket(addresses, operator);
  const { aggregator } = externals;
  for (const account of [operator, lp, alice, bob, stranger]) {
    await token.mint(account, 10n ** 9n * unit);
    for (const spender of [addresses.marginVault, addresses.liquidityVault, addresses.insuranceFund]) {
      await token.connect(account).approve(spender, MaxUint256);
    }
  }
  await contracts.liquidityVault.connect(lp).deposit(20_000_000n * unit, lp);
  await contracts.insuranceFund.donate(100_000n * unit);

  let round = 1n;
  /** Adds an observation made now, and landed; returns its id. */
  const push = async (dollars: bigint): Promise<bigint> => {
    round += 1n;
    const at = await time.latest();
    if (stream !== undefined) {
      await stream.bring(stream.sign(dollars, at));
      return BigInt(at);
    }
    await aggregator.push(round, answer(dollars), at, at);
    return (6n << 64n) | round;
  };
  const request = async (wish: Wish) => ({
    positionId: 0n,
    sizeDelta: 0n,
    collateral: 0n,
    acceptablePrice: MaxUint256,
    executionFee: file.orders.minExecutionFee,
    deadline: (await contracts.orderBook.earliestDeadline()) + 3_600n,
    ...wish,
  });
  /** Commits; a sale without a limit of its own accepts any price. */
  const commit = async (account: typeof alice, wish: Wish): Promise<{ orderId: string; order: Order }> => {
    const held = (await contracts.market.position(wish.positionId ?? 0n)).size;
    const delta = BigInt(wish.sizeDelta ?? 0n);
    const sells = delta < 0n || (delta === 0n && held > 0n);
    const full = await request({ ...(sells ? { acceptablePrice: 0n } : {}), ...wish });
    const receipt = await mined(contracts.orderBook.connect(account).commit(full));
    const event = orderEvents(receipt).find((e) => e.kind === "committed");
    if (event?.kind !== "committed") throw new Error("no order was committed");
    return event;
  };
  const settle = async (
    committed: { orderId: string; order: Order },
    roundId: bigint,
    ...words: bigint[]
  ) => {
    const { orderBook } = contracts;
    const proof = encodeRoundProof(roundId, ...words);
    return mined(orderBook.connect(keeper).settle(committed.order, proof, keeper));
  };
  /** Commit, wait for the fixing, settle. */
  const trade = async (account: typeof alice, wish: Wish, dollars = START_PRICE) => {
    const committed = await commit(account, wish);
    await time.increase(40);
    const observed = await push(dollars);
    // No other feed's observation may be under way.
    if (others.collateralFeed !== undefined) await time.increase(40);
    const receipt = await settle(committed, observed);
    const outcome = orderEvents(receipt).find((e) => e.kind !== "committed");
    return { ...committed, id: committed.order.positionId, receipt, outcome };
  };
  /** A redemption from request to claim; the first of a batch waits one period. Returns what was paid. */
  const leave = async (account: typeof alice, shares: bigint, dollars = START_PRICE): Promise<bigint> => {
    const vault = contracts.liquidityVault.connect(account);
    await vault.requestRedeem(shares, account, account);
    await time.increase(file.pool.redemptionPeriod);
    await push(dollars);
    await vault.fulfillRedeems();
    const paid = await vault.maxWithdraw(account);
    await vault.redeem(await vault.maxRedeem(account), account, account);
    return paid;
  };
  /** Tokens held by the market's own contracts and the people around them, to the unit. */
  const wealth = async (): Promise<bigint> => {
    const holders = [addresses.marginVault, addresses.liquidityVault, addresses.insuranceFund];
    let sum = 0n;
    for (const holder of [...holders, operator, lp, alice, bob, keeper, stranger])
      sum += await token.balanceOf(holder);
    return sum;
  };
  const view = async (id: bigint) => (await contracts.lens.positions(addresses.market, [id]))[0]!;
  return {
    ethers,
    networkHelpers,
    ...contracts,
    factory,
    file,
    token,
    aggregator,
    externals,
    stream,
    unit,
    operator,
    lp,
    alice,
    bob,
    keeper,
    stranger,
    push,
    request,
    commit,
    settle,
    trade,
    leave,
    wealth,
    view,
  };
}

/** An opened market. */
export type Desk = Awaited<ReturnType<typeof openMarket>>;

/** Fields of an order request; all others have sensible defaults. */
export interface Wish {
  readonly positionId?: bigint;
  readonly sizeDelta?: BigNumberish;
  readonly collateral?: bigint;
  readonly acceptablePrice?: bigint;
  readonly executionFee?: bigint;
  readonly deadline?: bigint;
}

/** The order book's events in a receipt. */
export function orderEvents(receipt: TransactionReceipt): OrderEvent[] {
  return receipt.logs.map((log) => parseOrderEvent(log)).filter((event) => event !== undefined);
}

/** Waits for a transaction. */
export async function mined(sent: Promise<ContractTransactionResponse>): Promise<TransactionReceipt> {
  const receipt = await (await sent).wait();
  if (receipt === null) throw new Error("a transaction was not mined");
  return receipt;
}
