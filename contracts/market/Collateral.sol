// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPerpMarket} from "../interfaces/IPerpMarket.sol";
import {Errors} from "../libraries/Errors.sol";
import {Events} from "../libraries/Events.sol";
import {Settlement} from "./Settlement.sol";

/// @notice Topping up collateral.
abstract contract Collateral is Settlement, IPerpMarket {
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

    function _add(uint256 positionId, address payer, uint256 amount) private {
        emit Events.CollateralAdded(positionId, payer, amount);
        marginVault.deposit(positionId, payer, amount);
    }
}
