import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

const WORD_BITS = 32n;

/** Seeded random integers that favour the ends of a range and all magnitudes between them. */
export interface Random {
  /** A number of [0, n), each as likely. */
  below(n: number): number;
  /** `true` once in `n` times. */
  oneIn(n: number): boolean;
  /** An integer of [low, high]: an end, next to an end, or at a random order of magnitude above `low`. */
  between(low: bigint, high: bigint): bigint;
  /** An integer of [−limit, limit], its magnitude as in `between`. */
  signed(limit: bigint): bigint;
  /** An integer of [low, high], each as likely. */
  uniform(low: bigint, high: bigint): bigint;
  /** One of `values`. */
  pick<T>(values: readonly T[]): T;
}

export function createRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  const below = (n: number) => (generator.next() >>> 0) % n;

  const bits = (count: number): bigint => {
    let x = 0n;
    for (let filled = 0; filled < count; filled += Number(WORD_BITS)) {
      x = (x << WORD_BITS) | BigInt(generator.next() >>> 0);
    }
    return BigInt.asUintN(count, x);
  };

  const between = (low: bigint, high: bigint): bigint => {
    const span = high - low;
    if (span < 0n) throw new RangeError(`no integer lies between ${low} and ${high}`);
    switch (below(16)) {
      case 0:
        return low;
      case 1:
        return high;
      case 2:
        return span > 0n ? low + 1n : low;
      case 3:
        return span > 0n ? high - 1n : high;
      default:
        return low + (bits(below(span.toString(2).length + 1)) % (span + 1n));
    }
  };

  return {
    below,
    uniform: (low, high) => low + (bits(256) % (high - low + 1n)),
    oneIn: (n) => below(n) === 0,
    between,
    signed: (limit) => (below(2) === 0 ? between(0n, limit) : -between(0n, limit)),
    pick: (values) => values[below(values.length)]!,
  };
}
