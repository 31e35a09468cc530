import {
  InvalidInputError,
  marketOrder,
  NO_PERMIT,
  readOrderRules,
  sessionOf,
  signCommit,
  signPermit,
  signPlace,
  signSession,
  stopOrder,
  UserRejectedError,
} from "@bulkhead/sdk";
import { expect } from "chai";
import { AbstractSigner, concat, id, toBeHex, type Provider, type TypedDataDomain } from "ethers";
import { LinkToken__factory, WETH__factory } from "../../typechain-types/index.ts";
import { openMarket, WAD } from "../shared/market.ts";

/** An account whose wallet answers typed data as it likes. */
class OddSigner extends AbstractSigner {
  readonly #address: string;
  readonly #answer: (domain: TypedDataDomain) => Promise<string>;

  constructor(address: string, provider: Provider, answer: (domain: TypedDataDomain) => Promise<string>) {
    super(provider);
    this.#address = address;
    this.#answer = answer;
  }
  override async getAddress(): Promise<string> {
    return this.#address;
  }
  override async signTypedData(domain: TypedDataDomain): Promise<string> {
    return this.#answer(domain);
  }
  override connect(): never {
    throw new Error("not here");
  }
  override async signTransaction(): Promise<never> {
    throw new Error("not here");
  }
  override async signMessage(): Promise<never> {
    throw new Error("not here");
  }
}

const PERMIT_TYPEHASH = "0x30adf81f";

/** Code that answers `PERMIT_TYPEHASH` with this, and does all else as the code at an address does it. */
function typehashCode(typehash: string, rest: string): string {
  return concat([
    `0x5f3560e01c63${PERMIT_TYPEHASH.slice(2)}14603b57365f5f375f5f365f73`,
    rest,
    "0x5af43d5f5f3e6037573d5ffd5b3d5ff35b7f",
    typehash,
    "0x5f5260205ff3",
  ]);
}

describe("permits", () => {
  let desk: Awaited<ReturnType<typeof openMarket>>;
  let deadline: bigint;
  before(async () => {
    desk = await openMarket();
    deadline = BigInt(await desk.networkHelpers.time.latest()) + 3_600n;
  });

  const terms = () => ({
    token: desk.addresses.token,
    spender: desk.addresses.marginVault,
    value: 500n * desk.unit,
    deadline,
  });

  it("bring an order's collateral without an approval", async () => {
    const { alice, keeper, orderBook, token, ethers, unit } = desk;
    await token.connect(alice).approve(desk.addresses.marginVault, 0n);
    const rules = await readOrderRules(desk);
    const wish = { open: "long", size: WAD, collateral: 500n * unit, accept: "any" } as const;
    const request = marketOrder({ ...wish, relayFee: unit }, rules);
    const { chainId } = await ethers.provider.getNetwork();
    const signing = { chainId, orderBook: desk.addresses.orderBook };
    const by = { owner: alice.address, nonce: 0n, validUntil: deadline, relayFee: unit };
    const signed = await signCommit(alice, signing, request, by);
    const answer = await signPermit(alice, terms());
    if (answer.kind !== "permit") throw new Error(answer.reason);
    await expect(
      orderBook.connect(keeper).commitSigned(request, signed, NO_PERMIT),
    ).to.be.revertedWithCustomError(token, "ERC20InsufficientAllowance");
    await orderBook.connect(keeper).commitSigned(request, signed, answer.permit);
    expect(await token.nonces(alice)).to.equal(1n);
    // The next one is signed with the next nonce.
    const next = await signPermit(alice, terms());
    if (next.kind !== "permit") throw new Error(next.reason);
    const { value, v, r, s } = next.permit;
    await token.permit(alice, desk.addresses.marginVault, value, deadline, v, r, s);
    expect(await token.allowance(alice, desk.addresses.marginVault)).to.equal(value);
  });

  it("are signed for tokens that do not tell their domain, held against their separator", async () => {
    const { alice, bob, operator } = desk;
    const weth = await new WETH__factory(operator).deploy();
    const answer = await signPermit(alice, { ...terms(), token: await weth.getAddress() });
    if (answer.kind !== "permit") throw new Error(answer.reason);
    const { value, v, r, s } = answer.permit;
    await weth.connect(bob).permit(alice, desk.addresses.marginVault, value, deadline, v, r, s);
    expect(await weth.allowance(alice, desk.addresses.marginVault)).to.equal(value);
  });

  it("are not to be had of a token without them, nor of an address without code", async () => {
    const { alice, bob, operator } = desk;
    const link = await new LinkToken__factory(operator).deploy();
    for (const token of [await link.getAddress(), bob.address]) {
      const answer = await signPermit(alice, { ...terms(), token });
      expect(answer).to.deep.equal({ kind: "unsupported", reason: "none" });
    }
  });

  it("are not to be had of a token whose permits are of another kind, such as Dai's", async () => {
    const { alice, addresses, ethers } = desk;
    const { token } = addresses;
    const code = await ethers.provider.getCode(token);
    const elsewhere = toBeHex(0xc0de, 20);
    await ethers.provider.send("hardhat_setCode", [elsewhere, code]);
    const daiType = "Permit(address holder,address spender,uint256 nonce,uint256 expiry,bool allowed)";
    const type = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)";
    try {
      await ethers.provider.send("hardhat_setCode", [token, typehashCode(id(daiType), elsewhere)]);
      expect(await signPermit(alice, terms())).to.deep.equal({ kind: "unsupported", reason: "none" });
      await ethers.provider.send("hardhat_setCode", [token, typehashCode(id(type), elsewhere)]);
      expect((await signPermit(alice, terms())).kind).to.equal("permit");
    } finally {
      await ethers.provider.send("hardhat_setCode", [token, code]);
    }
  });

  it("are not to be had of a contract wallet, whose signature no permit takes", async () => {
    const { alice, bob, ethers } = desk;
    const odd = (answer: () => Promise<string>) =>
      new OddSigner(alice.address, ethers.provider as never, answer);
    for (const signature of ["0x1234", `0x${"12".repeat(65)}`, await bob.signMessage("text")]) {
      const answer = await signPermit(
        odd(async () => signature),
        terms(),
      );
      expect(answer).to.deep.equal({ kind: "unsupported", reason: "wallet" });
    }
    const refusing = odd(() => Promise.reject(Object.assign(new Error("no"), { code: 4001 })));
    const error: unknown = await signPermit(refusing, terms()).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(UserRejectedError);
  });

  it("are as little to be had of an owner who refuses as orders and sessions are", async () => {
    const { alice, bob, ethers, addresses } = desk;
    const refusing = new OddSigner(alice.address, ethers.provider as never, () =>
      Promise.reject(Object.assign(new Error("no"), { code: 4001 })),
    );
    const rules = await readOrderRules(desk);
    const entry = { open: "long", size: WAD, collateral: 500n * desk.unit, accept: "any" } as const;
    const domain = { chainId: 31_337n, orderBook: addresses.orderBook };
    const by = { owner: alice.address, nonce: 9n, validUntil: deadline, relayFee: 0n };
    const session = sessionOf(
      {
        owner: alice.address,
        key: bob.address,
        nonce: 9n,
        maxLeverage: WAD,
        maxNotional: 1n,
        lossBudget: 1n,
        expiresAt: deadline,
        reduceOnly: false,
      },
      deadline - 1n,
    );
    const stop = stopOrder({ ...entry, stopPrice: 2_100n * WAD, deadline }, rules);
    for (const signing of [
      signCommit(refusing, domain, marketOrder(entry, rules), by),
      signPlace(refusing, domain, stop, by),
      signSession(refusing, domain, session),
    ]) {
      const error: unknown = await signing.catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(UserRejectedError);
    }
  });

  it("are checked before anything is signed", async () => {
    for (const [wish, field] of [
      [{ token: "0x12" }, "token"],
      [{ spender: "" }, "spender"],
      [{ value: -1n }, "value"],
      [{ deadline: 2n ** 41n }, "deadline"],
    ] as const) {
      const error: unknown = await signPermit(desk.alice, { ...terms(), ...wish }).catch((e: unknown) => e);
      expect(error).to.be.instanceOf(InvalidInputError);
      expect((error as InvalidInputError).field).to.equal(field);
    }
  });
});
