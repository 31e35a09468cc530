import {
  bracketOrder,
  encodeOrderCalls,
  entryPosition,
  InvalidInputError,
  leastExecutionFee,
  limitOrder,
  marketOrder,
  MAX_SIZE,
  readOrderRules,
  reduceOrder,
  restingOrder,
  RevertedError,
  sessionOf,
  signSession,
  stopLimitOrder,
  stopOrder,
  toBulkheadError,
  topUpOrder,
  trailingStopOrder,
  twapOrder,
  type MarginTerms,
  type MarketOrderRequest,
  type RestingRequest,
} from "@bulkhead/sdk";
import { expect } from "chai";
import { MaxUint256 } from "ethers";
import { mined, openMarket, orderEvents, protocol, WAD } from "../shared/market.ts";

const PERCENT = WAD / 100n;

async function openDesk() {
  const desk = await openMarket();
  const { alice, trade, market, unit } = desk;
  const long = await trade(alice, { sizeDelta: 5n * WAD, collateral: 2_000n * unit });
  const short = await trade(alice, { sizeDelta: -5n * WAD, collateral: 2_000n * unit });
  const { liquidationFee, maintenanceBase, maintenanceSlope, depth } = await market.params();
  const margin: MarginTerms = { liquidationFee, maintenanceBase, maintenanceSlope, depth };
  const rules = await readOrderRules(desk);
  return {
    ...desk,
    rules,
    margin,
    long: { id: long.id, size: 5n * WAD },
    short: { id: short.id, size: -5n * WAD },
    deadline: rules.now + 86_400n,
  };
}

/** The error that a transaction is mined with. */
async function refusedOnChain(sent: Promise<unknown>): Promise<RevertedError> {
  try {
    await sent;
  } catch (error) {
    const found = toBulkheadError(error);
    if (found instanceof RevertedError) return found;
    throw error;
  }
  throw new Error("nothing was refused");
}

const ANY = { accept: "any" } as const;

describe("order builders", () => {
  let desk: Awaited<ReturnType<typeof openDesk>>;
  before(async () => {
    desk = await openDesk();
  });

  /** What the contract says of a request; empty where it takes it. */
  const refusal = async (call: Promise<unknown>): Promise<string> =>
    call.then(
      () => "",
      (error: unknown) =>
        (error as { revert?: { name: string }; message: string }).revert?.name ?? String(error),
    );
  const book = () => desk.orderBook.connect(desk.alice);
  /** The field a builder refuses, and what the contract refuses of a request that differs in it alone. */
  const refuses = (build: () => unknown, field: string) => {
    try {
      build();
    } catch (error) {
      expect(error, String(error)).to.be.instanceOf(InvalidInputError);
      expect((error as InvalidInputError).field).to.equal(field);
      return;
    }
    throw new Error(`${field} was accepted`);
  };

  describe("of market orders", () => {
    const open = (wish: Partial<MarketOrderRequest> = {}) =>
      marketOrder(
        { open: "long", size: WAD, collateral: 500n * desk.unit, ...ANY, ...wish } as MarketOrderRequest,
        desk.rules,
      );

    it("make what the contract takes: opened, increased, decreased, closed, on both sides", async () => {
      const { rules, long, short, unit } = desk;
      const accept = { price: 2_000n * WAD, slippage: PERCENT };
      const [above, below] = [2_020n * WAD, 1_980n * WAD];
      const common = { executionFee: rules.leastFee, deadline: rules.earliestDeadline + 3_600n };
      for (const [request, expected] of [
        [
          { open: "long", size: WAD, collateral: 500n * unit, accept },
          { positionId: 0n, sizeDelta: WAD, collateral: 500n * unit, acceptablePrice: above },
        ],
        [
          { open: "short", size: WAD, collateral: 500n * unit, accept },
          { positionId: 0n, sizeDelta: -WAD, collateral: 500n * unit, acceptablePrice: below },
        ],
        [
          { increase: short, size: WAD, collateral: unit, accept },
          { positionId: short.id, sizeDelta: -WAD, collateral: unit, acceptablePrice: below },
        ],
        [
          { increase: long, size: WAD, accept: 2_001n * WAD },
          { positionId: long.id, sizeDelta: WAD, collateral: 0n, acceptablePrice: 2_001n * WAD },
        ],
        [
          { exit: long, size: WAD, accept },
          { positionId: long.id, sizeDelta: -WAD, collateral: 0n, acceptablePrice: below },
        ],
        [
          { exit: short, size: WAD, accept },
          { positionId: short.id, sizeDelta: WAD, collateral: 0n, acceptablePrice: above },
        ],
        [
          { exit: long, ...ANY },
          { positionId: long.id, sizeDelta: 0n, collateral: 0n, acceptablePrice: 0n },
        ],
        [
          { exit: short, ...ANY },
          { positionId: short.id, sizeDelta: 0n, collateral: 0n, acceptablePrice: MaxUint256 },
        ],
      ] as const) {
        const built = marketOrder(request, rules);
        expect(built).to.deep.equal({ ...expected, ...common });
        expect(await refusal(book().commit.staticCall(built))).to.equal("");
      }
    });

    it("round the worst price to the trader's side", () => {
      const accept = { price: 1n, slippage: WAD / 2n };
      expect(open({ accept }).acceptablePrice).to.equal(1n);
      expect(open({ open: "short", accept } as never).acceptablePrice).to.equal(1n);
    });

    it("refuse what the contract refuses, naming the field", async () => {
      const { rules, file } = desk;
      const { minExecutionFee, maxExecutionFee } = file.orders;
      const valid = open();
      for (const [build, field, raw, error] of [
        [() => open({ size: MAX_SIZE + 1n }), "size", { sizeDelta: MAX_SIZE + 1n }, "OrderSizeTooLarge"],
        [() => open({ size: 0n }), "size", { sizeDelta: 0n }, "OrderSizeZero"],
        [
          () => open({ executionFee: minExecutionFee - 1n }),
          "executionFee",
          { executionFee: minExecutionFee - 1n },
          "OrderExecutionFeeOutOfBounds",
        ],
        [
          () => open({ executionFee: maxExecutionFee + 1n }),
          "executionFee",
          { executionFee: maxExecutionFee + 1n },
          "OrderExecutionFeeOutOfBounds",
        ],
        [
          () => open({ deadline: rules.earliestDeadline - 1n }),
          "deadline",
          { deadline: rules.earliestDeadline - 1n },
          "OrderDeadlineTooEarly",
        ],
        [
          () => open({ collateral: minExecutionFee - 1n } as never),
          "collateral",
          { collateral: minExecutionFee - 1n },
          "OrderCollateralTooLow",
        ],
      ] as const) {
        refuses(build, field);
        await expect(book().commit({ ...valid, ...raw }), error).to.be.revertedWithCustomError(
          protocol,
          error,
        );
      }
    });

    it("refuse what could not be meant, or not be encoded", () => {
      const { long, rules } = desk;
      refuses(() => open({ open: "up" } as never), "open");
      refuses(() => open({ size: 1.5 } as never), "size");
      refuses(() => open({ collateral: -1n } as never), "collateral");
      refuses(() => open({ accept: 0n }), "accept");
      refuses(() => open({ accept: undefined } as never), "accept");
      refuses(() => open({ accept: { price: WAD, slippage: WAD } }), "accept.slippage");
      refuses(() => marketOrder({ exit: long, size: 5n * WAD + 1n, ...ANY }, rules), "size");
      refuses(() => marketOrder({ exit: { ...long, size: 0n }, ...ANY }, rules), "exit.size");
      refuses(() => marketOrder({ increase: { ...long, id: 0n }, size: WAD, ...ANY }, rules), "increase.id");
      refuses(() => marketOrder({ exit: entryPosition(open()), ...ANY }, rules), "exit.id");
      refuses(() => open({ deadline: rules.now * 1_000n }), "deadline");
    });

    it("leave the settler's share of the fee within its bounds where a relay has the rest", () => {
      const { minExecutionFee } = desk.file.orders;
      expect(open({ relayFee: 7n }).executionFee).to.equal(minExecutionFee + 7n);
      refuses(() => open({ relayFee: 7n, executionFee: minExecutionFee }), "executionFee");
    });
  });

  describe("of resting orders", () => {
    const terms = () => ({ ...ANY, deadline: desk.deadline });
    const none = { limitPrice: 0n, stopPrice: 0n, trail: 0n, trailIsRatio: false };

    it("make what the contract takes: limits, stops, stop-limits, trailing stops and pairs", async () => {
      const { rules, long, short, unit } = desk;
      const entry = { open: "long", size: WAD, collateral: 500n * unit } as const;
      const [low, high] = [1_900n * WAD, 2_100n * WAD];
      const requests: [RestingRequest, Partial<RestingRequest>][] = [
        [
          limitOrder({ ...entry, limitPrice: low, ...terms() }, rules),
          { limitPrice: low, reduceOnly: false, sizeDelta: WAD },
        ],
        [
          stopOrder({ ...entry, stopPrice: high, ...terms() }, rules),
          { stopPrice: high, acceptablePrice: MaxUint256 },
        ],
        [
          stopLimitOrder(
            { ...entry, stopPrice: high, limitPrice: high + WAD, deadline: desk.deadline },
            rules,
          ),
          { stopPrice: high, acceptablePrice: high + WAD },
        ],
        [
          restingOrder({ ...entry, limitPrice: low, stopPrice: high, ...terms() }, rules),
          { limitPrice: low, stopPrice: high },
        ],
        [
          trailingStopOrder({ ...entry, trail: { distance: 50n * WAD }, ...terms() }, rules),
          { trail: 50n * WAD, trailIsRatio: false },
        ],
        [
          limitOrder({ increase: short, size: WAD, limitPrice: high, ...terms() }, rules),
          { positionId: short.id, sizeDelta: -WAD, limitPrice: high, acceptablePrice: 0n },
        ],
        [
          trailingStopOrder(
            { exit: long, trail: { ratio: 5n * PERCENT }, stopPrice: low, ...terms() },
            rules,
          ),
          { trail: 5n * PERCENT, trailIsRatio: true, stopPrice: low, reduceOnly: true, sizeDelta: 0n },
        ],
        [
          bracketOrder({ exit: long, takeProfit: high, stopLoss: low, ...terms() }, rules),
          { limitPrice: high, stopPrice: low, reduceOnly: true, acceptablePrice: 0n },
        ],
        [
          bracketOrder({ exit: short, size: WAD, takeProfit: low, stopLoss: high, ...terms() }, rules),
          { limitPrice: low, stopPrice: high, sizeDelta: WAD, acceptablePrice: MaxUint256 },
        ],
        [
          bracketOrder({ exit: short, takeProfit: low, trail: { ratio: PERCENT }, ...terms() }, rules),
          { limitPrice: low, trail: PERCENT },
        ],
      ];
      for (const [built, expected] of requests) {
        expect(built).to.include(expected);
        expect(await refusal(book().place.staticCall(built))).to.equal("");
      }
      expect(requests[0]![0]).to.deep.equal({
        ...none,
        positionId: 0n,
        sizeDelta: WAD,
        collateral: 500n * unit,
        acceptablePrice: MaxUint256,
        executionFee: rules.leastFee,
        deadline: desk.deadline,
        limitPrice: low,
        reduceOnly: false,
        beyondLiquidation: false,
      });
    });

    it("refuse what the contract refuses, naming the field", async () => {
      const { rules, long, unit } = desk;
      const entry = { open: "long", size: WAD, collateral: 500n * unit } as const;
      const build = (wish: object) => () =>
        restingOrder({ ...entry, limitPrice: WAD, ...terms(), ...wish }, rules);
      const valid = build({})();
      const tooHigh = 10n ** 30n + 1n;
      for (const [wish, field, raw, error] of [
        [{ limitPrice: undefined }, "limitPrice", { limitPrice: 0n }, "OrderTriggerMissing"],
        [{ limitPrice: tooHigh }, "limitPrice", { limitPrice: tooHigh }, "OrderTriggerOutOfBounds"],
        [{ stopPrice: tooHigh }, "stopPrice", { stopPrice: tooHigh }, "OrderTriggerOutOfBounds"],
        [{ trail: { distance: tooHigh } }, "trail.distance", { trail: tooHigh }, "OrderTriggerOutOfBounds"],
        [
          { trail: { ratio: WAD } },
          "trail.ratio",
          { trail: WAD, trailIsRatio: true },
          "OrderTriggerOutOfBounds",
        ],
        [{ deadline: rules.now }, "deadline", { deadline: rules.now }, "OrderDeadlineTooEarly"],
        [{ size: 0n }, "size", { sizeDelta: 0n }, "OrderSizeZero"],
        [{ executionFee: 1n }, "executionFee", { executionFee: 1n }, "OrderExecutionFeeOutOfBounds"],
      ] as const) {
        refuses(build(wish), field);
        await expect(book().place({ ...valid, ...raw }), error).to.be.revertedWithCustomError(
          protocol,
          error,
        );
      }
      const [view] = await desk.lens.prices(desk.addresses.market, [long.id]);
      const known = { ...long, liquidationPrice: view!.liquidationPrice };
      const hopeless = { exit: known, stopPrice: view!.liquidationPrice, ...terms() };
      refuses(() => stopOrder(hopeless, rules), "stopPrice");
      const knowing = stopOrder({ ...hopeless, beyondLiquidation: true }, rules);
      await expect(book().place({ ...knowing, beyondLiquidation: false })).to.be.revertedWithCustomError(
        protocol,
        "OrderStopBeyondLiquidation",
      );
      expect(await refusal(book().place.staticCall(knowing))).to.equal("");
    });

    it("refuse triggers that are always reached, or that never bound anything", () => {
      const { rules, long } = desk;
      const exit = { exit: long, ...terms() };
      refuses(
        () => bracketOrder({ ...exit, takeProfit: 1_900n * WAD, stopLoss: 2_100n * WAD }, rules),
        "stopPrice",
      );
      refuses(() => bracketOrder({ ...exit, takeProfit: 2_100n * WAD }, rules), "stopLoss");
      const { deadline } = desk;
      const stop = { exit: long, deadline, stopPrice: 1_900n * WAD };
      refuses(() => stopLimitOrder({ ...stop, limitPrice: 1_950n * WAD }, rules), "limitPrice");
    });
  });

  describe("of slices", () => {
    it("make what the contract takes, and refuse what it refuses", async () => {
      const { rules, long, unit } = desk;
      const entry = { open: "short", size: 10n * WAD, collateral: 5_000n * unit, ...ANY } as const;
      const slicing = { slices: 4n, interval: 60n };
      const valid = twapOrder({ ...entry, ...slicing }, rules);
      expect(valid).to.include({ sizeDelta: -10n * WAD, slices: 4n, interval: 60n, reduceOnly: false });
      expect(await refusal(book().placeTwap.staticCall(valid))).to.equal("");
      const exit = twapOrder({ exit: long, ...ANY, slices: 2n, interval: 1n }, rules);
      expect(exit).to.include({ positionId: long.id, sizeDelta: -5n * WAD, reduceOnly: true });
      expect(await refusal(book().placeTwap.staticCall(exit))).to.equal("");
      for (const [wish, field, raw, error] of [
        [{ slices: 1n }, "slices", { slices: 1n }, "OrderSlicesOutOfBounds"],
        [{ slices: 1_001n }, "slices", { slices: 1_001n }, "OrderSlicesOutOfBounds"],
        [{ interval: 0n }, "interval", { interval: 0n }, "OrderIntervalOutOfBounds"],
        [{ interval: 604_801n }, "interval", { interval: 604_801n }, "OrderIntervalOutOfBounds"],
        [{ size: 3n }, "size", { sizeDelta: -3n }, "OrderSizeZero"],
      ] as const) {
        refuses(() => twapOrder({ ...entry, ...slicing, ...wish }, rules), field);
        await expect(book().placeTwap({ ...valid, ...raw }), error).to.be.revertedWithCustomError(
          protocol,
          error,
        );
      }
    });
  });

  describe("of protective orders", () => {
    it("make what the contract takes, and refuse what it refuses", async () => {
      const { rules, margin, long, deadline, unit } = desk;
      const wish = { position: long, triggerRatio: 4n * PERCENT, targetRatio: 8n * PERCENT, deadline };
      const reduce = reduceOrder(wish, rules, margin);
      const topUp = topUpOrder({ ...wish, budget: 100n * unit }, rules, margin);
      expect([reduce.topUpBudget, topUp.topUpBudget]).to.deep.equal([0n, 100n * unit]);
      for (const built of [reduce, topUp])
        expect(await refusal(book().placeProtective.staticCall(built))).to.equal("");
      const least = (15n * WAD) / 1_000n + WAD / 10_000n;
      expect(reduceOrder({ ...wish, triggerRatio: least + 1n }, rules, margin).triggerRatio).to.equal(
        least + 1n,
      );
      for (const [differs, field, raw, error] of [
        [{ triggerRatio: least }, "triggerRatio", { triggerRatio: least }, "ProtectionRatioOutOfBounds"],
        [{ triggerRatio: WAD }, "triggerRatio", { triggerRatio: WAD }, "ProtectionRatioOutOfBounds"],
        [
          { targetRatio: 4n * PERCENT },
          "targetRatio",
          { targetRatio: 4n * PERCENT },
          "ProtectionRatioOutOfBounds",
        ],
        [{ targetRatio: WAD }, "targetRatio", { targetRatio: WAD }, "ProtectionRatioOutOfBounds"],
        [
          { budget: topUp.executionFee },
          "budget",
          { topUpBudget: topUp.executionFee },
          "ProtectionBudgetTooLow",
        ],
        [{ deadline: rules.now }, "deadline", { deadline: rules.now }, "OrderDeadlineTooEarly"],
        [{ executionFee: 1n }, "executionFee", { executionFee: 1n }, "OrderExecutionFeeOutOfBounds"],
      ] as const) {
        refuses(() => topUpOrder({ ...wish, budget: 100n * unit, ...differs }, rules, margin), field);
        await expect(book().placeProtective({ ...topUp, ...raw }), error).to.be.revertedWithCustomError(
          protocol,
          error,
        );
      }
    });
  });

  describe("of sessions", () => {
    it("make what a key may use, and refuse what would let it do nothing", async () => {
      const { alice, bob, rules, unit, orderBook, ethers } = desk;
      const wish = {
        owner: alice.address,
        key: bob.address,
        nonce: 0n,
        maxLeverage: 10n * WAD,
        maxNotional: 10_000n * unit,
        lossBudget: 1_000n * unit,
        expiresAt: rules.now + 3_600n,
        reduceOnly: false,
      };
      const session = sessionOf(wish, rules.now);
      const { chainId } = await ethers.provider.getNetwork();
      const signature = await signSession(alice, { chainId, orderBook: desk.addresses.orderBook }, session);
      const order = marketOrder({ open: "long", size: WAD, collateral: 500n * unit, ...ANY }, rules);
      const given = orderBook.connect(bob).commitBySession.staticCall(session, signature, order);
      expect(await refusal(given)).to.equal("");
      refuses(() => sessionOf({ ...wish, key: alice.address }, rules.now), "key");
      refuses(() => sessionOf({ ...wish, owner: "0x12" }, rules.now), "owner");
      refuses(() => sessionOf({ ...wish, maxLeverage: 0n }, rules.now), "maxLeverage");
      refuses(() => sessionOf({ ...wish, lossBudget: 0n }, rules.now), "lossBudget");
      refuses(() => sessionOf({ ...wish, expiresAt: rules.now - 1n }, rules.now), "expiresAt");
    });
  });

  it("put an entry with its exits and its protection into one transaction", async () => {
    const { alice, addresses, rules, margin, deadline, unit } = desk;
    const entry = marketOrder({ open: "long", size: WAD, collateral: 500n * unit, ...ANY }, rules);
    const position = entryPosition(entry);
    const terms = { ...ANY, deadline };
    const exit = bracketOrder(
      { exit: position, takeProfit: 2_200n * WAD, stopLoss: 1_900n * WAD, ...terms },
      rules,
    );
    const ratios = { triggerRatio: 4n * PERCENT, targetRatio: 8n * PERCENT };
    const guard = reduceOrder({ position, ...ratios, deadline }, rules, margin);
    const data = encodeOrderCalls([
      { verb: "commit", request: entry },
      { verb: "place", request: exit },
      { verb: "placeProtective", request: guard },
    ]);
    const receipt = await mined(alice.sendTransaction({ to: addresses.orderBook, data }) as never);
    expect(orderEvents(receipt).map(({ kind }) => kind)).to.deep.equal([
      "committed",
      "placed",
      "protectivePlaced",
    ]);
    const slices = twapOrder(
      { open: "long", size: WAD, collateral: unit, ...ANY, slices: 2n, interval: 1n },
      rules,
    );
    expect(encodeOrderCalls([{ verb: "placeTwap", request: slices }])).to.equal(
      desk.orderBook.interface.encodeFunctionData("placeTwap", [slices]),
    );
    refuses(() => encodeOrderCalls([]), "calls");
  });

  it("figure the least fee as the contract does in its block", async () => {
    const { orderBook, market } = desk;
    const [params, nativePrice, quoteScale] = await Promise.all([
      orderBook.orderParams(),
      orderBook.nativePrice(),
      market.quoteScale(),
    ]);
    const free = await desk.request({ sizeDelta: WAD, executionFee: 0n });
    for (const gwei of [0n, 1n, 20n, 10_000n]) {
      const baseFee = gwei * 10n ** 9n;
      await desk.networkHelpers.setNextBlockBaseFeePerGas(baseFee);
      const error = await refusedOnChain(book().commit(free, { gasLimit: 1_000_000n }));
      const expected = leastExecutionFee(params, { baseFee, nativePrice, quoteScale });
      expect(error.args).to.include({ min: expected, max: params.maxExecutionFee });
      expect((await readOrderRules(desk)).leastFee).to.be.at.least(expected);
    }
  });
});
