import { expect } from "chai";
import { encodeBytes32String, keccak256, toUtf8Bytes, ZeroAddress } from "ethers";
import { CREATION_CODE } from "../../deploy/code.ts";
import { MarketFactory__factory, TestToken__factory } from "../../typechain-types/index.ts";
import { openMarket, protocol, WAD, type Desk } from "../shared/market.ts";

describe("MarketFactory", () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await openMarket();
  });

  async function config(change: object = {}) {
    const { file, externals, oracle } = desk;
    const { token, treasury } = externals;
    const price = await oracle.getAddress();
    const base = {
      symbol: "X/USD",
      token,
      oracle: price,
      nativeOracle: price,
      authority: price,
      treasury,
      descriptor: ZeroAddress,
      redemptionPeriod: 86_400n,
    };
    return { ...base, params: file.market, orderParams: file.orders, ...change };
  }
  const factory = () => MarketFactory__factory.connect(desk.factory, desk.operator);

  it("registers what it deploys, at addresses known before", async () => {
    const before = await factory().addressesOf("X/USD");
    await factory().createMarket(await config(), CREATION_CODE.slice(0, 4));
    expect(await factory().exists("X/USD")).to.equal(false);
    expect(await factory().deployedOf("X/USD")).to.equal(4);
    await factory().createMarket(await config(), CREATION_CODE.slice(4, 6));
    await factory().createMarket(await config(), CREATION_CODE.slice(6));
    expect(await factory().exists("X/USD")).to.equal(true);
    expect(await factory().symbols()).to.deep.equal(["ETH/USD", "X/USD"]);
    expect(await factory().addressesOf("X/USD")).to.deep.equal(before);
    expect(await desk.ethers.provider.getCode(before.market)).to.not.equal("0x");
  });

  it("refuses a second market of one name", async () => {
    await expect(factory().createMarket(await config({ symbol: "ETH/USD" }), CREATION_CODE.slice(0, 4)))
      .to.be.revertedWithCustomError(protocol, "MarketExists")
      .withArgs(keccak256(toUtf8Bytes("ETH/USD")));
  });

  it("goes on with the configuration it began with only", async () => {
    await factory().createMarket(await config(), CREATION_CODE.slice(0, 1));
    await expect(
      factory().createMarket(await config({ treasury: desk.stranger.address }), CREATION_CODE.slice(1, 2)),
    )
      .to.be.revertedWithCustomError(protocol, "MarketConfigMismatch")
      .withArgs(keccak256(toUtf8Bytes("X/USD")));
  });

  it("refuses batches of redemptions that are too close or too far apart", async () => {
    const [least, most] = [3_600n, 30n * 86_400n];
    for (const redemptionPeriod of [least - 1n, most + 1n]) {
      await expect(factory().createMarket(await config({ redemptionPeriod }), CREATION_CODE.slice(0, 1)))
        .to.be.revertedWithCustomError(protocol, "ParameterOutOfBounds")
        .withArgs(encodeBytes32String("redemptionPeriod"), redemptionPeriod, least, most);
    }
    await factory().createMarket(await config({ redemptionPeriod: least }), CREATION_CODE.slice(0, 1));
  });

  it("refuses a premium above the oracle's uncertainty, from which providers could gain by their own trades", async () => {
    const { file } = desk;
    const params = { ...file.market, maintenanceBase: WAD / 50n, initialBase: WAD / 25n };
    const most = file.oracle.uncertainty;
    await expect(
      factory().createMarket(
        await config({ params: { ...params, maxPremium: most + 1n } }),
        CREATION_CODE.slice(0, 4),
      ),
    )
      .to.be.revertedWithCustomError(protocol, "ParameterOutOfBounds")
      .withArgs(encodeBytes32String("maxPremium"), most + 1n, 0n, most);
    await factory().createMarket(
      await config({ params: { ...params, maxPremium: most } }),
      CREATION_CODE.slice(0, 4),
    );
  });

  it("refuses more contracts than there are", async () => {
    await factory().createMarket(await config(), CREATION_CODE.slice(0, 4));
    await factory().createMarket(await config(), CREATION_CODE.slice(4, 6));
    const rest = [CREATION_CODE[6], "0x00"];
    await expect(factory().createMarket(await config(), rest)).to.be.revertedWithCustomError(
      protocol,
      "CreationCodeMismatch",
    );
  });

  it("refuses code other than its own", async () => {
    const [first, ...rest] = CREATION_CODE;
    const altered = [`${first}00`, ...rest.slice(0, 1)];
    await expect(factory().createMarket(await config(), altered))
      .to.be.revertedWithCustomError(protocol, "CreationCodeMismatch")
      .withArgs(0, keccak256(first), keccak256(`${first}00`));
  });

  for (const field of ["token", "oracle", "treasury", "authority"]) {
    it(`refuses a zero ${field}`, async () => {
      await expect(
        factory().createMarket(await config({ [field]: ZeroAddress }), CREATION_CODE.slice(0, 4)),
      ).to.be.revertedWithCustomError(protocol, "ZeroAddress");
    });
  }

  for (const decimals of [5, 19]) {
    it(`refuses a token of ${decimals} decimals`, async () => {
      const token = await new TestToken__factory(desk.operator).deploy("T", "T", decimals);
      await expect(
        factory().createMarket(await config({ token: await token.getAddress() }), CREATION_CODE.slice(0, 4)),
      )
        .to.be.revertedWithCustomError(protocol, "TokenDecimalsOutOfBounds")
        .withArgs(await token.getAddress(), decimals, 6, 18);
    });
  }

  it("refuses an oracle without a fresh price", async () => {
    await desk.networkHelpers.time.increase(5_000);
    await expect(
      factory().createMarket(await config(), CREATION_CODE.slice(0, 4)),
    ).to.be.revertedWithCustomError(protocol, "OracleStale");
  });

  it("creates for its owner only", async () => {
    await expect(
      factory()
        .connect(desk.stranger)
        .createMarket(await config(), CREATION_CODE.slice(0, 4)),
    )
      .to.be.revertedWithCustomError(factory(), "OwnableUnauthorizedAccount")
      .withArgs(desk.stranger.address);
  });
});
