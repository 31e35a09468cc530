/** The greatest x of [low, high) for which `holds`, given that it holds at `low` and not at `high`. */
export function lastThat(low: bigint, high: bigint, holds: (x: bigint) => boolean): bigint {
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** The least x of (low, high] for which `holds`, given that it holds at `high` and not at `low`. */
export function firstThat(low: bigint, high: bigint, holds: (x: bigint) => boolean): bigint {
  return lastThat(low, high, (x) => !holds(x)) + 1n;
}

/**
 * Walks from `start` to `end` in steps that double, as long as `goesOn`. Returns the last two places, of which the second
 * is where it stopped; `undefined` if it went on at `end` too.
 */
export function gallop(
  start: bigint,
  end: bigint,
  step: bigint,
  goesOn: (x: bigint) => boolean,
): readonly [passed: bigint, stopped: bigint] | undefined {
  const up = end > start;
  for (let x = start; ; step *= 2n) {
    if (x === end) return undefined;
    const passed = x;
    x = up ? x + step : x - step;
    if (up ? x > end : x < end) x = end;
    if (!goesOn(x)) return [passed, x];
  }
}

/** Where a concave function of [low, high] is greatest, or as great but for its rounding. */
export function peakOf(low: bigint, high: bigint, value: (x: bigint) => bigint): bigint {
  while (high - low > 2n) {
    const third = (high - low) / 3n;
    const [left, right] = [low + third, high - third];
    if (value(left) < value(right)) low = left;
    else high = right;
  }
  return low + (high - low) / 2n;
}
