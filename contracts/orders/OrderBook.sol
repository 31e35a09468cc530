// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {IOrderBook} from "../interfaces/IOrderBook.sol";
import {MarketConfig, MarketSet} from "../types/MarketConfig.sol";
import {OrderStorage} from "./OrderStorage.sol";
import {SignedOrders} from "./SignedOrders.sol";

/// @title OrderBook
/// @notice Every order of one market. Table of contents:
/// - MarketOrders: commit, settle, expire
/// - RestingOrders: place, cancel, trigger
/// - TwapOrders: placeTwap, settleSlice, cancelTwap
/// - SignedOrders: commitSigned, placeSigned, cancelNonces
/// - here: multicall (all or nothing), attemptMany (what can be done)
/// - OrderStorage: what is stored, and what all of them check.
contract OrderBook is SignedOrders, Multicall {
    constructor(MarketConfig memory config, MarketSet memory set) OrderStorage(config, set) {}

    /// @inheritdoc IOrderBook
    function attemptMany(bytes[] calldata calls) external returns (bool[] memory done) {
        done = new bool[](calls.length);
        for (uint256 i; i < calls.length; ++i) {
            // The code is this contract's own, and the caller stays who they are.
            // solhint-disable-next-line avoid-low-level-calls
            (bool succeeded, bytes memory reason) = address(this).delegatecall(calls[i]);
            done[i] = succeeded;
            if (!succeeded) emit CallSkipped(i, reason);
        }
    }
}
