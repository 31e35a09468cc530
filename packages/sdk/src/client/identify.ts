import type { ContractRunner } from "ethers";
import { InvalidInputError } from "../errors.ts";
import type { MarketContracts } from "../market.ts";
import { guarded } from "../reads/guard.ts";
import { askToken, readSymbol } from "../reads/token.ts";
import { printable } from "../text.ts";
import type { Token } from "./desk.ts";

/** Longest title that is shown. */
const MAX_TITLE = 32;

/** Decimals that a market's scale and its token's decimals come to together. */
const SCALE_DECIMALS = 36n;

/**
 * The token of a market and its title, as in "ETH/USD", read in one batch in which the market also says that the set is
 * its own: who is in the place of its margin vault would be approved for all that is.
 *
 * @throws InvalidInputError by the name of an address that is not the market's, or `token` for one that counts in other
 * decimals than the market.
 */
export async function identify(
  { market, addresses }: MarketContracts,
  runner: ContractRunner,
): Promise<{ readonly token: Token; readonly title: string }> {
  const { token } = addresses;
  const [symbol, decimals, title, scale, own] = await guarded(() =>
    Promise.all([
      readSymbol(token, runner),
      askToken<bigint>(token, runner, "function decimals() view returns (uint8)"),
      market.symbol(),
      market.quoteScale(),
      partsOf(market),
    ]),
  );
  for (const [part, address] of own) {
    if (addresses[part].toLowerCase() !== address.toLowerCase())
      throw new InvalidInputError(part, addresses[part], `the market's own, ${address}`);
  }
  if (decimals === undefined || decimals > SCALE_DECIMALS || 10n ** (SCALE_DECIMALS - decimals) !== scale)
    throw new InvalidInputError("token", token, "a token with the decimals that the market counts in");
  return {
    token: { address: token, symbol, decimals: Number(decimals) },
    title: printable(title.replace(/^bh-/, ""), MAX_TITLE),
  };
}

async function partsOf(market: MarketContracts["market"]) {
  return Promise.all(
    (["token", "oracle", "marginVault", "liquidityVault", "insuranceFund", "orderBook"] as const).map(
      async (part) => [part, await market[part]()] as const,
    ),
  );
}
