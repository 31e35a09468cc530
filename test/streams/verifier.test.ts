import { encodeReport } from "@bulkhead/sdk";
import { expect } from "chai";
import { AbiCoder, ZeroAddress, id, type AddressLike } from "ethers";
import { createDon, deployLocalStreams } from "../../deploy/streams.ts";
import { billedStreams, ethers, freeStreams, networkHelpers, owner, trader } from "./fixture.ts";
import { BTC_USD, ETH_USD, LINK_FEE, NATIVE_FEE, reportOf, strangers } from "./reports.ts";

const { loadFixture, time } = networkHelpers;

/** A fee token as the verifier takes it. */
function payingIn(token: AddressLike): string {
  return AbiCoder.defaultAbiCoder().encode(["address"], [token]);
}

describe("reports of the local oracles before Chainlink's verifier", () => {
  it("pass, and come out as they were encoded", async () => {
    const { proxy, sign } = await loadFixture(freeStreams);
    for (const feedId of [ETH_USD, BTC_USD]) {
      const report = reportOf(await time.latest(), undefined, { feedId });
      expect(await proxy.verify.staticCall(sign(report), "0x")).to.equal(encodeReport(report));
    }
  });

  it("pass in bulk", async () => {
    const { proxy, sign } = await loadFixture(freeStreams);
    const now = await time.latest();
    const reports = [reportOf(now - 1), reportOf(now), reportOf(now, now, { feedId: BTC_USD })];
    const verified = await proxy.verifyBulk.staticCall(
      reports.map((report) => sign(report)),
      "0x",
    );
    expect([...verified]).to.deep.equal(reports.map(encodeReport));
  });

  it("pass whichever oracles sign, and with more of them appointed", async () => {
    const don = createDon({ seed: "large", oracles: 31, faulty: 10 });
    const { proxy, sign } = await deployLocalStreams(owner, { feedIds: [ETH_USD], don });
    const report = reportOf(await time.latest());
    const signers = don.oracles.slice(20).reverse();
    expect(await proxy.verify.staticCall(sign(report, { signers }), "0x")).to.equal(encodeReport(report));
  });

  it("come from the same keys for the same seed", () => {
    const keys = (seed: string) => createDon({ seed }).oracles.map(({ privateKey }) => privateKey);
    expect(keys("a")).to.deep.equal(keys("a"));
    expect(keys("a")).to.not.deep.equal(keys("b"));
  });

  it("are refused with too few signatures, and with too many", async () => {
    const { proxy, verifier, don, sign } = await loadFixture(freeStreams);
    const report = reportOf(await time.latest());
    for (const count of [0, 1, 3]) {
      const payload = sign(report, { signers: don.oracles.slice(0, count) });
      await expect(proxy.verify(payload, "0x"))
        .to.be.revertedWithCustomError(verifier, "IncorrectSignatureCount")
        .withArgs(count, 2);
    }
  });

  it("are refused when one oracle signs twice", async () => {
    const { proxy, verifier, don, sign } = await loadFixture(freeStreams);
    const signers = [don.oracles[0]!, don.oracles[0]!];
    const payload = sign(reportOf(await time.latest()), { signers });
    await expect(proxy.verify(payload, "0x")).to.be.revertedWithCustomError(verifier, "BadVerification");
  });

  it("are refused when a stranger signs", async () => {
    const { proxy, verifier, don, sign } = await loadFixture(freeStreams);
    const signers = [don.oracles[0]!, strangers.oracles[0]!];
    const payload = sign(reportOf(await time.latest()), { signers });
    await expect(proxy.verify(payload, "0x")).to.be.revertedWithCustomError(verifier, "BadVerification");
  });

  it("are refused for a configuration that nobody set", async () => {
    const { proxy, sign } = await loadFixture(freeStreams);
    const configDigest = id("nobody's");
    await expect(proxy.verify(sign(reportOf(await time.latest()), { configDigest }), "0x"))
      .to.be.revertedWithCustomError(proxy, "VerifierNotFound")
      .withArgs(configDigest);
  });

  it("are refused for another feed's configuration", async () => {
    const { proxy, verifier, configDigest, sign } = await loadFixture(freeStreams);
    const other = configDigest(BTC_USD);
    await expect(proxy.verify(sign(reportOf(await time.latest()), { configDigest: other }), "0x"))
      .to.be.revertedWithCustomError(verifier, "DigestInactive")
      .withArgs(ETH_USD, other);
  });

  it("are refused when the same oracles signed them for another chain", async () => {
    const { proxy, verifier, don, sign } = await loadFixture(freeStreams);
    const addresses = don.oracles.map((key) => ethers.computeAddress(key));
    const transmitters = addresses.map((_, i) => ethers.toBeHex(i + 1, 32));
    // The digest that the same configuration has where it was set for chain 42161.
    const elsewhere = await deployLocalStreams(owner, { don });
    const source = await verifier.getAddress();
    await elsewhere.verifier.setConfigFromSource(
      ETH_USD,
      42_161n,
      source,
      1n,
      addresses,
      transmitters,
      don.faulty,
      "0x",
      1n,
      "0x",
      [],
    );
    const { configDigest } = await elsewhere.verifier.latestConfigDetails(ETH_USD);
    const payload = sign(reportOf(await time.latest()), { configDigest });
    await expect(proxy.verify(payload, "0x"))
      .to.be.revertedWithCustomError(proxy, "VerifierNotFound")
      .withArgs(configDigest);
    // Where that chain's configuration is set, the same report is good.
    await elsewhere.proxy.verify(payload, "0x");
  });

  it("can't be signed for a feed without oracles", async () => {
    const { sign } = await deployLocalStreams(owner);
    expect(() => sign(reportOf(1))).to.throw(`feed ${ETH_USD} has no oracles`);
  });
});

describe("reports of the local oracles before a verifier that bills", () => {
  it("are paid for in the chain's token, with change", async () => {
    const { streams, fees } = await loadFixture(billedStreams);
    const payload = streams.sign(reportOf(await time.latest()));
    const paid = streams.proxy
      .connect(trader)
      .verify(payload, payingIn(await fees.weth.getAddress()), { value: 3n * NATIVE_FEE });
    await expect(paid).to.changeEtherBalance(ethers, trader, -NATIVE_FEE);
    expect(await fees.weth.balanceOf(fees.feeManager)).to.equal(NATIVE_FEE);
  });

  it("are paid for in the wrapped token", async () => {
    const { streams, fees } = await loadFixture(billedStreams);
    await fees.weth.connect(trader).deposit({ value: NATIVE_FEE });
    await fees.weth.connect(trader).approve(fees.feeManager, NATIVE_FEE);
    const payload = streams.sign(reportOf(await time.latest()));
    await streams.proxy.connect(trader).verify(payload, payingIn(await fees.weth.getAddress()));
    expect(await fees.weth.balanceOf(trader)).to.equal(0n);
  });

  it("are paid for in LINK, which the reward manager takes", async () => {
    const { streams, fees } = await loadFixture(billedStreams);
    await fees.link.mint(trader, LINK_FEE);
    await fees.link.connect(trader).approve(fees.rewardManager, LINK_FEE);
    const payload = streams.sign(reportOf(await time.latest()));
    await streams.proxy.connect(trader).verify(payload, payingIn(await fees.link.getAddress()));
    expect(await fees.link.balanceOf(fees.rewardManager)).to.equal(LINK_FEE);
  });

  it("are refused when the payment is too small, or in a token that is no fee token", async () => {
    const { streams, fees } = await loadFixture(billedStreams);
    const payload = streams.sign(reportOf(await time.latest()));
    const inNative = payingIn(await fees.weth.getAddress());
    await expect(
      streams.proxy.verify(payload, inNative, { value: NATIVE_FEE - 1n }),
    ).to.be.revertedWithCustomError(fees.feeManager, "InvalidDeposit");
    await expect(streams.proxy.verify(payload, payingIn(ZeroAddress))).to.be.revertedWithCustomError(
      fees.feeManager,
      "InvalidQuote",
    );
  });

  it("are refused once they have expired", async () => {
    const { streams, fees } = await loadFixture(billedStreams);
    const now = await time.latest();
    const payload = streams.sign(reportOf(now, now, { expiresAt: BigInt(now) - 1n }));
    const token = payingIn(await fees.weth.getAddress());
    await expect(streams.proxy.verify(payload, token, { value: NATIVE_FEE })).to.be.revertedWithCustomError(
      fees.feeManager,
      "ExpiredReport",
    );
  });

  it("are refused for bad signatures, and nothing is paid", async () => {
    const { streams, fees } = await loadFixture(billedStreams);
    const signers = strangers.oracles.slice(0, 2);
    const payload = streams.sign(reportOf(await time.latest()), { signers });
    const token = payingIn(await fees.weth.getAddress());
    await expect(streams.proxy.verify(payload, token, { value: NATIVE_FEE })).to.be.revertedWithCustomError(
      streams.verifier,
      "BadVerification",
    );
    expect(await fees.weth.balanceOf(fees.feeManager)).to.equal(0n);
  });
});
