import type { Say } from "../say.ts";

/** What errors of the oracles and the upkeeps mean, and what to do. */
export const ORACLE_ADVICE = {
  OracleAnswerOutOfBounds: (a: Say) =>
    `Feed ${a.raw("feed")} answers ${a.wad("answer")}, outside ${a.wad("min")} to ${a.wad("max")}: no price is used until it is within.`,
  OracleStale: (a: Say) =>
    `Feed ${a.raw("feed")} last answered ${a.time("observedAt")}, and ${a.seconds("maxAge")} is the limit: wait for its next answer, or bring a report.`,
  OracleRoundIncomplete: (a: Say) =>
    `Round ${a.raw("roundId")} of ${a.raw("feed")} is unfinished or repeats an earlier answer: show another round.`,
  OracleObservationFromFuture: (a: Say) =>
    `An observation claims ${a.time("observedAt")}, after the block's ${a.time("timestamp")}: the feed's clock is wrong; wait.`,
  OracleNotFirstRound: (a: Say) =>
    `Round ${a.raw("roundId")} is not the first observed after ${a.time("moment")}; look at ${a.raw("otherRoundId")} and search again.`,
  OracleFixingPending: (a: Say) =>
    `The moment ${a.time("moment")} has no price yet; wait for the next observation, or the fallback ${a.time("fallbackAt")}.`,
  OracleWrongPhase: (a: Say) =>
    `A round of phase ${a.raw("phase")} was shown, and phases ${a.raw("first")} to ${a.raw("last")} count: show one of those.`,
  OracleUnusable: (a: Say) =>
    `${a.raw("feed")} can't serve as a feed: its settings or its answers are not those of one.`,
  OracleFeedsDisagree: (a: Say) =>
    `The feeds say ${a.wad("price")} and ${a.wad("secondPrice")}, more than ${a.percent("maxDeviation")} apart: wait until they agree.`,
  OracleCollateralUnusable: (a: Say) =>
    `The collateral token had no price to be believed ${a.time("time")} (feed ${a.raw("feed")}): wait until it has.`,
  OracleSequencerDown: (a: Say) =>
    `The chain's sequencer is down since ${a.time("since")}, or gives no status: wait until it is up.`,
  OracleGracePeriod: (a: Say) =>
    `The sequencer came back ${a.time("resumedAt")}, and prices count again from ${a.time("endsAt")}: wait until then.`,
  OracleReportMissing: (a: Say) =>
    `The oracle keeps no report observed ${a.time("observedAt")}: bring it with submit first.`,
  OracleReportNotOfMoment: (a: Say) =>
    `The report is valid ${a.time("validFrom")} to ${a.time("observedAt")}, which leaves out the second after ${a.time("moment")}: show the one that has it.`,
  OracleReportMalformed: (a: Say) =>
    `Report ${a.raw("index")} is no signed report of schema v3: pass it as Data Streams gives it.`,
  OracleReportForeign: (a: Say) =>
    `The report is of stream ${a.raw("feedId")}, and the oracle reads ${a.raw("streamId")}: fetch that one's.`,
  OracleReportExpired: (a: Say) =>
    `The report observed ${a.time("observedAt")} could be verified until ${a.time("expiresAt")}: bring a newer one.`,
  OracleReportOverlaps: (a: Say) =>
    `The oracle keeps a report of a second between ${a.time("validFrom")} and ${a.time("observedAt")} already: use that one.`,
  OracleFeeUnpaid: (a: Say) =>
    `Verification costs ${a.wad("fee")} of the native token, and ${a.wad("sent")} was sent: send that much.`,

  UpkeepNothingDone: () => "Nothing was left of what the upkeep was to do: somebody else was first.",
  UpkeepCallerNotForwarder: (a: Say) =>
    `${a.raw("caller")} is no forwarder of the upkeep: its owner has to allow it, or lift the restriction.`,
  UpkeepShardInvalid: (a: Say) =>
    `checkData names part ${a.raw("shard")} of ${a.raw("shards")} with a limit of ${a.raw("limit")}: shard < shards and a limit are needed.`,
  UpkeepOracleForeign: (a: Say) =>
    `The market's prices come from ${a.raw("oracle")}, not ${a.raw("streams")}: name the market's own oracle.`,
  UpkeepReportsUnexpected: (a: Say) =>
    `${a.raw("reports")} reports came where none are verified, or more than one: pass what the check asked for.`,
  UpkeepFeeUnfunded: (a: Say) =>
    `The upkeep holds ${a.wad("balance")} for verification, which costs ${a.wad("fee")}: fund it.`,
  UpkeepListMismatch: (a: Say) =>
    `${a.raw("orders")} orders came with ${a.raw("proofs")} proofs: pass one proof for each.`,
  UpkeepOrderWatched: (a: Say) => `Order ${a.raw("orderId")} is on the list already.`,
  UpkeepPositionCrowded: (a: Say) =>
    `Position ${a.raw("positionId")} has ${a.raw("max")} orders on the list, as many as may be: wait until one is done.`,
  UpkeepOrderWorthless: (a: Say) =>
    `Order ${a.raw("orderId")} pays less than the least fee, or its position has another owner: it is not worth watching.`,
};
