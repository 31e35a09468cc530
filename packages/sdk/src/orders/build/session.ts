import { checkAddress, checkDeadline, checkRange, checkUint } from "../../checks.ts";
import { InvalidInputError } from "../../errors.ts";
import type { Session } from "../../types.ts";

const MAX_UINT128 = (1n << 128n) - 1n;

/**
 * What an owner lets a key do, checked: {@link signSession} signs it.
 *
 * @param now Seconds since 1970.
 * @throws InvalidInputError where it would let the key do nothing, or could not be encoded.
 */
export function sessionOf(request: Session, now: bigint): Session {
  const { owner, key, nonce, maxLeverage, maxNotional, lossBudget, expiresAt, reduceOnly } = request;
  checkAddress("owner", owner);
  checkAddress("key", key);
  if (owner.toLowerCase() === key.toLowerCase())
    throw new InvalidInputError("key", key, "another account than the owner's, who needs no session");
  // A session for smaller positions only is bound by its loss budget alone.
  const least = reduceOnly ? 0n : 1n;
  return {
    owner,
    key,
    nonce: checkUint("nonce", nonce),
    maxLeverage: checkRange("maxLeverage", maxLeverage, least, MAX_UINT128, (bound) => `${bound} (wad)`),
    maxNotional: checkRange(
      "maxNotional",
      maxNotional,
      least,
      MAX_UINT128,
      (bound) => `${bound} token units`,
    ),
    lossBudget: checkRange("lossBudget", lossBudget, 1n, MAX_UINT128, (bound) => `${bound} token units`),
    expiresAt: checkDeadline("expiresAt", expiresAt, now),
    reduceOnly,
  };
}
