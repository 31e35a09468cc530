// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IMarketModule} from "../interfaces/IMarketModule.sol";
import {MarketFlags} from "../libraries/MarketFlags.sol";
import {MarketConfig, MarketSet} from "../types/MarketConfig.sol";
import {Deleveraging} from "./Deleveraging.sol";
import {Liquidations} from "./Liquidations.sol";
import {MarketStorage, State} from "./MarketStorage.sol";
import {Releases} from "./Releases.sol";
import {Withdrawals} from "./Withdrawals.sol";

/// @title MarketModule
/// @notice A part of a market's code that has no room in it. The market runs it by delegatecall on its own storage;
/// called directly it has no positions, and no vault listens to it. Table of contents:
/// - Releases: release (order book only)
/// - Withdrawals: removeCollateral
/// - Liquidations: liquidate
/// - Deleveraging: deleverage
/// - here: accrue.
contract MarketModule is Releases, Withdrawals, Liquidations, Deleveraging {
    constructor(MarketConfig memory config, MarketSet memory set) MarketStorage(config, set) {}

    /// @inheritdoc IMarketModule
    function accrue() external nonReentrant {
        (uint256 price, , bool fresh) = oracle.peek();
        if (price == 0) return;
        State memory state = _load(price, 0);
        if (!fresh) _unwatch(state.carry);
        if (fresh && state.carry.flags & MarketFlags.OUTAGE != 0) _resume(state);
        _saveCarry(state);
    }
}
