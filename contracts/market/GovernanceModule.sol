// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MarketConfig, MarketSet} from "../types/MarketConfig.sol";
import {Governance} from "./Governance.sol";
import {MarketStorage} from "./MarketStorage.sol";
import {ModuleViews} from "./ModuleViews.sol";

/// @title GovernanceModule
/// @notice The part of a market's code that changes its parameters and its state, and can't reach a position. The market
/// runs it by delegatecall on its own storage; called directly it governs nothing. Table of contents:
/// - Governance: setParams, scheduleMaintenance, cancelSchedule, applySchedule, stopNewRisk, resumeNewRisk,
///   accrue, checkSolvency, noteOutage
/// - ModuleViews: schedule, scheduledMaintenance, carryIn, poolYield, poolYieldAt.
contract GovernanceModule is Governance, ModuleViews {
    constructor(
        MarketConfig memory config,
        MarketSet memory set
    ) MarketStorage(config, set) Governance(config.authority) {}
}
