import { expect } from "chai";
import { openMarket, WAD } from "../shared/market.ts";

const BATCHES = 120;
const STEP = 40;
/** Gas for a batch: 400 of them are a fifth of a block of 30 million. */
const MOST_PER_BATCH = 15_000n;

describe("LiquidityVault, a request nobody looks after", () => {
  it("is paid after any number of batches in part, for a fraction of a block's gas", async function () {
    this.timeout(300_000);
    const { liquidityVault, marginVault, lp, bob, alice, stranger, trade, unit, networkHelpers, file, push } =
      await openMarket();
    const { time } = networkHelpers;
    await liquidityVault.connect(lp).transfer(bob, (await liquidityVault.balanceOf(lp)) / 2n);
    const held = await liquidityVault.balanceOf(bob);
    await liquidityVault.connect(bob).requestRedeem(held, bob, bob);
    // Positions need what there is; what trickles in goes to those who wait.
    await trade(alice, { sizeDelta: 7_900n * WAD, collateral: 9_000_000n * unit });
    const gasAt: bigint[] = [];
    for (let i = 1; i <= BATCHES; i += 1) {
      await marginVault.connect(stranger).fund(await liquidityVault.getAddress(), 10_000n * unit);
      await time.increase(file.pool.redemptionPeriod);
      await push(2_000n);
      await liquidityVault.fulfillRedeems();
      if (i % STEP === 0) gasAt.push(await liquidityVault.connect(bob).withdraw.estimateGas(1n, bob, bob));
    }
    const pending = await liquidityVault.pendingRedeemRequest(0, bob);
    expect(pending).to.be.greaterThan(0n);
    expect(pending).to.be.lessThan(held);
    console.log(
      `      gas of a claim after ${gasAt.map((gas, i) => `${(i + 1) * STEP}: ${gas}`).join(", ")} batches`,
    );
    // Each batch costs the same, so that this says what 400 cost.
    for (let i = 1; i < gasAt.length; i += 1)
      expect((gasAt[i]! - gasAt[i - 1]!) / BigInt(STEP)).to.be.lessThan(MOST_PER_BATCH);
    const owed = await liquidityVault.maxWithdraw(bob);
    await liquidityVault.connect(bob).withdraw(owed, bob, bob);
    expect(await liquidityVault.maxWithdraw(bob)).to.equal(0n);
    // Once taken up it costs no more than any claim.
    expect(await liquidityVault.connect(bob).withdraw.estimateGas(0n, bob, bob)).to.be.lessThan(150_000n);
  });
});
