import { WAD, abs, min, mulWadDown, mulWadUp, uint256 } from "./FixedMath.ts";
import { quoteUp } from "./PositionMath.ts";

/** Parts of a trade that increase and that reduce |skew|; a trade across zero has both. Base wad. */
export function splitBySkew(skew: bigint, sizeDelta: bigint): { increasing: bigint; reducing: bigint } {
  const size = abs(sizeDelta);
  const reducing = skew !== 0n && skew > 0n !== sizeDelta > 0n ? min(size, abs(skew)) : 0n;
  return { increasing: size - reducing, reducing };
}

/** Taker fee on the increasing part, maker fee on the reducing part, each rounded up; token units. */
export function tradeFee(
  skew: bigint,
  sizeDelta: bigint,
  price: bigint,
  scale: bigint,
  takerFee: bigint,
  makerFee: bigint,
): bigint {
  const { increasing, reducing } = splitBySkew(skew, sizeDelta);
  return uint256(
    mulWadUp(quoteUp(increasing, price, scale), takerFee) +
      mulWadUp(quoteUp(reducing, price, scale), makerFee),
  );
}

/** Divides a fee: insurance and treasury shares rounded down, the pool takes the rest. */
export function splitFee(
  fee: bigint,
  poolShare: bigint,
  insuranceShare: bigint,
): { toPool: bigint; toInsurance: bigint; toTreasury: bigint } {
  const toInsurance = mulWadDown(fee, insuranceShare);
  const toTreasury = mulWadDown(fee, uint256(WAD - poolShare - insuranceShare));
  return { toPool: uint256(fee - toInsurance - toTreasury), toInsurance, toTreasury };
}
