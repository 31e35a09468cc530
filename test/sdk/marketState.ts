import {
  executeTrade,
  math,
  NO_YIELD,
  reservePosition,
  withPrice,
  type MarketParams,
  type MarketState,
  type PositionState,
} from "@bulkhead/sdk";
import { ethUsd } from "../../deploy/params/markets/eth-usd.ts";
import { inTokenOf } from "../../deploy/params/scale.ts";
import { createRandom, type Random } from "../shared/random.ts";

const { WAD } = math.FixedMath;
const START = 1_700_000_000n;

/** What a market made for a test may be; default: the deployed ETH/USD market at 2,000 with 20 M of liquidity. */
export interface MarketWish {
  readonly decimals?: number;
  /** Tokens. */
  readonly liquidity?: bigint;
  /** Wad. */
  readonly price?: bigint;
  /** Money in units of a token with 6 decimals. */
  readonly params?: Partial<MarketParams>;
}

/** A market without a position, and without a chain. */
export function emptyMarket(wish: MarketWish = {}): MarketState {
  const { decimals = 6, liquidity = 20_000_000n, price = 2_000n * WAD } = wish;
  const file = { ...ethUsd, market: { ...ethUsd.market, ...wish.params } };
  const { market: params, orders: orderParams } = inTokenOf(decimals, file);
  const unit = 10n ** BigInt(decimals);
  const side = { openInterest: 0n, entryNotional: 0n, carrySum: 0n };
  const bare: MarketState = {
    time: START,
    quoteScale: 10n ** BigInt(36 - decimals),
    nextPositionId: 1n,
    price,
    observedAt: START,
    priceIsFresh: true,
    low: price,
    high: price,
    uncertainty: ethUsd.oracle.uncertainty,
    params,
    schedule: { startsAt: 0n, endsAt: 0n, terms: params },
    orderParams,
    carry: {
      longIndex: 0n,
      shortIndex: 0n,
      updatedAt: START,
      anchor: math.BreakerMath.pack(price),
      paramVersion: 1n,
      fundingRate: 0n,
      longBorrowRate: 0n,
      shortBorrowRate: 0n,
      poolCash: liquidity * unit,
      anchorAt: START,
      flags: 0n,
    },
    long: side,
    short: side,
    resumesAt: 0n,
    poolYield: NO_YIELD,
    money: {
      totalBalance: 0n,
      totalClaim: 0n,
      poolClaim: 0n,
      insuranceClaim: 0n,
      insuranceReserve: 100_000n * unit,
      treasuryClaim: 0n,
    },
    pool: {
      supply: liquidity * unit * 10n ** 6n,
      reservedAssets: 0n,
      currentBatch: 1n,
      fulfillableFrom: 0n,
      redemptionPeriod: ethUsd.pool.redemptionPeriod,
      batchShares: 0n,
      nextBatchShares: 0n,
    },
  };
  return withPrice(bare, price, { observedAt: START });
}

/** A market with what its traders have done. */
export interface Populated {
  readonly state: MarketState;
  /** Open positions, oldest first. */
  readonly positions: readonly PositionState[];
}

/** Opens a position by the engine's own trade; throws if it does not execute. */
export function openIn(
  { state, positions }: Populated,
  sizeDelta: bigint,
  collateral: bigint,
): Populated & { readonly opened: PositionState } {
  const reserved = reservePosition(state, `0x${"a1".repeat(20)}`, collateral);
  const trade = {
    sizeDelta,
    acceptablePrice: sizeDelta > 0n ? (1n << 256n) - 1n : 0n,
    executionFee: state.orderParams.minExecutionFee,
    price: state.price,
    indexPrice: state.price,
    indexIsFresh: true,
  };
  const {
    failure,
    position,
    state: later,
  } = executeTrade(reserved.state, reserved.position, trade, state.time);
  if (position === undefined || failure !== "None") throw new Error(`not opened: ${failure}`);
  return { state: later, positions: [...positions, position], opened: position };
}

/** Lets time pass and the price be another one. */
export function drift(state: MarketState, elapsed: bigint, price: bigint): MarketState {
  return withPrice({ ...state, time: state.time + elapsed }, price, { observedAt: state.time + elapsed });
}

/** A market of random decimals, size, skew, carry and price, with positions that were opened in it. */
export function randomMarket(random: Random): Populated {
  const decimals = random.pick([6, 6, 8, 18]);
  const unit = 10n ** BigInt(decimals);
  const price = random.pick([2_000n, 2_000n, 67_000n, 3n]) * WAD + random.between(0n, WAD);
  const state = emptyMarket({
    decimals,
    price,
    liquidity: random.pick([200_000n, 3_000_000n, 20_000_000n]),
    params: {
      depth: ((random.pick([1n, 4n, 20n]) * 20_000_000n * WAD) / price) * WAD,
      maxPremium: random.pick([WAD / 100n, WAD / 400n]),
    },
  });
  let market: Populated = { state, positions: [] };
  for (let i = random.pick([0, 2, 5]); i > 0; i -= 1) {
    const notional = (random.between(1n, 400n) * state.carry.poolCash) / 10_000n + 100n * unit;
    const size = (notional * state.quoteScale) / market.state.price;
    market = openIn(market, random.oneIn(3) ? -size : size, notional + 100n * unit);
    const move = random.signed(150n);
    market = {
      ...market,
      state: drift(
        market.state,
        random.between(0n, 20_000n),
        (market.state.price * (10_000n + move)) / 10_000n,
      ),
    };
  }
  return market;
}

/** Calls `check` with a random source for each of `count` seeds. */
export function forSeeds(count: number, check: (random: Random, seed: number) => void): void {
  for (let seed = 1; seed <= count; seed += 1) {
    try {
      check(createRandom(seed), seed);
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
  }
}
