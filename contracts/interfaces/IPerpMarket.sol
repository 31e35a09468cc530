// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IGovernanceModule} from "./IGovernanceModule.sol";
import {IMarketModule} from "./IMarketModule.sol";
import {IMarketParts} from "./IMarketParts.sol";
import {IMarketViews} from "./IMarketViews.sol";
import {Failure, Trade, TradePreview} from "../types/Order.sol";
import {Position} from "../types/Position.sol";

/// @notice The engine of one market. Positions are ERC-721 tokens (not repeated here); the token id is the position id.
/// Prices are wad, sizes base wad, money token units.
interface IPerpMarket is IMarketParts, IMarketViews, IMarketModule, IGovernanceModule {
    /// @notice AccessManager that says who may change parameters and stop new risk.
    function authority() external view returns (address);

    /// @notice Contract that carries out the verbs of IMarketModule on this market's storage.
    function module() external view returns (address);

    /// @notice Contract that carries out the verbs of IGovernanceModule on this market's storage.
    function governanceModule() external view returns (address);

    /// @notice Tokens the pool holds for the market, token units: its cash.
    function poolCash() external view returns (uint256);

    /// @notice Records that the pool took in `amount`. Liquidity vault only. Reverts: Unauthorized.
    function addPoolCash(uint256 amount) external;

    /// @notice Records that the pool gave out `amount`. Liquidity vault only. Reverts: Unauthorized, Panic(17) if it
    /// has less.
    function takePoolCash(uint256 amount) external;

    /// @notice Maintenance margin of a position of `size` with `notional`, token units.
    function maintenanceMargin(uint256 size, uint256 notional) external view returns (uint256);

    /// @notice A position's record; zeros for an unknown id.
    function position(uint256 positionId) external view returns (Position memory);

    /// @notice Id the next position gets; ids start at 1 and never repeat.
    function nextPositionId() external view returns (uint256);

    /// @notice Owner of a position, zero address where none exists. Never reverts.
    function ownerOrZero(uint256 positionId) external view returns (address);

    /// @notice Whether `operator` may act for the position (owner, approved, or approved for all).
    function isOperator(uint256 positionId, address operator) external view returns (bool);

    /// @notice What an order for a position asks: its owner, its size (0: not open), whether `operator` may act for it.
    function orderTerms(
        uint256 positionId,
        address operator
    ) external view returns (address owner, int256 size, bool allowed);

    /// @notice Who owns a position, its size, when it was opened and when it last changed hands, seconds (0: never).
    function tenure(
        uint256 positionId
    ) external view returns (address owner, int256 size, uint256 openedAt, uint256 transferredAt);

    /// @notice Mints a position to `owner` and pulls its collateral from `payer`. Order book only.
    /// Reverts: Unauthorized, the vault's errors.
    function reserve(address owner, address payer, uint256 collateral) external returns (uint256 positionId);

    /// @notice Pulls `amount` from `payer` into a position, with an order. Order book only.
    /// Reverts: Unauthorized, the vault's errors.
    function depositFor(uint256 positionId, address payer, uint256 amount) external;

    /// @notice Executes an order at its price, or closes it with a reason. The execution fee is paid both times; on
    /// failure a never-opened position is refunded, and an open one pays no more than it has above its maintenance
    /// margin and liquidation reserve. After a transfer no fee is paid. Order book only. Reverts: Unauthorized.
    function execute(Trade calldata trade) external returns (Failure);

    /// @notice What `execute` would do now with `collateral` more in the position; id 0 for a new one. Does not look at
    /// the owner. Where it would fail, the terms are those it fails with.
    function previewTrade(
        Trade calldata trade,
        uint256 collateral
    ) external view returns (TradePreview memory);

    /// @notice Adds `amount` of the caller's tokens to an existing position; needs no price. Anyone.
    /// Reverts: ZeroAmount, PositionNotOpen, the vault's errors.
    function addCollateral(uint256 positionId, uint256 amount) external;
}
