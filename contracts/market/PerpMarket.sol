// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IInsuranceFund} from "../interfaces/IInsuranceFund.sol";
import {ILiquidityVault} from "../interfaces/ILiquidityVault.sol";
import {IMarginVault} from "../interfaces/IMarginVault.sol";
import {IPerpMarket} from "../interfaces/IPerpMarket.sol";
import {IPriceOracle} from "../interfaces/IPriceOracle.sol";
import {Errors} from "../libraries/Errors.sol";
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
    /// @dev The market's name, as in "ETH/USD".
    string private _market;

    constructor(MarketConfig memory config, MarketSet memory set) {
        _market = config.symbol;
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
    function maintenanceMargin(uint256 size, uint256 notional) external view returns (uint256) {
        return _maintenanceMargin(_readParams(), size, notional);
    }

    /// @inheritdoc IPerpMarket
    function position(uint256 positionId) external view returns (Position memory) {
        return _readPosition(positionId);
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

    /* ERC-721 */

    function name() public view override returns (string memory) {
        return string.concat("Bulkhead ", _market);
    }

    function symbol() public view override returns (string memory) {
        return string.concat("bh-", _market);
    }

    function tokenURI(uint256 positionId) public view override returns (string memory) {
        ownerOf(positionId);
        return "";
    }

    /// @dev The standard makes it payable; nothing here takes ether.
    function approve(address account, uint256 positionId) public payable override {
        if (msg.value != 0) revert Errors.EtherNotAccepted();
        super.approve(account, positionId);
    }

    /// @dev No ether, as in `approve`. A position that changes hands leaves its resting orders behind.
    function _beforeTokenTransfer(address from, address to, uint256 positionId) internal override {
        if (msg.value != 0) revert Errors.EtherNotAccepted();
        if (from != address(0) && to != address(0)) _transferredAt[positionId] = block.timestamp;
    }
}
