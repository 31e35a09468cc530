import { executeTrade, judge, leverageOf, liquidate, math, scenarios, withPrice } from "@bulkhead/sdk";
import { expect } from "chai";
import { emptyMarket, forSeeds, openIn, randomMarket } from "../marketState.ts";

const { WAD } = math.FixedMath;
const ANY = (1n << 256n) - 1n;
const percent = (x: bigint): bigint => (x * WAD) / 100n;

describe("scenarios", () => {
  it("says of each position what the engine says at each price", () => {
    forSeeds(60, (random) => {
      const { state, positions } = randomMarket(random);
      const shocks = [-60n, -10n, -1n, 0n, 3n, 40n].map(percent);
      const time = state.time + random.between(0n, 90_000n);
      const rows = scenarios(state, positions, shocks, time);
      for (const [i, row] of rows.entries()) {
        expect(row.price).to.equal((state.price * (WAD + shocks[i]!)) / WAD);
        const shocked = withPrice(state, row.price, { observedAt: time });
        for (const [j, cell] of row.positions.entries()) {
          const position = positions[j]!;
          const judged = judge(state, position, time, row.price);
          expect(cell.judgement).to.deep.equal(judged);
          expect(cell.leverage).to.equal(leverageOf(judged));
          const { receipt, position: rest } = liquidate(shocked, [position], time).liquidated[0]!;
          const toOwner = rest === undefined ? receipt?.newCollateral : 0n;
          expect(cell.liquidation).to.deep.equal(receipt && { receipt, position: rest, toOwner });
          const acceptablePrice = position.size < 0n ? ANY : 0n;
          const { price } = row;
          const executionFee = state.orderParams.minExecutionFee;
          const trade = { sizeDelta: 0n, acceptablePrice, executionFee, price, indexPrice: price };
          const closed = executeTrade(shocked, position, { ...trade, indexIsFresh: true }, time);
          expect([cell.close.toOwner, cell.close.badDebt]).to.deep.equal([closed.toOwner, closed.badDebt]);
        }
      }
    });
  });

  it("shows a long on the way down: margin call, liquidation in part, in whole, bankruptcy", () => {
    const { state, opened } = openIn({ state: emptyMarket(), positions: [] }, 10n * WAD, 3_000_000_000n);
    const rows = scenarios(
      state,
      [opened],
      [0n, -135n, -138n, -145n, -160n].map((x) => (x * WAD) / 1_000n),
    );
    const cells = rows.map(({ positions }) => positions[0]!);
    expect(cells.map(({ judgement }) => judgement.standing)).to.deep.equal([
      "healthy",
      "marginCall",
      "liquidatable",
      "liquidatable",
      "bankrupt",
    ]);
    const closed = cells.map(({ liquidation }) => liquidation && liquidation.position === undefined);
    expect(closed).to.deep.equal([undefined, undefined, false, true, true]);
    expect(cells[4]!.close.badDebt > 0n && cells[4]!.close.toOwner === 0n).to.equal(true);
  });

  it("sums what is sent, and counts no position's loss against another", () => {
    const long = openIn({ state: emptyMarket(), positions: [] }, 10n * WAD, 3_000_000_000n);
    const { state, positions } = openIn(long, -10n * WAD, 3_000_000_000n);
    const [fall] = scenarios(state, positions, [percent(-30n)]);
    const [first, second] = fall!.positions.map(({ judgement }) => judgement.equity);
    expect(first! < 0n && second! > 0n).to.equal(true);
    expect(fall!.equity).to.equal(first! + second!);
    expect(fall!.isolatedEquity).to.equal(second);
    expect(fall!.ifClosed).to.equal(fall!.positions[1]!.close.toOwner);
    expect(fall!.pnl).to.equal(fall!.positions.reduce((sum, { judgement }) => sum + judgement.pnl, 0n));
  });

  it("refuses shocks that leave no price, and positions that are not open", () => {
    const { state, opened } = openIn({ state: emptyMarket(), positions: [] }, WAD, 10n ** 9n);
    expect(() => scenarios(state, [opened], [-WAD])).to.throw(RangeError, "shock");
    expect(() => scenarios(state, [{ ...opened, size: 0n }], [0n])).to.throw(RangeError, "not open");
    expect(() => scenarios({ ...state, price: 0n }, [opened], [0n])).to.throw(RangeError, "price");
  });
});
