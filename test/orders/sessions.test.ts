import {
  encodeRoundProof,
  parseOrderEvent,
  sessionId,
  signSession,
  type Order,
  type OrderRequest,
  type RestingRequest,
  type Session,
} from "@bulkhead/sdk";
import { expect } from "chai";
import { MaxUint256 } from "ethers";
import { ContractWallet__factory } from "../../typechain-types/index.ts";
import { mined, openMarket, orderEvents, protocol, START_PRICE, WAD, type Wish } from "../shared/market.ts";

const NO_SIGNATURE = "0x";

/** The desk with a session: bob's key trades for alice, up to 10×, 10,000 of notional and 1,000 at stake. */
async function openDesk() {
  const desk = await openMarket();
  const { ethers, orderBook, file, networkHelpers, unit, alice, bob, keeper, push, settle } = desk;
  const { chainId } = await ethers.provider.getNetwork();
  const domain = { chainId, orderBook: await orderBook.getAddress() };
  const now = BigInt(await networkHelpers.time.latest());
  const session: Session = {
    owner: alice.address,
    key: bob.address,
    nonce: 7n,
    maxLeverage: 10n * WAD,
    maxNotional: 10_000n * unit,
    lossBudget: 1_000n * unit,
    expiresAt: now + 86_400n,
    reduceOnly: false,
  };
  const signature = await signSession(alice, domain, session);
  const fee = file.orders.minExecutionFee;
  const request = async (wish: Wish): Promise<OrderRequest> => (await desk.request(wish)) as OrderRequest;
  const resting = (wish: Partial<RestingRequest>): RestingRequest => ({
    positionId: 0n,
    sizeDelta: 0n,
    collateral: 0n,
    acceptablePrice: (wish.sizeDelta ?? 0n) > 0n ? MaxUint256 : 0n,
    executionFee: fee,
    deadline: now + 30n * 86_400n,
    limitPrice: 0n,
    stopPrice: 0n,
    trail: 0n,
    trailIsRatio: false,
    reduceOnly: false,
    beyondLiquidation: false,
    ...wish,
  });
  const send = async (wish: Wish, by = session, signed = signature) =>
    orderBook.connect(bob).commitBySession(by, signed, await request(wish));
  const place = (wish: Partial<RestingRequest>, by = session, signed = signature) =>
    orderBook.connect(bob).placeBySession(by, signed, resting(wish));
  /** Commits by the session; the order. */
  const commit = async (wish: Wish, by = session, signed = signature) => {
    const event = orderEvents(await mined(send(wish, by, signed))).find((e) => e.kind === "committed");
    if (event?.kind !== "committed") throw new Error("no order was committed");
    return event;
  };
  const fill = async (order: { orderId: string; order: Order }, dollars = START_PRICE) => {
    await networkHelpers.time.increase(40);
    return settle(order, await push(dollars));
  };
  const spent = async (by = session) => (await orderBook.sessionState(sessionId(by))).spent;
  const sign = (change: Partial<Session>, signer = alice) => {
    const altered = { ...session, ...change };
    return signSession(signer, domain, altered).then((s) => [altered, s] as const);
  };
  return { ...desk, keeper, session, signature, fee, resting, send, place, commit, fill, spent, sign };
}

describe("sessions", () => {
  let desk: Awaited<ReturnType<typeof openDesk>>;

  beforeEach(async () => {
    desk = await openDesk();
  });

  it("trade for their owner, who pays and is paid", async () => {
    const { alice, bob, token, market, marginVault, unit, commit, fill, spent, fee } = desk;
    const before = await token.balanceOf(alice);
    const opened = await commit({ sizeDelta: WAD, collateral: 500n * unit });
    await fill(opened);
    const id = opened.order.positionId;
    expect(await market.ownerOf(id)).to.equal(alice.address);
    expect(await token.balanceOf(alice)).to.equal(before - 500n * unit);
    expect(await spent()).to.equal(500n * unit);
    // Known by now: no signature is needed any more.
    const held = await marginVault.balanceOf(id);
    await fill(await commit({ positionId: id, acceptablePrice: 0n }, desk.session, NO_SIGNATURE));
    expect(await spent()).to.equal(500n * unit + fee);
    expect(await market.ownerOrZero(id)).to.equal("0x0000000000000000000000000000000000000000");
    expect(await token.balanceOf(alice)).to.be.greaterThan(before - 500n * unit + held - fee - 10n * unit);
    expect(await token.balanceOf(bob)).to.equal(10n ** 9n * unit);
  });

  it("are the owner's word only, for one key, until their time, while not revoked", async () => {
    const { alice, bob, stranger, orderBook, session, signature, send, sign, unit, networkHelpers } = desk;
    const wish = { sizeDelta: WAD, collateral: 500n * unit };
    await expect(
      orderBook
        .connect(stranger)
        .commitBySession(session, signature, (await desk.request(wish)) as OrderRequest),
    )
      .to.be.revertedWithCustomError(protocol, "SessionKeyMismatch")
      .withArgs(stranger.address, bob.address);
    await expect(send(wish, session, NO_SIGNATURE)).to.be.revertedWithCustomError(
      protocol,
      "SignatureMalformed",
    );
    const [, forged] = await sign({}, bob);
    await expect(send(wish, session, forged))
      .to.be.revertedWithCustomError(protocol, "SignatureOfAnother")
      .withArgs(bob.address, alice.address);
    for (const change of [{ maxNotional: 2n ** 100n }, { lossBudget: 2n ** 100n }, { nonce: 8n }]) {
      await expect(send(wish, { ...session, ...change })).to.be.revertedWithCustomError(
        protocol,
        "SignatureOfAnother",
      );
    }
    const wallet = await new ContractWallet__factory(alice).deploy(alice);
    const [ofWallet, notByWallet] = await sign({ owner: await wallet.getAddress() }, stranger);
    await expect(send(wish, ofWallet, notByWallet)).to.be.revertedWithCustomError(
      protocol,
      "SignatureRefused",
    );

    await send(wish);
    await orderBook.connect(alice).cancelNonces(0n, 1n << 7n);
    await expect(send(wish))
      .to.be.revertedWithCustomError(protocol, "SessionRevoked")
      .withArgs(alice.address, 7n);
    const [next, signed] = await sign({ nonce: 8n });
    await send(wish, next, signed);
    await networkHelpers.time.increase(86_500);
    await expect(send(wish, next, signed))
      .to.be.revertedWithCustomError(protocol, "SessionExpired")
      .withArgs(session.expiresAt);
  });

  it("keep to notional and leverage at the latest price, the entry's own counted in", async () => {
    const { send, place, commit, fill, unit, fee } = desk;
    await expect(send({ sizeDelta: 6n * WAD, collateral: 900n * unit }))
      .to.be.revertedWithCustomError(protocol, "SessionNotionalTooHigh")
      .withArgs(12_000n * unit, 10_000n * unit);
    await expect(send({ sizeDelta: WAD, collateral: 200n * unit }))
      .to.be.revertedWithCustomError(protocol, "SessionLeverageTooHigh")
      .withArgs(2_000n * unit, 10n * (200n * unit - fee));
    await expect(
      place({ sizeDelta: -2n * WAD, collateral: 900n * unit, limitPrice: 5_001n * WAD }),
    ).to.be.revertedWithCustomError(protocol, "SessionNotionalTooHigh");
    const opened = await commit({ sizeDelta: 2n * WAD, collateral: 500n * unit });
    await fill(opened);
    const positionId = opened.order.positionId;
    await expect(send({ positionId, sizeDelta: 4n * WAD })).to.be.revertedWithCustomError(
      protocol,
      "SessionNotionalTooHigh",
    );
    await expect(send({ positionId, sizeDelta: 2n * WAD + WAD / 2n })).to.be.revertedWithCustomError(
      protocol,
      "SessionLeverageTooHigh",
    );
    await fill(await commit({ positionId, sizeDelta: WAD, collateral: 200n * unit }));
  });

  it("can't add up orders that are within bounds one by one", async () => {
    const { send, place, commit, fill, keeper, orderBook, networkHelpers, push, unit } = desk;
    const opened = await commit({ sizeDelta: WAD, collateral: 400n * unit });
    await fill(opened);
    const positionId = opened.order.positionId;
    const grows = { positionId, sizeDelta: WAD / 2n };
    const receipt = await mined(place({ ...grows, limitPrice: 1_900n * WAD }));
    await expect(send(grows))
      .to.be.revertedWithCustomError(protocol, "SessionOrderPending")
      .withArgs(positionId);
    // Crossed long ago it becomes a market order, of another id, and is pending still.
    await networkHelpers.time.increase(60);
    const proof = encodeRoundProof(await push(1_890n));
    await networkHelpers.time.increase(120);
    await push(1_900n);
    const placed = receipt.logs.map((log) => parseOrderEvent(log)).find((e) => e?.kind === "placed");
    if (placed?.kind !== "placed") throw new Error("nothing was placed");
    const triggered = await mined(orderBook.connect(keeper).trigger(placed.order, proof, "0x", keeper));
    await expect(send(grows)).to.be.revertedWithCustomError(protocol, "SessionOrderPending");
    const committed = orderEvents(triggered).find((e) => e.kind === "committed");
    if (committed?.kind !== "committed") throw new Error("nothing was committed");
    await fill(committed, 1_900n);
    // Another order in the slot of the one that is done does not count as pending.
    await place({ positionId, limitPrice: 3_000n * WAD, reduceOnly: true });
    await send({ positionId, sizeDelta: WAD / 10n, collateral: 100n * unit });
  });

  it("spend what they put at stake, once, and no more than the budget", async () => {
    const { send, commit, fill, spent, marginVault, trade, alice, fee, unit, session } = desk;
    const opened = await commit({ sizeDelta: WAD, collateral: 600n * unit });
    await fill(opened);
    const positionId = opened.order.positionId;
    expect(await spent()).to.equal(600n * unit);
    // What is left of the stake is at stake already: only the rest is spent.
    const left = await marginVault.balanceOf(positionId);
    await fill(await commit({ positionId, sizeDelta: WAD, collateral: 100n * unit }));
    expect(await spent()).to.equal(left + 100n * unit);
    // What the key takes as fees of exits it does not take from what the owner adds meanwhile, either.
    await commit({ positionId, acceptablePrice: 0n });
    const known = left + 100n * unit + fee;
    expect(await spent()).to.equal(known);

    // A position the owner opened is at stake as a whole once the session lets it grow.
    const own = await trade(alice, { sizeDelta: WAD, collateral: 400n * unit });
    await fill(await commit({ positionId: own.id, sizeDelta: -WAD / 2n, acceptablePrice: 0n }));
    expect(await spent()).to.equal(known + fee);
    const held = await marginVault.balanceOf(own.id);
    await expect(send({ positionId: own.id, sizeDelta: WAD / 4n }))
      .to.be.revertedWithCustomError(protocol, "SessionLossBudgetExceeded")
      .withArgs(known + fee + held, session.lossBudget);
    await expect(send({ sizeDelta: WAD, collateral: 1_000n * unit - known })).to.be.revertedWithCustomError(
      protocol,
      "SessionLossBudgetExceeded",
    );
  });

  it("for smaller positions only open and grow none, and close at any price the feed has", async () => {
    const { alice, trade, sign, send, place, networkHelpers, unit } = desk;
    const own = await trade(alice, { sizeDelta: WAD, collateral: 400n * unit });
    const positionId = own.id;
    const [narrow, signed] = await sign({ reduceOnly: true, maxLeverage: 0n, maxNotional: 0n });
    await expect(
      send({ sizeDelta: WAD, collateral: 400n * unit }, narrow, signed),
    ).to.be.revertedWithCustomError(protocol, "SessionReduceOnly");
    await expect(send({ positionId, sizeDelta: WAD }, narrow, signed)).to.be.revertedWithCustomError(
      protocol,
      "SessionReduceOnly",
    );
    await place({ positionId, limitPrice: 3_000n * WAD, reduceOnly: true }, narrow, signed);
    // Also while the feed is silent.
    await networkHelpers.time.increase(10_000);
    await send({ positionId, acceptablePrice: 0n }, narrow, signed);
  });

  it("act on positions of their owner only, and cancel what they placed only", async () => {
    const {
      alice,
      bob,
      market,
      trade,
      commit,
      fill,
      send,
      place,
      resting,
      orderBook,
      session,
      signature,
      unit,
    } = desk;
    const foreign = await trade(bob, { sizeDelta: WAD, collateral: 400n * unit });
    // Not even when the owner may act for it.
    await market.connect(bob).setApprovalForAll(alice, true);
    await expect(send({ positionId: foreign.id, acceptablePrice: 0n }))
      .to.be.revertedWithCustomError(protocol, "SessionPositionForeign")
      .withArgs(foreign.id, bob.address);

    const opened = await commit({ sizeDelta: WAD, collateral: 400n * unit });
    await fill(opened);
    const positionId = opened.order.positionId;
    const exit = { positionId, limitPrice: 3_000n * WAD, reduceOnly: true };
    const placedBy = async (receipt: Awaited<ReturnType<typeof mined>>) => {
      const event = receipt.logs.map((log) => parseOrderEvent(log)).find((e) => e?.kind === "placed");
      if (event?.kind !== "placed") throw new Error("nothing was placed");
      return event.order;
    };
    const owners = await placedBy(await mined(orderBook.connect(alice).place(resting(exit))));
    const keys = await placedBy(await mined(place(exit)));
    const cancel = (order: typeof keys) => orderBook.connect(bob).cancelBySession(session, signature, order);
    await expect(cancel(owners)).to.be.revertedWithCustomError(protocol, "SessionOrderForeign");
    await expect(cancel(keys)).to.emit(orderBook, "OrderCancelled");
    await expect(cancel(keys)).to.be.revertedWithCustomError(protocol, "OrderUnknown");
    await market.connect(alice).transferFrom(alice, desk.stranger, positionId);
    await expect(place(exit)).to.be.revertedWithCustomError(protocol, "SessionPositionForeign");
  });

  it("open a position with its exits in one transaction, and refund a cancelled entry to the owner", async () => {
    const { alice, bob, token, orderBook, session, signature, resting, unit, wealth, fill } = desk;
    const total = await wealth();
    const { interface: abi } = orderBook;
    const entry = await desk.request({ sizeDelta: WAD, collateral: 400n * unit });
    const exit = resting({ positionId: MaxUint256, stopPrice: 1_900n * WAD, reduceOnly: true });
    const receipt = await mined(
      orderBook
        .connect(bob)
        .multicall([
          abi.encodeFunctionData("commitBySession", [session, signature, entry as OrderRequest]),
          abi.encodeFunctionData("placeBySession", [session, NO_SIGNATURE, exit]),
        ]),
    );
    const committed = orderEvents(receipt).find((e) => e.kind === "committed");
    if (committed?.kind !== "committed") throw new Error("nothing was committed");
    await fill(committed);

    const before = await token.balanceOf(alice);
    const waiting = await mined(
      desk.place({ sizeDelta: WAD, collateral: 300n * unit, limitPrice: 1_900n * WAD }),
    );
    const placed = waiting.logs.map((log) => parseOrderEvent(log)).find((e) => e?.kind === "placed");
    if (placed?.kind !== "placed") throw new Error("nothing was placed");
    await orderBook.connect(bob).cancelBySession(session, signature, placed.order);
    expect(await token.balanceOf(alice)).to.equal(before);
    expect(await wealth()).to.equal(total);
  });
});
