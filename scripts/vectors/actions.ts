import {
  accrue,
  changeCollateral,
  claim,
  deposit,
  executeTrade,
  fulfillRedeems,
  liquidate,
  mint,
  requestRedeem,
  reservePosition,
  type Claimable,
  type LiquidationReceipt,
  type MarketState,
  type PositionState,
  type Refusal,
  type Trade,
} from "@bulkhead/sdk";

/** One action of a market's life, as its contracts take it. Ids name positions of the reading before it. */
export type Action =
  | { readonly kind: "reserve"; readonly owner: string; readonly collateral: bigint }
  | { readonly kind: "trade"; readonly id: bigint; readonly trade: Trade }
  | { readonly kind: "collateral"; readonly id: bigint; readonly delta: bigint }
  | { readonly kind: "liquidate"; readonly ids: readonly bigint[] }
  | { readonly kind: "deposit" | "mint" | "requestRedeem"; readonly amount: bigint }
  | { readonly kind: "claim"; readonly claimable: Claimable; readonly amount: bigint }
  | { readonly kind: "fulfillRedeems" | "accrue" };

/** A market with its positions at one moment. */
export interface Moment {
  readonly state: MarketState;
  readonly positions: readonly PositionState[];
}

/** What a fill says of itself, in the transaction's event. */
export interface FillFigures {
  readonly sizeDelta: bigint;
  readonly newSize: bigint;
  readonly newEntryNotional: bigint;
  readonly impact: bigint;
  readonly pnl: bigint;
  readonly realised: bigint;
  readonly fee: bigint;
  readonly carry: bigint;
  readonly badDebt: bigint;
}

/** What an action came to: a refusal of the contracts, or what they report. */
export interface Outcome {
  readonly refusal?: Refusal | undefined;
  /** Why an order did not execute. */
  readonly failure?: string | undefined;
  readonly fill?: FillFigures | undefined;
  readonly receipts?: readonly LiquidationReceipt[] | undefined;
  /** Token units and shares that change hands with a deposit, a mint or a fulfilment. */
  readonly assets?: bigint | undefined;
  readonly shares?: bigint | undefined;
}

/** What an action leaves, and what it came to. */
export interface Consequence {
  readonly after: Moment;
  readonly outcome: Outcome;
}

/** What the sdk says that an action at `time` does. */
export function foresee(before: Moment, action: Action, time: bigint): Consequence {
  const { state, positions } = before;
  switch (action.kind) {
    case "reserve": {
      const reserved = reservePosition({ ...state, time }, action.owner, action.collateral);
      return { after: { state: reserved.state, positions: [...positions, reserved.position] }, outcome: {} };
    }
    case "trade":
      return foreseeTrade(before, action.id, action.trade, time);
    case "collateral": {
      const position = find(before, action.id);
      const changed = changeCollateral(state, position, action.delta, time);
      return {
        after: {
          state: { ...changed.state, time },
          positions: replaced(before, action.id, changed.position),
        },
        outcome: { refusal: changed.refusal },
      };
    }
    case "liquidate":
      return foreseeLiquidations(before, action.ids, time);
    case "deposit":
    case "mint": {
      const entered = (action.kind === "deposit" ? deposit : mint)(state, action.amount, time);
      const { refusal, assets, shares } = entered;
      return {
        after: { state: { ...entered.state, time }, positions },
        outcome: refusal === undefined ? { assets, shares } : { refusal },
      };
    }
    case "requestRedeem":
      return { after: { state: requestRedeem(state, action.amount, time), positions }, outcome: {} };
    case "fulfillRedeems": {
      const { refusal, redeemed, assets, state: later } = fulfillRedeems(state, time);
      return {
        after: { state: { ...later, time }, positions },
        outcome: refusal === undefined ? { shares: redeemed, assets } : { refusal },
      };
    }
    case "claim": {
      const { refusal, assets, state: later } = claim(state, action.claimable, action.amount, time);
      return {
        after: { state: { ...later, time }, positions },
        outcome: refusal === undefined ? { shares: action.amount, assets } : { refusal },
      };
    }
    case "accrue":
      return { after: { state: accrue(state, time), positions }, outcome: {} };
  }
}

function foreseeTrade(before: Moment, id: bigint, trade: Trade, time: bigint): Consequence {
  const result = executeTrade(before.state, find(before, id), trade, time);
  const { failure, fill, badDebt } = result;
  const figures =
    failure !== "None" || fill === undefined
      ? undefined
      : {
          sizeDelta: fill.sizeDelta,
          newSize: fill.later.size,
          newEntryNotional: fill.later.entryNotional,
          impact: fill.impact,
          pnl: fill.pnl,
          realised: fill.realised,
          fee: fill.fee,
          carry: fill.carry,
          badDebt,
        };
  return {
    after: { state: result.state, positions: replaced(before, id, result.position) },
    outcome: { failure, fill: figures },
  };
}

function foreseeLiquidations(before: Moment, ids: readonly bigint[], time: bigint): Consequence {
  const result = liquidate(
    before.state,
    ids.map((id) => find(before, id)),
    time,
  );
  let after: Moment = { ...before, state: { ...result.state, time } };
  result.liquidated.forEach(({ position }, i) => {
    after = { ...after, positions: replaced(after, ids[i]!, position) };
  });
  const receipts = result.liquidated.map(({ receipt }) => receipt).filter((receipt) => receipt !== undefined);
  const refusal = before.state.priceIsFresh ? undefined : { name: "OracleStale", args: [] };
  return { after, outcome: { refusal, receipts } };
}

function find({ positions }: Moment, id: bigint): PositionState {
  const position = positions.find((candidate) => candidate.id === id);
  if (position === undefined) throw new RangeError(`position ${id} is not there`);
  return position;
}

/** The positions with one changed, or gone. */
function replaced(
  { positions }: Moment,
  id: bigint,
  later: PositionState | undefined,
): readonly PositionState[] {
  return positions.flatMap((position) =>
    position.id !== id ? [position] : later === undefined ? [] : [later],
  );
}
