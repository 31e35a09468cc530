import { MaxUint256, type BlockTag } from "ethers";
import type { Sent } from "../actions/send.ts";
import { checkAddress, checkRange, checkUint } from "../checks.ts";
import {
  readExplanation,
  readPositionIds,
  readRisk,
  type Explanation,
  type ReadOptions,
  type RiskReport,
} from "../reads/positions.ts";
import { readState, type Reading } from "../reads/state.ts";
import { dispatch, senderOf, type ActionOptions, type Desk } from "./desk.ts";

/** Positions of a market: how they stand, their collateral, and what anyone may do to the worst and the best of them. */
export interface PositionsClient {
  /** Ids of all positions, or of an owner's. */
  ids(options?: ReadOptions & { readonly owner?: string | undefined }): Promise<readonly bigint[]>;
  /** How positions stand, in the order of `ids`; at another price than the latest if one is given, wad. */
  risk(
    ids: readonly bigint[],
    options?: ReadOptions & { readonly price?: bigint | undefined },
  ): Promise<readonly RiskReport[]>;
  /** Every term of a position's verdict. */
  explain(id: bigint, options?: ReadOptions): Promise<Explanation>;
  /** The market's state with these positions, for the engine's functions and the trader's tools. */
  state(ids?: readonly bigint[], blockTag?: BlockTag): Promise<Reading>;
  /** Pays `amount` token units of the sender's into a position, anyone's. */
  addCollateral(id: bigint, amount: bigint, options?: ActionOptions): Promise<Sent>;
  /** Takes `amount` token units out of the sender's position. */
  removeCollateral(id: bigint, amount: bigint, options?: ActionOptions): Promise<Sent>;
  /** Liquidates those of `ids` that are liquidatable; rewards are `rewardTo`'s claim, by default the sender's. */
  liquidate(
    ids: readonly bigint[],
    options?: ActionOptions & { readonly rewardTo?: string | undefined },
  ): Promise<Sent & { readonly liquidated: bigint }>;
  /** Reduces winning positions of a side that is due for it, in this order. */
  deleverage(isLong: boolean, ids: readonly bigint[], options?: ActionOptions): Promise<Sent>;
}

/** The positions of a market. */
export function positionsClient(desk: Desk): PositionsClient {
  const { contracts } = desk;
  const { market } = contracts;
  return {
    ids: (options) => readPositionIds(contracts, options),
    risk: (ids, options) => readRisk(contracts, ids, options),
    explain: (id, options) => readExplanation(contracts, id, options),
    state: (ids, blockTag) => readState(contracts, ids, blockTag),
    addCollateral: async (id, amount, options) =>
      dispatch(
        desk,
        market.addCollateral.populateTransaction(checkUint("id", id), checkPositive("amount", amount)),
        options,
      ),
    removeCollateral: async (id, amount, options) =>
      dispatch(
        desk,
        market.removeCollateral.populateTransaction(checkUint("id", id), checkPositive("amount", amount)),
        options,
      ),
    liquidate: async (ids, { rewardTo, ...options } = {}) => {
      const to = rewardTo === undefined ? await senderOf(desk) : checkAddress("rewardTo", rewardTo);
      const sent = await dispatch(desk, market.liquidate.populateTransaction([...ids], to), options);
      const liquidated = sent.events.filter(({ name }) => name === "PositionLiquidated").length;
      return { ...sent, liquidated: BigInt(liquidated) };
    },
    deleverage: (isLong, ids, options) =>
      dispatch(desk, market.deleverage.populateTransaction(isLong, [...ids]), options),
  };
}

function checkPositive(field: string, amount: bigint): bigint {
  return checkRange(field, amount, 1n, MaxUint256);
}
