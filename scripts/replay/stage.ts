import { join } from "node:path";
import { connectMarket } from "@bulkhead/sdk";
import { HDNodeWallet, MaxUint256, Mnemonic } from "ethers";
import { deployMarket } from "../../deploy/deploy.ts";
import { ethUsd } from "../../deploy/params/markets/eth-usd.ts";
import { startChain, type LocalChain } from "./chain.ts";
import { startKeeper } from "./keeper-process.ts";
import type { OracleKind } from "./options.ts";
import type { Round } from "./rounds.ts";
import type { Stage } from "./run.ts";
import { openSource } from "./source.ts";
import type { TestToken } from "../../typechain-types/index.ts";

/** Hardhat's well-known development phrase: local chains only. */
const MNEMONIC = "test test test test test test test test test test test junk";
const KEEPER_INDEX = 299;
const LP_COUNT = 4;

const USDC = 10n ** 6n;
const LP_DEPOSIT = 5_000_000n * USDC;
const INSURANCE = 100_000n * USDC;
const TRADER_FUNDS = 100_000_000n * USDC;

/**
 * Starts the chain and the keeper, deploys, deposits liquidity and insurance, and funds the traders. The chain's first
 * block is before the first round, which is on-chain when this returns.
 */
export async function setStage(
  rounds: readonly Round[],
  traderCount: number,
  scratch: string,
  note: (text: string) => void,
  kind: OracleKind = "feed",
): Promise<Stage> {
  const first = rounds[0];
  if (first === undefined) throw new Error("no rounds to replay");
  note("starting the local chain");
  const chain = await startChain(first.updatedAt - 1);
  try {
    note("deploying the market");
    await chain.provider.send("evm_setNextBlockTimestamp", [first.updatedAt]);
    await chain.mine();
    const operator = account(chain, 0);
    const signer = await chain.provider.getSigner(operator);
    const source = await openSource(kind, chain, signer, rounds);
    const deploymentFile = join(scratch, "31337.json");
    const { addresses } = await deployMarket(signer, ethUsd, source.externals, {
      ...source.deployOptions,
      file: deploymentFile,
    });
    const contracts = connectMarket(addresses, chain.provider);

    note("funding liquidity providers, insurance and traders");
    const lps = Array.from({ length: LP_COUNT }, (_, i) => account(chain, 1 + i));
    const traders = Array.from({ length: traderCount }, (_, i) => account(chain, 1 + LP_COUNT + i));
    const fromBlock = (await chain.head()).number + 1;
    await fund(chain, source.token, operator, [
      ...lps.map((lp) => ({ owner: lp, spender: addresses.liquidityVault, amount: 2n * LP_DEPOSIT })),
      { owner: operator, spender: addresses.insuranceFund, amount: INSURANCE },
      ...traders.map((trader) => ({ owner: trader, spender: addresses.marginVault, amount: TRADER_FUNDS })),
    ]);
    await source.refresh();
    for (const lp of lps) {
      await chain.send(
        lp,
        addresses.liquidityVault,
        contracts.liquidityVault.interface.encodeFunctionData("deposit", [LP_DEPOSIT, lp]),
      );
    }
    await chain.send(
      operator,
      addresses.insuranceFund,
      contracts.insuranceFund.interface.encodeFunctionData("donate", [INSURANCE]),
    );

    const wallet = HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(MNEMONIC), `m/44'/60'/0'/0/${KEEPER_INDEX}`);
    note("starting the keeper");
    const keeper = startKeeper(
      chain.url,
      deploymentFile,
      wallet.privateKey,
      process.env.KEEPER_LOG ?? "warn",
      source.keeper,
    );
    return {
      chain,
      keeper,
      contracts,
      source,
      operator,
      keeperAccount: wallet.address,
      lps,
      traders,
      signerOf: (trader) =>
        HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(MNEMONIC), `m/44'/60'/0'/0/${1 + LP_COUNT + trader}`),
      fromBlock,
    };
  } catch (error) {
    await chain.stop();
    throw error;
  }
}

async function fund(
  chain: LocalChain,
  token: TestToken,
  operator: string,
  grants: readonly { owner: string; spender: string; amount: bigint }[],
): Promise<void> {
  const address = await token.getAddress();
  for (const { owner, spender, amount } of grants) {
    await chain.send(operator, address, token.interface.encodeFunctionData("mint", [owner, amount]));
    await chain.send(owner, address, token.interface.encodeFunctionData("approve", [spender, MaxUint256]));
  }
}

function account(chain: LocalChain, index: number): string {
  const found = chain.accounts[index];
  if (found === undefined)
    throw new RangeError(`the local chain has ${chain.accounts.length} accounts; ${index + 1} are needed`);
  return found;
}
