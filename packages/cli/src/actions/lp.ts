import {
  deposit as depositInto,
  estimateRedeem,
  formatAmount,
  isFulfillable,
  parseAmount,
  type Market,
  type PoolAccount,
  type PoolReport,
} from "@bulkhead/sdk";
import type { Action } from "../action.ts";
import { Failure, UsageError } from "../errors.ts";
import type { SendingOptions } from "../options.ts";
import { approvalOf, moneyOf } from "../parse.ts";
import { rounded, showDuration, showTime } from "../present/numbers.ts";
import { facts, type Fact } from "../present/table.ts";
import { unitsOf, type Units } from "../present/units.ts";
import { ownerOf, type Session } from "../session.ts";
import { transact } from "../transact.ts";
import { nowOn } from "./orders.ts";

/** Shares for people and for programs. */
interface Shares {
  readonly decimals: number;
  show(shares: bigint): string;
  exact(shares: bigint): string;
}

async function sharesOf(market: Market): Promise<Shares> {
  const decimals = Number(await market.contracts.liquidityVault.decimals());
  return {
    decimals,
    show: (shares) => `${rounded(shares, decimals, 4)} shares`,
    exact: (shares) => formatAmount(shares, decimals),
  };
}

/** `bulkhead lp show` */
export const showPool: Action<readonly [], { readonly owner?: string }> = async (session, _, options) => {
  const { market, out } = session;
  const account = ownerOf(options, session);
  const units = unitsOf(market);
  const [shares, pool, now] = await Promise.all([
    sharesOf(market),
    market.pool.read({ account }),
    nowOn(session),
  ]);
  if (out.json) return out.data(poolJson(pool, account, units, shares));
  const { paint } = out.frame;
  out.print(facts([[`Pool of ${market.symbol}`], ...poolFacts(pool, now, units, shares)], paint, ""));
  if (pool.account === undefined) return;
  out.print(facts([[`\n${account}`], ...accountFacts(pool.account, units, shares)], paint, ""));
};

function poolFacts(pool: PoolReport, now: bigint, units: Units, shares: Shares): Fact[] {
  const { totalAssets, totalSupply, maxDeposit, reservedAssets, currentBatch, fulfillableFrom } = pool;
  const wait = fulfillableFrom > now ? `, in ${showDuration(fulfillableFrom - now)}` : "";
  const due = pool.isFulfillable
    ? "due now: `bulkhead lp fulfill`"
    : `not before ${showTime(fulfillableFrom)}${wait}`;
  return [
    ["value", units.sum(totalAssets)],
    ["shares", shares.show(totalSupply)],
    ["takes up to", units.sum(maxDeposit)],
    ["set aside for claims", units.sum(reservedAssets)],
    ["batch", `${currentBatch}, ${fulfillableFrom === 0n ? "nothing requested yet" : due}`],
  ];
}

function accountFacts(account: PoolAccount, units: Units, shares: Shares): Fact[] {
  const { pendingShares, claimableShares, claimableAssets, cancelledShares } = account;
  return [
    ["has", `${shares.show(account.shares)}, worth ${units.sum(account.worth)}`],
    ...(pendingShares === 0n ? [] : [["requested", shares.show(pendingShares)] as const]),
    ...(claimableShares === 0n
      ? []
      : [["claimable", `${units.sum(claimableAssets)}: \`bulkhead lp claim\``] as const]),
    ...(cancelledShares === 0n
      ? []
      : [["taken back", `${shares.show(cancelledShares)}: \`bulkhead lp cancel\``] as const]),
  ];
}

function poolJson(pool: PoolReport, account: string | undefined, units: Units, shares: Shares) {
  const mine = pool.account;
  return {
    totalAssets: units.exact(pool.totalAssets),
    totalSupply: shares.exact(pool.totalSupply),
    maxDeposit: units.exact(pool.maxDeposit),
    reservedAssets: units.exact(pool.reservedAssets),
    currentBatch: String(pool.currentBatch),
    fulfillableFrom: Number(pool.fulfillableFrom),
    isFulfillable: pool.isFulfillable,
    account:
      mine === undefined
        ? null
        : {
            address: account,
            shares: shares.exact(mine.shares),
            worth: units.exact(mine.worth),
            pendingShares: shares.exact(mine.pendingShares),
            claimableShares: shares.exact(mine.claimableShares),
            claimableAssets: units.exact(mine.claimableAssets),
            cancelledShares: shares.exact(mine.cancelledShares),
          },
  };
}

/** `bulkhead lp deposit` */
export const deposit: Action<readonly [string], SendingOptions & { readonly approve: string }> = async (
  session,
  [text],
  options,
) => {
  const { market } = session;
  const units = unitsOf(market);
  const assets = moneyOf("amount", text, units.decimals);
  const [shares, { state }] = await Promise.all([sharesOf(market), market.positions.state()]);
  const { refusal, shares: made } = depositInto(state, assets, state.time);
  return transact(
    session,
    {
      preview: {
        title: `Deposit ${units.sum(assets)} into the pool of ${market.symbol}`,
        facts: [["brings", refusal === undefined ? shares.show(made) : "nothing"]],
        obstacles: refusal === undefined ? [] : [refusal.name],
        json: {
          action: "deposit",
          assets: units.exact(assets),
          shares: shares.exact(made),
          refusal: refusal?.name ?? null,
        },
      },
      payment: { spender: "liquidityVault", amount: assets, how: approvalOf(options.approve) },
      send: (writer, onSent) => writer.pool.deposit(assets, { onSent }),
    },
    options,
  );
};

/** `bulkhead lp request` */
export const requestRedemption: Action<readonly [string], SendingOptions> = async (
  session,
  [text],
  options,
) => {
  const { market } = session;
  const units = unitsOf(market);
  const [shares, mine, { state }] = await Promise.all([
    sharesOf(market),
    accountOf(session),
    market.positions.state(),
  ]);
  const asked = text === "all" ? mine.shares : parseAmount("shares", text, shares.decimals);
  if (asked === 0n)
    throw text === "all"
      ? new Failure("there are no shares to redeem")
      : new UsageError("shares: more than 0");
  const { assets, redeemed } = estimateRedeem(state, asked, state.time);
  const period = showDuration(state.pool.redemptionPeriod);
  return transact(
    session,
    {
      preview: {
        title: `Request the redemption of ${shares.show(asked)} of the pool of ${market.symbol}`,
        facts: [
          ["would bring now", units.sum(assets)],
          ["is redeemed", `with its batch, one period of ${period} after the batch began, at the price then`],
        ],
        obstacles: asked > mine.shares ? [`the account has ${shares.show(mine.shares)}`] : [],
        remarks:
          redeemed < asked ? ["the rest backs open positions now: a batch may take several periods"] : [],
        json: { action: "request", shares: shares.exact(asked), estimate: units.exact(assets) },
      },
      send: (writer, onSent) => writer.pool.requestRedeem(asked, { onSent }),
    },
    options,
  );
};

/** `bulkhead lp cancel`: takes shares out of their batch, and home. */
export const cancel: Action<readonly [], SendingOptions> = async (session, _, options) => {
  const [shares, mine] = await Promise.all([sharesOf(session.market), accountOf(session)]);
  const { pendingShares, cancelledShares } = mine;
  const all = pendingShares + cancelledShares;
  return transact(
    session,
    {
      preview: {
        title: `Take ${shares.show(all)} back out of their request`,
        facts: [["has then", shares.show(mine.shares + all)]],
        obstacles: all === 0n ? ["nothing is requested"] : [],
        json: { action: "cancel", shares: shares.exact(all) },
      },
      send: async (writer, onSent) => {
        if (pendingShares !== 0n) await writer.pool.cancelRequest({ onSent });
        return writer.pool.claimCancelled({ onSent });
      },
    },
    options,
  );
};

/** `bulkhead lp claim` */
export const claim: Action<readonly [], SendingOptions> = async (session, _, options) => {
  const [shares, mine] = await Promise.all([sharesOf(session.market), accountOf(session)]);
  const { claimableShares, claimableAssets } = mine;
  const units = unitsOf(session.market);
  return transact(
    session,
    {
      preview: {
        title: `Claim ${units.sum(claimableAssets)} for ${shares.show(claimableShares)}`,
        facts: [],
        obstacles: claimableShares === 0n ? ["nothing is claimable"] : [],
        json: {
          action: "claim",
          shares: shares.exact(claimableShares),
          assets: units.exact(claimableAssets),
        },
      },
      send: (writer, onSent) => writer.pool.claim(undefined, { onSent }),
    },
    options,
  );
};

/** `bulkhead lp fulfill` */
export const fulfill: Action<readonly [], SendingOptions> = async (session, _, options) => {
  const { market } = session;
  const [shares, { state }] = await Promise.all([sharesOf(market), market.positions.state()]);
  const { currentBatch, batchShares, fulfillableFrom } = state.pool;
  const due = isFulfillable(state, state.time);
  return transact(
    session,
    {
      preview: {
        title: `Fulfil batch ${currentBatch} of the pool of ${market.symbol}`,
        facts: [["asks for", shares.show(batchShares)]],
        obstacles: due
          ? []
          : [
              batchShares === 0n
                ? "nothing is requested"
                : `it takes a price observed after ${showTime(fulfillableFrom)}`,
            ],
        json: {
          action: "fulfill",
          batch: String(currentBatch),
          shares: shares.exact(batchShares),
          isDue: due,
        },
      },
      send: (writer, onSent) => writer.pool.fulfill({ onSent }),
    },
    options,
  );
};

async function accountOf(session: Session): Promise<PoolAccount> {
  const { account } = await session.market.pool.read({ account: session.requireAddress() });
  if (account === undefined) throw new Failure("the pool says nothing of the account");
  return account;
}
