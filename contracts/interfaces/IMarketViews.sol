// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IModuleViews} from "./IModuleViews.sol";
import {MarketParams} from "../types/MarketParams.sol";
import {Carry, Side} from "../types/Position.sol";

/// @notice What a market knows beyond single positions.
interface IMarketViews is IModuleViews {
    /// @notice The market's parameters as they are in force now.
    function params() external view returns (MarketParams memory);

    /// @notice When liquidations resume after an outage, seconds; 0 while it lasts. Counts while `carry().flags` has
    /// OUTAGE; see `MarketFlags`, and `PerpLens.status` for all of it in plain.
    function resumesAt() external view returns (uint256);

    /// @notice Sums of one side.
    function side(bool isLong) external view returns (Side memory);

    /// @notice Carry state as stored.
    function carry() external view returns (Carry memory);

    /// @notice Carry state, breaker included, as it would be if brought up to now at `price`.
    function carryAt(uint256 price) external view returns (Carry memory);

    /// @notice Net PnL of all traders at `price` before carry, and the carry they owe now, token units.
    function traderResult(uint256 price) external view returns (int256 netPnl, int256 carryOwed);

    /// @notice Assets the pool must keep at `price`, token units: for the larger side's notional, and so much that no
    /// side's profit is due for deleveraging.
    function lockedAssets(uint256 price) external view returns (uint256);
}
