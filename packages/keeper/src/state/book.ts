import { OrderBookState, type BookLog, type PositionChange } from "@bulkhead/sdk";

/**
 * What the keeper knows from events, and what of it is to be looked at again. Whatever is wrong is found out by simulation.
 */
export class Book extends OrderBookState {
  /** Positions that changed since they were last checked; nobody's trade changes another's health. */
  readonly changed = new Set<bigint>();
  /** Positions whose owner or size changed since their tenure was last read. */
  readonly moved = new Set<bigint>();

  override apply(log: BookLog): PositionChange | undefined {
    const change = super.apply(log);
    if (change === undefined) return undefined;
    if (change.what !== "moved") this.changed.add(change.positionId);
    if (change.what !== "drained") this.moved.add(change.positionId);
    return change;
  }

  /** What comes in place of the blocks that are taken back may have changed any position. */
  override rewind(fromBlock: number): boolean {
    const anything = super.rewind(fromBlock);
    for (const id of anything ? this.positions : []) {
      this.changed.add(id);
      this.moved.add(id);
    }
    return anything;
  }
}
