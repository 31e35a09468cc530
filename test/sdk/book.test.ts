import {
  BulkheadError,
  connectFeedSource,
  CrossingWatch,
  fixingQuery,
  InvalidInputError,
  isRevert,
  liveTerms,
  marketOrder,
  NetworkError,
  OrderBookState,
  parseOrderEvent,
  readLogs,
  readOrderRules,
  readOrders,
  reduceOrder,
  restingOrder,
  sliceQuery,
  topUpOrder,
  twapOrder,
  type OrderEvent,
  type WaitingOrder,
} from "@bulkhead/sdk";
import { expect } from "chai";
import { id, makeError, ZeroHash, type Log, type Provider } from "ethers";
import { openMarket, WAD } from "../shared/market.ts";
import { createRandom, type Random } from "../shared/random.ts";

const PERCENT = WAD / 100n;
const STEPS = 220;
const TRANSFER = "Transfer(address,address,uint256)";

/** Slots that no owner fills in so many steps. */
const SLOTS = 200n;

type Desk = Awaited<ReturnType<typeof openDesk>>;

async function openDesk() {
  const desk = await openMarket();
  const { orderBook, market, alice, networkHelpers } = desk;
  const { liquidationFee, maintenanceBase, maintenanceSlope, depth } = await market.params();
  return {
    ...desk,
    time: networkHelpers.time,
    params: await orderBook.orderParams(),
    margin: { liquidationFee, maintenanceBase, maintenanceSlope, depth },
    source: await connectFeedSource(desk.addresses.oracle, alice),
    logs: (fromBlock: number, toBlock?: number): Promise<Log[]> =>
      desk.ethers.provider.getLogs({
        address: [desk.addresses.orderBook, desk.addresses.market],
        fromBlock,
        ...(toBlock === undefined ? {} : { toBlock }),
      }),
  };
}

/** Ids of the orders that wait, by the chain itself: what stands in the owners' slots. */
async function liveIds({ orderBook, alice, bob }: Desk): Promise<string[]> {
  const ids: string[] = [];
  for (const owner of [alice, bob]) {
    for (let slot = 0n; slot < SLOTS; slot++) {
      const id = await orderBook.commitmentOf(owner, slot);
      if (id !== ZeroHash) ids.push(id);
    }
  }
  return ids.sort();
}

const idsOf = (orders: Iterable<WaitingOrder>): string[] => [...orders].map(({ orderId }) => orderId).sort();

/** What the chain says of every position that the state has open, and of every other one. */
async function openIds({ market }: Desk): Promise<bigint[]> {
  const ids: bigint[] = [];
  const end = await market.nextPositionId();
  for (let id = 1n; id < end; id++) if ((await market.position(id)).size !== 0n) ids.push(id);
  return ids;
}

/** One thing that somebody does; `undefined` if there is nothing to do it with. */
type Action = (desk: Desk, random: Random, state: OrderBookState) => Promise<unknown> | undefined;

const who = ({ alice, bob }: Desk, random: Random) => random.pick([alice, bob]);
const one = <T>(random: Random, values: Iterable<T>): T | undefined => random.pick([...values]);

async function held({ market, alice, bob }: Desk, random: Random, state: OrderBookState) {
  const id = one(random, state.positions);
  if (id === undefined) return undefined;
  const owner = await market.ownerOf(id);
  return { account: owner === alice.address ? alice : bob, id, size: (await market.position(id)).size };
}

const entry = (desk: Desk, random: Random) => ({
  open: random.pick(["long", "short"] as const),
  size: random.between(WAD / 10n, 3n * WAD),
  collateral: random.pick([300n, 800n, 2_000n]) * desk.unit,
  accept: "any" as const,
});

const ACTIONS: readonly Action[] = [
  async (desk, random) => {
    const request = marketOrder(entry(desk, random), await readOrderRules(desk));
    return desk.orderBook.connect(who(desk, random)).commit(request);
  },
  async (desk, random, state) => {
    const position = await held(desk, random, state);
    if (position === undefined) return;
    const request = marketOrder({ exit: position, accept: "any" }, await readOrderRules(desk));
    return desk.orderBook.connect(position.account).commit(request);
  },
  async (desk, random) => {
    const rules = await readOrderRules(desk);
    const triggers = random.pick([
      { limitPrice: 1_980n * WAD },
      { stopPrice: 2_020n * WAD },
      { trail: { ratio: PERCENT } },
    ]);
    const request = restingOrder(
      { ...entry(desk, random), ...triggers, deadline: rules.now + 5_000n },
      rules,
    );
    return desk.orderBook.connect(who(desk, random)).place(request);
  },
  async (desk, random, state) => {
    const position = await held(desk, random, state);
    if (position === undefined) return;
    const rules = await readOrderRules(desk);
    const exit = {
      exit: position,
      accept: "any" as const,
      deadline: rules.now + 5_000n,
      beyondLiquidation: true,
    };
    const request = restingOrder({ ...exit, trail: { distance: 15n * WAD } }, rules);
    return desk.orderBook.connect(position.account).place(request);
  },
  async (desk, random) => {
    const slicing = { slices: random.between(2n, 4n), interval: 30n };
    const request = twapOrder({ ...entry(desk, random), ...slicing }, await readOrderRules(desk));
    return desk.orderBook.connect(who(desk, random)).placeTwap(request);
  },
  async (desk, random, state) => {
    const position = await held(desk, random, state);
    if (position === undefined) return;
    const rules = await readOrderRules(desk);
    const ratios = { triggerRatio: 90n * PERCENT, targetRatio: 95n * PERCENT, deadline: rules.now + 5_000n };
    const wish = { position, ...ratios };
    const request = random.oneIn(2)
      ? reduceOrder(wish, rules, desk.margin)
      : topUpOrder({ ...wish, budget: random.between(3n, 9_000n) * desk.unit }, rules, desk.margin);
    return desk.orderBook.connect(position.account).placeProtective(request);
  },
  (desk, random, state) => {
    const order = one(random, state.resting.values());
    return (
      order &&
      desk.orderBook.connect(order.owner === desk.alice.address ? desk.alice : desk.bob).cancel(order)
    );
  },
  (desk, random, state) => {
    const order = one(random, state.twaps.values());
    return (
      order &&
      desk.orderBook.connect(order.owner === desk.alice.address ? desk.alice : desk.bob).cancelTwap(order)
    );
  },
  (desk, random, state) => {
    const order = one(random, state.protective.values());
    const account = order?.owner === desk.alice.address ? desk.alice : desk.bob;
    return order && random.oneIn(3) ? desk.orderBook.connect(account).cancelProtective(order) : undefined;
  },
  (desk, random, state) => {
    const order = one(random, state.protective.values());
    return order && desk.orderBook.connect(desk.keeper).protect(order, desk.keeper);
  },
  (desk, random, state) => observeAnd(desk, random, state, settleAll),
  (desk, random, state) => observeAnd(desk, random, state, triggerAll),
  async (desk, random, state) => {
    const position = await held(desk, random, state);
    return position && random.oneIn(4)
      ? desk.market.connect(desk.keeper).liquidate([position.id], desk.keeper)
      : undefined;
  },
];

async function observeAnd(
  desk: Desk,
  random: Random,
  state: OrderBookState,
  then: typeof settleAll,
): Promise<void> {
  await desk.time.increase(Number(random.between(1n, 60n)));
  await desk.push(random.between(1_900n, 2_100n));
  await desk.time.increase(1);
  desk.source.forget();
  await then(desk, state);
}

/** Settles whatever has its fixing; what a settlement changes counts from the next step. */
async function settleAll(desk: Desk, state: OrderBookState): Promise<void> {
  const now = BigInt(await desk.time.latest());
  const book = desk.orderBook.connect(desk.keeper);
  for (const order of state.orders.values()) {
    const fixing = await desk.source.findFixing(fixingQuery(order, desk.params), now);
    if (fixing.found) await tried(book.settle(order, fixing.proof, desk.keeper));
  }
  for (const order of state.twaps.values()) {
    const fixing = await desk.source.findFixing(sliceQuery(order, desk.params), now);
    if (fixing.found) await tried(book.settleSlice(order, fixing.proof, desk.keeper));
  }
}

async function triggerAll(desk: Desk, state: OrderBookState): Promise<void> {
  for (const order of state.resting.values()) {
    const { owner, size, openedAt, transferredAt } = await desk.market.tenure(order.positionId);
    const terms = liveTerms(order, { owner, size, openedAt, transferredAt }, desk.params);
    if (typeof terms === "string") continue;
    const crossing = await new CrossingWatch(desk.source, order).advance(terms);
    if (crossing === undefined) continue;
    const { proof, peakProof } = crossing;
    await tried(desk.orderBook.connect(desk.keeper).trigger(order, proof, peakProof, desk.keeper));
  }
}

/** Whatever the contract refuses is passed over, as a busy day has it. */
async function tried(sent: Promise<unknown> | undefined): Promise<void> {
  try {
    await sent;
  } catch (error) {
    if (!isRevert(error)) throw error;
  }
}

async function act(desk: Desk, random: Random, state: OrderBookState): Promise<void> {
  const from = (await desk.ethers.provider.getBlockNumber()) + 1;
  await tried(random.pick(ACTIONS)(desk, random, state));
  for (const log of await desk.logs(from)) state.apply(log);
}

describe("the order book rebuilt from logs", function () {
  this.timeout(240_000);
  let desk: Desk;
  let state: OrderBookState;

  before(async () => {
    desk = await openDesk();
    const random = createRandom(11);
    state = new OrderBookState(desk.addresses.orderBook);
    for (let step = 0; step < STEPS; step++) {
      await act(desk, random, state);
      if (step % 20 === 0) expect(idsOf(state.waiting()), `step ${step}`).to.deep.equal(await liveIds(desk));
    }
  });

  it("is what the chain says, whatever happened", async () => {
    const kinds = new Set<OrderEvent["kind"]>();
    for (const log of await desk.logs(0)) {
      const kind = parseOrderEvent(log)?.kind;
      if (kind !== undefined) kinds.add(kind);
    }
    const placed = ["committed", "placed", "twapPlaced", "protectivePlaced"] as const;
    const done = ["settled", "failed", "cancelled", "slice", "toppedUp", "reduction"] as const;
    expect([...kinds]).to.include.members([...placed, ...done]);
    expect(idsOf(state.waiting())).to.deep.equal(await liveIds(desk));
    expect([...state.positions].sort()).to.deep.equal((await openIds(desk)).sort());
    expect(new Set([...state.waiting()].map(({ kind }) => kind)).size).to.be.greaterThan(2);
  });

  it("is the same when logs are taken twice, in overlapping ranges, or all at once", async () => {
    const logs = await desk.logs(0);
    const again = new OrderBookState(desk.addresses.orderBook);
    const third = Math.floor(logs.length / 3);
    for (const [from, to] of [
      [0, 2 * third],
      [0, third],
      [third, 2 * third + 5],
      [third, third + 3],
      [0, logs.length],
    ] as const)
      for (const log of logs.slice(from, to)) again.apply(log);
    expect([...again.waiting()]).to.deep.equal([...state.waiting()]);
    expect([...again.positions]).to.deep.equal([...state.positions]);
  });

  it("is read from a node, of one owner or all, in ranges that it bears", async () => {
    const toBlock = await desk.ethers.provider.getBlockNumber();
    const range = { fromBlock: 0, toBlock };
    expect(idsOf(await readOrders(desk, range))).to.deep.equal(await liveIds(desk));
    for (const { address } of [desk.alice, desk.bob]) {
      const own = await readOrders(desk, { ...range, owner: address });
      expect(own.length).to.be.greaterThan(0);
      const expected = [...state.waiting()].filter(({ order }) => order.owner === address);
      expect(idsOf(own)).to.deep.equal(idsOf(expected));
    }
  });

  it("is read from nodes that give few blocks or few logs at a time, and from none that fails otherwise", async () => {
    const { provider } = desk.ethers;
    const toBlock = await provider.getBlockNumber();
    const query = { address: desk.addresses.orderBook, fromBlock: 0, toBlock };
    const all = await provider.getLogs(query);
    /** The node behind a service with limits of its own. */
    const limited = (refuses: (blocks: number, logs: number) => object | undefined) =>
      ({
        getLogs: async (filter: { fromBlock: number; toBlock: number }) => {
          const logs = await provider.getLogs(filter);
          const refusal = refuses(filter.toBlock - filter.fromBlock + 1, logs.length);
          if (refusal !== undefined)
            throw makeError("could not coalesce error", "UNKNOWN_ERROR", refusal as never);
          return logs;
        },
      }) as unknown as Provider;
    const answers = [
      { code: -32005, message: "query returned more than 10000 results" },
      {
        code: -32600,
        message: "Under the Free tier plan, you can make eth_getLogs requests with up to a 10 block range.",
      },
      { code: -32602, message: "Log response size exceeded." },
      { code: -32614, message: "eth_getLogs is limited to a 10,000 range" },
      { code: -32000, message: "block range is too wide" },
      { code: -32701, message: "exceed maximum block range: 50000" },
    ];
    for (const error of answers) {
      const few = limited((blocks, logs) => (blocks > 7 || logs > 5 ? { error } : undefined));
      const read = [];
      for await (const log of readLogs(few, query)) read.push(log);
      expect(read.map(({ blockNumber, index }) => [blockNumber, index])).to.deep.equal(
        all.map(({ blockNumber, index }) => [blockNumber, index]),
      );
    }
    const broken = limited(() => ({ error: { code: -32603, message: "Internal error" } }));
    const failed = readLogs(broken, query)
      .next()
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(await failed).to.be.instanceOf(NetworkError);
  });

  it("takes logs in their order however the node gives them, and from none what is no log of the book", async () => {
    const { ethers, addresses } = desk;
    const { provider } = ethers;
    const toBlock = await provider.getBlockNumber();
    const waiting = idsOf(await readOrders(desk, { fromBlock: 0, toBlock }));
    const answering = (change: (logs: Log[]) => Log[]) => {
      const node = { getLogs: async (filter: object) => change(await provider.getLogs(filter)) };
      return { ...desk, orderBook: { runner: { provider: node } } as unknown as Desk["orderBook"] };
    };
    const reversed = await readOrders(
      answering((logs) => [...logs, ...logs].reverse()),
      { fromBlock: 0, toBlock },
    );
    expect(idsOf(reversed)).to.deep.equal(waiting);
    expect(waiting).to.not.deep.equal([]);
    for (const change of [{ data: "0x12" }, { address: addresses.market, topics: [id(TRANSFER)] }]) {
      const node = answering((logs) => logs.map((log) => ({ ...log, ...change }) as Log));
      const failed: unknown = await readOrders(node, { fromBlock: 0, toBlock }).catch((e: unknown) => e);
      expect(failed).to.be.instanceOf(BulkheadError);
    }
  });

  it("refuses blocks and owners that are none", async () => {
    for (const wrong of [
      { fromBlock: -1, toBlock: 5 },
      { fromBlock: 0, toBlock: 1.5 },
      { fromBlock: 0, toBlock: 5, owner: "0x12" },
    ]) {
      const failed: unknown = await readOrders(desk, wrong).catch((error: unknown) => error);
      expect(failed).to.be.instanceOf(InvalidInputError);
    }
  });

  it("takes back the blocks that a reorganisation takes", async () => {
    const random = createRandom(3);
    for (let round = 0; round < 4; round++) {
      const snapshot = await desk.networkHelpers.takeSnapshot();
      const start = await desk.ethers.provider.getBlockNumber();
      for (let step = 0; step < 8; step++) await act(desk, random, state);
      await snapshot.restore();
      desk.source.forget();
      expect(state.rewind(start + 1)).to.be.true;
      expect(idsOf(state.waiting())).to.deep.equal(await liveIds(desk));
      expect([...state.positions].sort()).to.deep.equal((await openIds(desk)).sort());
      for (let step = 0; step < 8; step++) await act(desk, random, state);
      expect(idsOf(state.waiting())).to.deep.equal(await liveIds(desk));
    }
  });
});
