// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MarketParams, OrderParams} from "./MarketParams.sol";

/// @notice What a market is made of.
/// @param symbol Name of the market, e.g. "ETH/USD"; unique in its factory.
/// @param token Collateral token.
/// @param oracle Price oracle.
/// @param nativeOracle Price of the chain's native token in collateral tokens, for the least execution fee; zero if
/// that is a constant.
/// @param authority AccessManager that says who may change parameters and stop new risk.
/// @param descriptor Draws the positions of the market; zero for none.
/// @param treasury Receives its share of fees, as a claim in the margin vault.
/// @param redemptionPeriod Seconds between two batches of redemptions of the pool.
struct MarketConfig {
    string symbol;
    address token;
    address oracle;
    address nativeOracle;
    address authority;
    address treasury;
    address descriptor;
    uint32 redemptionPeriod;
    MarketParams params;
    OrderParams orderParams;
}

/// @notice Addresses of a market's contracts.
struct MarketSet {
    address marginVault;
    address liquidityVault;
    address insuranceFund;
    address market;
    address orderBook;
    address orderModule;
    address marketModule;
    address governanceModule;
}
