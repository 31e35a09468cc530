import type { ReportV3 } from "@bulkhead/sdk";
import type { Signer } from "ethers";
import { createDon, deployLocalFees, type SignOptions } from "../../deploy/streams.ts";
import {
  ChainlinkStreamsOracle__factory,
  LiquidationUpkeep__factory,
  SettlementUpkeep__factory,
} from "../../typechain-types/index.ts";
import { REPORT_MISSING, type Lookup, type Streams } from "../shared/automation.ts";
import { WAD, type Settings, type Wish } from "../shared/market.ts";
import { ETH_USD } from "../shared/stream.ts";
import { commitMany, openStaffedMarket, shardData } from "./desk.ts";

/** What a verification costs, in LINK and in native. */
export const FEE = WAD / 50n;
export const NATIVE_FEE = WAD / 10_000n;

/** Seconds that a report holds for. */
export const INTERVAL = 2n;

/** Six signatures a report. */
const DON = createDon({ oracles: 16, faulty: 5 });

/**
 * A market on a stream over Chainlink's verifier and fee manager, and an upkeep of each kind. Reports hold for intervals
 * of two seconds, one after the other, from the first kept one on.
 */
export async function openStreamsMarket(paysNative = false, settings: Settings = {}) {
  const desk = await openStaffedMarket({ onStream: true, don: DON, ...settings });
  const { automation, operator, networkHelpers, market, lens, config, unit, orderBook, stream } = desk;
  if (stream === undefined) throw new Error("the market is not on a stream");
  const { time } = networkHelpers;
  const streams = ChainlinkStreamsOracle__factory.connect(await desk.oracle.getAddress(), operator);
  const start = await streams.latestAt();
  const { link, weth, feeManager, rewardManager } = await deployLocalFees(operator, stream.streams.proxy);
  await link.mint(operator, 10n ** 4n * WAD);

  let price = 2_000n;
  const missing = new Set<bigint>();
  const asked: Lookup[] = [];
  /** Last second of the interval that holds a second. */
  const endOf = (second: bigint) => second + ((INTERVAL - ((second - start) % INTERVAL)) % INTERVAL);
  /** The report that holds a second. */
  const report = (second: bigint, wish: Partial<ReportV3> = {}, options: SignOptions = {}) => {
    const end = endOf(second);
    const prices = { price: price * WAD, bid: price * WAD, ask: price * WAD };
    const fees = { nativeFee: NATIVE_FEE, linkFee: FEE, expiresAt: end + 30n * 86_400n };
    const times = { validFromTimestamp: end - INTERVAL + 1n, observationsTimestamp: end };
    return stream.streams.sign({ feedId: ETH_USD, ...times, ...fees, ...prices, ...wish }, options);
  };
  /** Data Streams as the nodes see it in the latest block. */
  const sourceNow = async (): Promise<Streams> => {
    const now = BigInt(await time.latest());
    return (lookup) => {
      asked.push(lookup);
      const end = endOf(lookup.time);
      return end > now || missing.has(end) ? REPORT_MISSING : [report(lookup.time)];
    };
  };
  /** Lets at least so many seconds pass, until a report is made. */
  const pass = async (seconds: bigint | number) => {
    const end = endOf(BigInt(await time.latest()) + BigInt(seconds));
    await time.increaseTo(end);
    return end;
  };
  /** Brings reports from an account of the test. */
  const bring = async (reports: readonly string[], from: Signer = operator) => {
    const value = await streams.feeFor([...reports], weth);
    await streams.connect(from).submit([...reports], weth, { value });
  };

  const upkeepConfig = {
    ...config,
    streams: await streams.getAddress(),
    feeToken: paysNative ? weth : link,
    paysNative,
  };
  const liquidation = await new LiquidationUpkeep__factory(operator).deploy(market, lens, upkeepConfig);
  const settlement = await new SettlementUpkeep__factory(operator).deploy(market, upkeepConfig);
  const fee = paysNative ? NATIVE_FEE : FEE;
  for (const upkeep of [liquidation, settlement]) {
    if (paysNative) await operator.sendTransaction({ to: upkeep, value: 100n * fee });
    else await link.transfer(upkeep, 100n * fee);
  }
  /** What an upkeep has spent on verifications, in fees. */
  const spent = async (upkeep: { getAddress(): Promise<string> }) => {
    const at = await upkeep.getAddress();
    const left = paysNative ? await desk.ethers.provider.getBalance(at) : await link.balanceOf(at);
    return (100n * fee - left) / fee;
  };
  const register = async (upkeep: { getAddress(): Promise<string> }, limit = 12) =>
    automation.register({ target: await upkeep.getAddress(), checkData: shardData(0, 1, limit) });
  const run = async (upkeepId: bigint, source?: Streams) =>
    automation.run(upkeepId, source ?? (await sourceNow()));

  const wish: Wish = { sizeDelta: WAD, collateral: 115n * unit };
  const commitAlike = (count: number, by = wish) => commitMany(desk, count, by);
  const watch = async (count: number, by = wish) => {
    const orders = await commitAlike(count, by);
    for (const { order } of orders) await settlement.watch(order);
    return orders;
  };
  const live = async (orders: Awaited<ReturnType<typeof watch>>) => {
    let count = 0;
    for (const { orderId, order } of orders)
      if ((await orderBook.commitmentOf(order.owner, order.slot)) === orderId) count += 1;
    return count;
  };
  return {
    ...desk,
    streams,
    local: stream.streams,
    feeManager,
    rewardManager,
    link,
    weth,
    start,
    fee,
    endOf,
    report,
    sourceNow,
    pass,
    bring,
    missing,
    asked,
    setPrice: (dollars: bigint) => (price = dollars),
    liquidation,
    settlement,
    upkeepConfig,
    spent,
    register,
    run,
    commitAlike,
    watch,
    wish,
    live,
  };
}
