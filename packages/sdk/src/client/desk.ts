import type { Signer, TransactionRequest } from "ethers";
import { send, type SendOptions, type Sent } from "../actions/send.ts";
import { InvalidInputError } from "../errors.ts";
import { guarded } from "../reads/guard.ts";
import type { MarketContracts } from "../market.ts";

/** The collateral token of a market. */
export interface Token {
  readonly address: string;
  readonly symbol: string;
  readonly decimals: number;
}

/** How an action is sent; see {@link SendOptions}. */
export type ActionOptions = Pick<SendOptions, "timeoutMs" | "confirmations" | "onSent">;

/** What the groups of a market's client share. */
export interface Desk {
  /** Of the chain that it was connected on. */
  readonly chainId: bigint;
  readonly symbol: string;
  readonly contracts: MarketContracts;
  readonly token: Token;
}

/** Who sends: the signer that the client was connected with. Throws InvalidInputError for one that only reads. */
function signerOf({ contracts }: Desk): Signer {
  const { runner } = contracts.market;
  if (runner === null || !("signTransaction" in runner))
    throw new InvalidInputError("runner", runner, "a signer: connect with one to send transactions");
  return runner as Signer;
}

/** The account that sends. */
export function senderOf(desk: Desk): Promise<string> {
  return guarded(async () => signerOf(desk).getAddress());
}

/** Simulates, sends and waits; events come decoded, with money in the token's own decimals. */
export async function dispatch(
  desk: Desk,
  request: Promise<TransactionRequest>,
  options: ActionOptions = {},
): Promise<Sent> {
  const { chainId, contracts, token } = desk;
  const filled = await guarded(() => request);
  return send(
    signerOf(desk),
    { ...filled, chainId },
    {
      ...options,
      addresses: contracts.addresses,
      units: { tokenDecimals: token.decimals, symbol: token.symbol },
    },
  );
}
