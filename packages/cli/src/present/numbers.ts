// Numbers for people: rounded, with separators. What must be exact is written by the sdk's `formatAmount`.

const WAD_DECIMALS = 18;
const MINUTE = 60n;
const HOUR = 3_600n;
const DAY = 86_400n;

/** Latest time that a date can show, seconds. */
const LAST_TIME = 8_640_000_000_000n;

/** `value` of `decimals` decimals, rounded half away from zero to `places`, with separators of thousands. */
export function rounded(value: bigint, decimals: number, places: number): string {
  const shown = places < decimals ? places : decimals;
  const unit = 10n ** BigInt(decimals - shown);
  const size = value < 0n ? -value : value;
  const digits = String((size + unit / 2n) / unit).padStart(shown + 1, "0");
  const whole = digits.slice(0, digits.length - shown).replace(/\B(?=(\d{3})+$)/g, ",");
  const fraction = digits.slice(digits.length - shown).padEnd(places, "0");
  const sign = value < 0n && /[1-9]/.test(digits) ? "-" : "";
  return places === 0 ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}

/** As {@link rounded} to `places`, or as many more as it takes to show the first `significant` digits of a small one. */
function readable(value: bigint, decimals: number, places: number, significant: number): string {
  const size = value < 0n ? -value : value;
  if (size === 0n) return rounded(0n, decimals, places);
  const leading = String(size).length - decimals;
  return rounded(value, decimals, Math.max(places, Math.min(significant - leading, decimals)));
}

/** Token units at cents. */
export function showMoney(amount: bigint, decimals: number): string {
  return rounded(amount, decimals, 2);
}

/** Token units at cents; less than a cent to its first two digits. */
export function showSum(amount: bigint, decimals: number): string {
  const cent = 10n ** BigInt(Math.max(decimals - 2, 0));
  const isSmall = amount < cent && amount > -cent;
  return isSmall ? readable(amount, decimals, 2, 2) : showMoney(amount, decimals);
}

/** A wad price: at cents, or to six digits where that says too little. */
export function showPrice(price: bigint): string {
  return readable(price, WAD_DECIMALS, 2, 6);
}

/** A wad size to four decimals, or to the first four digits of a small one; zeros at the end left out. */
export function showSize(size: bigint): string {
  return trimmed(readable(size, WAD_DECIMALS, 4, 4));
}

/** A wad ratio as a percentage. */
export function showPercent(ratio: bigint, places = 2): string {
  return `${rounded(ratio, WAD_DECIMALS - 2, places)}%`;
}

/** A wad multiple: 5x, 12.35x. */
export function showTimes(multiple: bigint): string {
  return `${trimmed(rounded(multiple, WAD_DECIMALS, 2))}x`;
}

/** With a plus in front of what is above zero, as far as it shows. */
export function signed(value: bigint, text: string): string {
  return value > 0n && /[1-9]/.test(text) ? `+${text}` : text;
}

/** Seconds in the two largest units: 12s, 3m 20s, 2h 5m, 4d. */
export function showDuration(seconds: bigint): string {
  const size = seconds < 0n ? 0n : seconds;
  const [large, small, unit, rest] =
    size < MINUTE
      ? [size, 0n, "s", ""]
      : size < HOUR
        ? [size / MINUTE, size % MINUTE, "m", "s"]
        : size < DAY
          ? [size / HOUR, (size % HOUR) / MINUTE, "h", "m"]
          : [size / DAY, (size % DAY) / HOUR, "d", "h"];
  return small === 0n ? `${large}${unit}` : `${large}${unit} ${small}${rest}`;
}

/** Seconds since 1970 as a UTC time. */
export function showTime(seconds: bigint): string {
  if (seconds > LAST_TIME) return "never";
  return `${new Date(Number(seconds) * 1_000).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** An address or id by its first and last digits. */
export function showShort(hex: string): string {
  return hex.length > 14 ? `${hex.slice(0, 6)}…${hex.slice(-4)}` : hex;
}

function trimmed(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
