import { MaxUint256, type Signer } from "ethers";
import {
  isRevert,
  math,
  NO_PERMIT,
  signCommit,
  type MarketContracts,
  type OrderRequest,
} from "@bulkhead/sdk";
import type { LocalChain } from "./chain.ts";
import type { Ledger } from "./ledger.ts";
import type { Action } from "./population.ts";

const WAD = 10n ** 18n;
const BPS = 10_000n;

/** Execution fee each order offers its settler: 0.25 USDC. */
const EXECUTION_FEE = 250_000n;

/** How much worse than the price seen a fill may be, and what is posted above the margin for the wait: 2 %, 0.3 %. */
const SLIPPAGE = (2n * WAD) / 100n;
const WAIT_CUSHION = (3n * WAD) / 1_000n;

/** What goes to who sends a signed order, on top of the execution fee: 0.1 USDC. */
const RELAY_FEE = 100_000n;

/** Seconds between the slices of an order. */
const SLICE_INTERVAL = 600;
const SLICES = 3n;

/** Stops lie this far from the price: 4 %, or 60 % of the way to losing the margin, whichever is nearer. */
const STOP_DISTANCE_BPS = 400n;
const STOP_SHARE_OF_MARGIN_BPS = 6_000n;

/** A position is protected once half of the room above its maintenance is gone, and gets a third of its equity back. */
const PROTECT_AT_BPS = 5_000n;
const TOP_UP_SHARE = 3n;

const DAYS_30 = 30 * 24 * 3600;

/** How a trader opens. */
type Style = "bracket" | "trailing" | "slices" | "signed" | "toppedUp" | "reduced" | "plain";

const STYLES: readonly Style[] = [
  "bracket",
  "trailing",
  "slices",
  "signed",
  "toppedUp",
  "reduced",
  "plain",
  "plain",
];

/** What trading takes: the chain, the contracts and the numbers of the market. */
export interface Venue {
  readonly chain: LocalChain;
  readonly contracts: MarketContracts;
  readonly ledger: Ledger;
  /** Addresses of the traders, in order. */
  readonly traders: readonly string[];
  /** The key of a trader, to sign with. */
  readonly signerOf: (trader: number) => Signer;
  /** Who sends what traders have signed. */
  readonly relayer: string;
  readonly scale: bigint;
  readonly params: {
    readonly liquidationFee: bigint;
    readonly minKeeperReward: bigint;
    readonly maintenanceBase: bigint;
    readonly takerFee: bigint;
    readonly minNotional: bigint;
  };
}

/**
 * Carries out one planned action at `price` (wad), as far as the trader's situation allows it: one order at a time,
 * one position each. `now`: chain time, seconds. Returns whether anything was sent.
 */
export async function act(venue: Venue, action: Action, price: bigint, now: number): Promise<boolean> {
  try {
    return await carryOut(venue, action, price, now);
  } catch (error) {
    // The keeper works at the same time: a position may be liquidated before its owner's transaction gets there.
    if (isRevert(error)) return false;
    throw error;
  }
}

async function carryOut(venue: Venue, action: Action, price: bigint, now: number): Promise<boolean> {
  const { ledger, contracts } = venue;
  if (ledger.pending.has(action.trader)) return false;
  const id = ledger.positionOf(action.trader);
  if (action.kind === "open") {
    if (id !== undefined) return false;
    const size = (action.notional * venue.scale) / price;
    const collateral = collateralFor(venue, action.notional, BigInt(action.leverageBps));
    const delta = action.side === "long" ? size : -size;
    await open(venue, action.trader, delta, collateral, BigInt(action.leverageBps), price, now);
    return true;
  }
  const size = id === undefined ? 0n : (ledger.positions.get(id)?.size ?? 0n);
  if (id === undefined || size === 0n) return false;
  switch (action.kind) {
    case "increase": {
      const delta = (size * BigInt(action.fractionBps)) / BPS;
      // As much collateral as the position has for its present size.
      const balance = await contracts.marginVault.balanceOf(id);
      const added = (balance * BigInt(action.fractionBps)) / BPS + EXECUTION_FEE;
      await commit(venue, action.trader, id, delta, added, price, now);
      return true;
    }
    case "decrease":
      await commit(venue, action.trader, id, -((size * BigInt(action.fractionBps)) / BPS), 0n, price, now);
      return true;
    case "close":
      await commit(venue, action.trader, id, 0n, 0n, price, now, size > 0n);
      return true;
    case "addCollateral":
      return moveCollateral(venue, action.trader, id, action.fractionBps, "addCollateral");
    case "removeCollateral":
      return moveCollateral(venue, action.trader, id, action.fractionBps, "removeCollateral");
  }
}

/**
 * Collateral for a leverage: notional / leverage backs the position; the liquidation reserve, fees and a cushion for
 * the price's way to the fixing come on top.
 */
function collateralFor({ params }: Venue, notional: bigint, leverageBps: bigint): bigint {
  const { mulDivUp, mulWadUp } = math.FixedMath;
  const reserve = math.MarginMath.liquidationReserve(notional, params.liquidationFee, params.minKeeperReward);
  const extra = mulWadUp(notional, params.takerFee) + mulWadUp(notional, WAIT_CUSHION) + EXECUTION_FEE;
  return mulDivUp(notional, BPS, leverageBps) + reserve + extra;
}

/** Opens in the trader's style. */
async function open(
  venue: Venue,
  trader: number,
  sizeDelta: bigint,
  collateral: bigint,
  leverageBps: bigint,
  price: bigint,
  now: number,
): Promise<void> {
  const { chain, contracts, traders } = venue;
  const { orderBook } = contracts;
  const { interface: abi } = orderBook;
  const from = address(traders, trader);
  const request = requestFor(0n, sizeDelta, collateral, price, now);
  const style = STYLES[trader % STYLES.length] ?? "plain";
  switch (style) {
    case "bracket":
    case "trailing": {
      const distance = math.FixedMath.min(STOP_DISTANCE_BPS, (STOP_SHARE_OF_MARGIN_BPS * BPS) / leverageBps);
      const away = (price * distance) / BPS;
      const [worse, better] =
        sizeDelta > 0n ? [price - away, price + 2n * away] : [price + away, price - 2n * away];
      const trails = style === "trailing";
      const exit = {
        positionId: MaxUint256,
        sizeDelta: 0n,
        collateral: 0n,
        acceptablePrice: sizeDelta > 0n ? 0n : MaxUint256,
        executionFee: EXECUTION_FEE,
        deadline: BigInt(now + DAYS_30),
        limitPrice: trails ? 0n : better,
        stopPrice: trails ? 0n : worse,
        trail: trails ? (WAD * distance) / BPS : 0n,
        trailIsRatio: trails,
        reduceOnly: true,
        beyondLiquidation: false,
      };
      const calls = [abi.encodeFunctionData("commit", [request]), abi.encodeFunctionData("place", [exit])];
      await chain.send(from, contracts.addresses.orderBook, abi.encodeFunctionData("multicall", [calls]));
      return;
    }
    case "toppedUp":
    case "reduced": {
      const [triggerRatio, targetRatio] = protectionRatios(venue, leverageBps);
      const guard = {
        positionId: MaxUint256,
        triggerRatio,
        targetRatio,
        topUpBudget: style === "toppedUp" ? collateral / TOP_UP_SHARE : 0n,
        executionFee: EXECUTION_FEE,
        deadline: BigInt(now + DAYS_30),
      };
      const calls = [
        abi.encodeFunctionData("commit", [request]),
        abi.encodeFunctionData("placeProtective", [guard]),
      ];
      await chain.send(from, contracts.addresses.orderBook, abi.encodeFunctionData("multicall", [calls]));
      return;
    }
    case "slices": {
      const { positionId, acceptablePrice } = request;
      const twap = {
        positionId,
        sizeDelta,
        collateral: collateral + (SLICES - 1n) * EXECUTION_FEE,
        acceptablePrice,
        executionFee: EXECUTION_FEE,
        interval: SLICE_INTERVAL,
        slices: SLICES,
        reduceOnly: false,
      };
      await chain.send(from, contracts.addresses.orderBook, abi.encodeFunctionData("placeTwap", [twap]));
      return;
    }
    case "signed":
      await openSigned(venue, trader, { ...request, executionFee: EXECUTION_FEE + RELAY_FEE }, now);
      return;
    case "plain":
      await chain.send(from, contracts.addresses.orderBook, abi.encodeFunctionData("commit", [request]));
  }
}

/** Trigger and target of a protective order: half of the way down to the maintenance ratio, and the ratio at opening. */
function protectionRatios({ params }: Venue, leverageBps: bigint): readonly [bigint, bigint] {
  // A basis point more than an infinitely small position's, for the size.
  const maintenance = params.maintenanceBase + params.liquidationFee + WAD / BPS;
  const initial = math.FixedMath.max((WAD * BPS) / leverageBps, maintenance + WAD / BPS);
  return [maintenance + ((initial - maintenance) * PROTECT_AT_BPS) / BPS, initial];
}

async function openSigned(
  { chain, contracts, traders, signerOf, relayer }: Venue,
  trader: number,
  request: OrderRequest,
  now: number,
): Promise<void> {
  const { orderBook, addresses } = contracts;
  const terms = {
    owner: address(traders, trader),
    // A trader opens at most once in a second.
    nonce: BigInt(now),
    validUntil: BigInt(now + 3_600),
    relayFee: RELAY_FEE,
  };
  const domain = { chainId: chain.chainId, orderBook: addresses.orderBook };
  const by = await signCommit(signerOf(trader), domain, request, terms);
  const data = orderBook.interface.encodeFunctionData("commitSigned", [request, by, NO_PERMIT]);
  await chain.send(relayer, addresses.orderBook, data);
}

function requestFor(
  positionId: bigint,
  sizeDelta: bigint,
  collateral: bigint,
  price: bigint,
  now: number,
  closesLong?: boolean,
): OrderRequest {
  const buys = closesLong === undefined ? sizeDelta > 0n : !closesLong;
  return {
    positionId,
    sizeDelta,
    collateral,
    acceptablePrice: (price * (buys ? WAD + SLIPPAGE : WAD - SLIPPAGE)) / WAD,
    executionFee: EXECUTION_FEE,
    deadline: BigInt(now + 24 * 3600),
  };
}

async function commit(
  { chain, contracts, traders }: Venue,
  trader: number,
  positionId: bigint,
  sizeDelta: bigint,
  collateral: bigint,
  price: bigint,
  now: number,
  closesLong?: boolean,
): Promise<void> {
  const data = contracts.orderBook.interface.encodeFunctionData("commit", [
    requestFor(positionId, sizeDelta, collateral, price, now, closesLong),
  ]);
  await chain.send(address(traders, trader), contracts.addresses.orderBook, data);
}

async function moveCollateral(
  { chain, contracts, traders }: Venue,
  trader: number,
  id: bigint,
  fractionBps: number,
  verb: "addCollateral" | "removeCollateral",
): Promise<boolean> {
  const balance = await contracts.marginVault.balanceOf(id);
  const amount = (balance * BigInt(fractionBps)) / BPS;
  if (amount === 0n) return false;
  const from = address(traders, trader);
  if (verb === "removeCollateral") {
    // The market refuses what the initial margin needs: a trader asks first.
    const allowed = await contracts.market.removeCollateral.staticCall(id, amount, { from }).then(
      () => true,
      () => false,
    );
    if (!allowed) return false;
  }
  const encode = contracts.market.interface;
  const data =
    verb === "addCollateral"
      ? encode.encodeFunctionData("addCollateral", [id, amount])
      : encode.encodeFunctionData("removeCollateral", [id, amount]);
  await chain.send(from, contracts.addresses.market, data);
  return true;
}

function address(traders: readonly string[], index: number): string {
  const found = traders[index];
  if (found === undefined) throw new RangeError(`trader: ${index} is not one of 0..${traders.length - 1}`);
  return found;
}
