import { changeCollateral, judge, leverageOf, type Judgement, type PositionState } from "@bulkhead/sdk";
import type { Action } from "../action.ts";
import { Failure } from "../errors.ts";
import type { SendingOptions } from "../options.ts";
import { approvalOf, idOf, moneyOf } from "../parse.ts";
import { sideAndSize } from "../present/position.ts";
import { standingFacts, standingJson } from "../present/preview.ts";
import { unitsOf } from "../present/units.ts";
import type { Session } from "../session.ts";
import { transact, type Preview } from "../transact.ts";
import { notTheirs } from "./close.ts";
import { readOne } from "./positions.ts";

/** `bulkhead collateral add` */
export const addCollateral: Action<
  readonly [string, string],
  SendingOptions & { readonly approve: string }
> = async (session, [given, text], options) => {
  const amount = moneyOf("amount", text, session.market.token.decimals);
  const id = idOf(given);
  const { preview } = await previewChange(session, id, () => amount);
  return transact(
    session,
    {
      preview,
      payment: { spender: "marginVault", amount, how: approvalOf(options.approve) },
      send: (writer, onSent) => writer.positions.addCollateral(id, amount, { onSent }),
    },
    options,
  );
};

/** `bulkhead collateral remove` */
export const removeCollateral: Action<readonly [string, string], SendingOptions> = async (
  session,
  [given, text],
  options,
) => {
  const { decimals } = session.market.token;
  const asked = text === "max" ? undefined : moneyOf("amount", text, decimals);
  const id = idOf(given);
  const { preview, amount } = await previewChange(session, id, ({ withdrawable }) => {
    if (asked === undefined && withdrawable === 0n)
      throw new Failure(`position ${id}: nothing may be withdrawn now`);
    return -(asked ?? withdrawable);
  });
  return transact(
    session,
    { preview, send: (writer, onSent) => writer.positions.removeCollateral(id, -amount, { onSent }) },
    options,
  );
};

async function previewChange(
  session: Session,
  id: bigint,
  amountOf: (before: Judgement) => bigint,
): Promise<{ readonly preview: Preview; readonly amount: bigint }> {
  const { market } = session;
  const units = unitsOf(market);
  const { state, position } = await readOne(market, id);
  const before = judge(state, position);
  const amount = amountOf(before);
  const changed = changeCollateral(state, position, amount, state.time);
  const after = judge(changed.state, changed.position);
  const [verb, size] = amount > 0n ? ["Pay", amount] : ["Take", -amount];
  const leverage = { before: leverageOf(before), after: leverageOf(after) };
  return {
    amount,
    preview: {
      title: `${verb} ${units.sum(size)} ${amount > 0n ? "into" : "out of"} position ${id}, ${sideAndSize(position.size)} ${units.base}`,
      facts: [
        ["collateral", `${units.sum(position.collateral)} -> ${units.sum(changed.position.collateral)}`],
        ...standingFacts(before, after, leverage, units),
        ["withdrawable then", units.sum(after.withdrawable)],
      ],
      obstacles: [
        ...(changed.refusal === undefined
          ? []
          : [refusalText(changed.refusal.name, position, before, units.sum)]),
        ...(amount < 0n ? notTheirs(session.address, position.owner) : []),
      ],
      json: {
        action: amount > 0n ? "add" : "remove",
        market: market.symbol,
        id: String(id),
        amount: units.exact(size),
        refusal: changed.refusal?.name ?? null,
        before: standingJson(before, leverage.before, units),
        after: standingJson(after, leverage.after, units),
      },
    },
  };
}

function refusalText(
  name: string,
  { id }: PositionState,
  { withdrawable }: Judgement,
  sum: (amount: bigint) => string,
): string {
  return `${name}: position ${id} lets go of ${sum(withdrawable)} at most`;
}
