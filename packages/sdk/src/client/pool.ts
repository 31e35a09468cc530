import type { Sent } from "../actions/send.ts";
import { checkRange } from "../checks.ts";
import { guarded } from "../reads/guard.ts";
import { readPool, REQUEST_ID, type PoolReport } from "../reads/pool.ts";
import type { ReadOptions } from "../reads/positions.ts";
import { dispatch, senderOf, type ActionOptions, type Desk } from "./desk.ts";

/** The liquidity vault of a market: shares in, requests out in batches, claims. All for the sender's own account. */
export interface PoolClient {
  /** The pool, with what `account` has in it. */
  read(options?: ReadOptions & { readonly account?: string | undefined }): Promise<PoolReport>;
  /** Shares that `assets` token units would buy in this block, rounded down. */
  previewDeposit(assets: bigint): Promise<bigint>;
  /** Pays in `assets` token units for as many shares as they buy. */
  deposit(assets: bigint, options?: ActionOptions): Promise<Sent>;
  /** Pays in what `shares` cost. */
  mint(shares: bigint, options?: ActionOptions): Promise<Sent>;
  /** Requests the redemption of `shares`: they join a batch, and are claimable once it is fulfilled. */
  requestRedeem(shares: bigint, options?: ActionOptions): Promise<Sent>;
  /** Takes all pending shares back out; {@link PoolClient.claimCancelled} brings them home. */
  cancelRequest(options?: ActionOptions): Promise<Sent>;
  /** Shares that were taken back out of a request. */
  claimCancelled(options?: ActionOptions): Promise<Sent>;
  /** Claims what `shares` were redeemed for; default: all that is claimable. */
  claim(shares?: bigint, options?: ActionOptions): Promise<Sent>;
  /** Fulfils the batch that is due; anyone. */
  fulfill(options?: ActionOptions): Promise<Sent>;
}

const MAX_UINT128 = (1n << 128n) - 1n;

/** The liquidity vault of a market. */
export function poolClient(desk: Desk): PoolClient {
  const { contracts } = desk;
  const { liquidityVault: vault } = contracts;
  const me = (): Promise<string> => senderOf(desk);
  const amount = (field: string, value: bigint): bigint => checkRange(field, value, 1n, MAX_UINT128);
  return {
    read: (options) => readPool(contracts, options),
    previewDeposit: (assets) => guarded(() => vault.previewDeposit(amount("assets", assets))),
    deposit: async (assets, options) =>
      dispatch(desk, vault.deposit.populateTransaction(amount("assets", assets), await me()), options),
    mint: async (shares, options) =>
      dispatch(desk, vault.mint.populateTransaction(amount("shares", shares), await me()), options),
    requestRedeem: async (shares, options) => {
      const owner = await me();
      return dispatch(
        desk,
        vault.requestRedeem.populateTransaction(amount("shares", shares), owner, owner),
        options,
      );
    },
    cancelRequest: async (options) =>
      dispatch(desk, vault.cancelRedeemRequest.populateTransaction(REQUEST_ID, await me()), options),
    claimCancelled: async (options) => {
      const owner = await me();
      return dispatch(
        desk,
        vault.claimCancelRedeemRequest.populateTransaction(REQUEST_ID, owner, owner),
        options,
      );
    },
    claim: async (shares, options) => {
      const owner = await me();
      const all = amount("shares", shares ?? (await guarded(() => vault.maxRedeem(owner))));
      return dispatch(desk, vault.redeem.populateTransaction(all, owner, owner), options);
    },
    fulfill: (options) => dispatch(desk, vault.fulfillRedeems.populateTransaction(), options),
  };
}
