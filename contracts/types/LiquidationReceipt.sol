// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Receipt of a liquidation; see `IMarketModule.PositionLiquidated`.
/// @param observedAt Time of the observation, seconds. @param price Index price, wad.
/// @param collateral Balance before. @param pnl Unrealised PnL of the whole position. @param carry Carry owed.
/// @param maintenanceMargin What equity = collateral + pnl − carry fell short of.
/// @param closedSize Base size closed. @param newSize What remains. @param newEntryNotional Its entry notional.
/// @param realised Result settled with the pool: pnl of the closed part after haircut, minus carry.
/// @param premium Impact charged. @param insuranceFee To insurance. @param reward To the keeper.
/// @param rewardFromInsurance Part of the reward the position could not pay, paid by insurance.
/// @param rewardFromPool Part neither could pay, paid by the pool. @param badDebt Loss beyond the collateral.
/// @param badDebtFromInsurance Part of it insurance paid; the pool bears the rest. @param newCollateral Balance after; a full close sends it
/// to the owner.
struct LiquidationReceipt {
    uint256 observedAt;
    uint256 price;
    uint256 collateral;
    int256 pnl;
    int256 carry;
    uint256 maintenanceMargin;
    uint256 closedSize;
    int256 newSize;
    uint256 newEntryNotional;
    int256 realised;
    uint256 premium;
    uint256 insuranceFee;
    uint256 reward;
    uint256 rewardFromInsurance;
    uint256 rewardFromPool;
    uint256 badDebt;
    uint256 badDebtFromInsurance;
    uint256 newCollateral;
}
