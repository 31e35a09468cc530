// The generated contracts that the sdk stands on: the one place that knows where they are. Each comes by its own path,
// not through the barrel, so that nobody carries an ABI that isn't used.
export { MarketFactory__factory } from "../../../typechain-types/factories/contracts/factory/MarketFactory__factory.ts";
export { IChainlinkFeed__factory } from "../../../typechain-types/factories/contracts/interfaces/IChainlinkFeed.sol/IChainlinkFeed__factory.ts";
export { IChainlinkFeeManager__factory } from "../../../typechain-types/factories/contracts/interfaces/IChainlinkVerifier.sol/IChainlinkFeeManager__factory.ts";
export { IChainlinkVerifier__factory } from "../../../typechain-types/factories/contracts/interfaces/IChainlinkVerifier.sol/IChainlinkVerifier__factory.ts";
export { IPriceOracle__factory } from "../../../typechain-types/factories/contracts/interfaces/IPriceOracle__factory.ts";
export { Errors__factory } from "../../../typechain-types/factories/contracts/libraries/Errors__factory.ts";
export { PerpMarket__factory } from "../../../typechain-types/factories/contracts/market/PerpMarket__factory.ts";
export { ChainlinkFeedOracle__factory } from "../../../typechain-types/factories/contracts/oracles/ChainlinkFeedOracle__factory.ts";
export { ChainlinkStreamsOracle__factory } from "../../../typechain-types/factories/contracts/oracles/ChainlinkStreamsOracle__factory.ts";
export { OrderBook__factory } from "../../../typechain-types/factories/contracts/orders/OrderBook__factory.ts";
export { PerpLens__factory } from "../../../typechain-types/factories/contracts/periphery/PerpLens__factory.ts";
export { StateLens__factory } from "../../../typechain-types/factories/contracts/periphery/StateLens__factory.ts";
export { InsuranceFund__factory } from "../../../typechain-types/factories/contracts/vaults/InsuranceFund__factory.ts";
export { LiquidityVault__factory } from "../../../typechain-types/factories/contracts/vaults/LiquidityVault__factory.ts";
export { MarginVault__factory } from "../../../typechain-types/factories/contracts/vaults/MarginVault__factory.ts";

export type { MarketFactory } from "../../../typechain-types/contracts/factory/MarketFactory.ts";
export type { IChainlinkFeed } from "../../../typechain-types/contracts/interfaces/IChainlinkFeed.sol/IChainlinkFeed.ts";
export type { IChainlinkFeeManager } from "../../../typechain-types/contracts/interfaces/IChainlinkVerifier.sol/IChainlinkFeeManager.ts";
export type { IChainlinkVerifier } from "../../../typechain-types/contracts/interfaces/IChainlinkVerifier.sol/IChainlinkVerifier.ts";
export type { IPriceOracle } from "../../../typechain-types/contracts/interfaces/IPriceOracle.ts";
export type { PerpMarket } from "../../../typechain-types/contracts/market/PerpMarket.ts";
export type { ChainlinkFeedOracle } from "../../../typechain-types/contracts/oracles/ChainlinkFeedOracle.ts";
export type { ChainlinkStreamsOracle } from "../../../typechain-types/contracts/oracles/ChainlinkStreamsOracle.ts";
export type { OrderBook } from "../../../typechain-types/contracts/orders/OrderBook.ts";
export type { PerpLens } from "../../../typechain-types/contracts/periphery/PerpLens.ts";
export type { StateLens } from "../../../typechain-types/contracts/periphery/StateLens.ts";
export type { InsuranceFund } from "../../../typechain-types/contracts/vaults/InsuranceFund.ts";
export type { LiquidityVault } from "../../../typechain-types/contracts/vaults/LiquidityVault.ts";
export type { MarginVault } from "../../../typechain-types/contracts/vaults/MarginVault.ts";
export type { TypedContractEvent, TypedLogDescription } from "../../../typechain-types/common.ts";
