import type { IChainlinkFeed } from "../../../../typechain-types/index.ts";
import { max } from "../math/FixedMath.ts";
import { toPrice } from "../math/OracleMath.ts";
import { isCrossed, nearerStop, trailingStop } from "../math/TriggerMath.ts";
import type { OrderParams, RestingOrder } from "../types.ts";
import { encodeRoundProof, firstAfter, observation, PHASE_BITS, type FeedRound } from "./fixing.ts";

/** What `PerpMarket.tenure` says of a position. */
export interface Tenure {
  readonly owner: string;
  readonly size: bigint;
  readonly openedAt: bigint;
  readonly transferredAt: bigint;
}

/** Proofs that `OrderBook.trigger` takes. */
export interface Crossing {
  readonly roundId: bigint;
  readonly observedAt: bigint;
  readonly proof: string;
  /** `0x` where no trailing stop is involved. */
  readonly peakProof: string;
}

/** Why an order can't trigger, whatever the price does. */
export type Dormant = "void" | "not open";

/** Which way an order would trade and from when on observations count, or why none does. */
export function liveTerms(
  order: RestingOrder,
  { owner, size, openedAt, transferredAt }: Tenure,
  params: OrderParams,
): { readonly isBuy: boolean; readonly liveFrom: bigint } | Dormant {
  if (owner.toLowerCase() !== order.owner.toLowerCase() || order.placedAt <= transferredAt) return "void";
  const placed = order.placedAt + params.settlementDelay;
  if (!order.reduceOnly)
    return { isBuy: order.sizeDelta === 0n ? size < 0n : order.sizeDelta > 0n, liveFrom: placed };
  if (size === 0n) return "not open";
  return { isBuy: size < 0n, liveFrom: max(placed, openedAt) };
}

/**
 * Walks the rounds of a feed for one resting order, each round once, and finds those with which the price crosses. It
 * keeps the best price for a trailing stop, and starts anew in a new phase, as the contract does.
 */
export class CrossingWatch {
  readonly #feed: IChainlinkFeed;
  readonly #order: RestingOrder;
  readonly #multiplier: bigint;
  readonly #known: Map<bigint, FeedRound>;
  #liveFrom = -1n;
  #next: bigint | undefined;
  #best: { readonly id: bigint; readonly price: bigint } | undefined;
  #beyond = false;

  /**
   * @param decimals Of the feed's answers.
   * @param known Rounds seen before, shared between watches: they never change.
   */
  constructor(
    feed: IChainlinkFeed,
    order: RestingOrder,
    decimals: bigint,
    known: Map<bigint, FeedRound> = new Map<bigint, FeedRound>(),
  ) {
    this.#feed = feed;
    this.#order = order;
    this.#multiplier = 10n ** (18n - decimals);
    this.#known = known;
  }

  /** The next crossing among the rounds up to `latest` not looked at yet; `undefined` if there is none. */
  async advance(
    { isBuy, liveFrom }: { readonly isBuy: boolean; readonly liveFrom: bigint },
    latest: FeedRound,
  ): Promise<Crossing | undefined> {
    if (latest.observedAt <= liveFrom) return undefined;
    const samePhase = this.#next !== undefined && this.#next >> PHASE_BITS === latest.id >> PHASE_BITS;
    if (liveFrom !== this.#liveFrom || !samePhase) {
      this.#next = await firstAfter(this.#feed, latest, liveFrom, this.#known);
      [this.#liveFrom, this.#best, this.#beyond] = [liveFrom, undefined, false];
    }
    while (this.#next !== undefined && this.#next <= latest.id) {
      const id = this.#next;
      this.#next += 1n;
      const round = id === latest.id ? latest : await observation(this.#feed, id, this.#known);
      if (round === undefined) continue;
      const crossing = this.#look(round, isBuy);
      if (crossing !== undefined) return crossing;
    }
    return undefined;
  }

  #look(round: FeedRound, isBuy: boolean): Crossing | undefined {
    const { limitPrice, stopPrice, trail, trailIsRatio } = this.#order;
    if (round.answer <= 0n) return undefined;
    const price = toPrice(round.answer, this.#multiplier);
    const best = trail === 0n ? undefined : this.#best;
    const trailing = best === undefined ? 0n : trailingStop(isBuy, best.price, trail, trailIsRatio);
    const wasBeyond = this.#beyond;
    this.#beyond = isCrossed(isBuy, limitPrice, nearerStop(isBuy, stopPrice, trailing), price);
    if (this.#best === undefined || (isBuy ? price < this.#best.price : price > this.#best.price))
      this.#best = { id: round.id, price };
    if (!this.#beyond || wasBeyond) return undefined;
    return {
      roundId: round.id,
      observedAt: round.observedAt,
      proof: encodeRoundProof(round.id),
      peakProof: best === undefined ? "0x" : encodeRoundProof(best.id),
    };
  }
}
