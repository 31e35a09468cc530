// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MarketConfig, MarketSet} from "../types/MarketConfig.sol";
import {OrderStorage} from "./OrderStorage.sol";
import {TwapOrders} from "./TwapOrders.sol";

/// @title OrderBook
/// @notice Every order of one market. Table of contents:
/// - MarketOrders: commit, settle, expire
/// - RestingOrders: place, cancel, trigger
/// - TwapOrders: placeTwap, settleSlice, cancelTwap
/// - OrderStorage: what is stored, and what all of them check.
contract OrderBook is TwapOrders {
    constructor(MarketConfig memory config, MarketSet memory set) OrderStorage(config, set) {}
}
