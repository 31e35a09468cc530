/** Highest price accepted anywhere, wad. */
export const MAX_PRICE = 10n ** 30n;

/** Largest size of a position or an order, base wad. */
export const MAX_SIZE = (1n << 111n) - 1n;

/** Largest entry notional of a position, token units. */
export const MAX_ENTRY_NOTIONAL = (1n << 112n) - 1n;
