// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {IGovernanceModule} from "../interfaces/IGovernanceModule.sol";
import {Errors} from "../libraries/Errors.sol";
import {MarketFlags} from "../libraries/MarketFlags.sol";
import {ParamChecks} from "../libraries/ParamChecks.sol";
import {MaintenanceSchedule, MarketParams} from "../types/MarketParams.sol";
import {Accrual} from "./Accrual.sol";
import {State} from "./MarketStorage.sol";

/// @notice What governance and anyone may do to the market's state: none of it moves a user's money or keeps anyone from
/// closing, topping up, claiming or liquidating.
abstract contract Governance is Accrual, IGovernanceModule {
    IAccessManager private immutable _authority;

    /// @dev A caller with a delay comes through the authority itself, after it.
    modifier restricted() {
        (bool allowed, ) = _authority.canCall(msg.sender, address(this), msg.sig);
        if (!allowed) revert Errors.AccessDenied(msg.sender, msg.sig);
        _;
    }

    constructor(address authority_) {
        _authority = IAccessManager(authority_);
    }

    /* PARAMETERS */

    /// @inheritdoc IGovernanceModule
    function setParams(MarketParams calldata next) external restricted nonReentrant {
        if (_isScheduled()) revert Errors.ScheduleActive(_schedule.endsAt);
        ParamChecks.check(next);
        ParamChecks.checkPremium(next, oracle.uncertainty());
        ParamChecks.checkLoosens(_readParams(), next);
        // Time so far is charged at the rates that held during it.
        (uint256 price, ) = oracle.latest();
        _saveCarry(_load(price, 0));
        uint8 version = _writeParams(next);
        State memory state = _load(price, 0);
        state.carry.fundingRate = _clamped(state.carry.fundingRate, next.maxFundingRate);
        _saveCarry(state);
        emit ParamsChanged(version, next);
    }

    /// @inheritdoc IGovernanceModule
    function scheduleMaintenance(MaintenanceSchedule calldata next) external restricted nonReentrant {
        if (_isScheduled()) revert Errors.ScheduleActive(_schedule.endsAt);
        ParamChecks.check(_readParams(), next, block.timestamp);
        _startSchedule(next);
        emit MaintenanceScheduled(next);
    }

    /// @inheritdoc IGovernanceModule
    function cancelSchedule() external restricted nonReentrant {
        if (!_isScheduled()) revert Errors.ScheduleNotOver(0);
        _endSchedule();
        emit ScheduleCancelled();
    }

    /// @inheritdoc IGovernanceModule
    function applySchedule() external nonReentrant {
        if (!_isScheduled() || block.timestamp < _schedule.endsAt)
            revert Errors.ScheduleNotOver(_schedule.endsAt);
        MarketParams memory params_ = _readParams();
        _endSchedule();
        uint8 version = _writeParams(params_);
        emit ParamsChanged(version, params_);
    }

    /* NEW RISK */

    /// @inheritdoc IGovernanceModule
    function stopNewRisk() external restricted nonReentrant {
        _carry.flags |= MarketFlags.GUARDED;
        emit NewRiskStopped(msg.sender);
    }

    /// @inheritdoc IGovernanceModule
    function resumeNewRisk() external restricted nonReentrant {
        _carry.flags &= ~MarketFlags.GUARDED;
        emit NewRiskResumed(msg.sender);
    }

    /* STATE */

    /// @inheritdoc IGovernanceModule
    function accrue() external nonReentrant {
        (uint256 price, , bool fresh) = oracle.peek();
        if (price == 0) return;
        State memory state = _load(price, 0);
        if (!fresh) _unwatch(state.carry);
        if (fresh && state.carry.flags & MarketFlags.OUTAGE != 0) _resume(state);
        _saveCarry(state);
    }

    /// @inheritdoc IGovernanceModule
    function checkSolvency() external nonReentrant returns (bool solvent) {
        solvent =
            token.balanceOf(address(marginVault)) >= marginVault.totalBalance() + marginVault.totalClaim() &&
            token.balanceOf(address(liquidityVault)) >= _carry.poolCash + liquidityVault.reservedAssets() &&
            token.balanceOf(address(insuranceFund)) >= insuranceFund.reserve();
        if (solvent) _carry.flags &= ~MarketFlags.INSOLVENT;
        else _carry.flags |= MarketFlags.INSOLVENT;
        emit SolvencyChecked(solvent);
    }

    /// @inheritdoc IGovernanceModule
    function noteOutage() external nonReentrant {
        (uint256 price, uint256 observedAt, bool fresh) = oracle.peek();
        if (fresh) {
            if (_carry.flags & MarketFlags.OUTAGE == 0) revert Errors.NoOutage(observedAt);
            _resume(_load(price, 0));
            return;
        }
        if (!oracle.outage()) revert Errors.NoOutage(observedAt);
        _carry.flags |= MarketFlags.OUTAGE;
        _resumesAt = 0;
        emit OutageNoted(observedAt);
    }

    /// @dev A funding rate within a limit; limits fit in 40 bits with a sign.
    function _clamped(int40 rate, uint64 limit) private pure returns (int40) {
        int40 most = int40(uint40(limit));
        return
            rate > most
                ? most
                : rate < -most
                    ? -most
                    : rate;
    }
}
