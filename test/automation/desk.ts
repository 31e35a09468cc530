import { encodeRoundProof, type Order } from "@bulkhead/sdk";
import { AbiCoder, type BaseContract } from "ethers";
import { Poisoned__factory } from "../../typechain-types/index.ts";
import { LIMITS, openAutomation } from "../shared/automation.ts";
import {
  openMarket,
  orderEvents,
  mined,
  WAD,
  type Desk,
  type Settings,
  type Wish,
} from "../shared/market.ts";

const ZERO = "0x0000000000000000000000000000000000000000";
const coder = AbiCoder.defaultAbiCoder();

/** A whole market with the registry beside it. */
export async function openStaffedMarket(settings: Settings = {}) {
  const desk = await openMarket(settings);
  const automation = await openAutomation(desk);
  /** Settings of an upkeep on feeds that pays the keeper. */
  const config = {
    owner: desk.operator,
    rewardTo: desk.keeper,
    streams: ZERO,
    feeToken: ZERO,
    paysNative: false,
    maxPerformData: LIMITS.maxPerformDataSize,
  };
  return { ...desk, automation, config };
}

/** checkData of an upkeep. */
export function shardData(shard: number, shards: number, limit: number): string {
  return coder.encode(["uint256", "uint256", "uint256"], [shard, shards, limit]);
}

/** performData of a liquidation upkeep. */
export function liquidationData(
  ids: readonly bigint[],
  words: readonly bigint[] = [],
  reports: readonly string[] = [],
): string {
  return coder.encode(["bytes[]", "uint256[]", "uint256[]"], [reports, ids, words]);
}

/** performData of a settlement upkeep that settles. */
export function settlementData(
  orderIds: readonly string[],
  proofs: readonly bigint[],
  reports: readonly string[] = [],
): string {
  return coder.encode(["uint8", "bytes[]", "bytes32[]", "uint256[]"], [0, reports, orderIds, proofs]);
}

/** performData of a settlement upkeep that brings the newest report for an order. */
export function refreshData(reports: readonly string[], orderId: string): string {
  return coder.encode(["uint8", "bytes[]", "bytes32"], [2, reports, orderId]);
}

/** Opens `count` positions alike, twenty at a time; their ids. */
export async function openMany(desk: Desk, count: number, wish: Wish): Promise<bigint[]> {
  const ids: bigint[] = [];
  while (ids.length < count) {
    const orders = await commitMany(desk, Math.min(20, count - ids.length), wish);
    await desk.networkHelpers.time.increase(40);
    const proof = encodeRoundProof(await desk.push(2_000n));
    const calls = orders.map(({ order }) =>
      desk.orderBook.interface.encodeFunctionData("settle", [order, proof, desk.stranger.address]),
    );
    await desk.orderBook.attemptMany(calls);
    ids.push(...orders.map(({ order }) => order.positionId));
  }
  return ids;
}

/** Commits `count` orders alike in one transaction. */
export async function commitMany(desk: Desk, count: number, wish: Wish) {
  const request = await desk.request(wish);
  const call = desk.orderBook.interface.encodeFunctionData("commit", [request]);
  const book = desk.orderBook.connect(desk.alice);
  const receipt = await mined(book.multicall(Array.from({ length: count }, () => call)));
  return orderEvents(receipt)
    .filter((event) => event.kind === "committed")
    .map(({ orderId, order }): { orderId: string; order: Order } => ({ orderId, order }));
}

/** A long of one unit at twenty times its money. */
export const daring = (desk: Pick<Desk, "unit">): Wish => ({
  sizeDelta: WAD,
  collateral: 115n * desk.unit,
});

/** Makes calls of a function fail that name `poison`; with `burns` they use up all gas. */
export async function poison(
  desk: Desk,
  contract: BaseContract,
  selector: string,
  value: bigint,
  burns = false,
): Promise<void> {
  const { setCode } = desk.networkHelpers;
  const at = await contract.getAddress();
  const { provider } = desk.ethers;
  const copy = desk.ethers.Wallet.createRandom().address;
  await setCode(copy, await provider.getCode(at));
  const shim = await new Poisoned__factory(desk.operator).deploy(copy, selector, value, burns);
  await setCode(at, await provider.getCode(shim));
}
