import {
  connectMarket,
  encodeRoundProof,
  NO_PERMIT,
  parseOrderEvent,
  signCommit,
  type Order,
  type OrderEvent,
  type RestingOrder,
} from "@bulkhead/sdk";
import { MaxUint256, type ContractTransactionResponse, type Signer, type TransactionReceipt } from "ethers";
import { deployMarket } from "../../deploy/deploy.ts";
import { deployLocalExternals } from "../../deploy/local.ts";
import { ethUsd } from "../../deploy/params/markets/eth-usd.ts";

/** Gas of an order's two transactions. */
export interface OrderGas {
  readonly commit: number;
  readonly settle: number;
  readonly total: number;
}

/** Receipts' gasUsed, refunds included. Orders other than open and close are given as commit + settle. */
export interface GasFigures {
  readonly open: OrderGas;
  readonly close: OrderGas;
  readonly increase: number;
  readonly decrease: number;
  readonly addCollateral: number;
  readonly removeCollateral: number;
  readonly liquidateFull: number;
  readonly liquidatePartial: number;
  readonly liquidateBatch20PerPosition: number;
  readonly lpDeposit: number;
  readonly lpRequest: number;
  /** One batch, however many requests are in it. */
  readonly lpFulfill: number;
  readonly lpClaim: number;
  /** Entry with take-profit and stop-loss, committed in one transaction and settled. */
  readonly bracketOpen: number;
  /** Trigger and fill of a stop-loss that closes a position, at once. */
  readonly triggerFill: number;
  /** What a signed commit sent by a relayer costs above a plain one. */
  readonly signedCommitExtra: number;
}

/** A chain to measure on: `network.create()` of Hardhat. */
export interface GasChain {
  readonly ethers: {
    getSigners(): Promise<Signer[]>;
    readonly provider: { send(method: string, params: unknown[]): Promise<unknown> };
  };
  readonly networkHelpers: {
    readonly time: { latest(): Promise<number>; increase(seconds: number): Promise<unknown> };
  };
}

const WAD = 10n ** 18n;
const USDC = 10n ** 6n;
const ANSWER = 10n ** 8n;
const PHASE = 6n << 64n;
const PRICE = 2_000n;
const BATCH = 20;

/** A trader's wish: signed size in base wad, collateral in token units; a position to change. */
interface Wish {
  readonly positionId?: bigint;
  readonly size: bigint;
  readonly collateral?: bigint;
}

/**
 * Measures every operation in a steady state: a market with positions on both sides and carry running, 6-decimal token,
 * feed behind Chainlink's proxy, every account with a token balance left and one other position open.
 */
export async function measureGas(chain: GasChain): Promise<GasFigures> {
  const desk = await openDesk(chain);
  const { contracts, lp, trader, other, keeper } = desk;
  const size = 10n * WAD;
  const roomy = 3_000n * USDC;
  const tight = 900n * USDC; // about 2.2 % of margin above the liquidation reserve

  // The steady state: everybody who acts below has acted before.
  await desk.trade(trader, { size, collateral: roomy });
  await desk.trade(other, { size: -size, collateral: roomy });
  await desk.trade(other, { size: -size, collateral: roomy });
  await desk.trade(trader, { size, collateral: roomy });
  const warm = await desk.trade(trader, { size, collateral: roomy });
  await desk.trade(trader, { positionId: warm.id, size: 0n });

  const opened = await desk.trade(trader, { size, collateral: roomy });
  const increased = await desk.trade(trader, { positionId: opened.id, size: size / 2n, collateral: roomy });
  const market = contracts.market.connect(trader);
  const added = await gasOf(market.addCollateral(opened.id, 100n * USDC));
  const removed = await gasOf(market.removeCollateral(opened.id, 100n * USDC));
  const decreased = await desk.trade(trader, { positionId: opened.id, size: -size / 2n });
  const closed = await desk.trade(trader, { positionId: opened.id, size: 0n });

  // Twice each: the first time warms the owner's slots and nonces.
  await desk.exitBy(await desk.openBracket(trader, size, roomy));
  const bracket = await desk.openBracket(trader, size, roomy);
  const triggered = await desk.exitBy(bracket);
  await desk.commitSigned(trader, size, roomy, 0n);
  const signed = await desk.commitSigned(trader, size, roomy, 1n);

  const vault = contracts.liquidityVault.connect(lp);
  const account = await lp.getAddress();
  const deposited = await gasOf(vault.deposit(10_000n * USDC, account));
  const requested = await gasOf(
    vault.requestRedeem((await vault.balanceOf(account)) / 1_000n, account, account),
  );
  await desk.time.increase(Number(ethUsd.pool.redemptionPeriod));
  await desk.push(PRICE);
  const fulfilled = await gasOf(vault.fulfillRedeems());
  const redeemed = await gasOf(vault.redeem(await vault.maxRedeem(account), account, account));

  const victims: bigint[] = [];
  for (let i = 0; i < BATCH + 3; i += 1)
    victims.push((await desk.trade(trader, { size, collateral: tight })).id);
  const liquidator = contracts.market.connect(keeper);
  const reward = await keeper.getAddress();
  const [warmUp = 0n, partial = 0n, full = 0n, ...batch] = victims;
  await desk.push((PRICE * 968n) / 1_000n);
  await gasOf(liquidator.liquidate([warmUp], reward));
  const partialGas = await gasOf(liquidator.liquidate([partial], reward));
  if ((await market.position(partial)).size === 0n)
    throw new Error("bench: the partial liquidation closed all");
  await desk.push((PRICE * 959n) / 1_000n);
  const fullGas = await gasOf(liquidator.liquidate([full], reward));
  if ((await market.position(full)).size !== 0n) throw new Error("bench: the full liquidation left a part");
  const batchGas = await gasOf(liquidator.liquidate(batch, reward));
  if ((await market.balanceOf(await trader.getAddress())) !== 6n)
    throw new Error("bench: the batch left positions");

  return {
    open: opened.gas,
    close: closed.gas,
    increase: increased.gas.total,
    decrease: decreased.gas.total,
    addCollateral: added,
    removeCollateral: removed,
    liquidateFull: fullGas,
    liquidatePartial: partialGas,
    liquidateBatch20PerPosition: Math.ceil(batchGas / BATCH),
    lpDeposit: deposited,
    lpRequest: requested,
    lpFulfill: fulfilled,
    lpClaim: redeemed,
    bracketOpen: bracket.gas,
    triggerFill: triggered,
    signedCommitExtra: signed - opened.gas.commit,
  };
}

/** Deploys and funds; returns what the measurements use. */
async function openDesk({ ethers, networkHelpers: { time } }: GasChain) {
  const [operator, lp, trader, other, keeper] = await ethers.getSigners();
  if (!operator || !lp || !trader || !other || !keeper) throw new Error("bench: five accounts are needed");
  const now = await time.latest();
  const first = { round: 1n, answer: PRICE * ANSWER, startedAt: now, updatedAt: now };
  const externals = await deployLocalExternals(operator, first);
  const { addresses } = await deployMarket(operator, ethUsd, externals);
  const contracts = connectMarket(addresses, operator);
  const token = externals.tokenContract;
  for (const account of [operator, lp, trader, other]) {
    await (await token.mint(account, 10n ** 9n * USDC)).wait();
    for (const spender of [addresses.marginVault, addresses.liquidityVault, addresses.insuranceFund]) {
      await (await token.connect(account).approve(spender, MaxUint256)).wait();
    }
  }
  await (await contracts.liquidityVault.connect(lp).deposit(20_000_000n * USDC, lp)).wait();
  await (await contracts.insuranceFund.donate(100_000n * USDC)).wait();

  let round = first.round;
  const push = async (price: bigint): Promise<void> => {
    round += 1n;
    const at = await time.latest();
    await (await externals.aggregator.push(round, price * ANSWER, at, at)).wait();
  };
  const trade = async (account: Signer, { positionId = 0n, size, collateral = 0n }: Wish) => {
    const executionFee = ethUsd.orders.minExecutionFee;
    const deadline = 2n ** 40n - 1n;
    const held = (await contracts.market.position(positionId)).size;
    const buys = size === 0n ? held < 0n : size > 0n;
    const request = {
      positionId,
      sizeDelta: size,
      collateral,
      acceptablePrice: buys ? MaxUint256 : 0n,
      executionFee,
      deadline,
    };
    const commit = await mined(contracts.orderBook.connect(account).commit(request));
    const order = committed(commit);
    await time.increase(Number(ethUsd.orders.settlementDelay) + 10);
    await push(PRICE);
    const settle = await mined(
      contracts.orderBook.connect(keeper).settle(order, encodeRoundProof(PHASE | round), keeper),
    );
    const outcome = settle.logs.map((log) => parseOrderEvent(log)).find((event) => event !== undefined);
    if (outcome?.kind !== "settled")
      throw new Error(`bench: the order was not filled: ${JSON.stringify(outcome?.kind)}`);
    const [c, s] = [Number(commit.gasUsed), Number(settle.gasUsed)];
    return { id: order.positionId, gas: { commit: c, settle: s, total: c + s } };
  };
  const { orderBook } = contracts;
  const executionFee = ethUsd.orders.minExecutionFee;
  const deadline = 2n ** 40n - 1n;
  const exitTerms = {
    positionId: MaxUint256,
    sizeDelta: 0n,
    collateral: 0n,
    acceptablePrice: 0n,
    executionFee,
    deadline,
    trail: 0n,
    trailIsRatio: false,
    reduceOnly: true,
    beyondLiquidation: false,
  };
  /** Long entry with a take-profit and a stop-loss, settled. */
  const openBracket = async (account: Signer, size: bigint, collateral: bigint) => {
    const entry = {
      positionId: 0n,
      sizeDelta: size,
      collateral,
      // One percent of slippage, as a screen would have it.
      acceptablePrice: (PRICE * WAD * 101n) / 100n,
      executionFee,
      deadline,
    };
    const exits = [
      { ...exitTerms, limitPrice: PRICE * 2n * WAD, stopPrice: 0n },
      { ...exitTerms, limitPrice: 0n, stopPrice: (PRICE - 20n) * WAD },
    ];
    const calls = [
      orderBook.interface.encodeFunctionData("commit", [entry]),
      ...exits.map((exit) => orderBook.interface.encodeFunctionData("place", [exit])),
    ];
    const commit = await mined(orderBook.connect(account).multicall(calls));
    await time.increase(Number(ethUsd.orders.settlementDelay) + 10);
    await push(PRICE);
    const proof = encodeRoundProof(PHASE | round);
    const settle = await mined(orderBook.connect(keeper).settle(committed(commit), proof, keeper));
    const stop = events(commit).findLast((event) => event.kind === "placed");
    if (stop?.kind !== "placed") throw new Error("bench: no stop was placed");
    return { order: stop.order, gas: Number(commit.gasUsed) + Number(settle.gasUsed) };
  };
  /** Lets the price fall through the stop and triggers it. */
  const exitBy = async ({ order }: { order: RestingOrder }): Promise<number> => {
    await time.increase(60);
    await push(PRICE - 30n);
    const proof = encodeRoundProof(PHASE | round);
    const receipt = await mined(orderBook.connect(keeper).trigger(order, proof, "0x", keeper));
    if (!events(receipt).some((event) => event.kind === "settled"))
      throw new Error("bench: the stop did not fill");
    await time.increase(60);
    await push(PRICE);
    return Number(receipt.gasUsed);
  };
  /** A commit signed by `account` and sent by the keeper, for a fee. */
  const commitSigned = async (
    account: Signer,
    size: bigint,
    collateral: bigint,
    nonce: bigint,
  ): Promise<number> => {
    const request = {
      positionId: 0n,
      sizeDelta: size,
      collateral,
      acceptablePrice: MaxUint256,
      executionFee: 2n * executionFee,
      deadline,
    };
    const terms = { owner: await account.getAddress(), nonce, validUntil: deadline, relayFee: executionFee };
    const domain = {
      chainId: BigInt((await ethers.provider.send("eth_chainId", [])) as string),
      orderBook: addresses.orderBook,
    };
    const by = await signCommit(account, domain, request, terms);
    const receipt = await mined(orderBook.connect(keeper).commitSigned(request, by, NO_PERMIT));
    const order = committed(receipt);
    await time.increase(Number(ethUsd.orders.settlementDelay) + 10);
    await push(PRICE);
    await mined(orderBook.connect(keeper).settle(order, encodeRoundProof(PHASE | round), keeper));
    return Number(receipt.gasUsed);
  };
  return { contracts, time, lp, trader, other, keeper, push, trade, openBracket, exitBy, commitSigned };
}

function events(receipt: TransactionReceipt): OrderEvent[] {
  return receipt.logs.map((log) => parseOrderEvent(log)).filter((event) => event !== undefined);
}

function committed(receipt: TransactionReceipt): Order {
  for (const log of receipt.logs) {
    const event = parseOrderEvent(log);
    if (event?.kind === "committed") return event.order;
  }
  throw new Error("bench: no order was committed");
}

async function mined(sent: Promise<ContractTransactionResponse>): Promise<TransactionReceipt> {
  const receipt = await (await sent).wait();
  if (receipt === null) throw new Error("bench: a transaction was not mined");
  return receipt;
}

async function gasOf(sent: Promise<ContractTransactionResponse>): Promise<number> {
  return Number((await mined(sent)).gasUsed);
}
