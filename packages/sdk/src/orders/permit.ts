import {
  getAddress,
  id,
  Signature,
  TypedDataEncoder,
  verifyTypedData,
  type ContractRunner,
  type Signer,
  type TypedDataDomain,
  type TypedDataField,
} from "ethers";
import { checkAddress, checkDeadline, checkUint } from "../checks.ts";
import { asBulkheadError } from "../decode/errors.ts";
import { NetworkError } from "../errors.ts";
import { askToken } from "../reads/token.ts";

/** An EIP-2612 permit, as `OrderBook.commitSigned` and `placeSigned` take it. */
export interface TokenPermit {
  /** Token units. */
  readonly value: bigint;
  /** Seconds. */
  readonly deadline: bigint;
  readonly v: number;
  readonly r: string;
  readonly s: string;
}

/** What a permit is to allow. */
export interface PermitTerms {
  readonly token: string;
  /** Who may take the tokens: the margin vault for orders, the pool for deposits. */
  readonly spender: string;
  /** Token units. */
  readonly value: bigint;
  /** Last second at which it can be used. */
  readonly deadline: bigint;
}

/**
 * Why there is no permit; approve the spender instead:
 *
 * - `none`: the token has no EIP-2612 permit.
 * - `domain`: it has one, and what it signs under could not be found out.
 * - `wallet`: the signer is a contract, which gives no signature that a permit takes.
 */
export type NoPermitReason = "none" | "domain" | "wallet";

/** A permit, or why there is none. */
export type PermitAnswer =
  | { readonly kind: "permit"; readonly permit: TokenPermit }
  | { readonly kind: "unsupported"; readonly reason: NoPermitReason };

/** What a token is asked. */
const NAME = "function name() view returns (string)";
const VERSION = "function version() view returns (string)";
const NONCES = "function nonces(address owner) view returns (uint256)";
const TYPEHASH = "function PERMIT_TYPEHASH() view returns (bytes32)";
const SEPARATOR = "function DOMAIN_SEPARATOR() view returns (bytes32)";
const DOMAIN =
  "function eip712Domain() view returns (bytes1 fields, string name, string version, uint256 chainId, address verifyingContract, bytes32 salt, uint256[] extensions)";

/** EIP-712 type of a permit, for wallets. */
export const PERMIT_TYPES: Record<string, TypedDataField[]> = {
  Permit: [
    { name: "owner", type: "address" },
    { name: "spender", type: "address" },
    { name: "value", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
};

/** Versions tried where a token does not say its own. */
const VERSIONS = ["1", "2"];

/** Which fields of a domain an ERC-5267 answer says are part of it: name, version, chain, contract. */
const PLAIN_FIELDS = "0x0f";

/**
 * Signs a permit with the token's own domain: as `eip712Domain` tells it (ERC-5267), or else from name, version and chain,
 * held against `DOMAIN_SEPARATOR`. Its nonce is the owner's next.
 *
 * @param signer The owner, connected to a provider.
 * @throws UserRejectedError if the wallet's owner says no, NetworkError without an answer, InvalidInputError for terms
 * that can't be.
 * @example
 * const answer = await signPermit(signer, { token, spender: marginVault, value: collateral, deadline });
 * const permit = answer.kind === "permit" ? answer.permit : NO_PERMIT;
 * await orderBook.commitSigned(request, signed, permit);
 */
export async function signPermit(signer: Signer, terms: PermitTerms): Promise<PermitAnswer> {
  const { token, spender, value, deadline } = terms;
  checkAddress("token", token);
  checkAddress("spender", spender);
  checkUint("value", value);
  checkDeadline("deadline", deadline, 0n);
  try {
    const owner = await signer.getAddress();
    const nonce = await askToken<bigint>(token, signer, NONCES, owner);
    if (nonce === undefined) return { kind: "unsupported", reason: "none" };
    // Dai's permits lie under the same domain and mean something else.
    const typehash = await askToken<string>(token, signer, TYPEHASH);
    if (typehash !== undefined && typehash !== id(TypedDataEncoder.from(PERMIT_TYPES).encodeType("Permit")))
      return { kind: "unsupported", reason: "none" };
    const domain = await domainOf(token, signer);
    if (typeof domain === "string") return { kind: "unsupported", reason: domain };
    const message = { owner, spender, value, nonce, deadline };
    const signed = await signer.signTypedData(domain, PERMIT_TYPES, message);
    if (!isSignedBy(owner, domain, message, signed)) return { kind: "unsupported", reason: "wallet" };
    const { v, r, s } = Signature.from(signed);
    return { kind: "permit", permit: { value, deadline, v, r, s } };
  } catch (error) {
    throw asBulkheadError(error);
  }
}

/** What a token's permits are signed under. */
async function domainOf(token: string, runner: ContractRunner): Promise<TypedDataDomain | NoPermitReason> {
  const separator = await askToken<string>(token, runner, SEPARATOR);
  if (separator === undefined) return "none";
  const network = await runner.provider?.getNetwork();
  if (network === undefined) throw new NetworkError("lost", { detail: "the signer has no provider" });
  const here = { chainId: network.chainId, verifyingContract: token };
  const found = (await candidates(token, runner)).find(
    (candidate) => TypedDataEncoder.hashDomain({ ...candidate, ...here }) === separator,
  );
  return found === undefined ? "domain" : { ...found, ...here };
}

interface Named {
  readonly name: string;
  readonly version?: string;
}

/** Names and versions that a token may sign under, the likeliest first. */
async function candidates(token: string, runner: ContractRunner): Promise<Named[]> {
  const told = await askToken<{ fields: string; name: string; version: string }>(token, runner, DOMAIN);
  const own = told?.fields === PLAIN_FIELDS ? [{ name: told.name, version: told.version }] : [];
  const name = await askToken<string>(token, runner, NAME);
  if (name === undefined) return own;
  const version = await askToken<string>(token, runner, VERSION);
  const versions = version === undefined ? VERSIONS : [version, ...VERSIONS];
  return [...own, ...versions.map((each) => ({ name, version: each })), { name }];
}

function isSignedBy(
  owner: string,
  domain: TypedDataDomain,
  message: Readonly<Record<string, unknown>>,
  signature: string,
): boolean {
  try {
    return verifyTypedData(domain, PERMIT_TYPES, message, signature) === getAddress(owner);
  } catch {
    // Whatever a contract wallet returned, it is no signature of a key.
    return false;
  }
}
