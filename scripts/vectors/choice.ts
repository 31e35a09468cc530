import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** Seeded random choices. */
export interface Choice {
  /** A number of [0, n). */
  below(n: number): number;
  /** `true` once in `n` times. */
  oneIn(n: number): boolean;
  /** An integer of [low, high], of all magnitudes above `low`. */
  between(low: bigint, high: bigint): bigint;
  /** An integer of [−limit, limit], each as likely. */
  signed(limit: bigint): bigint;
  /** One of `values`. */
  pick<T>(values: readonly T[]): T;
}

/** The same choices for the same seed. */
export function createChoice(seed: number): Choice {
  const generator = xoroshiro128plus(seed);
  const below = (n: number): number => (generator.next() >>> 0) % n;
  const any = (): bigint => {
    let x = 0n;
    for (let i = 0; i < 8; i += 1) x = (x << 32n) | BigInt(generator.next() >>> 0);
    return x;
  };
  return {
    below,
    oneIn: (n) => below(n) === 0,
    between: (low, high) => {
      const span = high - low + 1n;
      return low + ((any() >> BigInt(255 - below(span.toString(2).length))) % span);
    },
    signed: (limit) => (any() % (2n * limit + 1n)) - limit,
    pick: (values) => values[below(values.length)]!,
  };
}
