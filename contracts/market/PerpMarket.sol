// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IGovernanceModule} from "../interfaces/IGovernanceModule.sol";
import {IMarketModule} from "../interfaces/IMarketModule.sol";
import {IModuleViews} from "../interfaces/IModuleViews.sol";
import {IPerpMarket} from "../interfaces/IPerpMarket.sol";
import {ModuleCall} from "../libraries/ModuleCall.sol";
import {LiquidationReceipt} from "../types/LiquidationReceipt.sol";
import {MarketConfig, MarketSet} from "../types/MarketConfig.sol";
import {MaintenanceSchedule, MaintenanceTerms, MarketParams} from "../types/MarketParams.sol";
import {PoolYield} from "../types/PoolYield.sol";
import {Carry, Position} from "../types/Position.sol";
import {Collateral} from "./Collateral.sol";
import {MarketStorage} from "./MarketStorage.sol";
import {MarketViews} from "./MarketViews.sol";
import {Trading} from "./Trading.sol";

/// @title PerpMarket
/// @notice The engine of one market. Table of contents:
/// - Trading: reserve, execute (order book only)
/// - Collateral: addCollateral
/// - MarketViews
/// - MarketModule and GovernanceModule, by delegatecall because one contract has no room for all: release,
///   removeCollateral, liquidate, deleverage; parameters and the state of the market, accrue, ModuleViews
/// - here: the cash of the pool, views of positions
/// - MarketStorage: what is stored; Parameters; Accrual: carry and breaker; Positions, with their tokens; Settlement: how
///   money moves.
contract PerpMarket is Trading, Collateral, MarketViews {
    using SafeCast for uint256;

    /// @inheritdoc IPerpMarket
    address public immutable authority;

    /// @inheritdoc IPerpMarket
    address public immutable module;

    /// @inheritdoc IPerpMarket
    address public immutable governanceModule;

    constructor(MarketConfig memory config, MarketSet memory set) MarketStorage(config, set) {
        authority = config.authority;
        module = set.marketModule;
        governanceModule = set.governanceModule;
        _market = config.symbol;
        _writeParams(config.params);
        _carry.updatedAt = uint32(block.timestamp);
    }

    /* CASH */

    /// @inheritdoc IPerpMarket
    function addPoolCash(uint256 amount) external onlyPool nonReentrant {
        _carry.poolCash += amount.toUint96();
    }

    /// @inheritdoc IPerpMarket
    function takePoolCash(uint256 amount) external onlyPool nonReentrant {
        _carry.poolCash -= amount.toUint96();
    }

    /* MODULES */

    /// @inheritdoc IMarketModule
    function release(uint256, uint256, address, bool) external {
        ModuleCall.forward(module);
    }

    /// @inheritdoc IMarketModule
    function removeCollateral(uint256, uint256) external {
        ModuleCall.forward(module);
    }

    /// @inheritdoc IMarketModule
    function liquidate(uint256[] calldata, address) external returns (uint256) {
        ModuleCall.forward(module);
    }

    /// @inheritdoc IMarketModule
    function deleverage(bool, uint256[] calldata) external returns (uint256) {
        ModuleCall.forward(module);
    }

    /// @inheritdoc IMarketModule
    function previewLiquidation(uint256, uint256) external view returns (bool, LiquidationReceipt memory) {
        ModuleCall.forwardView(module);
    }

    /// @inheritdoc IMarketModule
    function previewDeleverage(
        bool,
        uint256[] calldata,
        uint256
    ) external view returns (bool, uint256[] memory, int256, int256) {
        ModuleCall.forwardView(module);
    }

    /// @inheritdoc IGovernanceModule
    function accrue() external {
        ModuleCall.forward(governanceModule);
    }

    /// @inheritdoc IGovernanceModule
    function checkSolvency() external returns (bool) {
        ModuleCall.forward(governanceModule);
    }

    /// @inheritdoc IGovernanceModule
    function noteOutage() external {
        ModuleCall.forward(governanceModule);
    }

    /// @inheritdoc IGovernanceModule
    function applySchedule() external {
        ModuleCall.forward(governanceModule);
    }

    /// @inheritdoc IGovernanceModule
    function setParams(MarketParams calldata) external {
        ModuleCall.forward(governanceModule);
    }

    /// @inheritdoc IGovernanceModule
    function scheduleMaintenance(MaintenanceSchedule calldata) external {
        ModuleCall.forward(governanceModule);
    }

    /// @inheritdoc IGovernanceModule
    function cancelSchedule() external {
        ModuleCall.forward(governanceModule);
    }

    /// @inheritdoc IGovernanceModule
    function stopNewRisk() external {
        ModuleCall.forward(governanceModule);
    }

    /// @inheritdoc IGovernanceModule
    function resumeNewRisk() external {
        ModuleCall.forward(governanceModule);
    }

    /* VIEWS */

    /// @inheritdoc IModuleViews
    function schedule() external view returns (MaintenanceSchedule memory) {
        ModuleCall.forwardView(governanceModule);
    }

    /// @inheritdoc IModuleViews
    function scheduledMaintenance(uint256) external view returns (MaintenanceTerms memory) {
        ModuleCall.forwardView(governanceModule);
    }

    /// @inheritdoc IModuleViews
    function carryIn(uint256, uint256) external view returns (Carry memory) {
        ModuleCall.forwardView(governanceModule);
    }

    /// @inheritdoc IModuleViews
    function poolYield() external view returns (PoolYield memory) {
        ModuleCall.forwardView(governanceModule);
    }

    /// @inheritdoc IModuleViews
    function poolYieldAt(uint256) external view returns (PoolYield memory) {
        ModuleCall.forwardView(governanceModule);
    }

    /// @inheritdoc IPerpMarket
    function poolCash() external view returns (uint256) {
        return _carry.poolCash;
    }

    /// @inheritdoc IPerpMarket
    function nextPositionId() external view returns (uint256) {
        return _nextPositionId;
    }

    /// @inheritdoc IPerpMarket
    function maintenanceMargin(uint256 size, uint256 notional) external view returns (uint256) {
        return _maintenanceMargin(_readParams(), size, notional);
    }

    /// @inheritdoc IPerpMarket
    function position(uint256 positionId) external view returns (Position memory) {
        return _readPosition(positionId);
    }

    /// @inheritdoc IPerpMarket
    function ownerOrZero(uint256 positionId) external view returns (address) {
        return _ownerOf(positionId);
    }

    /// @inheritdoc IPerpMarket
    function orderTerms(
        uint256 positionId,
        address operator
    ) external view returns (address owner, int256 size, bool allowed) {
        owner = _ownerOf(positionId);
        if (owner == address(0)) return (owner, 0, false);
        return (owner, _readPosition(positionId).size, _isApprovedOrOwner(operator, positionId));
    }

    /// @inheritdoc IPerpMarket
    function tenure(
        uint256 positionId
    ) external view returns (address owner, int256 size, uint256 openedAt, uint256 transferredAt) {
        Position memory p = _readPosition(positionId);
        return (_ownerOf(positionId), p.size, p.openedAt, _transferredAt[positionId]);
    }

    /// @inheritdoc IPerpMarket
    function isOperator(uint256 positionId, address operator) external view returns (bool) {
        return _exists(positionId) && _isApprovedOrOwner(operator, positionId);
    }
}
