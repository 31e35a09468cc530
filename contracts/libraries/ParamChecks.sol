// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MaintenanceSchedule, MaintenanceTerms, MarketParams, OrderParams} from "../types/MarketParams.sol";
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
        _within("maxPositionShare", p.maxPositionShare, 0.001e18, p.maxSideShare);
        _within("warningFactor", p.warningFactor, WAD + 1, 10 * WAD);
        _within("elevatedMove", p.elevatedMove, 0.01e18, WAD);
        _within("haltedMove", p.haltedMove, uint256(p.elevatedMove) + 1, 10 * WAD);
        _within("elevatedFactor", p.elevatedFactor, WAD, 5 * WAD);
        // Deleveraging comes before the haircut.
        _within("adlTrigger", p.adlTrigger, 0.02e18, p.maxPayoutShare);
        _within("adlTarget", p.adlTarget, 0.01e18, p.adlTrigger - 1);
        _within("breakerWindow", p.breakerWindow, 1 minutes, 7 days);
        _within("coolDown", p.coolDown, 1 minutes, 7 days);
        _within("gracePeriod", p.gracePeriod, 0, 1 days);
        // Insurance that parameters could empty would be none.
        _within("depositCap", p.depositCap, 0, type(uint96).max);
        _within("insuranceTarget", p.insuranceTarget, 1000 * uint256(p.minNotional), type(uint96).max);
        _within("maxKeeperReward", p.maxKeeperReward, p.minKeeperReward, 100 * uint256(p.minNotional));
    }

    /// @notice Reverts with ParameterOutOfBounds unless the premium is at most the oracle's uncertainty: an open position's
    /// premium counts as the pool's and is given back when it closes, so who enters or leaves the pool between the two
    /// must pay as much.
    function checkPremium(MarketParams memory p, uint256 uncertainty) internal pure {
        _within("maxPremium", p.maxPremium, 0, uncertainty);
    }

    /// @notice Reverts with ParameterOutOfBounds unless batches of redemptions are an hour to thirty days apart, seconds.
    function checkRedemptionPeriod(uint256 period) internal pure {
        _within("redemptionPeriod", period, 1 hours, 30 days);
    }

    /// @dev Between the announcement of tighter maintenance terms and their start, and from then to their full force.
    uint256 internal constant MIN_NOTICE = 2 days;
    uint256 internal constant MIN_RAMP = 1 days;
    uint256 private constant MAX_SCHEDULE = 60 days;

    /// @notice Reverts with ParameterOutOfBounds unless a schedule gives notice and time enough, and its terms are
    /// within their bounds, also against what stays: initial margin must go on being the greater.
    function check(MarketParams memory p, MaintenanceSchedule memory s, uint256 now_) internal pure {
        _within("startsAt", s.startsAt, now_ + MIN_NOTICE, now_ + MAX_SCHEDULE);
        _within("endsAt", s.endsAt, s.startsAt + MIN_RAMP, s.startsAt + MAX_SCHEDULE);
        MaintenanceTerms memory t = s.terms;
        // Never below what is in force: loosening needs no schedule.
        _within("maintenanceBase", t.maintenanceBase, p.maintenanceBase, 0.2e18);
        _within("maintenanceSlope", t.maintenanceSlope, p.maintenanceSlope, 10 * WAD);
        _within("liquidationFee", t.liquidationFee, p.liquidationFee, 0.05e18);
        _within("minKeeperReward", t.minKeeperReward, p.minKeeperReward, p.maxKeeperReward);
        (p.maintenanceBase, p.maintenanceSlope) = (t.maintenanceBase, t.maintenanceSlope);
        (p.liquidationFee, p.minKeeperReward) = (t.liquidationFee, t.minKeeperReward);
        check(p);
    }

    /// @notice Reverts with TermsTightened if `next` makes any position liquidatable earlier than `p`, or is worse for
    /// those who are in the market in another way that they could not foresee. The side's share may be halved at most.
    function checkLoosens(MarketParams memory p, MarketParams memory next) internal pure {
        if (next.maintenanceBase > p.maintenanceBase) revert Errors.TermsTightened("maintenanceBase");
        // slope / depth, cross-multiplied.
        if (uint256(next.maintenanceSlope) * p.depth > uint256(p.maintenanceSlope) * next.depth)
            revert Errors.TermsTightened("maintenanceSlope");
        if (next.liquidationFee > p.liquidationFee) revert Errors.TermsTightened("liquidationFee");
        if (next.minKeeperReward > p.minKeeperReward) revert Errors.TermsTightened("minKeeperReward");
        // Nor what a liquidation closes, what winners are paid, what insurance keeps, and what providers can take out.
        if (next.minNotional > p.minNotional) revert Errors.TermsTightened("minNotional");
        if (next.liquidationBuffer > p.liquidationBuffer) revert Errors.TermsTightened("liquidationBuffer");
        if (next.maxPayoutShare < p.maxPayoutShare) revert Errors.TermsTightened("maxPayoutShare");
        if (next.adlTrigger < p.adlTrigger) revert Errors.TermsTightened("adlTrigger");
        if (next.adlTarget < p.adlTarget) revert Errors.TermsTightened("adlTarget");
        if (next.insuranceTarget < p.insuranceTarget) revert Errors.TermsTightened("insuranceTarget");
        if (next.maxSideShare < p.maxSideShare / 2) revert Errors.TermsTightened("maxSideShare");
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
