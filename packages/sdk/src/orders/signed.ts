import { TypedDataEncoder, ZeroHash, type AddressLike, type Signer, type TypedDataField } from "ethers";
import { guarded } from "../reads/guard.ts";
import type { OrderRequest, RestingRequest, Session } from "../types.ts";

/** What is signed along with a request. */
export interface SignedTerms {
  /** Who signs: pays the collateral, and owns what is opened. */
  readonly owner: string;
  /** Any number not used before; see {@link freshNonce}. */
  readonly nonce: bigint;
  /** Seconds. */
  readonly validUntil: bigint;
  /** Token units of the request's execution fee that go to who sends it. */
  readonly relayFee: bigint;
}

/** Terms with their signature, as `OrderBook.commitSigned` and `placeSigned` take them. */
export interface Signed extends SignedTerms {
  readonly signature: string;
}

/** Where a signature is good: one chain, one order book. */
export interface SigningDomain {
  readonly chainId: bigint;
  readonly orderBook: string;
}

/** Stands for no permit. */
export const NO_PERMIT = { value: 0n, deadline: 0n, v: 0, r: ZeroHash, s: ZeroHash } as const;

const TERMS: TypedDataField[] = [
  { name: "owner", type: "address" },
  { name: "nonce", type: "uint256" },
  { name: "validUntil", type: "uint256" },
  { name: "relayFee", type: "uint128" },
];

const ORDER_REQUEST: TypedDataField[] = [
  { name: "positionId", type: "uint256" },
  { name: "sizeDelta", type: "int128" },
  { name: "collateral", type: "uint256" },
  { name: "acceptablePrice", type: "uint256" },
  { name: "executionFee", type: "uint128" },
  { name: "deadline", type: "uint40" },
];

const RESTING_REQUEST: TypedDataField[] = [
  ...ORDER_REQUEST,
  { name: "limitPrice", type: "uint128" },
  { name: "stopPrice", type: "uint128" },
  { name: "trail", type: "uint128" },
  { name: "trailIsRatio", type: "bool" },
  { name: "reduceOnly", type: "bool" },
  { name: "beyondLiquidation", type: "bool" },
];

/** EIP-712 types of a signed market order, for wallets. */
export const COMMIT_TYPES = {
  Commit: [{ name: "request", type: "OrderRequest" }, ...TERMS],
  OrderRequest: ORDER_REQUEST,
};

/** EIP-712 types of a signed resting order, for wallets. */
export const PLACE_TYPES = {
  Place: [{ name: "request", type: "RestingRequest" }, ...TERMS],
  RestingRequest: RESTING_REQUEST,
};

/** EIP-712 types of a session, for wallets. */
export const SESSION_TYPES: Record<string, TypedDataField[]> = {
  Session: [
    { name: "owner", type: "address" },
    { name: "key", type: "address" },
    { name: "nonce", type: "uint256" },
    { name: "maxLeverage", type: "uint128" },
    { name: "maxNotional", type: "uint128" },
    { name: "lossBudget", type: "uint128" },
    { name: "expiresAt", type: "uint40" },
    { name: "reduceOnly", type: "bool" },
  ],
};

/** Signs a session; its key passes it with the signature to `OrderBook.commitBySession` and `placeBySession`. */
export async function signSession(signer: Signer, domain: SigningDomain, session: Session): Promise<string> {
  return guarded(() => signer.signTypedData(eip712(domain), SESSION_TYPES, session));
}

/** Id of a session: its EIP-712 struct hash, as `OrderBook.sessionState` and `stakeOf` take it. */
export function sessionId(session: Session): string {
  return TypedDataEncoder.hashStruct("Session", SESSION_TYPES, session);
}

/** Signs a market order; who sends it passes the result to `OrderBook.commitSigned`. */
export async function signCommit(
  signer: Signer,
  domain: SigningDomain,
  request: OrderRequest,
  terms: SignedTerms,
): Promise<Signed> {
  const message = { request, ...terms };
  const signature = await guarded(() => signer.signTypedData(eip712(domain), COMMIT_TYPES, message));
  return { ...terms, signature };
}

/** Signs a resting order; who sends it passes the result to `OrderBook.placeSigned`. */
export async function signPlace(
  signer: Signer,
  domain: SigningDomain,
  request: RestingRequest,
  terms: SignedTerms,
): Promise<Signed> {
  const message = { request, ...terms };
  const signature = await guarded(() => signer.signTypedData(eip712(domain), PLACE_TYPES, message));
  return { ...terms, signature };
}

/** The lowest nonce an owner has neither used nor cancelled. Nonces close together cost less gas. */
export async function freshNonce(
  orderBook: { isNonceUsed(owner: AddressLike, nonce: bigint): Promise<boolean> },
  owner: AddressLike,
): Promise<bigint> {
  const isUsed = (nonce: bigint) => guarded(() => orderBook.isNonceUsed(owner, nonce));
  let step = 1n;
  while (await isUsed(step - 1n)) step *= 2n;
  // Used nonces need not be in order: this finds a free one, in O(log n) calls the lowest if they are.
  let [low, high] = [step / 2n - 1n, step - 1n];
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (await isUsed(middle)) low = middle;
    else high = middle;
  }
  return high;
}

function eip712({ chainId, orderBook }: SigningDomain) {
  return { name: "Bulkhead", version: "1", chainId, verifyingContract: orderBook };
}
