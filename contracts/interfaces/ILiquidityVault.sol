// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";

/// @notice The pool: an ERC-4626 vault of liquidity providers, counterparty of all traders of one market.
/// Shares have 6 decimals more than the token (virtual shares against inflation attacks).
interface ILiquidityVault is IERC4626 {
    /// @notice Pool money moved into the margin vault to pay traders.
    event Provided(uint256 amount);

    /// @notice The pool's claim in the margin vault was brought home.
    event Collected(uint256 amount);

    /// @notice Tokens that count as pool cash, as the market has them recorded; donations don't.
    function cash() external view returns (uint256);

    /// @notice cash + the pool's claim in the margin vault, token units: all money it can pay with.
    function poolAssets() external view returns (uint256);

    /// @notice poolAssets − net trader PnL + carry at `price`, token units; can be negative.
    function netAssetValue(uint256 price) external view returns (int256);

    /// @notice Moves `amount` of cash into the pool's claim, to pay traders from. Market only.
    /// Reverts: Unauthorized, the token's own errors.
    function provide(uint256 amount) external;

    /// @notice Turns the pool's whole claim into cash. Anyone. Returns the amount, token units.
    function collect() external returns (uint256);
}
