import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openMarket, WAD, type Desk } from "../shared/market.ts";
import { serve } from "../sdk/outside.ts";

/** A market with two positions, served over HTTP, and its deployment's record in a folder of its own. */
export interface CliDesk extends Desk {
  readonly url: string;
  readonly folder: string;
  /** Where the record is. */
  readonly file: Desk["file"];
  readonly deployment: string;
  /** Of alice, long, and of bob, short. */
  readonly ids: readonly [bigint, bigint];
  stop(): Promise<void>;
}

/** Opens one. */
export async function openDesk(): Promise<CliDesk> {
  const desk = await openMarket();
  const { addresses, alice, bob, unit, trade } = desk;
  const long = await trade(alice, { sizeDelta: 10n * WAD, collateral: 3_000n * unit });
  const short = await trade(bob, { sizeDelta: -4n * WAD, collateral: 1_000n * unit });
  const { url, server } = await serve(desk);
  const folder = await mkdtemp(join(tmpdir(), "bulkhead-cli-"));
  const deployment = join(folder, "31337.json");
  const { lens, stateLens, ...set } = addresses;
  await writeFile(
    deployment,
    JSON.stringify({ chainId: 31337, lens, stateLens, markets: { "ETH/USD": set } }),
  );
  return {
    ...desk,
    url,
    folder,
    deployment,
    ids: [long.id, short.id],
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await rm(folder, { recursive: true });
    },
  };
}
