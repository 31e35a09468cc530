import { encodeReport, encodeRoundProof, type ReportV3 } from "@bulkhead/sdk";
import { expect } from "chai";
import { AbiCoder, ZeroAddress, type Signer } from "ethers";
import { deployLocalFees, deployLocalStreams, signReport } from "../../deploy/streams.ts";
import { ChainlinkStreamsOracle__factory } from "../../typechain-types/index.ts";
import { billedStreams, ethers, freeStreams, networkHelpers, owner, trader } from "../streams/fixture.ts";
import { BTC_USD, ETH_USD, LINK_FEE, NATIVE_FEE, reportOf, strangers, WAD } from "../streams/reports.ts";
import { protocol } from "../shared/market.ts";

const { loadFixture, time } = networkHelpers;

const MAX_AGE = 60n;
const GRACE = 600n;
const PROOF_WINDOW = 3_600n;
const FALLBACK_DELAY = 120n;
const OBSERVED = 0n;
const VOID = 2n;
const NO_FEED = { feed: ZeroAddress, maxAge: 0n, minPrice: 0n, maxPrice: 0n };

function deployOracle(verifier: string, wish = {}) {
  return new ChainlinkStreamsOracle__factory(owner).deploy(
    {
      verifier,
      streamId: ETH_USD,
      maxAge: MAX_AGE,
      proofWindow: PROOF_WINDOW,
      minPrice: 10n * WAD,
      maxPrice: 10n ** 6n * WAD,
      ...wish,
    },
    { collateral: NO_FEED, sequencer: ZeroAddress, gracePeriod: GRACE, uncertainty: WAD / 100n },
  );
}

/** An oracle over the verifier without fees; times count from `t0`, an hour ago. */
async function free() {
  const streams = await freeStreams();
  const oracle = await deployOracle(await streams.proxy.getAddress());
  const t0 = (await time.latest()) - 3_600;
  const sign = (from: number, to = from, wish: Partial<ReportV3> = {}): string =>
    streams.sign(reportOf(t0 + from, t0 + to, wish));
  const submit = (...reports: string[]) => oracle.submit(reports, ZeroAddress);
  const query = (after: number, fallbackDelay = FALLBACK_DELAY) => ({
    moment: BigInt(t0 + after),
    epoch: 0n,
    fallbackDelay,
    inclusionDelay: 5n,
    recordedAt: BigInt(t0 + after) - 5n,
  });
  const fixing = (after: number, at: number) =>
    oracle.fixing(query(after), encodeRoundProof(BigInt(t0 + at)));
  return { streams, oracle, t0, sign, submit, query, fixing };
}

/** The same with Chainlink's fee manager, and LINK for two accounts. */
async function billed() {
  const { streams, fees } = await billedStreams();
  const oracle = await deployOracle(await streams.proxy.getAddress());
  await fees.link.mint(trader, 10n * LINK_FEE);
  const now = await time.latest();
  return { streams, fees, oracle, now };
}

describe("ChainlinkStreamsOracle", () => {
  describe("reports", () => {
    it("are verified and kept, and said so", async () => {
      const { oracle, submit, sign, t0 } = await loadFixture(free);
      await expect(submit(sign(10, 12)))
        .to.emit(oracle, "ReportKept")
        .withArgs(t0 + 12, t0 + 10, 2_000n * WAD, 1_999n * WAD, 2_001n * WAD, owner.address);
      expect(await oracle.reportAt(t0 + 12)).to.deep.equal([
        BigInt(t0 + 10),
        2_000n * WAD,
        1_999n * WAD,
        2_001n * WAD,
      ]);
      for (const [second, covered] of [
        [9, false],
        [10, true],
        [12, true],
        [13, false],
      ] as const)
        expect(await oracle.isCovered(t0 + second)).to.equal(covered);
    });

    it("come in any order, and the one observed last is the latest", async () => {
      const { oracle, submit, sign, t0 } = await loadFixture(free);
      await submit(sign(30), sign(10, 20), sign(21, 29));
      expect(await oracle.latestAt()).to.equal(t0 + 30);
      await submit(sign(1, 9));
      expect(await oracle.latestAt()).to.equal(t0 + 30);
    });

    it("that are kept already are passed over", async () => {
      const { oracle, submit, sign } = await loadFixture(free);
      await submit(sign(10, 12));
      await expect(submit(sign(10, 12))).to.not.emit(oracle, "ReportKept");
      await expect(submit(sign(10, 12), sign(13))).to.emit(oracle, "ReportKept");
    });

    it("never hold a second twice", async () => {
      const { submit, sign, t0 } = await loadFixture(free);
      await submit(sign(10, 20));
      for (const [from, to] of [
        [20, 21],
        [5, 10],
        [12, 13],
        [1, 300],
      ] as const) {
        await expect(submit(sign(from, to)))
          .to.be.revertedWithCustomError(protocol, "OracleReportOverlaps")
          .withArgs(t0 + from, t0 + to);
      }
      await submit(sign(21, 300), sign(1, 9));
    });

    it("of a long outage hold the last hour of it only", async () => {
      const { oracle, submit, sign, t0 } = await loadFixture(free);
      await submit(sign(-90_000, 100));
      expect(await oracle.isCovered(t0 - 3_500)).to.equal(true);
      expect(await oracle.isCovered(t0 - 3_501)).to.equal(false);
    });

    it("of another stream, from the future, expired or upside down are refused", async () => {
      const { submit, sign, t0 } = await loadFixture(free);
      await expect(submit(sign(10, 10, { feedId: BTC_USD })))
        .to.be.revertedWithCustomError(protocol, "OracleReportForeign")
        .withArgs(BTC_USD, ETH_USD);
      await expect(submit(sign(90_000))).to.be.revertedWithCustomError(
        protocol,
        "OracleObservationFromFuture",
      );
      await expect(submit(sign(10, 10, { expiresAt: BigInt(t0 + 20) })))
        .to.be.revertedWithCustomError(protocol, "OracleReportExpired")
        .withArgs(t0 + 10, t0 + 20);
      await expect(submit(sign(11, 10))).to.be.revertedWithCustomError(protocol, "OracleReportMalformed");
      await expect(submit(sign(10, 10, { validFromTimestamp: 0n }))).to.be.revertedWithCustomError(
        protocol,
        "OracleReportMalformed",
      );
    });

    it("that are no reports are refused by their index", async () => {
      const { oracle, streams, submit, sign, t0 } = await loadFixture(free);
      const short = AbiCoder.defaultAbiCoder().encode(
        ["bytes32[3]", "bytes", "bytes32[]", "bytes32[]", "bytes32"],
        [[ethers.ZeroHash, ethers.ZeroHash, ethers.ZeroHash], "0x1234", [], [], ethers.ZeroHash],
      );
      const wide = encodeReport(reportOf(t0)).replace(/.{64}$/, "f".repeat(64));
      const configDigest = streams.configDigest(ETH_USD);
      const overlong = signReport(streams.don, `${wide}${"0".repeat(64)}`, { configDigest });
      for (const bad of ["0x", "0x1234", short, overlong]) {
        await expect(submit(sign(10), bad))
          .to.be.revertedWithCustomError(protocol, "OracleReportMalformed")
          .withArgs(1);
        await expect(oracle.feeFor([bad], ZeroAddress))
          .to.be.revertedWithCustomError(protocol, "OracleReportMalformed")
          .withArgs(0);
      }
    });

    it("with too few, foreign or altered signatures are refused by Chainlink's verifier", async () => {
      const { streams, submit, t0 } = await loadFixture(free);
      const { verifier, don } = streams;
      const report = reportOf(t0 + 10);
      await expect(submit(streams.sign(report, { signers: don.oracles.slice(0, 1) })))
        .to.be.revertedWithCustomError(verifier, "IncorrectSignatureCount")
        .withArgs(1, 2);
      await expect(
        submit(streams.sign(report, { signers: strangers.oracles.slice(0, 2) })),
      ).to.be.revertedWithCustomError(verifier, "BadVerification");
      const one = don.oracles[0]!;
      await expect(submit(streams.sign(report, { signers: [one, one] }))).to.be.revertedWithCustomError(
        verifier,
        "BadVerification",
      );
      const signed = streams.sign(report);
      const dearer = signed.replace(
        encodeReport(report).slice(2),
        encodeReport({ ...report, price: 3_000n * WAD }).slice(2),
      );
      await expect(submit(dearer)).to.be.revertedWithCustomError(verifier, "BadVerification");
    });

    it("of another chain, another configuration or a retired one are refused by Chainlink's verifier", async () => {
      const { streams, submit, t0 } = await free();
      const report = reportOf(t0 + 10);
      // The digest is made of the chain, the verifier and its oracles: this one is of another verifier.
      const elsewhere = await deployLocalStreams(owner, { feedIds: [ETH_USD], don: streams.don });
      await expect(submit(elsewhere.sign(report)))
        .to.be.revertedWithCustomError(streams.proxy, "VerifierNotFound")
        .withArgs(elsewhere.configDigest(ETH_USD));
      const retired = streams.sign(report);
      const old = streams.configDigest(ETH_USD);
      await streams.addFeed(ETH_USD);
      await streams.verifier.deactivateConfig(ETH_USD, old);
      await expect(submit(retired))
        .to.be.revertedWithCustomError(streams.verifier, "DigestInactive")
        .withArgs(ETH_USD, old);
      await submit(streams.sign(report));
    });
  });

  describe("fees", () => {
    it("in the native token come from the value sent, and the rest goes back", async () => {
      const { streams, fees, oracle, now } = await loadFixture(billed);
      const reports = [streams.sign(reportOf(now - 2)), streams.sign(reportOf(now - 1))];
      expect(await oracle.feeFor(reports, fees.weth)).to.equal(2n * NATIVE_FEE);
      await expect(oracle.submit(reports, fees.weth, { value: 2n * NATIVE_FEE - 1n }))
        .to.be.revertedWithCustomError(protocol, "OracleFeeUnpaid")
        .withArgs(2n * NATIVE_FEE - 1n, 2n * NATIVE_FEE);
      const sent = oracle.submit(reports, fees.weth, { value: 5n * NATIVE_FEE });
      await expect(sent).to.changeEtherBalance(ethers, owner, -2n * NATIVE_FEE);
      expect(await ethers.provider.getBalance(oracle)).to.equal(0n);
      expect(await fees.weth.balanceOf(fees.feeManager)).to.equal(2n * NATIVE_FEE);
    });

    it("in LINK come from the caller, who approved the oracle", async () => {
      const { streams, fees, oracle, now } = await loadFixture(billed);
      const report = streams.sign(reportOf(now));
      const { link, rewardManager } = fees;
      await expect(oracle.connect(trader).submit([report], link)).to.revert(ethers);
      await link.connect(trader).approve(oracle, LINK_FEE);
      await expect(oracle.connect(trader).submit([report], link, { value: 7n })).to.changeTokenBalances(
        ethers,
        link,
        [trader, oracle, rewardManager],
        [-LINK_FEE, 0n, LINK_FEE],
      );
      expect(await link.allowance(oracle, rewardManager)).to.equal(0n);
    });

    it("are not paid for reports that are kept already", async () => {
      const { streams, fees, oracle, now } = await loadFixture(billed);
      const reports = [streams.sign(reportOf(now - 1)), streams.sign(reportOf(now))];
      await oracle.submit(reports.slice(0, 1), fees.weth, { value: NATIVE_FEE });
      expect(await oracle.feeFor(reports, fees.weth)).to.equal(NATIVE_FEE);
      await expect(oracle.submit(reports, fees.weth, { value: 2n * NATIVE_FEE })).to.changeEtherBalance(
        ethers,
        owner,
        -NATIVE_FEE,
      );
      await expect(oracle.submit(reports, fees.weth, { value: NATIVE_FEE })).to.changeEtherBalance(
        ethers,
        owner,
        0n,
      );
    });

    it("follow the oracle's discount and the native surcharge", async () => {
      const { streams, fees, oracle, now } = await loadFixture(billed);
      const report = [streams.sign(reportOf(now))];
      await fees.feeManager.setNativeSurcharge(WAD / 10n);
      expect(await oracle.feeFor(report, fees.weth)).to.equal((NATIVE_FEE * 11n) / 10n);
      await fees.feeManager.updateSubscriberDiscount(oracle, ETH_USD, fees.weth, WAD);
      expect(await oracle.feeFor(report, fees.weth)).to.equal(0n);
      await oracle.submit(report, fees.weth, { value: 3n });
      expect(await ethers.provider.getBalance(oracle)).to.equal(0n);
    });

    it("in any other token, and for expired reports, are refused by Chainlink's fee manager", async () => {
      const { streams, fees, oracle, now } = await loadFixture(billed);
      await expect(oracle.submit([streams.sign(reportOf(now))], trader)).to.be.revertedWithCustomError(
        fees.feeManager,
        "InvalidQuote",
      );
      const expired = streams.sign(reportOf(now, now, { expiresAt: BigInt(now - 1) }));
      await expect(oracle.submit([expired], fees.weth, { value: NATIVE_FEE })).to.be.revertedWithCustomError(
        fees.feeManager,
        "ExpiredReport",
      );
    });

    it("begin when Chainlink sets a fee manager", async () => {
      const { streams, oracle, submit, sign } = await loadFixture(free);
      await submit(sign(1));
      const { weth } = await deployLocalFees(owner, streams.proxy);
      expect(await oracle.feeFor([sign(2)], weth)).to.equal(NATIVE_FEE);
      await oracle.submit([sign(2)], weth, { value: NATIVE_FEE });
    });
  });

  describe("latest price", () => {
    it("is missing before the first report", async () => {
      const { oracle } = await loadFixture(free);
      await expect(oracle.latest())
        .to.be.revertedWithCustomError(protocol, "OracleReportMissing")
        .withArgs(0);
      expect(await oracle.peek()).to.deep.equal([0n, 0n, false]);
    });

    it("is refused when stale, which is no outage", async () => {
      const { oracle, submit, sign, t0, streams } = await loadFixture(free);
      const now = (await time.latest()) - t0;
      await submit(sign(now));
      expect(await oracle.latest()).to.deep.equal([2_000n * WAD, BigInt(t0 + now)]);
      await time.increaseTo(t0 + now + Number(MAX_AGE) + 1);
      await expect(oracle.latest())
        .to.be.revertedWithCustomError(protocol, "OracleStale")
        .withArgs(await streams.proxy.getAddress(), t0 + now, MAX_AGE);
      expect(await oracle.peek()).to.deep.equal([2_000n * WAD, BigInt(t0 + now), false]);
      expect(await oracle.outage()).to.equal(false);
    });

    for (const [what, wish] of Object.entries({
      zero: { price: 0n, bid: 0n, ask: 0n },
      negative: { price: -1n, bid: -2n, ask: 1n },
      "below what is believed": { price: 9n * WAD, bid: 9n * WAD, ask: 11n * WAD },
      "above what is believed": { price: 10n ** 6n * WAD + 1n, bid: WAD, ask: 10n ** 7n * WAD },
      "more than 128 bits": { price: 2n ** 128n, bid: 1n, ask: 2n ** 129n },
      "without a bid": { bid: 0n },
      "without an end to the ask": { ask: 10n ** 6n * WAD + 1n },
    })) {
      it(`is refused when it is ${what}`, async () => {
        const { oracle, submit, sign, t0 } = await loadFixture(free);
        await submit(sign((await time.latest()) - t0, undefined, wish));
        await expect(oracle.latest()).to.be.revertedWithCustomError(protocol, "OracleAnswerOutOfBounds");
        expect(await oracle.peek()).to.deep.equal([0n, 0n, false]);
      });
    }

    it("has a grace period after an outage of the stream, once", async () => {
      const { oracle, submit, sign, t0 } = await loadFixture(free);
      const now = (await time.latest()) - t0;
      await submit(sign(now - 61, now));
      await expect(oracle.latest())
        .to.be.revertedWithCustomError(protocol, "OracleGracePeriod")
        .withArgs(t0 + now, BigInt(t0 + now) + GRACE);
      expect((await oracle.peek())[2]).to.equal(false);
      expect(await oracle.outage()).to.equal(false);
      await time.increaseTo(BigInt(t0 + now) + GRACE + 1n);
      await submit(sign(now + 1, now + 1 + 60), sign(now + Number(GRACE)));
      expect((await oracle.latest())[0]).to.equal(2_000n * WAD);
      // A report of an older outage brings no new one.
      await submit(sign(now - 1_000, now - 900));
      expect((await oracle.latest())[0]).to.equal(2_000n * WAD);
    });

    it("prices liquidity at the band, or at bid and ask where they are further off", async () => {
      const { oracle, submit, sign, t0 } = await loadFixture(free);
      const now = (await time.latest()) - t0;
      await submit(sign(now - 1));
      expect(await oracle.band(2_000n * WAD)).to.deep.equal([1_980n * WAD, 2_020n * WAD]);
      await submit(sign(now, now, { bid: 1_900n * WAD, ask: 2_200n * WAD }));
      expect(await oracle.band(2_000n * WAD)).to.deep.equal([1_900n * WAD, 2_200n * WAD]);
    });
  });

  describe("fixing", () => {
    it("is the report whose validity interval holds the second after the moment, at bid and ask", async () => {
      const { submit, sign, fixing, t0 } = await loadFixture(free);
      await submit(sign(10, 20), sign(21, 30, { price: 2_100n * WAD, bid: 2_099n * WAD, ask: 2_102n * WAD }));
      for (const after of [20, 25, 29]) {
        const f = await fixing(after, 30);
        expect([f.kind, f.price, f.bid, f.ask]).to.deep.equal([
          OBSERVED,
          2_100n * WAD,
          2_099n * WAD,
          2_102n * WAD,
        ]);
        expect([f.observationId, f.observedAt]).to.deep.equal([BigInt(t0 + 30), BigInt(t0 + 30)]);
      }
      for (const [after, at] of [
        [20, 20],
        [19, 30],
        [30, 30],
        [8, 20],
      ] as const)
        await expect(fixing(after, at)).to.be.revertedWithCustomError(protocol, "OracleReportNotOfMoment");
      expect((await fixing(9, 20)).price).to.equal(2_000n * WAD);
    });

    it("is not proven by a report that nobody brought", async () => {
      const { submit, sign, fixing, t0 } = await loadFixture(free);
      await submit(sign(10, 20));
      await expect(fixing(20, 30))
        .to.be.revertedWithCustomError(protocol, "OracleReportMissing")
        .withArgs(t0 + 30);
    });

    it("is the same in a gap that the next report spans, up to the longest wait", async () => {
      const { submit, sign, fixing } = await loadFixture(free);
      await submit(sign(10, 20), sign(21, 200));
      expect((await fixing(80, 200)).kind).to.equal(OBSERVED);
      const late = await fixing(79, 200);
      expect([late.kind, late.price, late.bid, late.ask]).to.deep.equal([VOID, 0n, 0n, 0n]);
    });

    it("is void when the report is not to be believed", async () => {
      const { submit, sign, fixing } = await loadFixture(free);
      await submit(sign(10, 20, { price: 0n }));
      expect((await fixing(15, 20)).kind).to.equal(VOID);
    });

    it("shows the latest price as the index, its own while that is unusable", async () => {
      const { submit, sign, fixing, t0 } = await loadFixture(free);
      const now = (await time.latest()) - t0;
      await submit(sign(10, 20), sign(now, now, { price: 2_050n * WAD, ask: 2_051n * WAD }));
      const f = await fixing(15, 20);
      expect([f.indexPrice, f.indexIsFresh]).to.deep.equal([2_050n * WAD, true]);
      await submit(sign(now + 1, now + 1, { price: 0n }));
      const g = await fixing(15, 20);
      expect([g.indexPrice, g.indexIsFresh]).to.deep.equal([2_000n * WAD, false]);
    });

    it("may be proven until the proof window is over, and ever after once its report is kept", async () => {
      const { oracle, submit, sign, query } = await loadFixture(free);
      const end = query(20).moment + FALLBACK_DELAY + PROOF_WINDOW;
      await time.increaseTo(end);
      expect(await oracle.settleable(query(20))).to.equal(true);
      await time.increaseTo(end + 1n);
      expect(await oracle.settleable(query(20))).to.equal(false);
      await submit(sign(21, 30));
      expect(await oracle.settleable(query(20))).to.equal(true);
      expect(await oracle.settleable(query(9))).to.equal(false);
    });
  });

  describe("observation", () => {
    it("comes with the one before it where that is kept, and says where it is not", async () => {
      const { oracle, submit, sign, t0 } = await loadFixture(free);
      await submit(sign(10, 20), sign(31, 40));
      const proof = encodeRoundProof(BigInt(t0 + 40));
      const alone = await oracle.observation(proof);
      expect([alone.previousIsKnown, alone.previousPrice, alone.previousAt]).to.deep.equal([false, 0n, 0n]);
      await submit(sign(21, 30, { price: 1_950n * WAD, bid: 1_949n * WAD }));
      const o = await oracle.observation(proof);
      expect([o.previousIsKnown, o.previousPrice, o.previousAt]).to.deep.equal([
        true,
        1_950n * WAD,
        BigInt(t0 + 30),
      ]);
      expect([o.id, o.price, o.bid, o.ask]).to.deep.equal([
        BigInt(t0 + 40),
        2_000n * WAD,
        1_999n * WAD,
        2_001n * WAD,
      ]);
    });

    it("is refused where the price is not to be believed", async () => {
      const { oracle, submit, sign, t0 } = await loadFixture(free);
      await submit(sign(10, 20, { price: 5n * WAD, bid: 5n * WAD }));
      await expect(oracle.observation(encodeRoundProof(BigInt(t0 + 20)))).to.be.revertedWithCustomError(
        protocol,
        "OracleAnswerOutOfBounds",
      );
    });
  });

  it("refuses settings that can't serve", async () => {
    const { streams } = await loadFixture(free);
    const verifier = await streams.proxy.getAddress();
    const bad: [string, object][] = [
      [trader.address, {}],
      [verifier, { streamId: `0x0002${"11".repeat(30)}` }],
      [verifier, { maxAge: 0n }],
      [verifier, { maxAge: 3_601n }],
      [verifier, { proofWindow: 7n * 86_400n + 1n }],
      [verifier, { minPrice: 0n }],
      [verifier, { minPrice: WAD, maxPrice: WAD }],
      [verifier, { maxPrice: 10n ** 30n + 1n }],
    ];
    for (const [target, wish] of bad)
      await expect(deployOracle(target, wish)).to.be.revertedWithCustomError(protocol, "OracleUnusable");
  });

  it("is anybody's to bring reports to", async () => {
    const { oracle, sign, t0 } = await loadFixture(free);
    const someone: Signer = trader;
    await oracle.connect(someone).submit([sign(10)], ZeroAddress);
    expect(await oracle.latestAt()).to.equal(t0 + 10);
  });
});
