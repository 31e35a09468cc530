import type { BlockTag } from "ethers";
import type { MarketState, PositionState } from "../engine/types.ts";
import type { MarketContracts } from "../market.ts";
import { guarded } from "./guard.ts";
import { plain } from "./plain.ts";

/** A market and positions of it, all at one moment. */
export interface Reading {
  readonly state: MarketState;
  /** In the order of the ids asked for; one without an owner is no position. */
  readonly positions: readonly PositionState[];
}

/**
 * Reads everything a market's next action depends on, with the positions asked for, in one call.
 *
 * @param ids Positions; for none only the market is read.
 * @param blockTag Which block to read at; default: the latest.
 * @throws NetworkError without an answer, RevertedError if a contract refuses to give one.
 * @example
 * const { state, positions } = await readState(contracts, [7n]);
 * const { standing, liquidationPrice } = judge(state, positions[0]!);
 */
export async function readState(
  { stateLens, addresses }: Pick<MarketContracts, "stateLens" | "addresses">,
  ids: readonly bigint[] = [],
  blockTag: BlockTag = "latest",
): Promise<Reading> {
  const [state, positions] = await guarded(() => stateLens.state(addresses.market, [...ids], { blockTag }));
  return { state: plain(state), positions: plain(positions) };
}
