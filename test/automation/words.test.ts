import { connectFeedSource, fixingQuery } from "@bulkhead/sdk";
import { expect } from "chai";
import { ZeroAddress, type Signer } from "ethers";
import {
  EACAggregatorProxy__factory,
  HistoryAggregator__factory,
  SettlementUpkeep__factory,
} from "../../typechain-types/index.ts";
import { WAD, type Wish } from "../shared/market.ts";
import { commitMany, openStaffedMarket, settlementData, shardData } from "./desk.ts";
import { openStreamsMarket } from "./streamsDesk.ts";

const COLLATERAL = 10n ** 8n;

/** A feed behind Chainlink's proxy; rounds are of its present aggregator, answers have eight decimals. */
async function openFeed(signer: Signer, answer: bigint) {
  const deploy = () => new HistoryAggregator__factory(signer).deploy(8, "a price");
  let aggregator = await deploy();
  const clock = async () => (await signer.provider!.getBlock("latest"))!.timestamp;
  let round = 0;
  const push = async (to = answer) => {
    round += 1;
    const at = await clock();
    await aggregator.push(round, to, at, at);
  };
  await push();
  const proxy = await new EACAggregatorProxy__factory(signer).deploy(aggregator, ZeroAddress);
  const replace = async () => {
    [aggregator, round] = [await deploy(), 0];
    await push();
    await proxy.proposeAggregator(aggregator);
    await proxy.confirmAggregator(aggregator);
  };
  return { address: await proxy.getAddress(), push, replace };
}

/** The words of a packed proof. */
const wordsOf = (proof: bigint) => [0n, 80n, 160n].map((shift) => (proof >> shift) % (1n << 80n));

describe("upkeeps with an oracle of further feeds", () => {
  /** A market on a feed beside a second one, in units of a token with a feed of its own. */
  async function open() {
    let second!: Awaited<ReturnType<typeof openFeed>>;
    let collateral!: Awaited<ReturnType<typeof openFeed>>;
    const desk = await openStaffedMarket({
      extras: async (_, signer) => {
        second = await openFeed(signer, 2_000n * 10n ** 8n);
        collateral = await openFeed(signer, COLLATERAL);
        return { secondFeed: second.address, collateralFeed: collateral.address };
      },
    });
    const { automation, orderBook, unit, operator } = desk;
    const upkeep = await new SettlementUpkeep__factory(operator).deploy(desk.market, desk.config);
    const settle = await automation.register({
      target: await upkeep.getAddress(),
      checkData: shardData(0, 1, 12),
    });
    const wish: Wish = { sizeDelta: WAD, collateral: 500n * unit };
    const watch = async (count = 1) => {
      const orders = await commitMany(desk, count, wish);
      for (const { order } of orders) await upkeep.watch(order);
      return orders;
    };
    const source = await connectFeedSource(await desk.oracle.getAddress(), operator);
    const delays = await orderBook.orderParams();
    /** Settles through the registry; the words of the proof, which are the sdk's. */
    const run = async ({ order, orderId }: Awaited<ReturnType<typeof watch>>[number]) => {
      source.forget();
      const query = fixingQuery(order, delays);
      const wanted = await source.findFixing(query, BigInt(await desk.networkHelpers.time.latest()));
      const { proof } = await upkeep.findProof(orderId, 0n);
      const ran = await automation.run(settle);
      expect(ran.performed).to.equal(true);
      expect(await orderBook.commitmentOf(order.owner, order.slot)).to.not.equal(orderId);
      const words = wordsOf(proof);
      const bytes = desk.ethers.AbiCoder.defaultAbiCoder().encode(["uint80", "uint80", "uint80"], words);
      expect(wanted.found ? wanted.proof : "").to.equal(bytes);
      return { words, ran };
    };
    return { ...desk, upkeep, settle, second, collateral, watch, run };
  }

  it("settle with a round of each feed, across a phase change of each", async () => {
    const { watch, run, push, second, collateral, networkHelpers } = await open();
    const { time } = networkHelpers;
    const [first] = await watch();
    await time.increase(40);
    const round = await push(2_000n);
    // Nothing after the observation: the latest rounds count once none can be under way.
    await time.increase(31);
    expect((await run(first!)).words).to.deep.equal([round, 0n, 0n]);

    const [other] = await watch();
    await time.increase(40);
    const observed = await push(2_010n);
    await time.increase(10);
    await second.push();
    await collateral.push();
    await second.push();
    expect((await run(other!)).words).to.deep.equal([observed, (1n << 64n) | 2n, (1n << 64n) | 2n]);

    const [changed] = await watch();
    await time.increase(40);
    const last = await push(2_020n);
    await time.increase(10);
    await second.replace();
    await collateral.replace();
    const { words, ran } = await run(changed!);
    expect(words).to.deep.equal([last, (2n << 64n) | 1n, (2n << 64n) | 1n]);
    expect(ran.performGas).to.be.lessThan(520_000n);

    // The old phases are the order's, the rounds after the moment are the new ones'.
    const [fallback] = await watch();
    await second.replace();
    await time.increase(1_000);
    await collateral.replace();
    await second.push();
    expect((await run(fallback!)).words).to.deep.equal([last, (3n << 64n) | 2n, (3n << 64n) | 1n]);
  });

  it("are kept from nothing by a further feed that does not answer", async () => {
    const { automation, watch, push, settle, second, networkHelpers, operator, orderBook } = await open();
    const orders = await watch(2);
    await networkHelpers.time.increase(40);
    await push(2_000n);
    const empty = await new HistoryAggregator__factory(operator).deploy(8, "a price");
    const proxy = EACAggregatorProxy__factory.connect(second.address, operator);
    await proxy.proposeAggregator(empty);
    await proxy.confirmAggregator(empty);
    await networkHelpers.time.increase(31);
    expect((await automation.run(settle)).performed).to.equal(true);
    for (const { order, orderId } of orders)
      expect(await orderBook.commitmentOf(order.owner, order.slot)).to.not.equal(orderId);
  });
});

describe("upkeeps on a stream in units of a token with a feed", () => {
  async function open() {
    let collateral!: Awaited<ReturnType<typeof openFeed>>;
    const desk = await openStreamsMarket(false, {
      extras: async (_, signer) => {
        collateral = await openFeed(signer, COLLATERAL);
        return { collateralFeed: collateral.address };
      },
    });
    return { ...desk, collateral };
  }

  it("settle with the round that follows the report, across a phase change", async () => {
    const { register, run, settlement, watch, live, pass, endOf, collateral } = await open();
    const settle = await register(settlement);
    const orders = await watch(2);
    await pass(33);
    const end = endOf(orders[0]!.order.committedAt + 31n);
    expect((await settlement.findProof(orders[0]!.orderId, end)).found).to.equal(false);
    await pass(2);
    await collateral.replace();
    const proof = end | (((2n << 64n) | 1n) << 80n);
    const ran = await run(settle);
    expect(ran.performed).to.equal(true);
    const ids = orders.map(({ orderId }) => orderId);
    const either = [ids, ids.toReversed()].map((list) => settlementData(list, [proof, proof], []));
    expect(ran.performData.slice(-128)).to.be.oneOf(either.map((data) => data.slice(-128)));
    expect(await live(orders)).to.equal(0);
  });

  it("liquidate whom the token's price makes liquidatable, and not whom the stream's alone would", async () => {
    const desk = await open();
    const { register, run, settlement, liquidation, watch, pass, wish, view, collateral } = desk;
    const [settle, liquidate] = [await register(settlement), await register(liquidation)];
    const short = { ...wish, sizeDelta: -WAD, acceptablePrice: 0n, collateral: 300n * desk.unit };
    const [order] = await watch(1, short);
    await pass(66);
    expect((await run(settle)).performed).to.equal(true);
    // The token loses an eighth: what is owed in it grows.
    await pass(40);
    await collateral.push((COLLATERAL * 7n) / 8n);
    await pass(2);
    expect((await run(liquidate)).performed).to.equal(true);
    expect((await view(order!.order.positionId)).liquidatable).to.equal(false);

    const [long] = await watch(1, { ...wish, collateral: 150n * desk.unit });
    await pass(66);
    expect((await run(settle)).performed).to.equal(true);
    desk.setPrice(1_900n);
    await collateral.push((COLLATERAL * 8n) / 10n);
    await pass(2);
    expect((await run(liquidate)).reason).to.equal("NotNeeded");
    expect((await view(long!.order.positionId)).liquidatable).to.equal(false);
  });
});
