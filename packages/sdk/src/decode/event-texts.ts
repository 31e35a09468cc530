import { failureName } from "../orders/order.ts";
import type { EventName } from "./events.ts";
import type { Say } from "./say.ts";

const failure = (a: Say): string => failureName(BigInt(a.raw("reason")));
const order = (a: Say): string => `order ${a.raw("orderId")}`;
const position = (a: Say): string => `position ${a.raw("positionId")}`;

/** "12.5 USDC bad debt", or nothing where there is none. */
const also = (a: Say, name: string, what: string): string =>
  a.raw(name) === "0" ? "" : `, ${what} ${a.money(name)}`;

/** The result of a trade and what it cost. */
const bill = (a: Say): string =>
  `fee ${a.money("fee")}, carry ${a.money("carry")}${also(a, "badDebt", "bad debt")}`;

/** One sentence for each event of a market's set, by contract and name. */
export const EVENT_TEXTS: { readonly [C in keyof EventName]: Record<EventName[C], (a: Say) => string> } = {
  orderBook: {
    OrderCommitted: (a) =>
      `Market ${order(a)} of ${a.raw("owner")} for ${position(a)} was committed: ${a.inside("order").wad("sizeDelta")} (0 closes).`,
    OrderPlaced: (a) => `Resting ${order(a)} of ${a.raw("owner")} for ${position(a)} was placed.`,
    OrderTriggered: (a) => `Resting ${order(a)} was crossed and became the market order ${a.raw("nextId")}.`,
    OrderCancelled: (a) => `The ${order(a)} for ${position(a)} was cancelled.`,
    OrderSettled: (a) => `The ${order(a)} for ${position(a)} executed at ${a.wad("price")} before impact.`,
    OrderFailed: (a) => `The ${order(a)} for ${position(a)} was closed without executing: ${failure(a)}.`,
    OrderExpired: (a) => `The ${order(a)} for ${position(a)} was released: no price can reach it any more.`,
    TwapPlaced: (a) =>
      `The ${order(a)} of ${a.raw("owner")} for ${position(a)} was placed in ${a.inside("order").raw("slices")} slices.`,
    SliceSettled: (a) => {
      const what = failure(a);
      const outcome = what === "None" ? "traded" : `was passed over: ${what}`;
      return `Slice ${a.raw("number")} of ${order(a)} for ${position(a)} ${outcome}.`;
    },
    ProtectivePlaced: (a) =>
      `Protective ${order(a)} for ${position(a)} was placed: it acts at a margin ratio of ${a.inside("order").percent("triggerRatio")}.`,
    ToppedUp: (a) =>
      `Protective ${order(a)} paid ${a.money("amount")} into ${position(a)}; ${a.money("budget")} of its budget is left.`,
    ReductionCommitted: (a) =>
      `Protective ${order(a)} became the market order ${a.raw("nextId")}, which reduces ${position(a)}.`,
    SessionUsed: (a) =>
      `A session of ${a.raw("owner")} gave ${order(a)}; ${a.money("spent")} of its loss budget is used up.`,
    NoncesCancelled: (a) => `${a.raw("owner")} took nonces of word ${a.raw("word")} out of use.`,
    CallSkipped: (a) => `Call ${a.raw("index")} of a batch reverted and was passed over.`,
    EIP712DomainChanged: () => "The domain of signatures changed.",
  },
  market: {
    PositionIncreased: (a) =>
      `Position ${a.raw("positionId")} grew by ${a.wad("sizeDelta")} to ${a.wad("newSize")} at ${a.wad("price")}: impact ${a.money("impact")}, fee ${a.money("fee")}, carry ${a.money("carry")}.`,
    PositionDecreased: (a) =>
      `Position ${a.raw("positionId")} was reduced to ${a.wad("newSize")} at ${a.wad("price")}: result ${a.money("realised")}, ${bill(a)}.`,
    PositionReleased: (a) =>
      `Position ${a.raw("positionId")}, which never opened, was closed and ${a.money("refund")} returned to ${a.raw("owner")}.`,
    PositionLiquidated: (a) => {
      const r = a.inside("receipt");
      return `Position ${a.raw("positionId")} of ${a.raw("owner")} was liquidated at ${r.wad("price")}: ${r.wad("closedSize")} closed, ${r.wad("newSize")} left${also(r, "badDebt", "bad debt")}.`;
    },
    PositionDeleveraged: (a) =>
      `Position ${a.raw("positionId")} of ${a.raw("owner")} was deleveraged at ${a.wad("price")}: ${a.wad("closedSize")} closed for ${a.money("realised")}, ${a.wad("newSize")} left.`,
    BadDebtRealised: (a) =>
      `Position ${a.raw("positionId")} lost ${a.money("badDebt")} beyond its collateral: insurance paid ${a.money("fromInsurance")}, the pool bore ${a.money("fromPool")}.`,
    CollateralAdded: (a) =>
      `${a.raw("payer")} paid ${a.money("amount")} into position ${a.raw("positionId")}.`,
    CollateralRemoved: (a) =>
      `${a.money("amount")} of position ${a.raw("positionId")} went to ${a.raw("owner")}.`,
    Transfer: (a) => `Position ${a.raw("id")} went from ${a.raw("from")} to ${a.raw("to")}.`,
    Approval: (a) => `${a.raw("owner")} let ${a.raw("account")} act for position ${a.raw("id")}.`,
    ApprovalForAll: (a) =>
      `${a.raw("owner")} ${a.choose("isApproved", "let", "no longer lets")} ${a.raw("operator")} act for all their positions.`,
    ParamsChanged: (a) => `The market's parameters changed: version ${a.raw("version")}.`,
    MaintenanceScheduled: (a) => {
      const s = a.inside("schedule");
      return `Tighter maintenance terms come in from ${s.time("startsAt")} to ${s.time("endsAt")}.`;
    },
    ScheduleCancelled: () => "The announced tightening was called off.",
    NewRiskStopped: (a) => `${a.raw("by")} stopped new risk: positions can only shrink.`,
    NewRiskResumed: (a) => `${a.raw("by")} let new risk in again.`,
    SolvencyChecked: (a) =>
      a.choose(
        "solvent",
        "Every vault holds what it owes again.",
        "A vault holds less than it owes: positions can only shrink.",
      ),
    OutageNoted: (a) => `The feed has no fresh price since ${a.time("observedAt")}: liquidations wait.`,
    OutageOver: (a) => `The feed has a fresh price again: liquidations resume ${a.time("resumesAt")}.`,
  },
  marginVault: {
    Deposited: (a) =>
      `${a.raw("payer")} paid ${a.money("amount")} into position ${a.raw("positionId")}'s balance.`,
    Settled: (a) => `Money moved between position ${a.raw("positionId")} and claims.`,
    Closed: (a) =>
      `Position ${a.raw("positionId")}'s balance was closed: ${a.money("amount")} ${a.choose("pushed", "went to", "is claimable by")} ${a.raw("to")}.`,
    Withdrawn: (a) =>
      `${a.money("amount")} of position ${a.raw("positionId")}'s balance ${a.choose("pushed", "went to", "is claimable by")} ${a.raw("to")}.`,
    Funded: (a) => `${a.raw("payer")} paid ${a.money("amount")} in for ${a.raw("account")}'s claim.`,
    ClaimTransferred: (a) => `A claim of ${a.money("amount")} went from ${a.raw("from")} to ${a.raw("to")}.`,
    Claimed: (a) => `${a.raw("account")}'s claim of ${a.money("amount")} was paid to ${a.raw("to")}.`,
  },
  liquidityVault: {
    Deposit: (a) =>
      `${a.raw("sender")} deposited ${a.money("assets")} for ${a.raw("shares")} share units of ${a.raw("owner")}.`,
    Withdraw: (a) =>
      `${a.raw("receiver")} was paid ${a.money("assets")} for ${a.raw("shares")} share units of ${a.raw("owner")}.`,
    RedeemRequest: (a) =>
      `${a.raw("owner")} asked to redeem ${a.raw("shares")} share units in batch ${a.raw("requestId")} for ${a.raw("controller")}.`,
    RedeemsFulfilled: (a) =>
      `Batch ${a.raw("batch")} was fulfilled: ${a.raw("redeemed")} of ${a.raw("shares")} share units for ${a.money("assets")}.`,
    CancelRedeemRequest: (a) =>
      `${a.raw("controller")}'s request of batch ${a.raw("requestId")} was cancelled.`,
    CancelRedeemClaim: (a) =>
      `${a.raw("shares")} share units of a cancelled request went to ${a.raw("receiver")}.`,
    OperatorSet: (a) =>
      `${a.raw("controller")} ${a.choose("approved", "let", "no longer lets")} ${a.raw("operator")} manage their requests.`,
    Provided: (a) => `The pool put ${a.money("amount")} into the margin vault to pay traders.`,
    Collected: (a) => `The pool brought its claim of ${a.money("amount")} home.`,
    Transfer: (a) => `${a.raw("value")} share units went from ${a.raw("from")} to ${a.raw("to")}.`,
    Approval: (a) => `${a.raw("owner")} let ${a.raw("spender")} take ${a.raw("value")} share units.`,
    EIP712DomainChanged: () => "The domain of permits changed.",
  },
  insuranceFund: {
    Donated: (a) => `${a.raw("from")} gave ${a.money("amount")} to insurance.`,
    Covered: (a) =>
      `Insurance paid ${a.money("paid")} of ${a.money("requested")} asked of it to ${a.raw("to")}.`,
    Collected: (a) => `Insurance brought its claim of ${a.money("amount")} home.`,
    SurplusReleased: (a) => `Insurance gave ${a.money("amount")} beyond its target to the pool.`,
  },
  oracle: {
    ReportKept: (a) => `A report observed ${a.time("observedAt")} was kept: price ${a.wad("price")}.`,
  },
  factory: {
    MarketCreated: (a) => `The market ${a.raw("symbol")} was deployed at ${a.raw("market")}.`,
    OwnershipTransferStarted: (a) => `${a.raw("previousOwner")} offered the factory to ${a.raw("newOwner")}.`,
    OwnershipTransferred: (a) => `The factory went from ${a.raw("previousOwner")} to ${a.raw("newOwner")}.`,
  },
};
