import { ZeroAddress, type Log } from "ethers";
import { math, parseOrderEvent, PerpMarket__factory, type MarketAddresses } from "@bulkhead/sdk";
import { TestToken__factory } from "../../typechain-types/index.ts";

/** Where a position stands: its owner's index, and its signed size (0 until its opening order settles). */
interface OpenPosition {
  readonly trader: number;
  size: bigint;
}

/** A liquidation as the report shows it. */
export interface LiquidationRecord {
  readonly positionId: bigint;
  readonly block: number;
  readonly full: boolean;
  readonly price: bigint;
  readonly badDebt: bigint;
}

const market = PerpMarket__factory.createInterface();
const token = TestToken__factory.createInterface();

/**
 * Everything the replay learns from events, and from nothing else: who holds what, what was opened, refused, closed
 * and liquidated, and how much money crossed the protocol's border. Money in token units.
 */
export class Ledger {
  opened = 0;
  closed = 0;
  refused = 0;
  liquidatedFull = 0;
  liquidatedPartial = 0;
  triggered = 0;
  slices = 0;
  protected = 0;
  badDebt = 0n;
  badDebtLp = 0n;
  insurancePaid = 0n;
  /** What the pool's counters of settlements must say; see {@link auditYield}. */
  readonly settled = {
    pnlReceived: 0n,
    pnlPaid: 0n,
    carryReceived: 0n,
    carryPaid: 0n,
    badDebt: 0n,
    insured: 0n,
    rewards: 0n,
  };
  haircut = 0n;
  deleveraged = 0;
  deleveragedNotional = 0n;
  /** Tokens that came into and left the three vaults. */
  moneyIn = 0n;
  moneyOut = 0n;
  readonly refusals = new Map<string, number>();
  readonly liquidations: LiquidationRecord[] = [];
  /** Positions alive, by id: open or waiting for their first fill. */
  readonly positions = new Map<bigint, OpenPosition>();
  /** Orders that wait, by trader. */
  readonly pending = new Map<number, string>();
  readonly #resting = new Set<string>();
  readonly #orders = new Map<string, { trader: number; positionId: bigint }>();
  readonly #vaults: ReadonlySet<string>;
  readonly #addresses: MarketAddresses;
  readonly #traderOf: ReadonlyMap<string, number>;

  readonly #scale: bigint;

  /** @param traders Addresses of the traders, in order. @param scale 10^(36 − token decimals). */
  constructor(addresses: MarketAddresses, traders: readonly string[], scale: bigint) {
    this.#scale = scale;
    this.#addresses = addresses;
    this.#vaults = new Set(
      [addresses.marginVault, addresses.liquidityVault, addresses.insuranceFund].map((a) => a.toLowerCase()),
    );
    this.#traderOf = new Map(traders.map((address, index) => [address.toLowerCase(), index]));
  }

  /** The trader's live position, if any. */
  positionOf(trader: number): bigint | undefined {
    for (const [id, position] of this.positions) if (position.trader === trader) return id;
    return undefined;
  }

  /** Takes the next log; order matters. */
  apply(log: Log): void {
    switch (log.address.toLowerCase()) {
      case this.#addresses.orderBook.toLowerCase():
        this.#applyOrder(log);
        break;
      case this.#addresses.market.toLowerCase():
        this.#applyMarket(log);
        break;
      case this.#addresses.token.toLowerCase():
        this.#applyTransfer(log);
        break;
    }
  }

  #applyOrder(log: Log): void {
    const event = parseOrderEvent(log);
    if (event === undefined) return;
    if (event.kind === "committed") {
      const trader = this.#traderOf.get(event.order.owner.toLowerCase());
      if (trader === undefined) return;
      this.#orders.set(event.orderId, { trader, positionId: event.order.positionId });
      this.pending.set(trader, event.orderId);
      return;
    }
    if (event.kind === "placed") this.#resting.add(event.orderId);
    if (event.kind === "slice" && event.reason === "None") this.slices += 1;
    if (event.kind === "toppedUp" || event.kind === "reduction") this.protected += 1;
    if (event.kind === "placed" || event.kind === "twapPlaced") return;
    const resting = this.#resting.delete(event.orderId);
    if (resting && (event.kind === "settled" || event.kind === "triggered")) this.triggered += 1;
    const order = this.#orders.get(event.orderId);
    if (order === undefined) return;
    this.#orders.delete(event.orderId);
    if (this.pending.get(order.trader) === event.orderId) this.pending.delete(order.trader);
    if (event.kind === "failed") {
      this.refused += 1;
      this.refusals.set(event.reason, (this.refusals.get(event.reason) ?? 0) + 1);
    }
  }

  #applyMarket(log: Log): void {
    const event = market.parseLog(log);
    if (event === null) return;
    const id = event.args.positionId as bigint;
    switch (event.name) {
      case "Transfer": {
        if (event.args.from !== ZeroAddress) break;
        const trader = this.#traderOf.get((event.args.to as string).toLowerCase());
        if (trader !== undefined) this.positions.set(event.args.id as bigint, { trader, size: 0n });
        break;
      }
      case "PositionReleased":
        this.positions.delete(id);
        break;
      case "PositionIncreased":
        if (this.positions.get(id)?.size === 0n) this.opened += 1;
        this.#settle(0n, event.args.carry as bigint);
        this.#resize(id, event.args.newSize as bigint);
        break;
      case "PositionDecreased":
        if (event.args.newSize === 0n) this.closed += 1;
        this.#cut(event.args.pnl as bigint, event.args.realised as bigint);
        this.#settle(event.args.realised as bigint, event.args.carry as bigint);
        this.#resize(id, event.args.newSize as bigint);
        break;
      case "PositionLiquidated":
        this.#liquidated(id, log.blockNumber, event.args.receipt as LiquidationReceipt);
        break;
      case "PositionDeleveraged":
        this.deleveraged += 1;
        this.deleveragedNotional += math.PositionMath.quoteUp(
          event.args.closedSize as bigint,
          event.args.price as bigint,
          this.#scale,
        );
        this.#cut(event.args.pnl as bigint, event.args.realised as bigint);
        this.#settle(event.args.realised as bigint, event.args.carry as bigint);
        this.#resize(id, event.args.newSize as bigint);
        break;
      case "BadDebtRealised":
        this.insurancePaid += event.args.fromInsurance as bigint;
        this.badDebt += event.args.badDebt as bigint;
        this.badDebtLp += event.args.fromPool as bigint;
        this.settled.badDebt += event.args.badDebt as bigint;
        this.settled.insured += event.args.fromInsurance as bigint;
        break;
    }
  }

  #liquidated(id: bigint, block: number, receipt: LiquidationReceipt): void {
    const full = receipt.newSize === 0n;
    this.insurancePaid += receipt.rewardFromInsurance;
    this.settled.rewards += receipt.rewardFromPool;
    // A receipt's result is after carry.
    this.#settle(receipt.realised + receipt.carry, receipt.carry);
    if (full) this.liquidatedFull += 1;
    else this.liquidatedPartial += 1;
    this.liquidations.push({ positionId: id, block, full, price: receipt.price, badDebt: receipt.badDebt });
    this.#resize(id, receipt.newSize);
  }

  /** @param realised PnL after the haircut. */
  #settle(realised: bigint, carry: bigint): void {
    const { settled } = this;
    if (realised > 0n) settled.pnlPaid += realised;
    else settled.pnlReceived -= realised;
    if (carry > 0n) settled.carryReceived += carry;
    else settled.carryPaid -= carry;
  }

  #cut(pnl: bigint, realised: bigint): void {
    if (pnl > 0n) this.haircut += pnl - realised;
  }

  #resize(id: bigint, size: bigint): void {
    const position = this.positions.get(id);
    if (position === undefined) return;
    if (size === 0n) this.positions.delete(id);
    else position.size = size;
  }

  #applyTransfer(log: Log): void {
    const event = token.parseLog(log);
    if (event?.name !== "Transfer") return;
    const from = this.#vaults.has((event.args.from as string).toLowerCase());
    const to = this.#vaults.has((event.args.to as string).toLowerCase());
    if (to && !from) this.moneyIn += event.args.value as bigint;
    if (from && !to) this.moneyOut += event.args.value as bigint;
  }
}

interface LiquidationReceipt {
  readonly realised: bigint;
  readonly carry: bigint;
  readonly rewardFromInsurance: bigint;
  readonly rewardFromPool: bigint;
  readonly price: bigint;
  readonly newSize: bigint;
  readonly badDebt: bigint;
}
