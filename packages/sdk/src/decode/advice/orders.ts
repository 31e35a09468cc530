import type { Say } from "../say.ts";

/** What errors of orders, signatures, sessions and protective orders mean, and what to do. */
export const ORDER_ADVICE = {
  OrderSizeTooLarge: (a: Say) =>
    `The size ${a.wad("size")} is beyond the largest, ${a.wad("max")}: ask for less.`,
  OrderSizeZero: () => "A new position, and each slice of an order, needs a size: pass one that is not zero.",
  OrderCollateralUnexpected: (a: Say) =>
    `An order that reduces or closes takes no collateral, and ${a.money("collateral")} came with it: pass none.`,
  OrderCollateralTooLow: (a: Say) =>
    `The collateral, ${a.money("collateral")}, does not pay the execution fee of ${a.money("executionFee")}: pay in more.`,
  OrderExecutionFeeOutOfBounds: (a: Say) =>
    `The execution fee ${a.money("fee")} is outside ${a.money("min")} to ${a.money("max")}: offer one within. The least follows the gas price, so read it again before sending.`,
  OrderDeadlineTooEarly: (a: Say) =>
    `The deadline ${a.time("deadline")} comes before ${a.time("earliest")}, the earliest allowed: choose a later one.`,
  OrderNotReducing: (a: Say) =>
    `A reduce-only order of ${a.wad("sizeDelta")} would open, grow or flip position ${a.raw("positionId")}: turn its sign, or drop reduce-only.`,
  OrderTriggerMissing: () =>
    "A resting order needs a limit price, a stop price or a trail: set at least one.",
  OrderTriggerOutOfBounds: (a: Say) =>
    `A trigger price or trailing distance of ${a.wad("value")} is beyond ${a.wad("max")}: choose a lower one.`,
  OrderStopBeyondLiquidation: (a: Say) =>
    `Position ${a.raw("positionId")} would be liquidated before the price reaches the stop at ${a.wad("stopPrice")}: move the stop closer, add collateral, or set beyondLiquidation.`,
  OrderSlicesOutOfBounds: (a: Say) =>
    `${a.raw("slices")} slices are outside ${a.raw("min")} to ${a.raw("max")}: choose a number within.`,
  OrderIntervalOutOfBounds: (a: Say) =>
    `${a.seconds("interval")} between slices are outside ${a.seconds("min")} to ${a.seconds("max")}: choose a time within.`,
  OrderExpired: (a: Say) =>
    `The order's deadline was ${a.time("deadline")}: nothing triggers it any more. Cancel it and place another.`,
  OrderVoid: () =>
    "The order's position is gone or belongs to somebody else since: the order is void. Cancel it.",
  OrderObservationTooOld: (a: Say) =>
    `The price shown was observed ${a.time("observedAt")}, and only later ones than ${a.time("liveFrom")} count: show a later one.`,
  OrderNotCrossed: (a: Say) =>
    `The price shown, ${a.wad("price")}, reaches none of the order's triggers: wait for one that does.`,
  OrderNotFirstCrossing: (a: Say) =>
    `The observation before ${a.raw("observationId")} had crossed already: show the first one that does.`,
  OrderPeakAfterCrossing: (a: Say) =>
    `The best price shown for the trailing stop, observation ${a.raw("peakId")}, does not come before the crossing ${a.raw("crossingId")}: show an earlier one.`,
  OrderNotFillable: (a: Say) =>
    `The order was crossed and can't trade now (${a.raw("reason")}); it goes on resting. See the reason's advice.`,
  OrderPriceDue: (a: Say) =>
    `The order can't be settled without a fresh price until ${a.time("until")}: bring one to the oracle first, or wait.`,
  OrderUnknown: () =>
    "There is no such order, or it is done already: read the orders again, every field must be as it was placed.",
  OrderNotExpired: (a: Say) =>
    `The order is released only after its deadline, ${a.time("deadline")}: wait, or settle it.`,
  OrderSettleable: () => "The order has its price already: settle it instead.",
  InsufficientGas: (a: Say) =>
    `${a.raw("left")} gas was left where ${a.raw("needed")} is needed: raise the transaction's gas limit.`,

  SignatureExpired: (a: Say) =>
    `The signed request could be sent until ${a.time("validUntil")}: have it signed again with a later time.`,
  SignatureMalformed: () => "The signature is none: it must be the 65 bytes that the wallet returned.",
  SignatureOfAnother: (a: Say) =>
    `The signature is ${a.raw("signer")}'s, not ${a.raw("owner")}'s, or something else was signed: check signer, chain, order book and every field.`,
  SignatureRefused: (a: Say) =>
    `The contract wallet ${a.raw("owner")} does not accept the signature: have its owners sign again.`,
  NonceUsed: (a: Say) =>
    `Nonce ${a.raw("nonce")} of ${a.raw("owner")} was used or cancelled before: sign with one from freshNonce.`,
  RelayFeeTooHigh: (a: Say) =>
    `Who sends the request would get ${a.money("relayFee")} of an execution fee of ${a.money("executionFee")}: lower one or raise the other.`,

  SessionKeyMismatch: (a: Say) =>
    `The session's key is ${a.raw("key")}, and ${a.raw("sender")} sent the order: send it with that key.`,
  SessionExpired: (a: Say) => `The session ended ${a.time("expiresAt")}: have its owner sign another.`,
  SessionRevoked: (a: Say) =>
    `${a.raw("owner")} revoked the session by its nonce ${a.raw("nonce")}: have them sign another.`,
  SessionPositionForeign: (a: Say) =>
    `Position ${a.raw("positionId")} belongs to ${a.raw("owner")}, not to the session's owner: a session trades its owner's only.`,
  SessionReduceOnly: () => "The session may only make positions smaller: the owner has to give this order.",
  SessionOrderPending: (a: Say) =>
    `The session's last order for position ${a.raw("positionId")} is not done yet: wait until it is, or cancel it.`,
  SessionNotionalTooHigh: (a: Say) =>
    `The position would come to ${a.money("notional")}, and the session allows ${a.money("max")}: trade less.`,
  SessionLeverageTooHigh: (a: Say) =>
    `The position would come to ${a.money("notional")}, and with its equity the session's leverage allows ${a.money("max")}: trade less or add collateral.`,
  SessionLossBudgetExceeded: (a: Say) =>
    `The session would have put ${a.money("spent")} at stake of a budget of ${a.money("budget")}: put in less, or have the owner sign another.`,
  SessionOrderForeign: () => "The session did not place that order: its owner has to cancel it.",

  ProtectionRatioOutOfBounds: (a: Say) =>
    `The margin ratio ${a.percent("ratio")} must lie between ${a.percent("min")} and ${a.percent("max")}: maintenance < trigger < target < 100 %.`,
  ProtectionBudgetTooLow: (a: Say) =>
    `A budget of ${a.money("budget")} does not pay one execution of ${a.money("executionFee")}: raise it.`,
  ProtectionNotByOwner: (a: Say) =>
    `Only the owner of position ${a.raw("positionId")} may have it protected, and ${a.raw("sender")} is not: it may cost the owner money.`,
  ProtectionNotDue: (a: Say) =>
    `With equity ${a.money("equity")} of ${a.money("notional")} the margin ratio is above the trigger: wait until it is not.`,
};
