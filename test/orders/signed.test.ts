import {
  freshNonce,
  NO_PERMIT,
  parseOrderEvent,
  signCommit,
  signPlace,
  type OrderRequest,
  type Signed,
} from "@bulkhead/sdk";
import { expect } from "chai";
import { MaxUint256, Signature } from "ethers";
import { ContractWallet__factory } from "../../typechain-types/index.ts";
import type { TokenPermitStruct } from "../../typechain-types/contracts/orders/OrderBook.ts";
import { mined, openMarket, protocol, WAD } from "../shared/market.ts";

async function openDesk() {
  const desk = await openMarket();
  const { ethers, orderBook, file, networkHelpers, unit, alice } = desk;
  const { chainId } = await ethers.provider.getNetwork();
  const domain = { chainId, orderBook: await orderBook.getAddress() };
  const now = BigInt(await networkHelpers.time.latest());
  const request: OrderRequest = {
    positionId: 0n,
    sizeDelta: WAD,
    collateral: 500n * unit,
    acceptablePrice: MaxUint256,
    executionFee: 3n * file.orders.minExecutionFee,
    deadline: now + 86_400n,
  };
  const terms = {
    owner: alice.address,
    nonce: 0n,
    validUntil: now + 3_600n,
    relayFee: file.orders.minExecutionFee,
  };
  return { ...desk, domain, request, terms };
}

describe("signed orders", () => {
  let desk: Awaited<ReturnType<typeof openDesk>>;

  beforeEach(async () => {
    desk = await openDesk();
  });

  const send = (by: Signed, request = desk.request, permit: TokenPermitStruct = NO_PERMIT) =>
    desk.orderBook.connect(desk.keeper).commitSigned(request, by, permit);

  it("are committed for their owner, and pay who sends them from the execution fee", async () => {
    const { alice, keeper, domain, request, terms, marginVault, market, settle, push, networkHelpers } = desk;
    const by = await signCommit(alice, domain, request, terms);
    const receipt = await mined(send(by));
    const event = receipt.logs.map((log) => parseOrderEvent(log)).find((e) => e?.kind === "committed");
    if (event?.kind !== "committed") throw new Error("no order was committed");
    expect(event.order.owner).to.equal(alice.address);
    expect(event.order.executionFee).to.equal(request.executionFee - terms.relayFee);
    expect(await marginVault.claimOf(keeper)).to.equal(terms.relayFee);
    expect(await marginVault.balanceOf(event.order.positionId)).to.equal(request.collateral - terms.relayFee);
    await networkHelpers.time.increase(40);
    await settle(event, await push(2_000n));
    expect(await market.ownerOf(event.order.positionId)).to.equal(alice.address);
    expect(await marginVault.claimOf(keeper)).to.equal(request.executionFee);
  });

  it("are good once, for one order book of one chain, until their time", async () => {
    const { alice, bob, domain, request, terms, networkHelpers, addresses } = desk;
    const by = await signCommit(alice, domain, request, terms);
    for (const [signed, altered] of [
      [await signCommit(alice, { ...domain, chainId: 1n }, request, terms), request],
      [await signCommit(alice, { ...domain, orderBook: addresses.market }, request, terms), request],
      [await signCommit(bob, domain, request, terms), request],
      [by, { ...request, sizeDelta: -WAD }],
      [{ ...by, nonce: 1n }, request],
      [{ ...by, validUntil: by.validUntil + 1n }, request],
      [{ ...by, relayFee: 0n }, request],
    ] as const) {
      await expect(send(signed, altered)).to.be.revertedWithCustomError(protocol, "SignatureOfAnother");
    }
    await send(by);
    await expect(send(by)).to.be.revertedWithCustomError(protocol, "NonceUsed").withArgs(alice.address, 0n);
    await networkHelpers.time.increase(3_700);
    await expect(send({ ...by, nonce: 1n })).to.be.revertedWithCustomError(protocol, "SignatureExpired");
  });

  it("are refused when malformed, by one error for each fault", async () => {
    const { alice, domain, request, terms } = desk;
    const by = await signCommit(alice, domain, request, terms);
    const parts = Signature.from(by.signature);
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const otherS = `0x${(order - BigInt(parts.s)).toString(16).padStart(64, "0")}`;
    const mirrored = `${parts.r}${otherS.slice(2)}${parts.v === 27 ? "1c" : "1b"}`;
    for (const signature of ["0x", by.signature.slice(0, -2), `${by.signature}00`, mirrored]) {
      await expect(send({ ...by, signature })).to.be.revertedWithCustomError(protocol, "SignatureMalformed");
    }
    const greedy = await signCommit(alice, domain, request, {
      ...terms,
      relayFee: request.executionFee + 1n,
    });
    await expect(send(greedy)).to.be.revertedWithCustomError(protocol, "RelayFeeTooHigh");
    const starved = await signCommit(alice, domain, request, { ...terms, relayFee: request.executionFee });
    await expect(send(starved)).to.be.revertedWithCustomError(protocol, "OrderExecutionFeeOutOfBounds");
  });

  it("are withdrawn by the nonce, many at once", async () => {
    const { alice, orderBook, domain, request, terms } = desk;
    await orderBook.connect(alice).cancelNonces(0n, 0b11n);
    for (const nonce of [0n, 1n]) {
      const by = await signCommit(alice, domain, request, { ...terms, nonce });
      await expect(send(by)).to.be.revertedWithCustomError(protocol, "NonceUsed");
    }
    expect(await freshNonce(orderBook, alice)).to.equal(2n);
    await send(await signCommit(alice, domain, request, { ...terms, nonce: 2n }));
    expect(await freshNonce(orderBook, alice)).to.equal(3n);
  });

  it("of a contract wallet hold while the wallet accepts them", async () => {
    const { alice, token, domain, request, terms, addresses, market, unit } = desk;
    const wallet = await new ContractWallet__factory(alice).deploy(alice);
    const owner = await wallet.getAddress();
    await token.mint(owner, 1_000n * unit);
    await wallet.approve(token, addresses.marginVault);
    const by = await signCommit(alice, domain, request, { ...terms, owner });
    await wallet.setWilling(false);
    await expect(send(by)).to.be.revertedWithCustomError(protocol, "SignatureRefused").withArgs(owner);
    await wallet.setWilling(true);
    const receipt = await mined(send(by));
    const event = receipt.logs.map((log) => parseOrderEvent(log)).find((e) => e?.kind === "committed");
    expect(event?.kind === "committed" && (await market.ownerOf(event.order.positionId))).to.equal(owner);
  });

  it("bring their collateral by permit, also when somebody was faster with it", async () => {
    const { alice, token, domain, request, terms, addresses } = desk;
    await token.connect(alice).approve(addresses.marginVault, 0);
    const by = await signCommit(alice, domain, request, terms);
    await expect(send(by)).to.be.revertedWithCustomError(token, "ERC20InsufficientAllowance");
    const deadline = terms.validUntil;
    const signature = await alice.signTypedData(
      { name: "USD Coin", version: "1", chainId: domain.chainId, verifyingContract: addresses.token },
      {
        Permit: [
          { name: "owner", type: "address" },
          { name: "spender", type: "address" },
          { name: "value", type: "uint256" },
          { name: "nonce", type: "uint256" },
          { name: "deadline", type: "uint256" },
        ],
      },
      {
        owner: alice.address,
        spender: addresses.marginVault,
        value: request.collateral,
        nonce: 0n,
        deadline,
      },
    );
    const { v, r, s } = Signature.from(signature);
    await token.permit(alice, addresses.marginVault, request.collateral, deadline, v, r, s);
    await send(by, request, { value: request.collateral, deadline, v, r, s });
    expect(await token.allowance(alice, addresses.marginVault)).to.equal(0n);
  });

  it("place resting orders too, and change an open position at its own cost", async () => {
    const { alice, stranger, orderBook, domain, request, terms, trade, unit, marginVault } = desk;
    const { id } = await trade(alice, { sizeDelta: WAD, collateral: 500n * unit });
    const exit = {
      ...request,
      positionId: id,
      sizeDelta: 0n,
      collateral: 0n,
      acceptablePrice: 0n,
      limitPrice: 0n,
      stopPrice: 1_900n * WAD,
      trail: 0n,
      trailIsRatio: false,
      reduceOnly: true,
      beyondLiquidation: false,
    };
    const before = await marginVault.balanceOf(id);
    const by = await signPlace(alice, domain, exit, terms);
    await orderBook.connect(stranger).placeSigned(exit, by, NO_PERMIT);
    expect(await marginVault.claimOf(stranger)).to.equal(terms.relayFee);
    expect(before - (await marginVault.balanceOf(id))).to.equal(terms.relayFee);
    expect(await orderBook.commitmentOf(alice, 0)).not.to.equal(`0x${"0".repeat(64)}`);
  });
});

describe("batches", () => {
  it("open a position with its exits in one transaction", async () => {
    const { orderBook, alice, request, market, file, unit, networkHelpers } = await openMarket();
    const entry = await request({ sizeDelta: WAD, collateral: 500n * unit });
    const exit = {
      positionId: MaxUint256,
      sizeDelta: 0n,
      collateral: 0n,
      acceptablePrice: 0n,
      executionFee: file.orders.minExecutionFee,
      deadline: BigInt(await networkHelpers.time.latest()) + 86_400n,
      limitPrice: 2_200n * WAD,
      stopPrice: 1_900n * WAD,
      trail: 0n,
      trailIsRatio: false,
      reduceOnly: true,
      beyondLiquidation: false,
    };
    expect(await orderBook.LAST_POSITION()).to.equal(MaxUint256);
    const calls = [
      orderBook.interface.encodeFunctionData("commit", [entry]),
      orderBook.interface.encodeFunctionData("place", [exit]),
    ];
    const receipt = await mined(orderBook.connect(alice).multicall(calls));
    const events = receipt.logs.map((log) => parseOrderEvent(log)).filter((e) => e !== undefined);
    expect(events.map((e) => e.kind)).to.deep.equal(["committed", "placed"]);
    const ids = events.map((e) => ("order" in e ? e.order.positionId : 0n));
    expect(ids[0]).to.equal(ids[1]);
    expect(await market.ownerOf(ids[0]!)).to.equal(alice.address);
    // The next transaction knows nothing of it.
    await expect(orderBook.connect(alice).place(exit)).to.be.revertedWithCustomError(
      protocol,
      "OrderNotReducing",
    );
  });

  it("do what can be done and report the rest", async () => {
    const { orderBook, alice, keeper, commit, push, networkHelpers, unit, market } = await openMarket();
    const first = await commit(alice, { sizeDelta: WAD, collateral: 500n * unit });
    const second = await commit(alice, { sizeDelta: WAD, collateral: 500n * unit });
    await networkHelpers.time.increase(40);
    const proof = `0x${(await push(2_000n)).toString(16).padStart(64, "0")}`;
    const settle = (order: typeof first.order) =>
      orderBook.interface.encodeFunctionData("settle", [order, proof, keeper.address]);
    const calls = [
      settle(first.order),
      settle({ ...first.order, slot: 7n }),
      settle(second.order),
      "0x12345678",
    ];
    const receipt = await mined(orderBook.connect(keeper).attemptMany(calls));
    const skipped = receipt.logs
      .map((log) => orderBook.interface.parseLog(log))
      .filter((event) => event?.name === "CallSkipped");
    expect(skipped.map((event) => event!.args.index as bigint)).to.deep.equal([1n, 3n]);
    expect(skipped[0]!.args.reason as string).to.contain(
      protocol.interface.getError("OrderUnknown")!.selector,
    );
    expect((await market.side(true)).openInterest).to.equal(2n * WAD);
  });
});
