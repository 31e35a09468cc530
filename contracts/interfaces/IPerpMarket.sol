// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IInsuranceFund} from "./IInsuranceFund.sol";
import {ILiquidityVault} from "./ILiquidityVault.sol";
import {IMarginVault} from "./IMarginVault.sol";
import {IPriceOracle} from "./IPriceOracle.sol";
import {MarketParams} from "../types/MarketParams.sol";
import {Failure, Trade} from "../types/Order.sol";
import {Carry, Position, Side} from "../types/Position.sol";

/// @notice What the liquidity vault may ask of the engine.
interface ITraderLedger {
    /// @notice Net PnL of all traders at `price` before carry, and the carry they owe now, token units.
    function traderResult(uint256 price) external view returns (int256 netPnl, int256 carryOwed);

    /// @notice Notional of the larger side at `price`, token units: what the pool must keep assets for.
    function largerSideNotional(uint256 price) external view returns (uint256);

    /// @notice Tokens the pool holds for the market, token units: its cash.
    function poolCash() external view returns (uint256);

    /// @notice Records that the pool took in `amount`. Liquidity vault only. Reverts: Unauthorized.
    function addPoolCash(uint256 amount) external;

    /// @notice Records that the pool gave out `amount`. Liquidity vault only. Reverts: Unauthorized, Panic(17) if it
    /// has less.
    function takePoolCash(uint256 amount) external;

    /// @notice Brings carry up to now at the latest price. Anyone. Does nothing where no price is usable.
    function accrue() external;
}

/// @notice The engine of one market. Positions are ERC-721 tokens (not repeated here); the token id is the position id.
/// Prices are wad, sizes base wad, money token units.
interface IPerpMarket is ITraderLedger {
    function token() external view returns (IERC20);

    function oracle() external view returns (IPriceOracle);

    function marginVault() external view returns (IMarginVault);

    function liquidityVault() external view returns (ILiquidityVault);

    function insuranceFund() external view returns (IInsuranceFund);

    function orderBook() external view returns (address);

    /// @notice Receives the treasury's share of fees, as a claim in the margin vault.
    function treasury() external view returns (address);

    /// @notice 10^(36 − token decimals): base wad × price wad → token units.
    function quoteScale() external view returns (uint256);

    /// @notice The market's parameters.
    function params() external view returns (MarketParams memory);

    /// @notice Maintenance margin of a position of `size` with `notional`, token units.
    function maintenanceMargin(uint256 size, uint256 notional) external view returns (uint256);

    /// @notice A position's record; zeros for an unknown id.
    function position(uint256 positionId) external view returns (Position memory);

    /// @notice Sums of one side.
    function side(bool isLong) external view returns (Side memory);

    /// @notice Carry state as stored.
    function carry() external view returns (Carry memory);

    /// @notice Carry state as it would be if accrued now at `price`.
    function carryAt(uint256 price) external view returns (Carry memory);

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

    /// @notice Ends an order no price exists for: pays `executionFee` from the position to the claim of `feeTo`, as
    /// far as `execute` would on failure, and refunds and burns a position that was never opened, unless it is kept.
    /// Order book only. Reverts: Unauthorized.
    function release(uint256 positionId, uint256 executionFee, address feeTo, bool keepsReserved) external;

    /// @notice Adds `amount` of the caller's tokens to an existing position; needs no price. Anyone.
    /// Reverts: ZeroAmount, PositionNotOpen, the vault's errors.
    function addCollateral(uint256 positionId, uint256 amount) external;

    /// @notice Sends `amount` of an open position's collateral to its owner. Owner or approved. Afterwards equity at
    /// the index price is at least the initial margin and cash at least the liquidation reserve.
    /// Reverts: ZeroAmount, NotPositionOperator, PositionNotOpen, InsufficientMargin, InsufficientCash, oracle errors.
    function removeCollateral(uint256 positionId, uint256 amount) external;

    /// @notice Liquidates every position of `positionIds` whose equity at the index price is below its maintenance
    /// margin: partly if that restores it, else whole. Others, repeated and unknown ids are skipped. The reward is
    /// credited to the claim of `rewardTo`. Anyone. Returns how many were liquidated.
    /// Reverts: ZeroAddress, oracle errors.
    function liquidate(
        uint256[] calldata positionIds,
        address rewardTo
    ) external returns (uint256 liquidated);
}
