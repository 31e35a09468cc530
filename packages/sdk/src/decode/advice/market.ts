import type { Say } from "../say.ts";

/** What errors of the market, the vaults, governance, the pool and the factory mean, and what to do. */
export const MARKET_ADVICE = {
  Unauthorized: (a: Say) =>
    `Only ${a.raw("expected")} may call this, and ${a.raw("caller")} did: go through the market's own functions.`,
  NotPositionOperator: (a: Say) =>
    `${a.raw("caller")} neither owns position ${a.raw("positionId")} nor is approved for it: use the owner's account, or have them approve.`,

  MarginVaultInsufficientBalance: (a: Say) =>
    `Position ${a.raw("positionId")} holds ${a.money("balance")}, and ${a.money("needed")} is needed: add collateral or ask for less.`,
  MarginVaultInsufficientClaim: (a: Say) =>
    `${a.raw("account")} can claim ${a.money("claim")}, not ${a.money("needed")}: claim at most that.`,
  MarginVaultUnbacked: (a: Say) =>
    `The margin vault holds ${a.money("held")} and owes ${a.money("owed")}: the token delivered less than asked, as one with transfer fees does.`,

  ZeroAmount: () => "The amount is zero: pass one that is not.",
  ZeroAddress: () => "An address is zero: pass who is to receive.",
  EtherNotAccepted: () => "Ether came with the call, which takes none: send without value.",

  PositionNotOpen: (a: Say) =>
    `There is no open position ${a.raw("positionId")}: it never opened, was closed or liquidated. Read it again.`,
  InsufficientMargin: (a: Say) =>
    `Position ${a.raw("positionId")} would keep equity of ${a.money("equity")}, and initial margin is ${a.money("required")}: take out less.`,
  InsufficientCash: (a: Say) =>
    `Position ${a.raw("positionId")} would keep ${a.money("cash")} in cash, and a liquidation has to pay ${a.money("required")}: take out less.`,

  AccessDenied: (a: Say) =>
    `The authority does not let ${a.raw("caller")} call ${a.raw("selector")}, or only after a delay: schedule it through the access manager, or use an account with the role.`,
  TermsTightened: (a: Say) =>
    `${a.label("name")} would change for the worse for those in the market: announce maintenance terms with scheduleMaintenance; others can't change that way.`,
  ScheduleActive: (a: Say) =>
    `Parameters stand still until the schedule ends ${a.time("endsAt")}: wait, or cancel it.`,
  ScheduleNotOver: (a: Say) =>
    `There is no schedule that has come to its end; the present one ends ${a.time("endsAt")}: wait until then.`,
  ParamVersionsUsedUp: () => "The market has had all the parameter versions it can have: open a new market.",
  NoOutage: (a: Say) =>
    `The feed answered ${a.time("observedAt")}, which is fresh: there is no outage to note.`,
  DeleverageNotDue: (a: Say) =>
    `The side's profit, ${a.money("sidePnl")}, is not above ${a.money("trigger")}: there is nothing to deleverage.`,

  PoolInsolvent: (a: Say) =>
    `The pool's net asset value is ${a.money("netAssetValue")} while shares exist: it takes no deposit until that is positive.`,
  PoolUnbacked: (a: Say) =>
    `The pool holds ${a.money("held")} and has recorded ${a.money("recorded")}: the token delivered less than asked, as one with transfer fees does.`,
  PoolAmountTooSmall: (a: Say) => `${a.raw("amount")} is worth no share, or no asset: use a larger amount.`,
  NotRequestOperator: (a: Say) =>
    `${a.raw("caller")} is neither ${a.raw("controller")} nor their operator: use their account, or have them call setOperator.`,
  RedeemBatchNotDue: (a: Say) =>
    `Batch ${a.raw("batch")} has nothing waiting, or no price observed since ${a.time("fulfillableFrom")}: wait for one.`,
  RedeemBatchDue: (a: Say) =>
    `Batch ${a.raw("batch")} can be fulfilled already: claim instead of cancelling.`,
  NothingRequested: (a: Say) => `${a.raw("controller")} has no request to cancel or to take back.`,
  PreviewUnavailable: () =>
    "Redemptions have no preview: their price is not known until the batch is fulfilled. Use requestRedeem.",
  InsuranceUnbacked: (a: Say) =>
    `Insurance holds ${a.money("held")} and has recorded ${a.money("recorded")}: the token delivered less than asked, as one with transfer fees does.`,

  ParameterOutOfBounds: (a: Say) =>
    `${a.label("name")} is ${a.raw("value")}, outside ${a.raw("min")} to ${a.raw("max")}: choose a value within.`,
  TokenDecimalsOutOfBounds: (a: Say) =>
    `The token ${a.raw("token")} has ${a.raw("decimals")} decimals, and ${a.raw("min")} to ${a.raw("max")} can be held exactly: use another.`,
  MarketExists: (a: Say) => `There is a market of this name (${a.raw("marketId")}): choose another symbol.`,
  MarketConfigMismatch: (a: Say) =>
    `Market ${a.raw("marketId")} was begun with another configuration: go on with that one.`,
  CreationCodeMismatch: (a: Say) =>
    `Creation code ${a.raw("index")} is not what this factory deploys: build the release the factory was deployed from.`,
};
