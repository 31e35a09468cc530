// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IMarketModule} from "../interfaces/IMarketModule.sol";
import {Errors} from "../libraries/Errors.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {PositionMath} from "../libraries/math/PositionMath.sol";
import {Position} from "../types/Position.sol";
import {State} from "./MarketStorage.sol";
import {Settlement} from "./Settlement.sol";

/// @notice Withdrawing collateral.
abstract contract Withdrawals is Settlement, IMarketModule {
    /// @inheritdoc IMarketModule
    function removeCollateral(uint256 positionId, uint256 amount) external nonReentrant {
        if (amount == 0) revert Errors.ZeroAmount();
        Position memory p = _readPosition(positionId);
        if (p.size == 0) revert Errors.PositionNotOpen(positionId);
        address owner = _ownerOf(positionId);
        if (!_isApprovedOrOwner(msg.sender, positionId))
            revert Errors.NotPositionOperator(positionId, msg.sender);

        (uint256 price, ) = oracle.latest();
        State memory state = _load(price, positionId);
        _elevate(state);
        uint256 balance = state.balance;
        uint256 size = FixedMath.abs(p.size);
        uint256 notional = PositionMath.quoteUp(size, price, quoteScale);
        int256 equity =
            PositionMath.equity(
                balance,
                PositionMath.pnl(p.size, p.entryNotional, price, quoteScale),
                _carryOwed(p, state.carry)
            ) - int256(amount);

        uint256 required = _initialMargin(state.params, size, notional);
        if (equity < int256(required)) revert Errors.InsufficientMargin(positionId, equity, required);
        uint256 reserve_ = _liquidationReserve(state.params, notional);
        uint256 cash = balance > amount ? balance - amount : 0;
        if (cash < reserve_) revert Errors.InsufficientCash(positionId, cash, reserve_);

        emit CollateralRemoved(positionId, owner, amount);
        marginVault.withdraw(positionId, owner, amount);
    }
}
