// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MarketParams, OrderParams} from "../types/MarketParams.sol";
import {Errors} from "./Errors.sol";

/// @notice Hard bounds of market parameters. Each failure names the parameter, its value and its bounds.
library ParamChecks {
    uint256 private constant WAD = 1e18;
    uint256 private constant YEAR = 365 days;

    /// @notice Reverts with ParameterOutOfBounds for the first parameter outside its bounds.
    function check(MarketParams memory p) internal pure {
        // Base sizes: from one unit to what sizes can hold.
        _within("depth", p.depth, WAD, type(uint112).max);
        // A position opened at a discount must not leave by self-liquidation and keep it: maxPremium <= mBase.
        _within("maintenanceBase", p.maintenanceBase, 0.001e18, 0.2e18);
        _within("maxPremium", p.maxPremium, 0, p.maintenanceBase);
        // Covers the impact of closing the position's own size: half its share of depth.
        _within("maintenanceSlope", p.maintenanceSlope, WAD / 2, 10 * WAD);
        _within("initialBase", p.initialBase, uint256(p.maintenanceBase) + 1, 0.5e18);
        _within("initialSlope", p.initialSlope, p.maintenanceSlope, 18 * WAD);
        _within("takerFee", p.takerFee, 0, 0.01e18);
        _within("makerFee", p.makerFee, 0, p.takerFee);
        _within("liquidationFee", p.liquidationFee, 0, 0.05e18);
        _within("keeperShare", p.keeperShare, 0, p.liquidationFee);
        _within("liquidationBuffer", p.liquidationBuffer, 0, 0.1e18);
        _within("maxSideShare", p.maxSideShare, 0.01e18, WAD);
        _within("maxPayoutShare", p.maxPayoutShare, 0.1e18, WAD);
        _within("maxFundingRate", p.maxFundingRate, 0, (10 * WAD) / YEAR);
        _within("maxFundingVelocity", p.maxFundingVelocity, 0, (100 * WAD) / YEAR / 1 days);
        _within("maxBorrowRate", p.maxBorrowRate, 0, (5 * WAD) / YEAR);
        _within("poolFeeShare", p.poolFeeShare, 0, WAD);
        _within("insuranceFeeShare", p.insuranceFeeShare, 0, WAD - p.poolFeeShare);
        // A dust position must be worth its liquidation: the least reward is at most a tenth of the least notional.
        _within("minNotional", p.minNotional, 1, type(uint96).max);
        _within("minKeeperReward", p.minKeeperReward, 0, p.minNotional / 10);
        _within("maxKeeperReward", p.maxKeeperReward, p.minKeeperReward, type(uint96).max);
    }

    /// @notice Reverts with ParameterOutOfBounds for the first order parameter outside its bounds.
    function check(OrderParams memory p) internal pure {
        _within("settlementDelay", p.settlementDelay, 1, 10 minutes);
        _within("fallbackDelay", p.fallbackDelay, p.settlementDelay, 1 days);
        _within("fallbackSpread", p.fallbackSpread, 0, 0.05e18);
        _within("freshness", p.freshness, 0, 10 minutes);
        _within("executionGas", p.executionGas, 0, 5_000_000);
        _within("maxExecutionFee", p.maxExecutionFee, p.minExecutionFee, type(uint96).max);
    }

    function _within(bytes32 name, uint256 value, uint256 min, uint256 max) private pure {
        if (value < min || value > max) revert Errors.ParameterOutOfBounds(name, value, min, max);
    }
}
