// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IMarketModule} from "../interfaces/IMarketModule.sol";
import {MarketFlags} from "../libraries/MarketFlags.sol";
import {Errors} from "../libraries/Errors.sol";
import {Flow} from "../libraries/Flow.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {LiquidationMath} from "../libraries/math/LiquidationMath.sol";
import {PositionMath} from "../libraries/math/PositionMath.sol";
import {Payment} from "../types/Payment.sol";
import {MarketParams} from "../types/MarketParams.sol";
import {Position} from "../types/Position.sol";
import {State} from "./MarketStorage.sol";
import {Bill, Settlement} from "./Settlement.sol";
import {LiquidationReceipt} from "../types/LiquidationReceipt.sol";

/// @notice Partial and full liquidation, in batches.
abstract contract Liquidations is Settlement, IMarketModule {
    using SafeCast for uint256;
    using SafeCast for int256;

    /// @inheritdoc IMarketModule
    function liquidate(
        uint256[] calldata positionIds,
        address rewardTo
    ) external nonReentrant returns (uint256 liquidated) {
        if (rewardTo == address(0)) revert Errors.ZeroAddress();
        (uint256 price, uint256 observedAt) = oracle.latest();
        State memory state = _load(price, 0);
        if (state.carry.flags & MarketFlags.OUTAGE != 0 && !_resume(state)) return 0;
        for (uint256 i; i < positionIds.length; ++i) {
            if (_liquidate(positionIds[i], observedAt, state, rewardTo)) ++liquidated;
        }
        if (liquidated != 0) _saveCarry(state);
    }

    /// @inheritdoc IMarketModule
    function previewLiquidation(
        uint256 positionId,
        uint256 price
    ) external view returns (bool liquidatable, LiquidationReceipt memory receipt) {
        if (price == 0) return (false, receipt);
        (liquidatable, receipt, , ) = _plan(positionId, block.timestamp, _load(price, 0));
        if (!liquidatable) return (false, receipt);
        int256 left = int256(receipt.collateral) + receipt.realised;
        if (left < 0) receipt.badDebt = uint256(-left);
        left -= int256(receipt.reward + receipt.premium + receipt.insuranceFee);
        if (left > 0) receipt.newCollateral = uint256(left);
    }

    function _liquidate(
        uint256 positionId,
        uint256 observedAt,
        State memory state,
        address rewardTo
    ) private returns (bool liquidatable) {
        LiquidationReceipt memory receipt;
        Position memory before;
        Position memory later;
        (liquidatable, receipt, before, later) = _plan(positionId, observedAt, state);
        if (liquidatable) _apply(positionId, before, later, receipt, rewardTo, state);
    }

    /// @dev Whether a position is liquidatable, what is done to it, before and after.
    function _plan(
        uint256 positionId,
        uint256 observedAt,
        State memory state
    )
        private
        view
        returns (
            bool liquidatable,
            LiquidationReceipt memory receipt,
            Position memory p,
            Position memory later
        )
    {
        p = _readPosition(positionId);
        if (p.size == 0) return (false, receipt, p, later);
        uint256 price = state.price;
        receipt.price = price;
        receipt.observedAt = observedAt;
        receipt.collateral = marginVault.balanceOf(positionId);
        receipt.pnl = PositionMath.pnl(p.size, p.entryNotional, price, quoteScale);
        receipt.carry = _carryOwed(p, state.carry);
        uint256 notional = PositionMath.quoteUp(FixedMath.abs(p.size), price, quoteScale);
        receipt.maintenanceMargin = _maintenanceMargin(state.params, FixedMath.abs(p.size), notional);
        int256 equity = PositionMath.equity(receipt.collateral, receipt.pnl, receipt.carry);
        liquidatable = equity < int256(receipt.maintenanceMargin);
        if (liquidatable) later = _fill(receipt, p, state);
    }

    function _terms(
        Position memory p,
        LiquidationReceipt memory receipt,
        State memory state
    ) private view returns (LiquidationMath.Terms memory) {
        MarketParams memory params_ = state.params;
        return
            LiquidationMath.Terms({
                size: p.size,
                entryNotional: p.entryNotional,
                collateral: receipt.collateral,
                carry: receipt.carry,
                price: state.price,
                scale: quoteScale,
                skew: _skew(),
                sidePnl: _sidePnl(p.size > 0, state.price),
                assets: state.poolAssets,
                maxPayoutShare: params_.maxPayoutShare,
                depth: params_.depth,
                maxPremium: params_.maxPremium,
                initialBase: params_.initialBase,
                initialSlope: params_.initialSlope,
                liquidationFee: params_.liquidationFee,
                liquidationBuffer: params_.liquidationBuffer,
                minKeeperReward: params_.minKeeperReward,
                minNotional: params_.minNotional
            });
    }

    /// @dev Fills in what is closed and what that costs; returns the position that remains.
    function _fill(
        LiquidationReceipt memory receipt,
        Position memory p,
        State memory state
    ) private view returns (Position memory later) {
        MarketParams memory params_ = state.params;
        LiquidationMath.Terms memory terms = _terms(p, receipt, state);
        uint256 closed = LiquidationMath.sizeToClose(terms);
        bool isLong = p.size > 0;
        uint256 size = FixedMath.abs(p.size);
        uint256 share = PositionMath.entryShare(isLong, p.entryNotional, closed, size);
        int256 signedClosed = isLong ? int256(closed) : -int256(closed);
        int256 pnl = PositionMath.pnl(signedClosed, share, receipt.price, quoteScale);
        uint256 closedNotional = PositionMath.quoteUp(closed, receipt.price, quoteScale);

        receipt.closedSize = closed;
        receipt.realised = _resultOf(pnl, receipt.carry, terms.sidePnl, state);
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
        receipt.premium = LiquidationMath.premium(
            p.size,
            closed,
            terms.skew,
            terms.depth,
            terms.maxPremium,
            terms.price,
            terms.scale
        );
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

    function _apply(
        uint256 positionId,
        Position memory before,
        Position memory later,
        LiquidationReceipt memory receipt,
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
                carryOwed: receipt.carry,
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
        emit PositionLiquidated(positionId, owner, rewardTo, receipt);
    }

    /// @dev Liquidating promptly is worth more to the pool than the reward costs it.
    function _rewardFromPool(
        uint256 positionId,
        uint256 missing,
        address rewardTo,
        State memory state
    ) private returns (uint256 paid) {
        paid = FixedMath.min(missing, state.poolAssets);
        if (paid == 0) return 0;
        state.poolAssets -= paid;
        state.flows[Flow.REWARDS] += paid;
        _fundPoolClaim(paid, state);
        marginVault.settle(positionId, Payment(paid, 0, 0, 0, paid, rewardTo));
    }
}
