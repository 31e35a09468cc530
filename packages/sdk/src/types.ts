import type { AddressLike } from "ethers";

/** What a trader asks for with a market order. */
export interface OrderRequest {
  /** The position to change; 0 opens a new one. */
  readonly positionId: bigint;
  /** Signed base wad; 0 closes the whole position. */
  readonly sizeDelta: bigint;
  /** Token units paid in with the order. */
  readonly collateral: bigint;
  /** Worst fill price, wad: highest for buys, lowest for sells. */
  readonly acceptablePrice: bigint;
  /** Token units. */
  readonly executionFee: bigint;
  /** Seconds. */
  readonly deadline: bigint;
}

/** What a trader asks for with an order that waits for a price; zero is none. */
export interface RestingRequest extends OrderRequest {
  /** Wad. */
  readonly limitPrice: bigint;
  /** Wad. */
  readonly stopPrice: bigint;
  /** Wad ratio or wad price. */
  readonly trail: bigint;
  readonly trailIsRatio: boolean;
  /** Never opens, grows or flips; dies with the position. */
  readonly reduceOnly: boolean;
  /** Accepts a stop that the position can't live to see. */
  readonly beyondLiquidation: boolean;
}

/** An order as committed on-chain; the settler passes it back field by field. */
export interface Order {
  readonly positionId: bigint;
  readonly owner: string;
  /** Signed base wad; 0 closes the whole position. */
  readonly sizeDelta: bigint;
  /** Worst fill price, wad. */
  readonly acceptablePrice: bigint;
  /** Token units. */
  readonly executionFee: bigint;
  /** Seconds. */
  readonly committedAt: bigint;
  /** Seconds. */
  readonly deadline: bigint;
  /** Feed phase at the commit. */
  readonly epoch: bigint;
  /** Which of the owner's commitments it is. */
  readonly slot: bigint;
}

/** A resting order as placed on-chain; who triggers or cancels it passes it back field by field. */
export interface RestingOrder {
  readonly positionId: bigint;
  readonly owner: string;
  /** Signed base wad; 0 closes the whole position. */
  readonly sizeDelta: bigint;
  /** Worst fill price, wad. */
  readonly acceptablePrice: bigint;
  /** Token units. */
  readonly executionFee: bigint;
  /** Seconds. */
  readonly placedAt: bigint;
  /** Seconds. */
  readonly deadline: bigint;
  readonly slot: bigint;
  /** Wad; 0: none. */
  readonly limitPrice: bigint;
  /** Wad; 0: none. */
  readonly stopPrice: bigint;
  /** Wad ratio or wad price; 0: none. */
  readonly trail: bigint;
  readonly trailIsRatio: boolean;
  readonly reduceOnly: boolean;
}

/** What a trader asks for with an order in slices. */
export interface TwapRequest {
  /** The position to change; 0 opens a new one. */
  readonly positionId: bigint;
  /** Signed base wad of all slices together. */
  readonly sizeDelta: bigint;
  /** Token units paid in with the order. */
  readonly collateral: bigint;
  /** Worst fill price, wad: highest for buys, lowest for sells. */
  readonly acceptablePrice: bigint;
  /** Token units for each slice. */
  readonly executionFee: bigint;
  /** Seconds between slices. */
  readonly interval: bigint;
  readonly slices: bigint;
  /** Never opens, grows or flips. */
  readonly reduceOnly: boolean;
}

/** An order in slices as placed on-chain. Slice k is a market order committed at startedAt + k · interval. */
export interface TwapOrder {
  readonly positionId: bigint;
  readonly owner: string;
  /** Signed base wad of all slices together. */
  readonly sizeDelta: bigint;
  /** Worst fill price, wad. */
  readonly acceptablePrice: bigint;
  /** Token units for each slice. */
  readonly executionFee: bigint;
  /** Seconds. */
  readonly startedAt: bigint;
  /** Seconds. */
  readonly interval: bigint;
  readonly slices: bigint;
  /** The slice that settles next, from 0. */
  readonly next: bigint;
  readonly epoch: bigint;
  readonly slot: bigint;
  readonly reduceOnly: boolean;
}

/** What a trader asks for with an order that protects a position by its margin ratio. */
export interface ProtectiveRequest {
  readonly positionId: bigint;
  /** Wad: acts once equity / notional at the index price is at or below it. */
  readonly triggerRatio: bigint;
  /** Wad: what it brings the ratio back to; leverage is its inverse. */
  readonly targetRatio: bigint;
  /** Token units it may pull from the owner in all; 0 reduces the position instead. */
  readonly topUpBudget: bigint;
  /** Token units for each execution. */
  readonly executionFee: bigint;
  /** Seconds. */
  readonly deadline: bigint;
}

/** A protective order as placed on-chain; who executes it passes it back field by field. */
export interface ProtectiveOrder extends ProtectiveRequest {
  readonly owner: string;
  /** Seconds. */
  readonly placedAt: bigint;
  readonly slot: bigint;
}

/** What an owner lets a key do; see `contracts/types/Session.sol`. */
export interface Session {
  readonly owner: string;
  /** The account that may trade for the owner. */
  readonly key: string;
  /** One of the owner's nonces; cancelling it revokes the session. */
  readonly nonce: bigint;
  /** Wad. */
  readonly maxLeverage: bigint;
  /** Of one position, token units. */
  readonly maxNotional: bigint;
  /** Token units the key may put at stake in all. */
  readonly lossBudget: bigint;
  /** Seconds. */
  readonly expiresAt: bigint;
  readonly reduceOnly: boolean;
}

/** Timing and fee bounds of a market's orders; seconds, wad, token units. */
export interface OrderParams {
  readonly settlementDelay: bigint;
  readonly fallbackDelay: bigint;
  readonly fallbackSpread: bigint;
  readonly freshness: bigint;
  /** Gas whose cost at the base fee is the least execution fee, within the bounds; 0 for none. */
  readonly executionGas: bigint;
  readonly minExecutionFee: bigint;
  readonly maxExecutionFee: bigint;
}

/** A stream of signed reports. */
export interface StreamAddresses {
  /** Chainlink's VerifierProxy. */
  readonly verifier: string;
  /** The stream's feed id, 32 bytes. */
  readonly streamId: string;
}

/** Addresses of one market's contracts and what they stand on. */
export interface MarketAddresses {
  readonly token: string;
  /** Proxy of the price feed, or the stream; which of the two says where prices come from. */
  readonly feed?: string | undefined;
  readonly stream?: StreamAddresses | undefined;
  readonly oracle: string;
  readonly marginVault: string;
  readonly liquidityVault: string;
  readonly insuranceFund: string;
  readonly market: string;
  readonly orderBook: string;
  readonly lens: string;
  readonly stateLens: string;
  /** Block of the market's creation: its events begin here. */
  readonly block?: number | undefined;
}

/** An address or something that has one, as ethers takes it. */
export type { AddressLike };
