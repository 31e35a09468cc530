import { max } from "../math/FixedMath.ts";
import { isCrossed, nearerStop, trailingStop } from "../math/TriggerMath.ts";
import type { ObservedPrice, PriceSource } from "../oracle/source.ts";
import type { OrderParams, RestingOrder } from "../types.ts";

/** What `PerpMarket.tenure` says of a position. */
export interface Tenure {
  readonly owner: string;
  readonly size: bigint;
  readonly openedAt: bigint;
  readonly transferredAt: bigint;
}

/** What `OrderBook.trigger` takes. */
export interface Crossing {
  readonly id: bigint;
  readonly observedAt: bigint;
  readonly proof: string;
  /** `0x` where no trailing stop is involved. */
  readonly peakProof: string;
  /** Reports that the oracle has to keep before, see `Proof`. */
  readonly reports: readonly string[];
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
 * Walks the observations of a source for one resting order, each once, and finds those with which the price crosses. It
 * keeps the best price for a trailing stop, and starts anew in a new epoch, as the contract does.
 */
export class CrossingWatch {
  readonly #source: PriceSource;
  readonly #order: RestingOrder;
  #liveFrom = -1n;
  #epoch = -1n;
  #seen: bigint | undefined;
  #best: ObservedPrice | undefined;
  #beyond = false;

  constructor(source: PriceSource, order: RestingOrder) {
    this.#source = source;
    this.#order = order;
  }

  /** The next crossing among the observations not looked at yet; `undefined` if there is none. */
  async advance({
    isBuy,
    liveFrom,
  }: {
    readonly isBuy: boolean;
    readonly liveFrom: bigint;
  }): Promise<Crossing | undefined> {
    if (liveFrom !== this.#liveFrom) this.#restart(liveFrom, this.#epoch);
    let { epoch, observations } = await this.#source.since(liveFrom, this.#seen);
    if (epoch !== this.#epoch) {
      if (this.#seen !== undefined) ({ epoch, observations } = await this.#source.since(liveFrom));
      this.#restart(liveFrom, epoch);
    }
    for (const observed of observations) {
      this.#seen = observed.id;
      const best = this.#look(observed, isBuy);
      if (best !== undefined) return this.#prove(observed, best);
    }
    return undefined;
  }

  #restart(liveFrom: bigint, epoch: bigint): void {
    [this.#liveFrom, this.#epoch, this.#seen, this.#best, this.#beyond] = [
      liveFrom,
      epoch,
      undefined,
      undefined,
      false,
    ];
  }

  /** Whether the price crosses here: then the best price before, or that there is none. */
  #look(observed: ObservedPrice, isBuy: boolean): { readonly peak: ObservedPrice | undefined } | undefined {
    const { limitPrice, stopPrice, trail, trailIsRatio } = this.#order;
    const { price } = observed;
    if (price === 0n) {
      // For the contract no price comes before the next one.
      this.#beyond = false;
      return undefined;
    }
    const peak = trail === 0n ? undefined : this.#best;
    const trailing = peak === undefined ? 0n : trailingStop(isBuy, peak.price, trail, trailIsRatio);
    const wasBeyond = this.#beyond;
    this.#beyond = isCrossed(isBuy, limitPrice, nearerStop(isBuy, stopPrice, trailing), price);
    if (this.#best === undefined || (isBuy ? price < this.#best.price : price > this.#best.price))
      this.#best = observed;
    return this.#beyond && !wasBeyond ? { peak } : undefined;
  }

  async #prove(
    observed: ObservedPrice,
    { peak }: { readonly peak: ObservedPrice | undefined },
  ): Promise<Crossing> {
    const { id, observedAt } = observed;
    const { proof, reports } = await this.#source.observationProof(observed);
    if (peak === undefined) return { id, observedAt, proof, peakProof: "0x", reports };
    const best = await this.#source.observationProof(peak);
    return { id, observedAt, proof, peakProof: best.proof, reports: [...best.reports, ...reports] };
  }
}
