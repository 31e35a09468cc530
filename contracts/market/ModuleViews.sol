// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IModuleViews} from "../interfaces/IModuleViews.sol";
import {Counters} from "../libraries/Counters.sol";
import {Flow} from "../libraries/Flow.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {MaintenanceSchedule, MaintenanceTerms, MarketParams} from "../types/MarketParams.sol";
import {PoolYield} from "../types/PoolYield.sol";
import {Carry} from "../types/Position.sol";
import {Accrual} from "./Accrual.sol";

/// @notice Views that the market has no room for: announced terms, carry to come, and what the pool has earned and lost.
abstract contract ModuleViews is Accrual, IModuleViews {
    /// @inheritdoc IModuleViews
    function schedule() external view returns (MaintenanceSchedule memory) {
        return _schedule;
    }

    /// @inheritdoc IModuleViews
    function scheduledMaintenance(uint256 time) external view returns (MaintenanceTerms memory) {
        MarketParams memory p;
        _fillParams(p, _carry.paramVersion, time);
        return MaintenanceTerms(p.maintenanceBase, p.maintenanceSlope, p.liquidationFee, p.minKeeperReward);
    }

    /// @inheritdoc IModuleViews
    function carryIn(uint256 price, uint256 time) external view returns (Carry memory) {
        MarketParams memory p;
        _fillParams(p, _carry.paramVersion, time);
        return _accrued(_carry, p, price, time);
    }

    /// @inheritdoc IModuleViews
    function poolYield() external view returns (PoolYield memory) {
        uint256[12] memory nothing;
        return _yieldWith(nothing);
    }

    /// @inheritdoc IModuleViews
    function poolYieldAt(uint256 price) external view returns (PoolYield memory) {
        return _yieldWith(_load(price, 0).flows);
    }

    function _yieldWith(uint256[12] memory pending) private view returns (PoolYield memory y) {
        y.fees = _counter(Flow.FEES, pending);
        y.borrow = _counter(Flow.BORROW, pending);
        y.fundingReceived = _counter(Flow.FUNDING_RECEIVED, pending);
        y.fundingPaid = _counter(Flow.FUNDING_PAID, pending);
        y.pnlReceived = _counter(Flow.PNL_RECEIVED, pending);
        y.pnlPaid = _counter(Flow.PNL_PAID, pending);
        y.carryReceived = _counter(Flow.CARRY_RECEIVED, pending);
        y.carryPaid = _counter(Flow.CARRY_PAID, pending);
        y.badDebt = _counter(Flow.BAD_DEBT, pending);
        y.insured = _counter(Flow.INSURED, pending);
        y.rewards = _counter(Flow.REWARDS, pending);
    }

    /// @dev As the counter will be with what is pending: one at its end stays there.
    function _counter(uint256 flow, uint256[12] memory pending) private view returns (uint128) {
        uint256 stored = Counters.read(_flows, flow);
        uint256 room = type(uint128).max - stored;
        // No more than there is room for.
        return uint128(stored + FixedMath.min(pending[flow], room));
    }
}
