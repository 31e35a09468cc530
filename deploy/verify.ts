import type { MarketContracts } from "@bulkhead/sdk";
import { keccak256, ZeroAddress } from "ethers";
import { OrderModule__factory, type MarketFactory } from "../typechain-types/index.ts";
import { CREATION_CODE, type Externals } from "./code.ts";
import { compareOracle } from "./oracle.ts";
import type { MarketFile } from "./params/types.ts";

/** Something on the chain is not what was asked for. */
export class VerificationError extends Error {
  override readonly name = "VerificationError";
}

/** Reads everything back: parameters, wiring of every contract, oracle settings, code hashes. */
export async function verifyDeployment(
  contracts: MarketContracts,
  factory: MarketFactory,
  file: MarketFile,
  externals: Externals,
): Promise<void> {
  const { addresses: a, market, marginVault, liquidityVault, insuranceFund, orderBook } = contracts;
  const differences: string[] = [];
  const same = (what: string, actual: unknown, expected: unknown): void => {
    const [found, wanted] = [String(actual), String(expected)];
    if (found.toLowerCase() !== wanted.toLowerCase()) differences.push(`${what} is ${found}, not ${wanted}`);
  };

  const params = await market.params();
  for (const [name, value] of Object.entries(file.market)) {
    same(`parameter ${name}`, params[name as keyof typeof file.market], value);
  }
  const orderParams = await orderBook.orderParams();
  for (const [name, value] of Object.entries(file.orders)) {
    same(`order parameter ${name}`, orderParams[name as keyof typeof file.orders], value);
  }
  await compareOracle(a.oracle, market.runner, file.oracle, externals, same);

  same("market.token", await market.token(), externals.token);
  same("market.oracle", await market.oracle(), a.oracle);
  same("market.marginVault", await market.marginVault(), a.marginVault);
  same("market.liquidityVault", await market.liquidityVault(), a.liquidityVault);
  same("market.insuranceFund", await market.insuranceFund(), a.insuranceFund);
  same("market.orderBook", await market.orderBook(), a.orderBook);
  same("market.treasury", await market.treasury(), externals.treasury);
  same("market.quoteScale", await market.quoteScale(), 10n ** BigInt(36 - file.tokenDecimals));
  same("marginVault.token", await marginVault.token(), externals.token);
  same("marginVault.market", await marginVault.market(), a.market);
  same("marginVault.pool", await marginVault.pool(), a.liquidityVault);
  same("marginVault.insuranceFund", await marginVault.insuranceFund(), a.insuranceFund);
  same("liquidityVault.asset", await liquidityVault.asset(), externals.token);
  same("liquidityVault.market", await liquidityVault.market(), a.market);
  same("liquidityVault.marginVault", await liquidityVault.marginVault(), a.marginVault);
  same("liquidityVault.oracle", await liquidityVault.oracle(), a.oracle);
  same("redemptionPeriod", await liquidityVault.redemptionPeriod(), file.pool.redemptionPeriod);
  same("insuranceFund.token", await insuranceFund.token(), externals.token);
  same("insuranceFund.market", await insuranceFund.market(), a.market);
  same("insuranceFund.marginVault", await insuranceFund.marginVault(), a.marginVault);
  same("orderBook.market", await orderBook.market(), a.market);
  same("orderBook.oracle", await orderBook.oracle(), a.oracle);
  const nativeOracle = externals.nativeOracle ?? (file.baseIsNative ? a.oracle : ZeroAddress);
  const orderModule = (await factory.addressesOf(file.symbol)).orderModule;
  same("orderBook.nativeOracle", await orderBook.nativeOracle(), nativeOracle);
  same("orderBook.module", await orderBook.module(), orderModule);
  const code = OrderModule__factory.connect(orderModule, orderBook.runner);
  same("orderModule.market", await code.market(), a.market);
  same("orderModule.oracle", await code.oracle(), a.oracle);
  same("orderModule.nativeOracle", await code.nativeOracle(), nativeOracle);

  const hashes = await factory.codeHashes();
  CREATION_CODE.forEach((code, i) => {
    same(`creation code ${i}`, hashes[i], keccak256(code));
  });
  if (differences.length > 0) throw new VerificationError(differences.join("; "));
}
