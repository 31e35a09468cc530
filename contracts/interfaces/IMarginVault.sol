// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Payment} from "../types/Payment.sol";

/// @notice The kernel: one separate balance per position, and claims of money that has left a position but not yet
/// the vault. All amounts are token units. It knows no price and has no admin; only the market moves balances, and
/// each movement names one position and is bounded by that position's own balance.
///
/// Always: token.balanceOf(vault) ≥ totalBalance + totalClaim, totalBalance = Σ balanceOf(id), totalClaim = Σ claimOf.
interface IMarginVault {
    /// @notice Collateral was paid into a position.
    event Deposited(uint256 indexed positionId, address indexed payer, uint256 amount);

    /// @notice Money moved between a position and claims.
    event Settled(uint256 indexed positionId, Payment payment);

    /// @notice As Settled, and then all that was left went to `to`: `amount`, `pushed` as in Withdrawn.
    event Closed(
        uint256 indexed positionId,
        address indexed to,
        Payment payment,
        uint256 amount,
        bool pushed
    );

    /// @notice Money left a position for `to`; `pushed` is false when the transfer failed and became a claim.
    event Withdrawn(uint256 indexed positionId, address indexed to, uint256 amount, bool pushed);

    /// @notice Tokens were paid in for an account's claim.
    event Funded(address indexed payer, address indexed account, uint256 amount);

    /// @notice A claim moved to another account.
    event ClaimTransferred(address indexed from, address indexed to, uint256 amount);

    /// @notice A claim was paid out.
    event Claimed(address indexed account, address indexed to, uint256 amount);

    /// @notice The collateral token.
    function token() external view returns (IERC20);

    /// @notice The only contract that moves position balances.
    function market() external view returns (address);

    /// @notice The account whose claim pays traders' profits: the market's liquidity vault.
    function pool() external view returns (address);

    /// @notice Collateral of a position, and the pool's claim.
    function accountOf(uint256 positionId) external view returns (uint256 balance, uint256 poolClaim);

    /// @notice Collateral of a position.
    function balanceOf(uint256 positionId) external view returns (uint256);

    /// @notice What an account may claim.
    function claimOf(address account) external view returns (uint256);

    /// @notice Σ balanceOf.
    function totalBalance() external view returns (uint256);

    /// @notice Σ claimOf.
    function totalClaim() external view returns (uint256);

    /// @notice Pulls `amount` from `payer`, who approved this vault, into a position. Market only.
    /// Reverts: Unauthorized, MarginVaultUnbacked if less arrived than was sent, the token's own errors.
    function deposit(uint256 positionId, address payer, uint256 amount) external;

    /// @notice The account credited with the treasury's share of fees.
    function treasury() external view returns (address);

    /// @notice Moves `payment.fromPool` of the pool's claim into a position, then debits it by what the payment names
    /// and credits those claims. Market only.
    /// Reverts: Unauthorized, MarginVaultInsufficientClaim, MarginVaultInsufficientBalance.
    function settle(uint256 positionId, Payment calldata payment) external;

    /// @notice As `settle`, then as `withdraw` of all that is left to `to`. Market only. Reverts as `settle`.
    function close(uint256 positionId, Payment calldata payment, address to) external;

    /// @notice Sends `amount` of a position to `to`. A transfer that fails becomes a claim of `to`; never reverts for
    /// the receiver's sake. Market only. Reverts: Unauthorized, MarginVaultInsufficientBalance.
    function withdraw(uint256 positionId, address to, uint256 amount) external;

    /// @notice Pulls `amount` from the caller into the claim of `account`.
    /// Reverts: MarginVaultUnbacked, the token's own errors.
    function fund(address account, uint256 amount) external;

    /// @notice Moves `amount` of the caller's claim to `to`. Reverts: MarginVaultInsufficientClaim, ZeroAddress.
    function transferClaim(address to, uint256 amount) external;

    /// @notice Pays `amount` of the caller's claim to `to`. Reverts: MarginVaultInsufficientClaim, the token's own.
    function claim(address to, uint256 amount) external;

    /// @notice Tokens held that belong to nobody: donations. They can be given to insurance with `skim`.
    function surplus() external view returns (uint256);

    /// @notice Credits the surplus to the insurance fund's claim. Anyone. Returns the amount.
    function skim() external returns (uint256);
}
