import { expect } from "chai";
import { hexlify, toUtf8Bytes, zeroPadBytes } from "ethers";
import { PositionDescriptor__factory } from "../../typechain-types/index.ts";
import { openMarket, WAD, type Desk, type Settings } from "../shared/market.ts";

const SIZE = (25n * WAD) / 2n;
const MAX_CODE = 24_576;

interface Metadata {
  readonly name: string;
  readonly description: string;
  readonly image: string;
  readonly attributes: readonly { readonly trait_type: string; readonly value: string }[];
}

/** The desk with a descriptor, and a way to read what it says of a position. */
async function openDesk(settings?: Settings) {
  const desk = await openMarket(settings);
  const descriptor = await new PositionDescriptor__factory(desk.operator).deploy();
  const describe = async (id: bigint) => {
    const uri = await descriptor.tokenURI(desk.market, id);
    const metadata = JSON.parse(decoded(uri, "application/json")) as Metadata;
    const traits = Object.fromEntries(metadata.attributes.map((a) => [a.trait_type, a.value]));
    const svg = decoded(metadata.image, "image/svg+xml");
    requireWellFormed(svg);
    return { ...metadata, traits, svg };
  };
  return { ...desk, descriptor, describe };
}

/** Opens 12.5 ETH either way with 2,500 of collateral. */
async function open({ trade, alice, unit }: Desk, direction: 1n | -1n): Promise<bigint> {
  return (await trade(alice, { sizeDelta: direction * SIZE, collateral: 2_500n * unit })).id;
}

function decoded(uri: string, type: string): string {
  const head = `data:${type};base64,`;
  expect(uri.startsWith(head)).to.equal(true);
  return Buffer.from(uri.slice(head.length), "base64").toString("utf8");
}

/** Stricter than XML: printable ASCII, quoted attributes named once each, elements closed in order, no references. */
function requireWellFormed(xml: string): void {
  expect(xml)
    .to.match(/^[\x20-\x7e]*$/)
    .and.not.contain("&");
  const open: string[] = [];
  for (const [piece] of xml.matchAll(/<[^<>]*>|[^<>]+|[<>]/g)) {
    const tag = /^<(\/?)([a-z]+)((?: [a-zA-Z-]+='[^'<>]*')*)(\/?)>$/.exec(piece);
    if (tag === null) {
      expect(piece, "text").to.match(/^[^<>]+$/);
      expect(open, `text outside the root: ${piece}`).to.not.be.empty;
      continue;
    }
    const [, closing, name, attributes = "", empty] = tag;
    const names = [...attributes.matchAll(/ ([a-zA-Z-]+)=/g)].map(([, found]) => found);
    expect(new Set(names).size, piece).to.equal(names.length);
    if (closing === "/") expect(open.pop(), piece).to.equal(name);
    else if (empty === "") open.push(name!);
  }
  expect(open).to.be.empty;
}

describe("PositionDescriptor", () => {
  it("describes a long as its own market does", async () => {
    const desk = await openDesk();
    const id = await open(desk, 1n);
    const { name, description, traits, svg } = await desk.describe(id);
    expect(name).to.equal(`ETH/USD long 12.5 (#${id})`);
    expect(description).to.contain("Bulkhead market ETH/USD");
    const { equity, collateral } = await desk.view(id);
    expect(traits).to.deep.equal({
      Market: "ETH/USD",
      Side: "Long",
      Size: "12.5",
      Leverage: `${tenths((SIZE * 2_000n * desk.unit * 10n) / WAD / equity)}x`,
      Health: "Healthy",
      Collateral: `${money(collateral, desk.unit)} USDC`,
      Equity: `${money(equity, desk.unit)} USDC`,
      "Entry price": "2,000.25",
      Price: "2,000.00",
    });
    expect(svg).to.contain(">LONG<").and.to.contain(">12.5<").and.to.contain(">Healthy<");
  });

  it("describes a short", async () => {
    const desk = await openDesk();
    const { name, traits, svg } = await desk.describe(await open(desk, -1n));
    expect(name).to.contain("ETH/USD short 12.5");
    expect(traits).to.include({ Side: "Short", Size: "12.5", Health: "Healthy", "Entry price": "1,999.75" });
    expect(svg).to.contain(">SHORT<").and.not.to.contain(">LONG<");
  });

  it("tells a position that waits for its first fill", async () => {
    const desk = await openDesk();
    const { order } = await desk.commit(desk.alice, { sizeDelta: SIZE, collateral: 2_500n * desk.unit });
    const { name, traits, svg } = await desk.describe(order.positionId);
    expect(name).to.equal(`ETH/USD waiting (#${order.positionId})`);
    expect(traits).to.include({ Side: "None", Size: "0", Leverage: "n/a", Health: "Waiting" });
    expect(traits).to.include({ Collateral: "2,500.00 USDC", Equity: "n/a", "Entry price": "n/a" });
    expect(svg).to.contain("No order filled yet");
  });

  for (const [dollars, health, said] of [
    [1_835n, "Margin call", "! Margin call"],
    [1_820n, "Liquidatable", "! Liquidatable"],
    [1_790n, "Bankrupt", "Losses are beyond the collateral"],
  ] as const) {
    it(`calls a long at 10x ${health.toLowerCase()} when the price falls to ${dollars}`, async () => {
      const desk = await openDesk();
      const id = await open(desk, 1n);
      await desk.push(dollars);
      const { traits, svg } = await desk.describe(id);
      const { liquidatable, bankrupt } = await desk.view(id);
      expect(traits.Health).to.equal(health);
      expect(liquidatable).to.equal(health !== "Margin call");
      expect(bankrupt).to.equal(health === "Bankrupt");
      expect(traits.Equity!.startsWith("-")).to.equal(bankrupt);
      expect(traits.Leverage === "n/a").to.equal(bankrupt);
      expect(svg).to.contain(`>${said}<`);
    });
  }

  it("says that there is no price when the feed is stale, and when it is dead", async () => {
    const desk = await openDesk();
    const id = await open(desk, 1n);
    await desk.networkHelpers.time.increase(5_000);
    const unknown = { Price: "n/a", Leverage: "n/a", Equity: "n/a", Health: "Price n/a" };
    const stale = await desk.describe(id);
    expect(stale.traits).to.include({ Side: "Long", Size: "12.5", "Entry price": "2,000.25", ...unknown });
    await desk.networkHelpers.setCode(desk.externals.feed, "0xfe");
    expect((await desk.describe(id)).traits).to.deep.equal(stale.traits);
  });

  it("reads money of a token of 18 decimals as that of one of 6", async () => {
    const [six, eighteen] = [await openDesk(), await openDesk({ tokenDecimals: 18 })];
    const [a, b] = [
      await six.describe(await open(six, 1n)),
      await eighteen.describe(await open(eighteen, 1n)),
    ];
    expect(b.name).to.equal(a.name);
    expect(b.traits).to.include({ Leverage: a.traits.Leverage, "Entry price": a.traits["Entry price"] });
    expect(b.traits.Collateral).to.match(/^2,487\.\d\d USDC$/);
    expect(a.traits.Collateral).to.match(/^2,487\.\d\d USDC$/);
  });

  for (const [symbol, shown] of [
    [`"/></svg>&'\\`, " ?/??/svg??"],
    ["USD₮0", " USD?0"],
    ["a\u0000\n\u007fb", " ab"],
    ["", ""],
  ] as const) {
    it(`lets a token named ${JSON.stringify(symbol)} put nothing of its own into the card`, async () => {
      const desk = await openDesk();
      const id = await open(desk, 1n);
      await nameToken(desk, symbol);
      const { traits } = await desk.describe(id);
      expect(traits.Collateral).to.match(/^2,487\.\d\d/);
      expect(traits.Collateral!.replace(/^[\d,.]+/, "")).to.equal(shown);
    });
  }

  it("fits into a contract", async () => {
    const { ethers, descriptor } = await openDesk();
    const code = await ethers.provider.getCode(descriptor);
    expect((code.length - 2) / 2).to.be.at.most(MAX_CODE);
  });
});

/** Writes a short symbol into the storage of the test token. */
async function nameToken({ networkHelpers, token }: Desk, symbol: string): Promise<void> {
  const SYMBOL_SLOT = 4n;
  const bytes = toUtf8Bytes(symbol);
  const word = BigInt(zeroPadBytes(hexlify(bytes), 32)) | BigInt(bytes.length * 2);
  await networkHelpers.setStorageAt(await token.getAddress(), SYMBOL_SLOT, word);
  expect(await token.symbol()).to.equal(symbol);
}

function tenths(value: bigint): string {
  return `${value / 10n}.${value % 10n}`;
}

function money(amount: bigint, unit: bigint): string {
  const cents = ((amount * 100n) / unit).toString().padStart(3, "0");
  return `${cents.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",")}.${cents.slice(-2)}`;
}
