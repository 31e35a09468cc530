import { math } from "@bulkhead/sdk";
import type { Random } from "../random.ts";
import type { Arguments } from "./words.ts";

const WAD = math.FixedMath.WAD;
const YEAR = 365n * 86_400n;

/** The protocol's limits: `Constants.sol`, `ParamChecks.sol` and the widths of stored fields. */
const MAX_SIZE = (1n << 112n) - 1n;
const MAX_OPEN_INTEREST = (1n << 128n) - 1n;
const MAX_MONEY = (1n << 128n) - 1n;
const MAX_PRICE = 10n ** 30n;
/** An index is an int96. */
const MAX_INDEX = (1n << 95n) - 1n;
const MAX_ELAPSED = (1n << 40n) - 1n;
const MAX_FUNDING_RATE = (10n * WAD) / YEAR;
const MAX_VELOCITY = (100n * WAD) / YEAR / 86_400n;
const MAX_BORROW_RATE = (5n * WAD) / YEAR;

const size = (r: Random) => r.between(0n, MAX_SIZE);
const signedSize = (r: Random) => r.signed(MAX_SIZE);
const openSize = (r: Random) => (r.oneIn(2) ? 1n : -1n) * r.between(1n, MAX_SIZE);
const skew = (r: Random) => r.signed(MAX_OPEN_INTEREST);
const price = (r: Random) => r.between(0n, MAX_PRICE);
const depth = (r: Random) => r.between(WAD, MAX_SIZE);
const money = (r: Random) => r.between(0n, MAX_MONEY);
const result = (r: Random) => r.signed(MAX_MONEY);
const ratio = (r: Random) => r.between(0n, WAD);
const index = (r: Random) => r.signed(MAX_INDEX);
const scale = (r: Random) => 10n ** r.between(18n, 30n);
const half = (r: Random) => r.between(0n, (1n << 128n) - 1n);
const divisor = (r: Random) => r.between(1n, (1n << 128n) - 1n);
const fee = (r: Random) => r.between(0n, WAD / 100n);
const maintenanceRatio = (r: Random, abs: bigint) =>
  r.between(WAD / 1000n, WAD / 5n) + math.FixedMath.mulDivUp(r.between(WAD / 2n, 10n * WAD), abs, depth(r));

/** A position at random leverage, or one whose numbers have nothing to do with each other. */
function terms(r: Random): Arguments {
  const s = openSize(r);
  const abs = math.FixedMath.abs(s);
  const sc = scale(r);
  const quote = math.FixedMath.min(math.PositionMath.quoteUp(abs, price(r), sc), MAX_MONEY);
  const [entry, cash] = r.oneIn(3) ? [money(r), result(r)] : [quote, quote / r.between(1n, 100n)];
  const ratio_ = r.oneIn(2) ? r.between(WAD / 1000n, WAD / 5n) : maintenanceRatio(r, abs);
  const gap = r.oneIn(2) ? 0n : index(r);
  const integral = r.oneIn(2) ? 0n : r.signed(MAX_FUNDING_RATE * 1_000_000n);
  return [
    s,
    entry,
    cash,
    gap,
    integral,
    ratio_,
    r.between(0n, WAD / 20n),
    r.between(0n, (1n << 96n) - 1n),
    sc,
  ];
}

/** A position at some distance from its maintenance margin, in a market of any depth. */
function liquidationTerms(r: Random): Arguments {
  const [sc, p, d] = [scale(r), r.between(1n, MAX_PRICE), depth(r)];
  // Worth no more than there is money.
  const most = math.FixedMath.min(MAX_SIZE, ((MAX_MONEY / 4n) * sc) / p);
  const abs = r.between(1n, math.FixedMath.max(1n, most));
  const s = r.oneIn(2) ? abs : -abs;
  const notional = math.FixedMath.min(math.PositionMath.quoteUp(abs, p, sc), MAX_MONEY / 2n);
  const entry = r.oneIn(4) ? money(r) : notional;
  const collateral = r.oneIn(4) ? money(r) : notional / r.between(1n, 200n);
  const maintenance = r.between(WAD / 1000n, WAD / 5n);
  const initialBase = r.between(maintenance + 1n, WAD / 2n);
  return [
    s,
    entry,
    collateral,
    r.oneIn(2) ? 0n : result(r) / 2n,
    p,
    sc,
    s + openSize(r),
    result(r),
    money(r),
    ratio(r),
    d,
    r.between(0n, maintenance),
    initialBase,
    r.between(WAD / 2n, 18n * WAD),
    r.between(0n, WAD / 20n),
    r.between(0n, WAD / 10n),
    r.between(0n, (1n << 90n) - 1n),
    r.between(0n, (1n << 96n) - 1n),
  ];
}

/** Draws arguments of one function. */
export type Sample = (r: Random) => Arguments;

/** For every function of every library: arguments within the protocol's limits, for which it must not revert. */
export const withinLimits: Record<string, Record<string, Sample>> = {
  FixedMath: {
    mulDivDown: (r) => [half(r), half(r), divisor(r)],
    mulDivUp: (r) => [half(r), half(r), divisor(r)],
    fullMulDivDown: (r) => fullProduct(r),
    fullMulDivUp: (r) => fullProduct(r),
    mulWadDown: (r) => [half(r), half(r)],
    mulWadUp: (r) => [half(r), half(r)],
    sqrtUp: (r) => [r.between(0n, (1n << r.between(1n, 256n)) - 1n)],
    divUp: (r) => [r.between(0n, (1n << 256n) - 1n), divisor(r)],
    divCeil: (r) => [r.signed((1n << 255n) - 1n), divisor(r)],
    divFloor: (r) => [r.signed((1n << 255n) - 1n), divisor(r)],
    abs: (r) => [r.signed((1n << 255n) - 1n)],
    min: (r) => [half(r), half(r)],
    max: (r) => [half(r), half(r)],
    clamp: (r) => [half(r), half(r), half(r)],
  },
  PositionMath: {
    quoteDown: (r) => [size(r), price(r), scale(r)],
    quoteUp: (r) => [size(r), price(r), scale(r)],
    pnl: (r) => [signedSize(r), money(r), price(r), scale(r)],
    carryOwed: (r) => [size(r), index(r), index(r), scale(r)],
    equity: (r) => [money(r), result(r), result(r)],
    entryShare: (r) => {
      const whole = r.between(1n, MAX_SIZE);
      return [r.oneIn(2), money(r), r.between(0n, whole), whole];
    },
  },
  PricingMath: {
    potential: (r) => [skew(r), r.between(0n, MAX_SIZE / 5n)],
    knee: (r) => [depth(r), r.between(0n, WAD / 5n)],
    impact: (r) => [skew(r), signedSize(r), depth(r), r.between(0n, WAD / 5n), price(r), scale(r)],
    worsen: (r) => [price(r), r.between(0n, WAD / 20n), r.oneIn(2)],
  },
  FeeMath: {
    splitBySkew: (r) => [skew(r), signedSize(r)],
    tradeFee: (r) => [skew(r), signedSize(r), price(r), scale(r), fee(r), fee(r)],
    splitFee: (r) => {
      const poolShare = ratio(r);
      return [money(r), poolShare, r.between(0n, WAD - poolShare)];
    },
  },
  CarryMath: {
    velocity: (r) => [skew(r), depth(r), r.between(0n, MAX_VELOCITY)],
    integrateFunding: (r) => {
      const maxRate = r.between(0n, MAX_FUNDING_RATE);
      return [r.signed(maxRate), r.signed(MAX_VELOCITY), maxRate, r.between(0n, MAX_ELAPSED)];
    },
    borrowRate: (r) => [money(r), money(r), r.between(0n, MAX_BORROW_RATE)],
    moveIndex: (r) => [index(r), r.signed((MAX_FUNDING_RATE + MAX_BORROW_RATE) * MAX_ELAPSED), price(r)],
    indexDelta: (r) => [r.signed((MAX_FUNDING_RATE + MAX_BORROW_RATE) * MAX_ELAPSED), price(r)],
    splitMove: (r) => [index(r), index(r), r.between(0n, MAX_BORROW_RATE * MAX_ELAPSED), price(r)],
    sideCarry: (r) => {
      const openInterest = r.between(0n, MAX_OPEN_INTEREST);
      return [openInterest, index(r), openInterest * index(r), scale(r)];
    },
  },
  MarginMath: {
    ratio: (r) => [size(r), r.between(0n, WAD / 2n), r.between(0n, 18n * WAD), depth(r)],
    liquidationReserve: (r) => [money(r), r.between(0n, WAD / 20n), money(r)],
    requirement: (r) => [quote(r), maintenanceRatio(r, size(r)), money(r)],
  },
  LiquidationMath: {
    keeperReward: (r) => {
      const least = r.between(0n, (1n << 96n) - 1n);
      return [money(r), r.between(0n, WAD / 20n), least, r.between(least, (1n << 96n) - 1n)];
    },
    premium: (r) => {
      const s = openSize(r);
      return [
        s,
        math.FixedMath.abs(s),
        s + openSize(r),
        depth(r),
        r.between(0n, WAD / 5n),
        price(r),
        scale(r),
      ];
    },
    sizeToClose: liquidationTerms,
    surplusAfter: (r) => {
      const t = liquidationTerms(r);
      return [...t, r.between(0n, math.FixedMath.abs(t[0] as bigint))];
    },
  },
  PoolMath: {
    netAssetValue: (r) => [money(r), result(r), result(r), money(r)],
    payout: (r) => [money(r), result(r), money(r), ratio(r)],
    netResult: (r) => [result(r), result(r), result(r), money(r), ratio(r)],
    withinShare: (r) => [quote(r), money(r), ratio(r)],
    lockedAssets: (r) => [quote(r), r.between(WAD / 100n, WAD)],
  },
  OracleMath: {
    phaseOf: (r) => [r.between(0n, (1n << 80n) - 1n)],
    aggregatorRoundOf: (r) => [r.between(0n, (1n << 80n) - 1n)],
    roundIdOf: (r) => [r.between(0n, (1n << 16n) - 1n), r.between(0n, (1n << 64n) - 1n)],
    toPrice: (r) => {
      const multiplier = 10n ** r.between(0n, 18n);
      return [r.between(0n, MAX_PRICE / multiplier), multiplier];
    },
    toCollateralDown: (r) => [price(r), r.between(1n, MAX_PRICE)],
    toCollateralUp: (r) => [price(r), r.between(1n, MAX_PRICE)],
    agree: (r) => {
      const a = price(r);
      return [a, r.oneIn(2) ? price(r) : a + r.between(0n, a / 10n), ratio(r)];
    },
  },
  TriggerMath: {
    isCrossed: (r) => [r.oneIn(2), price(r), price(r), price(r)],
    trailingStop: (r) =>
      r.oneIn(2) ? [r.oneIn(2), price(r), ratio(r), true] : [r.oneIn(2), price(r), price(r), false],
    nearerStop: (r) => [r.oneIn(2), r.oneIn(4) ? 0n : price(r), r.oneIn(4) ? 0n : price(r)],
  },
  BreakerMath: {
    pack: (r) => [price(r)],
    unpack: (r) => [math.BreakerMath.pack(price(r))],
    nextLevel: (r) => [
      r.between(0n, 2n),
      r.oneIn(8) ? 0n : price(r),
      r.between(0n, MAX_ELAPSED),
      price(r),
      r.between(WAD / 100n, WAD),
      r.between(WAD, 10n * WAD),
      r.between(60n, 604_800n),
      r.between(60n, 604_800n),
    ],
  },
  DeleverageMath: {
    isFair: (r) => [
      r.signed(1n << 126n),
      r.between(0n, 1n << 112n),
      r.signed(1n << 126n),
      r.between(0n, MAX_MONEY - 1n),
    ],
    excess: (r) => [
      result(r),
      money(r),
      result(r),
      r.between(1n, MAX_MONEY),
      r.between(WAD / 100n, WAD - 1n),
      r.between(WAD / 10n, WAD),
    ],
  },
  ProtectionMath: {
    isDue: (r) => [result(r), money(r), ratio(r)],
    topUp: (r) => [result(r), money(r), ratio(r), money(r)],
    reduction: (r) => {
      const takerFee = fee(r);
      return [
        size(r),
        result(r) / 2n ** 8n,
        money(r) / 2n ** 8n,
        r.between(takerFee + 1n, WAD),
        money(r) / 2n ** 64n,
        takerFee,
      ];
    },
  },
  PriceSolver: {
    liquidationPrice: terms,
    bankruptcyPrice: terms,
    isBeyond: (r) => [...terms(r), price(r), r.oneIn(2)],
  },
};

/** A notional as large as the largest size at the highest price makes it. */
function quote(r: Random): bigint {
  return r.oneIn(2) ? money(r) : math.PositionMath.quoteUp(size(r), price(r), scale(r));
}

/** Factors whose product needs more than a word, and a divisor that brings the quotient back into one. */
function fullProduct(r: Random): Arguments {
  const largest = (1n << 256n) - 1n;
  const d = r.between(1n, largest);
  const a = r.between(1n, largest);
  return [a, r.between(0n, math.FixedMath.min((d * largest) / a, largest)), d];
}
