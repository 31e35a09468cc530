// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IPerpMarket} from "../interfaces/IPerpMarket.sol";
import {Errors} from "../libraries/Errors.sol";
import {Events} from "../libraries/Events.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {LiquidationMath} from "../libraries/math/LiquidationMath.sol";
import {MarginMath} from "../libraries/math/MarginMath.sol";
import {PositionMath} from "../libraries/math/PositionMath.sol";
import {PricingMath} from "../libraries/math/PricingMath.sol";
import {Payment} from "../types/Payment.sol";
import {MarketParams} from "../types/MarketParams.sol";
import {Position} from "../types/Position.sol";
import {State} from "./MarketStorage.sol";
import {Bill, Settlement} from "./Settlement.sol";

/// @notice Partial and full liquidation, in batches.
abstract contract Liquidations is Settlement {
    using SafeCast for uint256;
    using SafeCast for int256;

    /// @inheritdoc IPerpMarket
    function liquidate(
        uint256[] calldata positionIds,
        address rewardTo
    ) external nonReentrant returns (uint256 liquidated) {
        if (rewardTo == address(0)) revert Errors.ZeroAddress();
        (uint256 price, uint256 observedAt) = oracle.latest();
        State memory state = _load(price, 0);
        for (uint256 i; i < positionIds.length; ++i) {
            if (_liquidate(positionIds[i], observedAt, state, rewardTo)) ++liquidated;
        }
        if (liquidated != 0) _saveCarry(state);
    }

    function _liquidate(
        uint256 positionId,
        uint256 observedAt,
        State memory state,
        address rewardTo
    ) private returns (bool) {
        Position memory p = _readPosition(positionId);
        if (p.size == 0) return false;

        Events.Liquidation memory receipt;
        uint256 price = state.price;
        receipt.price = price;
        receipt.observedAt = observedAt;
        receipt.collateral = marginVault.balanceOf(positionId);
        receipt.pnl = PositionMath.pnl(p.size, p.entryNotional, price, quoteScale);
        receipt.carry = _carryOwed(p, state.carry);
        uint256 notional = PositionMath.quoteUp(FixedMath.abs(p.size), price, quoteScale);
        receipt.maintenanceMargin = _maintenanceMargin(state.params, FixedMath.abs(p.size), notional);
        int256 equity = PositionMath.equity(receipt.collateral, receipt.pnl, receipt.carry);
        if (equity >= int256(receipt.maintenanceMargin)) return false;

        uint256 closed = _sizeToClose(p, notional, equity, state);
        Position memory later = _plan(receipt, p, closed, state);
        if (
            later.size != 0 &&
            int256(receipt.collateral) + receipt.realised <
                int256(receipt.reward + receipt.premium + receipt.insuranceFee)
        ) later = _plan(receipt, p, FixedMath.abs(p.size), state);

        _apply(positionId, p, later, receipt, rewardTo, state);
        return true;
    }

    /// @dev Size that brings the rest back above its initial margin plus buffer; all of it where that can't be or
    /// the rest would be under the minimum.
    function _sizeToClose(
        Position memory p,
        uint256 notional,
        int256 equity,
        State memory state
    ) private view returns (uint256 closed) {
        MarketParams memory params_ = state.params;
        uint256 size = FixedMath.abs(p.size);
        uint256 fee = params_.liquidationFee;
        uint256 target =
            MarginMath.ratio(size, params_.initialBase, params_.initialSlope, params_.depth) +
                fee +
                params_.liquidationBuffer;
        // The mean premium of closing everything is at least that of closing a part.
        uint256 cost = fee + FixedMath.mulDivUp(_premium(p, size, state), FixedMath.WAD, notional);
        uint256 toClose = LiquidationMath.notionalToClose(
            notional,
            equity,
            target,
            cost,
            2 * uint256(params_.minKeeperReward)
        );
        if (toClose >= notional) return size;
        closed = FixedMath.mulDivUp(size, toClose, notional);
        if (PositionMath.quoteUp(size - closed, state.price, quoteScale) < params_.minNotional) closed = size;
    }

    /// @dev Fills the receipt for closing `closed`; returns the position that remains.
    function _plan(
        Events.Liquidation memory receipt,
        Position memory p,
        uint256 closed,
        State memory state
    ) private view returns (Position memory later) {
        MarketParams memory params_ = state.params;
        bool isLong = p.size > 0;
        uint256 size = FixedMath.abs(p.size);
        uint256 share = PositionMath.entryShare(isLong, p.entryNotional, closed, size);
        int256 signedClosed = isLong ? int256(closed) : -int256(closed);
        int256 pnl = PositionMath.pnl(signedClosed, share, receipt.price, quoteScale);
        uint256 closedNotional = PositionMath.quoteUp(closed, receipt.price, quoteScale);

        receipt.closedSize = closed;
        receipt.realised = _resultOf(pnl, receipt.carry, isLong, state);
        receipt.reward = LiquidationMath.keeperReward(
            closedNotional,
            params_.keeperShare,
            params_.minKeeperReward,
            params_.maxKeeperReward
        );
        uint256 fee = FixedMath.max(
            FixedMath.mulWadUp(closedNotional, params_.liquidationFee),
            receipt.reward
        );
        receipt.insuranceFee = fee - receipt.reward;
        receipt.premium = _premium(p, closed, state);
        if (closed != size) {
            later = Position({
                size: (p.size - signedClosed).toInt112(),
                entryNotional: (p.entryNotional - share).toUint112(),
                carryIndex: _indexOf(state.carry, isLong),
                openedAt: p.openedAt
            });
        }
        receipt.newSize = later.size;
        receipt.newEntryNotional = later.entryNotional;
    }

    /// @dev What a voluntary close would have paid as impact; a favourable one is not paid out.
    function _premium(Position memory p, uint256 closed, State memory state) private view returns (uint256) {
        int256 sizeDelta = p.size > 0 ? -int256(closed) : int256(closed);
        int256 impact = PricingMath.impact(
            _skew(),
            sizeDelta,
            state.params.depth,
            state.params.maxPremium,
            state.price,
            quoteScale
        );
        return impact > 0 ? uint256(impact) : 0;
    }

    function _apply(
        uint256 positionId,
        Position memory before,
        Position memory later,
        Events.Liquidation memory receipt,
        address rewardTo,
        State memory state
    ) private {
        address owner = _ownerOf(positionId);
        _savePosition(positionId, before, later);
        uint256 unpaid;
        (receipt.newCollateral, receipt.badDebt, unpaid) = _settle(
            positionId,
            Bill({
                balance: receipt.collateral,
                result: receipt.realised,
                toKeeper: receipt.reward,
                keeper: rewardTo,
                toPool: receipt.premium,
                toInsurance: receipt.insuranceFee,
                toTreasury: 0
            }),
            state,
            later.size == 0 ? owner : address(0)
        );
        receipt.badDebtFromInsurance = _coverBadDebt(positionId, receipt.badDebt, state);
        if (unpaid != 0) {
            receipt.rewardFromInsurance = insuranceFund.cover(rewardTo, unpaid);
            receipt.rewardFromPool = _rewardFromPool(
                positionId,
                unpaid - receipt.rewardFromInsurance,
                rewardTo,
                state
            );
        }
        emit Events.PositionLiquidated(positionId, owner, rewardTo, receipt);
    }

    /// @dev Liquidating promptly is worth more to the pool than the least reward costs it.
    function _rewardFromPool(
        uint256 positionId,
        uint256 missing,
        address rewardTo,
        State memory state
    ) private returns (uint256 paid) {
        paid = FixedMath.min(missing, state.poolAssets);
        if (paid == 0) return 0;
        state.poolAssets -= paid;
        _fundPoolClaim(paid, state);
        marginVault.settle(positionId, Payment(paid, 0, 0, 0, paid, rewardTo));
    }
}
