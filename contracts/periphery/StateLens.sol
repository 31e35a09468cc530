// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IInsuranceFund} from "../interfaces/IInsuranceFund.sol";
import {ILiquidityVault} from "../interfaces/ILiquidityVault.sol";
import {IMarginVault} from "../interfaces/IMarginVault.sol";
import {IOrderBook} from "../interfaces/IOrderBook.sol";
import {IPerpMarket} from "../interfaces/IPerpMarket.sol";
import {IStateLens} from "../interfaces/IStateLens.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {MaintenanceTerms, MarketParams} from "../types/MarketParams.sol";
import {Position} from "../types/Position.sol";

/// @title StateLens
/// @notice See IStateLens.
contract StateLens is IStateLens {
    /// @inheritdoc IStateLens
    function state(
        IPerpMarket market,
        uint256[] calldata ids
    ) external view returns (MarketState memory s, PositionState[] memory list) {
        s.time = block.timestamp;
        s.quoteScale = market.quoteScale();
        s.nextPositionId = market.nextPositionId();
        (s.price, s.observedAt, s.priceIsFresh) = market.oracle().peek();
        if (s.price != 0) (s.low, s.high) = market.oracle().band(s.price);
        s.uncertainty = market.oracle().uncertainty();
        s.params = _storedParams(market);
        s.schedule = market.schedule();
        s.orderParams = IOrderBook(market.orderBook()).orderParams();
        s.carry = market.carry();
        (s.long, s.short) = (market.side(true), market.side(false));
        s.resumesAt = market.resumesAt();
        s.poolYield = market.poolYield();
        s.money = _money(market);
        s.pool = _pool(market.liquidityVault());
        list = new PositionState[](ids.length);
        for (uint256 i; i < ids.length; ++i) list[i] = _position(market, ids[i]);
    }

    /// @dev Before any schedule starts what is stored is in force.
    function _storedParams(IPerpMarket market) private view returns (MarketParams memory p) {
        p = market.params();
        MaintenanceTerms memory stored = market.scheduledMaintenance(0);
        p.maintenanceBase = stored.maintenanceBase;
        p.maintenanceSlope = stored.maintenanceSlope;
        p.liquidationFee = stored.liquidationFee;
        p.minKeeperReward = stored.minKeeperReward;
    }

    function _money(IPerpMarket market) private view returns (Money memory m) {
        IMarginVault vault = market.marginVault();
        IInsuranceFund insurance = market.insuranceFund();
        m.totalBalance = vault.totalBalance();
        m.totalClaim = vault.totalClaim();
        m.poolClaim = vault.claimOf(address(market.liquidityVault()));
        m.insuranceClaim = vault.claimOf(address(insurance));
        m.insuranceReserve = insurance.reserve();
        m.treasuryClaim = vault.claimOf(market.treasury());
    }

    function _pool(ILiquidityVault vault) private view returns (Pool memory p) {
        p.supply = IERC20(address(vault)).totalSupply();
        p.reservedAssets = vault.reservedAssets();
        p.currentBatch = vault.currentBatch();
        p.fulfillableFrom = vault.fulfillableFrom();
        p.redemptionPeriod = vault.redemptionPeriod();
        p.batchShares = vault.sharesInBatch(p.currentBatch);
        p.nextBatchShares = vault.sharesInBatch(p.currentBatch + 1);
    }

    function _position(IPerpMarket market, uint256 id) private view returns (PositionState memory s) {
        s.id = id;
        s.owner = market.ownerOrZero(id);
        if (s.owner == address(0)) return s;
        Position memory p = market.position(id);
        s.size = p.size;
        s.entryNotional = p.entryNotional;
        s.carryIndex = p.carryIndex;
        s.openedAt = p.openedAt;
        s.collateral = market.marginVault().balanceOf(id);
    }
}
