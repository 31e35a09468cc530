// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IMarketModule} from "../interfaces/IMarketModule.sol";
import {Errors} from "../libraries/Errors.sol";
import {DeleverageMath} from "../libraries/math/DeleverageMath.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {PositionMath} from "../libraries/math/PositionMath.sol";
import {Position, Side} from "../types/Position.sol";
import {State} from "./MarketStorage.sol";
import {Bill, Settlement} from "./Settlement.sol";

/// @notice Reducing winning positions while a side's profit is more than the pool should owe.
abstract contract Deleveraging is Settlement, IMarketModule {
    using SafeCast for uint256;
    using SafeCast for int256;

    /// @dev Size, entry share and result of what is closed of a position, token units and base wad.
    struct Cut {
        uint256 closed;
        uint256 share;
        int256 pnl;
        int256 carry;
        int256 result;
    }

    /// @inheritdoc IMarketModule
    function deleverage(
        bool isLong,
        uint256[] calldata positionIds
    ) external nonReentrant returns (uint256 closed) {
        (uint256 price, ) = oracle.latest();
        State memory state = _load(price, 0);
        Side memory sums = _sideOf(isLong);
        (bool due, int256 sidePnl, uint256 trigger) = _isDue(sums, isLong, state);
        if (!due) revert Errors.DeleverageNotDue(sidePnl, trigger);
        for (uint256 i; i < positionIds.length; ++i) {
            Position memory p = _readPosition(positionIds[i]);
            Cut memory cut = _plan(p, isLong, sums, state);
            if (cut.closed == 0) continue;
            uint256 balance = marginVault.balanceOf(positionIds[i]);
            if (!_canPay(p, cut, balance)) continue;
            _apply(positionIds[i], p, cut, balance, sums, state);
            closed += cut.closed;
        }
        _saveCarry(state);
    }

    /// @inheritdoc IMarketModule
    function previewDeleverage(
        bool isLong,
        uint256[] calldata positionIds,
        uint256 price
    ) external view returns (bool due, uint256[] memory closed, int256 sidePnl, int256 newSidePnl) {
        closed = new uint256[](positionIds.length);
        uint256 insured = insuranceFund.available();
        if (price == 0) return (false, closed, 0, 0);
        State memory state = _load(price, 0);
        Side memory sums = _sideOf(isLong);
        (due, sidePnl, ) = _isDue(sums, isLong, state);
        for (uint256 i; i < positionIds.length; ++i) {
            // A position named twice is not reduced twice here: its record does not change.
            Position memory p = _readPosition(positionIds[i]);
            Cut memory cut = _plan(p, isLong, sums, state);
            uint256 balance = marginVault.balanceOf(positionIds[i]);
            if (cut.closed == 0 || !_canPay(p, cut, balance)) continue;
            closed[i] = cut.closed;
            _take(sums, cut);
            uint256 paid = FixedMath.abs(cut.result);
            if (cut.result > 0) {
                state.poolAssets -= paid;
            } else {
                uint256 cover = FixedMath.min(paid - FixedMath.min(paid, balance), insured);
                insured -= cover;
                state.poolAssets += FixedMath.min(paid, balance) + cover;
            }
        }
        newSidePnl = _pnlOf(sums, isLong, price);
    }

    function _isDue(
        Side memory sums,
        bool isLong,
        State memory state
    ) private view returns (bool due, int256 sidePnl, uint256 trigger) {
        sidePnl = _pnlOf(sums, isLong, state.price);
        trigger = FixedMath.mulWadDown(state.poolAssets, state.params.adlTrigger);
        due = sidePnl > int256(trigger);
    }

    /// @dev As much as the side's profit is above the target, if the position's return is at least its side's. What
    /// remains is nothing or at least the minimum. At the index price, without fee or impact.
    function _plan(
        Position memory p,
        bool isLong,
        Side memory sums,
        State memory state
    ) private view returns (Cut memory cut) {
        if (p.size == 0 || (p.size > 0) != isLong) return cut;
        int256 pnl = PositionMath.pnl(p.size, p.entryNotional, state.price, quoteScale);
        int256 sidePnl = _pnlOf(sums, isLong, state.price);
        if (!DeleverageMath.isFair(pnl, p.entryNotional, sidePnl, sums.entryNotional)) return cut;
        uint256 size = FixedMath.abs(p.size);
        cut.closed = _sizeToClose(size, uint256(pnl), _carryOwed(p, state.carry), sidePnl, state);
        if (cut.closed == 0) return cut;
        // The part's carry: what remains goes on owing its own.
        cut.carry = PositionMath.carryOwed(
            cut.closed,
            _indexOf(state.carry, isLong),
            p.carryIndex,
            quoteScale
        );
        cut.share = PositionMath.entryShare(isLong, p.entryNotional, cut.closed, size);
        int256 signedClosed = isLong ? int256(cut.closed) : -int256(cut.closed);
        cut.pnl = PositionMath.pnl(signedClosed, cut.share, state.price, quoteScale);
        cut.result = _resultOf(cut.pnl, cut.carry, sidePnl, state);
    }

    function _sizeToClose(
        uint256 size,
        uint256 pnl,
        int256 carry,
        int256 sidePnl,
        State memory state
    ) private view returns (uint256 closed) {
        uint256 excess = DeleverageMath.excess(
            sidePnl,
            state.poolAssets,
            carry,
            pnl,
            state.params.adlTarget,
            state.params.maxPayoutShare
        );
        if (excess >= pnl) return size;
        closed = FixedMath.mulDivDown(size, excess, pnl);
        uint256 least = FixedMath.mulDivUp(state.params.minNotional, quoteScale, state.price);
        if (size - closed < least) closed = size > least ? size - least : 0;
    }

    function _apply(
        uint256 positionId,
        Position memory p,
        Cut memory cut,
        uint256 balance,
        Side memory sums,
        State memory state
    ) private {
        bool isLong = p.size > 0;
        Position memory later;
        if (cut.closed != FixedMath.abs(p.size)) {
            int256 signedClosed = isLong ? int256(cut.closed) : -int256(cut.closed);
            later = Position({
                size: (p.size - signedClosed).toInt112(),
                entryNotional: (p.entryNotional - cut.share).toUint112(),
                carryIndex: p.carryIndex,
                openedAt: p.openedAt
            });
        }
        address owner = _ownerOf(positionId);
        _savePosition(positionId, p, later);
        _take(sums, cut);
        Bill memory bill = Bill(balance, cut.result, cut.carry, 0, address(0), 0, 0, 0);
        (, uint256 badDebt, ) = _settle(positionId, bill, state, later.size == 0 ? owner : address(0));
        _coverBadDebt(positionId, badDebt, state);
        emit PositionDeleveraged(
            positionId,
            owner,
            state.price,
            cut.closed,
            later.size,
            later.entryNotional,
            cut.pnl,
            cut.result + cut.carry,
            cut.carry,
            _pnlOf(sums, isLong, state.price)
        );
    }

    /// @dev Whether a part pays for its carry, of a whole position what it can't is bad debt.
    function _canPay(Position memory p, Cut memory cut, uint256 balance) private pure returns (bool) {
        return cut.closed == FixedMath.abs(p.size) || int256(balance) + cut.result >= 0;
    }

    function _take(Side memory sums, Cut memory cut) private pure {
        // Parts of the sums.
        sums.openInterest -= uint128(cut.closed);
        sums.entryNotional -= uint128(cut.share);
    }
}
