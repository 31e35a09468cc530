// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MarketConfig, MarketSet} from "../types/MarketConfig.sol";
import {Deleveraging} from "./Deleveraging.sol";
import {Liquidations} from "./Liquidations.sol";
import {MarketStorage} from "./MarketStorage.sol";
import {Releases} from "./Releases.sol";
import {Withdrawals} from "./Withdrawals.sol";

/// @title MarketModule
/// @notice A part of a market's code that has no room in it. The market runs it by delegatecall on its own storage;
/// called directly it has no positions, and no vault listens to it. Table of contents:
/// - Releases: release (order book only)
/// - Withdrawals: removeCollateral
/// - Liquidations: liquidate
/// - Deleveraging: deleverage.
contract MarketModule is Releases, Withdrawals, Liquidations, Deleveraging {
    constructor(MarketConfig memory config, MarketSet memory set) MarketStorage(config, set) {}
}
