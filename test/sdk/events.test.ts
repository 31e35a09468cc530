import { decodeEvent, decodeEvents } from "@bulkhead/sdk";
import { expect } from "chai";
import { EventFragment, Interface, ZeroAddress, type ParamType } from "ethers";
import {
  ChainlinkStreamsOracle__factory,
  GovernanceModule__factory,
  InsuranceFund__factory,
  LiquidityVault__factory,
  MarginVault__factory,
  MarketFactory__factory,
  MarketModule__factory,
  OrderBook__factory,
  OrderModule__factory,
  PerpMarket__factory,
} from "../../typechain-types/index.ts";
import { openMarket, WAD } from "../shared/market.ts";

const SET = {
  orderBook: [OrderBook__factory.abi, OrderModule__factory.abi],
  market: [PerpMarket__factory.abi, MarketModule__factory.abi, GovernanceModule__factory.abi],
  marginVault: [MarginVault__factory.abi],
  liquidityVault: [LiquidityVault__factory.abi],
  insuranceFund: [InsuranceFund__factory.abi],
  oracle: [ChainlinkStreamsOracle__factory.abi],
  factory: [MarketFactory__factory.abi],
} as const;

/** An address for each contract of the set. */
const AT = Object.fromEntries(
  Object.keys(SET).map((name, i) => [name, `0x${String(i + 1).padStart(40, "0")}`]),
) as Record<keyof typeof SET, string>;

function sample({ type, components }: ParamType): unknown {
  if (components) return components.map(sample);
  if (/^u?int/.test(type)) return 7n;
  if (type === "address") return ZeroAddress;
  if (type === "bool") return true;
  if (type === "string") return "ETH-USD";
  if (type === "bytes32") return `0x${"12".repeat(32)}`;
  return "0x12";
}

describe("events", () => {
  for (const [contract, abis] of Object.entries(SET) as [keyof typeof SET, readonly unknown[]][]) {
    it(`of ${contract} are all decoded, with a sentence that uses their arguments`, () => {
      const address = AT[contract];
      for (const abi of abis) {
        for (const entry of abi as readonly { type: string }[]) {
          if (entry.type !== "event") continue;
          const fragment = EventFragment.from(entry);
          const log = new Interface([fragment]).encodeEventLog(fragment, fragment.inputs.map(sample));
          const event = decodeEvent({ address, ...log }, AT, { tokenDecimals: 6, symbol: "USDC" });
          expect([event?.contract, event?.name], fragment.format()).to.deep.equal([contract, fragment.name]);
          expect(Object.keys(event!.args)).to.deep.equal(fragment.inputs.map(({ name }) => name));
          expect(event!.text, fragment.name)
            .to.match(/^\S.+ .+\.$/)
            .and.not.match(/undefined|\[object/);
        }
      }
    });
  }

  it("of other contracts are passed over, and those that two share are told apart by address", () => {
    const abi = InsuranceFund__factory.createInterface();
    const collected = abi.encodeEventLog("Collected", [5n]);
    expect(decodeEvent({ address: AT.insuranceFund, ...collected }, AT)?.contract).to.equal("insuranceFund");
    expect(decodeEvent({ address: AT.liquidityVault, ...collected }, AT)?.contract).to.equal(
      "liquidityVault",
    );
    expect(decodeEvent({ address: ZeroAddress, ...collected }, AT)).to.equal(undefined);
    expect(decodeEvent({ topics: [], data: "0x" })).to.equal(undefined);
    const shares = LiquidityVault__factory.createInterface().encodeEventLog("Transfer", [
      ZeroAddress,
      ZeroAddress,
      1n,
    ]);
    expect(decodeEvent(shares)?.contract).to.equal("liquidityVault");
    const token = PerpMarket__factory.createInterface().encodeEventLog("Transfer", [
      ZeroAddress,
      ZeroAddress,
      1n,
    ]);
    expect(decodeEvent(token)?.contract).to.equal("market");
  });

  it("of a real trade tell what happened, with types", async () => {
    const { alice, trade, addresses, unit } = await openMarket();
    const { receipt, id } = await trade(alice, { sizeDelta: WAD, collateral: 500n * unit });
    const events = decodeEvents(receipt.logs, addresses, { tokenDecimals: 6, symbol: "USDC" });
    expect(events.map(({ contract, name }) => `${contract}.${name}`)).to.include.members([
      "orderBook.OrderSettled",
      "market.PositionIncreased",
      "marginVault.Settled",
    ]);
    const grown = events.find((event) => event.name === "PositionIncreased");
    if (grown?.name !== "PositionIncreased") throw new Error("nothing grew");
    expect(grown.args.newSize).to.equal(WAD);
    expect(grown.text).to.match(
      new RegExp(`^Position ${id} grew by 1 to 1 at 2000: impact .+ USDC, fee .+ USDC`),
    );
    const settled = events.find((event) => event.name === "Settled");
    if (settled?.name !== "Settled") throw new Error("nothing settled");
    expect(settled.args.payment.keeper).to.match(/^0x/);
  });
});
