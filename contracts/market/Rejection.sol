// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Events} from "../libraries/Events.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {PositionMath} from "../libraries/math/PositionMath.sol";
import {Position} from "../types/Position.sol";
import {State} from "./MarketStorage.sol";
import {Bill, Settlement} from "./Settlement.sol";

/// @notice Orders that end without a trade.
abstract contract Rejection is Settlement {
    /// @dev Ends an order without a trade. A never-opened position pays the fee, and is refunded unless it is kept; an
    /// open one pays as much of the fee as it can spare.
    function _reject(
        uint256 positionId,
        uint256 executionFee,
        address feeTo,
        State memory state,
        bool keepsReserved
    ) internal {
        Position memory p = _readPosition(positionId);
        bool isOpen = p.size != 0;
        uint256 fee = isOpen ? FixedMath.min(executionFee, _spare(p, state)) : executionFee;
        bool closes = !isOpen && !keepsReserved;
        if (fee == 0 && !closes) return;
        address owner = _ownerOf(positionId);
        Bill memory bill = Bill(state.balance, 0, 0, fee, feeTo, 0, 0, 0);
        (uint256 left, , ) = _settle(positionId, bill, state, closes ? owner : address(0));
        if (closes) emit Events.PositionReleased(positionId, owner, left);
    }

    /// @dev What a failed order may cost: equity above the maintenance margin and cash above the liquidation reserve,
    /// nothing without a price. Otherwise an owner could withdraw their margin as fees of orders that fail.
    function _spare(Position memory p, State memory state) private view returns (uint256) {
        if (state.price == 0) return 0;
        uint256 size = FixedMath.abs(p.size);
        uint256 notional = PositionMath.quoteUp(size, state.price, quoteScale);
        int256 equity = PositionMath.equity(
            state.balance,
            PositionMath.pnl(p.size, p.entryNotional, state.price, quoteScale),
            _carryOwed(p, state.carry)
        );
        int256 excess = equity - int256(_maintenanceMargin(state.params, size, notional));
        uint256 reserve_ = _liquidationReserve(state.params, notional);
        if (excess <= 0 || state.balance <= reserve_) return 0;
        return FixedMath.min(uint256(excess), state.balance - reserve_);
    }
}
