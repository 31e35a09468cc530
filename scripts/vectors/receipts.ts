import { FAILURES, type LiquidationReceipt, type MarketContracts, type Refusal } from "@bulkhead/sdk";
import type { Result } from "ethers";
import type { Action, FillFigures, Outcome } from "./actions.ts";
import type { Sent } from "./world.ts";

/** What a transaction says an action came to. */
export function readReceipt(contracts: MarketContracts, action: Action, sent: Sent): Outcome {
  if ("refused" in sent) return { refusal: refusalOf(sent.refused) };
  const sources = [contracts.market, contracts.liquidityVault];
  const of = (name: string): Result[] =>
    sent.logs.flatMap((log) => {
      const source = sources.find(({ target }) => String(target).toLowerCase() === log.address.toLowerCase());
      const event = source?.interface.parseLog({ topics: [...log.topics], data: log.data });
      return event?.name === name ? [event.args] : [];
    });
  switch (action.kind) {
    case "trade": {
      const [filled] = [...of("PositionIncreased"), ...of("PositionDecreased")];
      return filled === undefined ? { fill: undefined } : { failure: FAILURES[0], fill: fillOf(filled) };
    }
    case "liquidate":
      return {
        refusal: undefined,
        receipts: of("PositionLiquidated").map(
          (args) => (args.receipt as Result).toObject() as unknown as LiquidationReceipt,
        ),
      };
    case "deposit":
    case "mint": {
      const [{ assets, shares }] = of("Deposit") as [Result & { assets: bigint; shares: bigint }];
      return { assets, shares };
    }
    case "claim": {
      const [{ assets, shares }] = of("Withdraw") as [Result & { assets: bigint; shares: bigint }];
      return { assets, shares };
    }
    case "fulfillRedeems": {
      const [{ redeemed, assets }] = of("RedeemsFulfilled") as [
        Result & { redeemed: bigint; assets: bigint },
      ];
      return { shares: redeemed, assets };
    }
    case "reserve":
    case "collateral":
    case "requestRedeem":
    case "accrue":
      return {};
  }
}

function fillOf(args: Result): FillFigures {
  const { sizeDelta, newSize, newEntryNotional, impact, fee, carry, ...rest } = args.toObject() as Record<
    string,
    bigint
  >;
  // An increase realises nothing, and what it can't pay fails it.
  const { pnl = 0n, realised = 0n, badDebt = 0n } = rest;
  return {
    sizeDelta: sizeDelta!,
    newSize: newSize!,
    newEntryNotional: newEntryNotional!,
    impact: impact!,
    pnl,
    realised,
    fee: fee!,
    carry: carry!,
    badDebt,
  };
}

/** Arguments that are amounts; addresses are left out. */
function refusalOf({ name, args }: { name: string; args: readonly unknown[] }): Refusal {
  // Which of the oracle's reasons it is depends on the oracle.
  if (name.startsWith("Oracle")) return { name: "OracleStale", args: [] };
  return { name, args: args.filter((arg) => typeof arg === "bigint") };
}
