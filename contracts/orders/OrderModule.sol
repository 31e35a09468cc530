// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOrderModule} from "../interfaces/IOrderModule.sol";
import {MarketConfig, MarketSet} from "../types/MarketConfig.sol";
import {OrderStorage} from "./OrderStorage.sol";
import {ProtectiveOrders} from "./ProtectiveOrders.sol";
import {Sessions} from "./Sessions.sol";
import {TwapOrders} from "./TwapOrders.sol";

/// @title OrderModule
/// @notice The part of an order book's code that has no room in it. The book runs it by delegatecall on its own storage;
/// called directly it has no orders, and the market does not listen to it. Table of contents:
/// - TwapOrders: placeTwap, settleSlice, cancelTwap
/// - ProtectiveOrders: placeProtective, protect, cancelProtective
/// - Sessions: commitBySession, placeBySession, cancelBySession
/// - here: updateNativePrice.
contract OrderModule is TwapOrders, ProtectiveOrders, Sessions {
    constructor(MarketConfig memory config, MarketSet memory set) OrderStorage(config, set) {}

    /// @inheritdoc IOrderModule
    function updateNativePrice() external {
        _readNativePrice();
    }
}
