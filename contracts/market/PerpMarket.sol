// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {IInsuranceFund} from "../interfaces/IInsuranceFund.sol";
import {ILiquidityVault} from "../interfaces/ILiquidityVault.sol";
import {IMarginVault} from "../interfaces/IMarginVault.sol";
import {IPerpMarket} from "../interfaces/IPerpMarket.sol";
import {IPriceOracle} from "../interfaces/IPriceOracle.sol";
import {ParamStore} from "../libraries/ParamStore.sol";
import {MarketConfig, MarketSet} from "../types/MarketConfig.sol";
import {MarketParams} from "../types/MarketParams.sol";
import {Carry, Position, Side} from "../types/Position.sol";
import {Collateral} from "./Collateral.sol";
import {Liquidations} from "./Liquidations.sol";
import {Trading} from "./Trading.sol";

/// @title PerpMarket
/// @notice The engine of one market. Table of contents:
/// - Trading: reserve, execute, release (order book only)
/// - Collateral: addCollateral, removeCollateral
/// - Liquidations: liquidate
/// - Accrual: accrue, carryAt, traderResult, largerSideNotional
/// - Settlement: how money moves; MarketStorage: what is stored.
contract PerpMarket is Trading, Collateral, Liquidations {
    constructor(
        MarketConfig memory config,
        MarketSet memory set
    ) ERC721(string.concat("Bulkhead ", config.symbol), string.concat("bh-", config.symbol)) {
        token = IERC20(config.token);
        oracle = IPriceOracle(config.oracle);
        treasury = config.treasury;
        marginVault = IMarginVault(set.marginVault);
        liquidityVault = ILiquidityVault(set.liquidityVault);
        insuranceFund = IInsuranceFund(set.insuranceFund);
        orderBook = set.orderBook;
        quoteScale = 10 ** (36 - IERC20Metadata(config.token).decimals());
        _paramStore = ParamStore.write(config.params);
        _carry.updatedAt = uint40(block.timestamp);
    }

    /// @inheritdoc IPerpMarket
    function params() external view returns (MarketParams memory) {
        return _readParams();
    }

    /// @inheritdoc IPerpMarket
    function position(uint256 positionId) external view returns (Position memory) {
        return _positions[positionId];
    }

    /// @inheritdoc IPerpMarket
    function side(bool isLong) external view returns (Side memory) {
        return _sideOf(isLong);
    }

    /// @inheritdoc IPerpMarket
    function carry() external view returns (Carry memory) {
        return _carry;
    }

    /// @inheritdoc IPerpMarket
    function ownerOrZero(uint256 positionId) external view returns (address) {
        return _ownerOf(positionId);
    }

    /// @inheritdoc IPerpMarket
    function isOperator(uint256 positionId, address operator) external view returns (bool) {
        return _isAuthorized(_ownerOf(positionId), operator, positionId);
    }
}
