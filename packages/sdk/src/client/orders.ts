import type { BytesLike } from "ethers";
import type { Sent } from "../actions/send.ts";
import { checkUint } from "../checks.ts";
import { InvalidInputError } from "../errors.ts";
import type { WaitingOrder } from "../orders/book.ts";
import { encodeOrderCalls, type OrderCall } from "../orders/build/calls.ts";
import { readOrderRules, type OrderRules } from "../orders/build/rules.ts";
import type { TokenPermit } from "../orders/permit.ts";
import { readOrders } from "../orders/read.ts";
import { NO_PERMIT, type Signed, type SigningDomain } from "../orders/signed.ts";
import { guarded } from "../reads/guard.ts";
import type { Order, OrderRequest, RestingRequest } from "../types.ts";
import { dispatch, senderOf, type ActionOptions, type Desk } from "./desk.ts";

/** An order as the book has taken it. */
export interface GivenOrder {
  /** What the book knows it by. */
  readonly orderId: string;
  readonly positionId: bigint;
}

/** Orders of a market: what waits, and giving, cancelling and settling them. */
export interface OrdersClient {
  /** What the builders ({@link marketOrder}, {@link limitOrder} and the others) check requests against. */
  rules(): Promise<OrderRules>;
  /** Orders that wait, of one owner or of all, rebuilt from the book's events. */
  waiting(options?: {
    readonly owner?: string | undefined;
    readonly fromBlock?: number | undefined;
  }): Promise<readonly WaitingOrder[]>;
  /** Gives orders in one transaction, all or none: an entry, and exits of its position after it. */
  give(
    calls: readonly OrderCall[],
    options?: ActionOptions,
  ): Promise<Sent & { readonly orders: readonly GivenOrder[] }>;
  /** Cancels an order that waits for a price, or ends one in slices or a protective one. A market order can't be cancelled. */
  cancel(order: WaitingOrder, options?: ActionOptions): Promise<Sent>;
  /** Settles a market order with the proof of its fixing (`PriceSource.findFixing`); the fee is the sender's claim. */
  settle(order: Order, proof: BytesLike, options?: ActionOptions): Promise<Sent>;
  /** Releases a market order whose deadline has passed and that no price can settle. */
  expire(order: Order, options?: ActionOptions): Promise<Sent>;
  /** What {@link signCommit} and {@link signPlace} sign for. */
  domain(): Promise<SigningDomain>;
  /** Sends a market order that another account has signed, for its relay fee. */
  relayCommit(
    request: OrderRequest,
    signed: Signed,
    permit?: TokenPermit,
    options?: ActionOptions,
  ): Promise<Sent>;
  /** Sends a resting order that another account has signed, for its relay fee. */
  relayPlace(
    request: RestingRequest,
    signed: Signed,
    permit?: TokenPermit,
    options?: ActionOptions,
  ): Promise<Sent>;
  /** Takes a nonce of the sender's out of use: what they signed with it is void, a session too. */
  cancelNonce(nonce: bigint, options?: ActionOptions): Promise<Sent>;
}

/** Who could take a market order back would choose its price. */
const NOT_CANCELLABLE = "an order that waits for a price: a market order settles, fails or expires";

/** Nonces in a word of the book's bitmap. */
const NONCES_PER_WORD = 256n;

/** The orders of a market. */
export function ordersClient(desk: Desk): OrdersClient {
  const { chainId, contracts } = desk;
  const { orderBook, addresses } = contracts;
  return {
    rules: () => readOrderRules(contracts),
    waiting: async ({ owner, fromBlock = addresses.block ?? 0 } = {}) => {
      const provider = orderBook.runner?.provider;
      const toBlock = (await guarded(async () => provider?.getBlockNumber())) ?? 0;
      return readOrders(contracts, { ...(owner === undefined ? {} : { owner }), fromBlock, toBlock });
    },
    give: async (calls, options) => {
      const data = encodeOrderCalls(calls);
      const sent = await dispatch(desk, Promise.resolve({ to: addresses.orderBook, data }), options);
      return { ...sent, orders: givenOrders(sent) };
    },
    cancel: (order, options) => dispatch(desk, cancelling(desk, order), options),
    settle: async (order, proof, options) => {
      const feeTo = await senderOf(desk);
      return dispatch(desk, orderBook.settle.populateTransaction(order, proof, feeTo), options);
    },
    expire: (order, options) => dispatch(desk, orderBook.expire.populateTransaction(order), options),
    domain: async () => ({ chainId, orderBook: addresses.orderBook }),
    relayCommit: (request, signed, permit = NO_PERMIT, options) =>
      dispatch(desk, orderBook.commitSigned.populateTransaction(request, signed, permit), options),
    relayPlace: (request, signed, permit = NO_PERMIT, options) =>
      dispatch(desk, orderBook.placeSigned.populateTransaction(request, signed, permit), options),
    cancelNonce: (nonce, options) => {
      const word = checkUint("nonce", nonce) / NONCES_PER_WORD;
      const mask = 1n << (nonce % NONCES_PER_WORD);
      return dispatch(desk, orderBook.cancelNonces.populateTransaction(word, mask), options);
    },
  };
}

function cancelling({ contracts }: Desk, waiting: WaitingOrder) {
  const { orderBook } = contracts;
  switch (waiting.kind) {
    case "resting":
      return orderBook.cancel.populateTransaction(waiting.order);
    case "slices":
      return orderBook.cancelTwap.populateTransaction(waiting.order);
    case "protective":
      return orderBook.cancelProtective.populateTransaction(waiting.order);
    case "market":
      throw new InvalidInputError("order", waiting.orderId, NOT_CANCELLABLE);
  }
}

/** Events that announce an order. */
const GIVEN = ["OrderCommitted", "OrderPlaced", "TwapPlaced", "ProtectivePlaced"];

function givenOrders({ events }: Sent): GivenOrder[] {
  return events.flatMap(({ name, args }) => {
    if (!GIVEN.includes(name)) return [];
    const { orderId, positionId } = args as unknown as GivenOrder;
    return [{ orderId, positionId }];
  });
}
