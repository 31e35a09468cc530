#!/usr/bin/env -S npx tsx
import { Command, CommanderError } from "commander";
import { pino } from "pino";
import { ConfigError, loadConfig } from "./config.ts";
import { runKeeper } from "./runtime/engine.ts";

const program = new Command("bulkhead-keeper")
  .description(
    "Settles orders and liquidates positions of one market. The account's key is read from KEEPER_KEY.",
  )
  .requiredOption("--rpc <url>", "HTTP endpoint of the chain")
  .requiredOption(
    "--deployment <file>",
    "addresses, as written by the deployment: deployments/<chainId>.json",
  )
  .option("--market <symbol>", "market to keep", "ETH/USD")
  .option("--reward-to <address>", "account credited with fees and rewards (default: the keeper's own)")
  .option("--poll-ms <ms>", "how often to look for a new block", "500")
  .option("--batch-size <n>", "positions per liquidation transaction", "20")
  .option(
    "--streams-url <url>",
    "Data Streams API, for a market on a stream; user in STREAMS_KEY, STREAMS_SECRET",
  )
  .option("--refresh-seconds <s>", "age at which a stream's price on chain is brought up to date", "15")
  .option("--log-level <level>", "trace, debug, info, warn, error or silent", "info")
  .addHelpText(
    "after",
    `
Examples:
  KEEPER_KEY=0x… bulkhead-keeper --rpc http://127.0.0.1:8545 --deployment deployments/31337.json
  KEEPER_KEY=0x… bulkhead-keeper --rpc https://rpc.example --deployment deployments/42161.json --poll-ms 250
  KEEPER_KEY=0x… STREAMS_KEY=… STREAMS_SECRET=… bulkhead-keeper --rpc https://rpc.example \\
    --deployment deployments/42161.json --streams-url https://api.dataengine.chain.link`,
  )
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text) });

async function main(): Promise<number> {
  let options: Record<string, unknown> & { deployment: string; logLevel: string; streamsUrl?: string };
  try {
    options = program.parse().opts();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  try {
    const { streamsUrl } = options;
    const streams = {
      restUrl: streamsUrl,
      key: process.env.STREAMS_KEY ?? "",
      secret: process.env.STREAMS_SECRET ?? "",
    };
    const config = await loadConfig(
      {
        ...options,
        key: process.env.KEEPER_KEY ?? "",
        ...(streamsUrl === undefined ? {} : { streams }),
      },
      options.deployment,
    );
    const log = pino({ level: config.logLevel, base: undefined }, pino.destination(2));
    const abort = new AbortController();
    const stop = (): void => abort.abort();
    process.once("SIGINT", stop);
    process.once("SIGTERM", stop);
    // A parent process that holds the other end of the channel follows the progress, and its end is ours.
    process.once("disconnect", stop);
    await runKeeper(config, log, abort.signal, (progress) => process.send?.(progress));
    if (process.connected) process.disconnect();
    return 0;
  } catch (error) {
    process.stderr.write(`keeper: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof ConfigError ? 2 : 1;
  }
}

process.exitCode = await main();
