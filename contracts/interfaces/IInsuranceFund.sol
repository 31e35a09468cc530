// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice First-loss backstop of one market: pays bad debt before the pool bears it, and keeper rewards that a
/// drained position can't pay. Token units throughout.
interface IInsuranceFund {
    /// @notice Someone added money.
    event Donated(address indexed from, uint256 amount);

    /// @notice Money was paid for bad debt or a reward, as a claim of `to` in the margin vault.
    event Covered(address indexed to, uint256 requested, uint256 paid);

    /// @notice The fund's claim in the margin vault was brought home.
    event Collected(uint256 amount);

    /// @notice What the fund had beyond its target went to the pool.
    event SurplusReleased(uint256 amount);

    /// @notice Tokens recorded in the fund; direct transfers don't count.
    function reserve() external view returns (uint256);

    /// @notice reserve + the fund's claim in the margin vault: all it can pay.
    function available() external view returns (uint256);

    /// @notice Adds `amount` from the caller, who approved this fund. Reverts: ZeroAmount, InsuranceUnbacked.
    function donate(uint256 amount) external;

    /// @notice Credits min(amount, available) to the claim of `to`. Market only. Returns what was paid.
    /// Reverts: Unauthorized.
    function cover(address to, uint256 amount) external returns (uint256 paid);

    /// @notice What the fund has beyond `MarketParams.insuranceTarget`, token units.
    function surplus() external view returns (uint256);

    /// @notice Credits the surplus to the pool's claim: providers bear what insurance can't, so what it does not need is
    /// theirs. Anyone. Returns the amount, 0 if there is none.
    function releaseSurplus() external returns (uint256);

    /// @notice Turns the fund's claim into reserve. Anyone. Returns the amount.
    function collect() external returns (uint256);
}
