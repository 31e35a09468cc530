import type { BlockTag } from "ethers";
import type { MarketContracts } from "../market.ts";
import { guarded } from "./guard.ts";
import type { ReadOptions } from "./positions.ts";

/** The pool of a market, and what an account has in it. */
export interface PoolReport {
  /** Net asset value at the latest price, token units. */
  readonly totalAssets: bigint;
  /** Shares there are. */
  readonly totalSupply: bigint;
  /** What may be deposited now, token units; 0 without a fresh price. */
  readonly maxDeposit: bigint;
  /** Tokens set aside for redeemed shares that nobody has claimed yet. */
  readonly reservedAssets: bigint;
  /** The batch that is fulfilled next, and when at the earliest, seconds. */
  readonly currentBatch: bigint;
  readonly fulfillableFrom: bigint;
  readonly isFulfillable: boolean;
  readonly account: PoolAccount | undefined;
}

/** What an account has in a pool. */
export interface PoolAccount {
  readonly shares: bigint;
  /** What the shares are worth at the latest price, token units, rounded down; a redemption is priced by its batch. */
  readonly worth: bigint;
  /** Requested and not redeemed yet, shares. */
  readonly pendingShares: bigint;
  /** Redeemed and not claimed yet: shares, and what they were redeemed for. */
  readonly claimableShares: bigint;
  readonly claimableAssets: bigint;
  /** Taken back out of a request, and not claimed yet. */
  readonly cancelledShares: bigint;
}

/** Requests have this id, all of them. */
export const REQUEST_ID = 0n;

/**
 * Reads a pool, with what `account` has in it.
 *
 * @throws NetworkError without an answer, RevertedError if a contract refuses to give one.
 */
export async function readPool(
  { liquidityVault }: Pick<MarketContracts, "liquidityVault">,
  { account, blockTag = "latest" }: ReadOptions & { readonly account?: string | undefined } = {},
): Promise<PoolReport> {
  return guarded(() => readVault(liquidityVault, account, { blockTag }));
}

type At = { readonly blockTag: BlockTag };

async function readVault(
  vault: MarketContracts["liquidityVault"],
  account: string | undefined,
  at: At,
): Promise<PoolReport> {
  const [totalAssets, totalSupply, maxDeposit, reservedAssets, currentBatch, fulfillableFrom, isFulfillable] =
    await Promise.all([
      vault.totalAssets(at),
      vault.totalSupply(at),
      vault.maxDeposit(account ?? (await vault.getAddress()), at),
      vault.reservedAssets(at),
      vault.currentBatch(at),
      vault.fulfillableFrom(at),
      vault.isFulfillable(at),
    ]);
  return {
    totalAssets,
    totalSupply,
    maxDeposit,
    reservedAssets,
    currentBatch,
    fulfillableFrom,
    isFulfillable,
    account: account === undefined ? undefined : await readAccount(vault, account, at),
  };
}

async function readAccount(
  vault: MarketContracts["liquidityVault"],
  account: string,
  at: At,
): Promise<PoolAccount> {
  const shares = await vault.balanceOf(account, at);
  const [worth, pendingShares, claimableShares, claimableAssets, cancelledShares] = await Promise.all([
    vault.convertToAssets(shares, at),
    vault.pendingRedeemRequest(REQUEST_ID, account, at),
    vault.maxRedeem(account, at),
    vault.maxWithdraw(account, at),
    vault.claimableCancelRedeemRequest(REQUEST_ID, account, at),
  ]);
  return { shares, worth, pendingShares, claimableShares, claimableAssets, cancelledShares };
}
