// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPerpMarket} from "../interfaces/IPerpMarket.sol";
import {Errors} from "../libraries/Errors.sol";
import {Events} from "../libraries/Events.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {PositionMath} from "../libraries/math/PositionMath.sol";
import {MarketParams} from "../types/MarketParams.sol";
import {Carry, Position} from "../types/Position.sol";
import {Settlement} from "./Settlement.sol";

/// @notice Topping up and withdrawing collateral.
abstract contract Collateral is Settlement {
    /// @inheritdoc IPerpMarket
    function addCollateral(uint256 positionId, uint256 amount) external nonReentrant {
        if (amount == 0) revert Errors.ZeroAmount();
        if (_ownerOf(positionId) == address(0)) revert Errors.PositionNotOpen(positionId);
        _add(positionId, msg.sender, amount);
    }

    /// @inheritdoc IPerpMarket
    function depositFor(
        uint256 positionId,
        address payer,
        uint256 amount
    ) external onlyOrderBook nonReentrant {
        _add(positionId, payer, amount);
    }

    /// @inheritdoc IPerpMarket
    function removeCollateral(uint256 positionId, uint256 amount) external nonReentrant {
        if (amount == 0) revert Errors.ZeroAmount();
        Position memory p = _readPosition(positionId);
        if (p.size == 0) revert Errors.PositionNotOpen(positionId);
        address owner = _ownerOf(positionId);
        if (!_isApprovedOrOwner(msg.sender, positionId))
            revert Errors.NotPositionOperator(positionId, msg.sender);

        (uint256 price, ) = oracle.latest();
        MarketParams memory params_ = _readParams();
        Carry memory carry_ = _accrued(params_, price);
        uint256 balance = marginVault.balanceOf(positionId);
        uint256 size = FixedMath.abs(p.size);
        uint256 notional = PositionMath.quoteUp(size, price, quoteScale);
        int256 equity =
            PositionMath.equity(
                balance,
                PositionMath.pnl(p.size, p.entryNotional, price, quoteScale),
                _carryOwed(p, carry_)
            ) - int256(amount);

        uint256 required = _initialMargin(params_, size, notional);
        if (equity < int256(required)) revert Errors.InsufficientMargin(positionId, equity, required);
        uint256 reserve_ = _liquidationReserve(params_, notional);
        uint256 cash = balance > amount ? balance - amount : 0;
        if (cash < reserve_) revert Errors.InsufficientCash(positionId, cash, reserve_);

        emit Events.CollateralRemoved(positionId, owner, amount);
        marginVault.withdraw(positionId, owner, amount);
    }

    function _add(uint256 positionId, address payer, uint256 amount) private {
        emit Events.CollateralAdded(positionId, payer, amount);
        marginVault.deposit(positionId, payer, amount);
    }
}
