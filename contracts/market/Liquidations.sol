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
import {Carry, Position} from "../types/Position.sol";
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
        Carry memory carry_ = _accrued(price);
        for (uint256 i; i < positionIds.length; ++i) {
            if (_liquidate(positionIds[i], price, observedAt, carry_, rewardTo)) ++liquidated;
        }
        if (liquidated != 0) _saveCarry(carry_, price);
    }

    function _liquidate(
        uint256 positionId,
        uint256 price,
        uint256 observedAt,
        Carry memory carry_,
        address rewardTo
    ) private returns (bool) {
        Position memory p = _positions[positionId];
        if (p.size == 0) return false;

        Events.Liquidation memory receipt;
        receipt.price = price;
        receipt.observedAt = observedAt;
        receipt.collateral = marginVault.balanceOf(positionId);
        receipt.pnl = PositionMath.pnl(p.size, p.entryNotional, price, quoteScale);
        receipt.carry = _carryOwed(p, carry_);
        uint256 notional = PositionMath.quoteUp(FixedMath.abs(p.size), price, quoteScale);
        receipt.maintenanceMargin = _maintenanceMargin(FixedMath.abs(p.size), notional);
        int256 equity = PositionMath.equity(receipt.collateral, receipt.pnl, receipt.carry);
        if (equity >= int256(receipt.maintenanceMargin)) return false;

        uint256 closed = _sizeToClose(p, notional, equity, price);
        Position memory later = _plan(receipt, p, closed, carry_);
        if (
            later.size != 0 &&
            int256(receipt.collateral) + receipt.realised <
                int256(receipt.reward + receipt.premium + receipt.insuranceFee)
        ) later = _plan(receipt, p, FixedMath.abs(p.size), carry_);

        _apply(positionId, p, later, receipt, rewardTo);
        return true;
    }

    /// @dev Size that brings the rest back above its initial margin plus buffer; all of it where that can't be or
    /// the rest would be under the minimum.
    function _sizeToClose(
        Position memory p,
        uint256 notional,
        int256 equity,
        uint256 price
    ) private view returns (uint256 closed) {
        uint256 size = FixedMath.abs(p.size);
        uint256 fee = _params.liquidationFee;
        uint256 target =
            MarginMath.ratio(size, _params.initialBase, _params.initialSlope, _params.depth) +
                fee +
                _params.liquidationBuffer;
        // The mean premium of closing everything is at least that of closing a part.
        uint256 cost = fee + FixedMath.mulDivUp(_premium(p, size, price), FixedMath.WAD, notional);
        uint256 toClose = LiquidationMath.notionalToClose(
            notional,
            equity,
            target,
            cost,
            2 * uint256(_params.minKeeperReward)
        );
        if (toClose >= notional) return size;
        closed = FixedMath.mulDivUp(size, toClose, notional);
        if (PositionMath.quoteUp(size - closed, price, quoteScale) < _params.minNotional) closed = size;
    }

    /// @dev Fills the receipt for closing `closed`; returns the position that remains.
    function _plan(
        Events.Liquidation memory receipt,
        Position memory p,
        uint256 closed,
        Carry memory carry_
    ) private view returns (Position memory later) {
        bool isLong = p.size > 0;
        uint256 size = FixedMath.abs(p.size);
        uint256 share = PositionMath.entryShare(isLong, p.entryNotional, closed, size);
        int256 signedClosed = isLong ? int256(closed) : -int256(closed);
        int256 pnl = PositionMath.pnl(signedClosed, share, receipt.price, quoteScale);
        uint256 closedNotional = PositionMath.quoteUp(closed, receipt.price, quoteScale);

        receipt.closedSize = closed;
        receipt.realised = _resultOf(pnl, receipt.carry, isLong, receipt.price);
        receipt.reward = LiquidationMath.keeperReward(
            closedNotional,
            _params.keeperShare,
            _params.minKeeperReward,
            _params.maxKeeperReward
        );
        uint256 fee = FixedMath.max(
            FixedMath.mulWadUp(closedNotional, _params.liquidationFee),
            receipt.reward
        );
        receipt.insuranceFee = fee - receipt.reward;
        receipt.premium = _premium(p, closed, receipt.price);
        if (closed != size) {
            later = Position({
                size: (p.size - signedClosed).toInt128(),
                entryNotional: (p.entryNotional - share).toUint128(),
                carryIndex: _indexOf(carry_, isLong),
                openedAt: p.openedAt
            });
        }
        receipt.newSize = later.size;
        receipt.newEntryNotional = later.entryNotional;
    }

    /// @dev What a voluntary close would have paid as impact; a favourable one is not paid out.
    function _premium(Position memory p, uint256 closed, uint256 price) private view returns (uint256) {
        int256 sizeDelta = p.size > 0 ? -int256(closed) : int256(closed);
        int256 impact = PricingMath.impact(
            _skew(),
            sizeDelta,
            _params.depth,
            _params.maxPremium,
            price,
            quoteScale
        );
        return impact > 0 ? uint256(impact) : 0;
    }

    function _apply(
        uint256 positionId,
        Position memory before,
        Position memory later,
        Events.Liquidation memory receipt,
        address rewardTo
    ) private {
        address owner = _ownerOf(positionId);
        _savePosition(positionId, before, later);
        uint256 unpaid;
        (receipt.badDebt, unpaid) = _settle(
            positionId,
            Bill(receipt.realised, receipt.reward, rewardTo, receipt.premium, receipt.insuranceFee, 0)
        );
        receipt.badDebtFromInsurance = _coverBadDebt(positionId, receipt.badDebt);
        if (unpaid != 0) {
            receipt.rewardFromInsurance = insuranceFund.cover(rewardTo, unpaid);
            receipt.rewardFromPool = _rewardFromPool(
                positionId,
                unpaid - receipt.rewardFromInsurance,
                rewardTo
            );
        }
        receipt.newCollateral = later.size == 0 ? 0 : marginVault.balanceOf(positionId);
        emit Events.PositionLiquidated(positionId, owner, rewardTo, receipt);
        if (later.size == 0) _close(positionId, owner);
    }

    /// @dev Liquidating promptly is worth more to the pool than the least reward costs it.
    function _rewardFromPool(
        uint256 positionId,
        uint256 missing,
        address rewardTo
    ) private returns (uint256 paid) {
        paid = FixedMath.min(missing, liquidityVault.poolAssets());
        if (paid == 0) return 0;
        _creditFromPool(positionId, paid);
        Payment[] memory payments = new Payment[](1);
        payments[0] = Payment(rewardTo, paid);
        marginVault.pay(positionId, payments);
    }
}
