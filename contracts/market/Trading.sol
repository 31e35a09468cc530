// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IPerpMarket} from "../interfaces/IPerpMarket.sol";
import {MarketFlags} from "../libraries/MarketFlags.sol";
import {Constants} from "../libraries/Constants.sol";
import {Events} from "../libraries/Events.sol";
import {FeeMath} from "../libraries/math/FeeMath.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {PoolMath} from "../libraries/math/PoolMath.sol";
import {PositionMath} from "../libraries/math/PositionMath.sol";
import {PricingMath} from "../libraries/math/PricingMath.sol";
import {Failure, Trade, TradePreview} from "../types/Order.sol";
import {MarketParams} from "../types/MarketParams.sol";
import {Position} from "../types/Position.sol";
import {State} from "./MarketStorage.sol";
import {Rejection} from "./Rejection.sol";
import {Bill} from "./Settlement.sol";

/// @notice Opening, increasing, decreasing and closing, at the price an order was fixed at.
abstract contract Trading is Rejection, IPerpMarket {
    using SafeCast for uint256;
    using SafeCast for int256;

    /// @dev Terms of a trade, computed before anything is written.
    struct Fill {
        int256 sizeDelta;
        int256 impact;
        int256 pnl;
        int256 carryOwed;
        uint256 fee;
        uint256 notional;
        Position later;
        Bill bill;
    }

    /// @inheritdoc IPerpMarket
    function reserve(
        address owner,
        address payer,
        uint256 collateral
    ) external onlyOrderBook nonReentrant returns (uint256 positionId) {
        positionId = _nextPositionId++;
        _mint(owner, positionId);
        marginVault.deposit(positionId, payer, collateral);
    }

    /// @inheritdoc IPerpMarket
    function execute(Trade calldata trade) external onlyOrderBook nonReentrant returns (Failure) {
        address owner = _ownerOf(trade.positionId);
        if (owner == address(0)) return Failure.PositionGone;
        if (owner != trade.owner) {
            // Another owner's money pays for nothing the previous one ordered.
            _reject(trade.positionId, 0, trade.feeTo, _load(trade.indexPrice, trade.positionId), false);
            return Failure.OwnerChanged;
        }

        Position memory before = _readPosition(trade.positionId);
        State memory state = _load(trade.indexPrice, trade.positionId);
        if (!trade.indexIsFresh) _unwatch(state.carry);
        (Failure reason, Fill memory fill) = _plan(trade, before, state);
        if (reason != Failure.None) {
            _reject(trade.positionId, trade.executionFee, trade.feeTo, state, trade.keepsReserved);
            return reason;
        }
        _savePosition(trade.positionId, before, fill.later);
        if (_increases(before, trade.sizeDelta)) _applyIncrease(trade, fill, state);
        else _applyDecrease(trade, fill, state, owner);
        _saveCarry(state);
        return Failure.None;
    }

    /// @inheritdoc IPerpMarket
    function previewTrade(
        Trade calldata trade,
        uint256 collateral
    ) external view returns (TradePreview memory preview) {
        Position memory before = _readPosition(trade.positionId);
        State memory state = _load(trade.indexPrice, trade.positionId);
        state.balance += collateral;
        Fill memory fill;
        (preview.failure, fill) = _plan(trade, before, state);
        preview.sizeDelta = fill.sizeDelta;
        preview.newSize = fill.later.size;
        preview.newEntryNotional = fill.later.entryNotional;
        preview.impact = fill.impact;
        preview.pnl = fill.pnl;
        preview.realised = fill.bill.result + fill.carryOwed;
        preview.carry = fill.carryOwed;
        preview.fee = fill.fee;
        preview.newCollateral = _cashAfter(fill.bill);
    }

    /// @dev What a trade would do, or why it can't.
    function _plan(
        Trade calldata trade,
        Position memory before,
        State memory state
    ) private view returns (Failure, Fill memory) {
        return
            _increases(before, trade.sizeDelta)
                ? _planIncrease(trade, before, state)
                : _planDecrease(trade, before, state);
    }

    function _increases(Position memory before, int256 sizeDelta) private pure returns (bool) {
        return before.size == 0 || (sizeDelta != 0 && (before.size > 0) == (sizeDelta > 0));
    }

    /* INCREASE */

    function _planIncrease(
        Trade calldata trade,
        Position memory before,
        State memory state
    ) private view returns (Failure failure, Fill memory fill) {
        if (!trade.indexIsFresh) return (Failure.StalePrice, fill);
        if (MarketFlags.isReduceOnly(state.carry.flags)) return (Failure.ReduceOnly, fill);
        _elevate(state);
        // First, because the caps bound every number computed after them.
        failure = _checkSize(trade, before, state);
        if (failure != Failure.None) return (failure, fill);
        fill = _fillIncrease(trade, before, state);
        if (before.entryNotional + fill.notional > Constants.MAX_ENTRY_NOTIONAL)
            return (Failure.OpenInterestCap, fill);
        if (!_acceptable(fill, trade)) return (Failure.Slippage, fill);
        if (!_hasInitialMargin(trade, fill, state.params)) return (Failure.InsufficientMargin, fill);
    }

    function _applyIncrease(Trade calldata trade, Fill memory fill, State memory state) private {
        _settle(trade.positionId, fill.bill, state, address(0));
        emit Events.PositionIncreased(
            trade.positionId,
            fill.sizeDelta,
            fill.later.size,
            fill.later.entryNotional,
            trade.price,
            fill.impact,
            fill.fee,
            fill.carryOwed,
            trade.executionFee
        );
    }

    function _fillIncrease(
        Trade calldata trade,
        Position memory before,
        State memory state
    ) private view returns (Fill memory fill) {
        bool isLong = trade.sizeDelta > 0;
        fill.sizeDelta = trade.sizeDelta;
        _price(fill, trade, state.params);
        fill.carryOwed = before.size == 0 ? int256(0) : _carryOwed(before, state.carry);
        fill.later = Position({
            size: (int256(before.size) + fill.sizeDelta).toInt112(),
            // Cut off where it does not fit: the caller refuses that.
            entryNotional: uint112(before.entryNotional + fill.notional),
            carryIndex: _indexOf(state.carry, isLong),
            openedAt: before.size == 0 ? uint32(block.timestamp) : before.openedAt
        });
        _bill(fill, trade, _resultOf(0, fill.carryOwed, 0, state), state);
    }

    /// @dev Minimum and caps at the index price.
    function _checkSize(
        Trade calldata trade,
        Position memory before,
        State memory state
    ) private view returns (Failure) {
        uint256 size = FixedMath.abs(int256(before.size) + trade.sizeDelta);
        if (size > Constants.MAX_SIZE) return Failure.OpenInterestCap;
        uint256 notional = PositionMath.quoteUp(size, trade.indexPrice, quoteScale);
        if (notional < state.params.minNotional) return Failure.BelowMinimum;

        uint256 sideNotional = PositionMath.quoteUp(
            _sideOf(trade.sizeDelta > 0).openInterest + FixedMath.abs(trade.sizeDelta),
            trade.indexPrice,
            quoteScale
        );
        if (!PoolMath.withinShare(sideNotional, state.poolAssets, state.params.maxSideShare))
            return Failure.OpenInterestCap;
        return
            PoolMath.withinShare(notional, state.poolAssets, state.params.maxPositionShare)
                ? Failure.None
                : Failure.PositionCap;
    }

    /// @dev Whether the bill can be paid and leaves the initial margin, at the index price and at the fill's.
    function _hasInitialMargin(
        Trade calldata trade,
        Fill memory fill,
        MarketParams memory params_
    ) private view returns (bool) {
        int256 cash = _cashAfter(fill.bill);
        return
            cash >= 0 &&
            _hasMargin(fill.later, cash, trade.indexPrice, params_, true) &&
            (trade.price == trade.indexPrice || _hasMargin(fill.later, cash, trade.price, params_, true));
    }

    /* DECREASE */

    function _planDecrease(
        Trade calldata trade,
        Position memory before,
        State memory state
    ) private view returns (Failure failure, Fill memory fill) {
        fill = _fillDecrease(trade, before, state);
        if (!_acceptable(fill, trade)) return (Failure.Slippage, fill);
        if (fill.later.size == 0) return (failure, fill);
        int256 cash = _cashAfter(fill.bill);
        if (cash < 0 || !_hasMargin(fill.later, cash, trade.indexPrice, state.params, false))
            return (Failure.InsufficientMargin, fill);
    }

    function _applyDecrease(
        Trade calldata trade,
        Fill memory fill,
        State memory state,
        address owner
    ) private {
        address closeTo = fill.later.size == 0 ? owner : address(0);
        (, uint256 badDebt, ) = _settle(trade.positionId, fill.bill, state, closeTo);
        _coverBadDebt(trade.positionId, badDebt, state);
        emit Events.PositionDecreased(
            trade.positionId,
            fill.sizeDelta,
            fill.later.size,
            fill.later.entryNotional,
            trade.price,
            fill.impact,
            fill.pnl,
            fill.bill.result + fill.carryOwed,
            fill.fee,
            fill.carryOwed,
            trade.executionFee,
            badDebt
        );
    }

    function _fillDecrease(
        Trade calldata trade,
        Position memory before,
        State memory state
    ) private view returns (Fill memory fill) {
        bool isLong = before.size > 0;
        uint256 size = FixedMath.abs(before.size);
        uint256 closed = trade.sizeDelta == 0 ? size : FixedMath.min(FixedMath.abs(trade.sizeDelta), size);
        // A remainder too small to be worth its liquidation is closed along.
        if (PositionMath.quoteUp(size - closed, trade.indexPrice, quoteScale) < state.params.minNotional)
            closed = size;

        fill.sizeDelta = isLong ? -int256(closed) : int256(closed);
        _price(fill, trade, state.params);
        uint256 share = PositionMath.entryShare(isLong, before.entryNotional, closed, size);
        fill.pnl = int256(fill.notional) - int256(share);
        if (!isLong) fill.pnl = -fill.pnl;
        fill.carryOwed = _carryOwed(before, state.carry);
        if (closed != size) {
            fill.later = Position({
                size: (before.size + fill.sizeDelta).toInt112(),
                entryNotional: (before.entryNotional - share).toUint112(),
                carryIndex: _indexOf(state.carry, isLong),
                openedAt: before.openedAt
            });
        }
        int256 sidePnl = fill.pnl > 0 ? _sidePnl(isLong, state.price) : int256(0);
        _bill(fill, trade, _resultOf(fill.pnl, fill.carryOwed, sidePnl, state), state);
    }

    /* SHARED */

    function _price(Fill memory fill, Trade calldata trade, MarketParams memory params_) private view {
        uint256 price = trade.price;
        uint256 scale = quoteScale;
        int256 skew = _skew();
        int256 delta = fill.sizeDelta;
        int256 impact = PricingMath.impact(skew, delta, params_.depth, params_.maxPremium, price, scale);
        fill.impact = impact;
        fill.fee = FeeMath.tradeFee(skew, delta, price, scale, params_.takerFee, params_.makerFee);
        // Money that changes hands for the size: what a buyer pays, rounded up, a seller receives, rounded down.
        // Impact is less than the quote, but rounding can make a seller's a unit more than it: then they get nothing.
        uint256 size = FixedMath.abs(delta);
        int256 notional =
            delta > 0
                ? int256(PositionMath.quoteUp(size, price, scale)) + impact
                : int256(PositionMath.quoteDown(size, price, scale)) - impact;
        fill.notional = notional > 0 ? uint256(notional) : 0;
    }

    function _bill(Fill memory fill, Trade calldata trade, int256 result, State memory state) private pure {
        (uint256 toPool, uint256 toInsurance, uint256 toTreasury) = FeeMath.splitFee(
            fill.fee,
            state.params.poolFeeShare,
            state.params.insuranceFeeShare
        );
        fill.bill = Bill({
            balance: state.balance,
            result: result,
            carryOwed: fill.carryOwed,
            toKeeper: trade.executionFee,
            keeper: trade.feeTo,
            toPool: toPool,
            toInsurance: toInsurance,
            toTreasury: toTreasury
        });
    }

    /// @dev Whether the mean price is no worse than the acceptable one, to one token unit.
    function _acceptable(Fill memory fill, Trade calldata trade) private view returns (bool) {
        uint256 limit = FixedMath.min(trade.acceptablePrice, Constants.MAX_PRICE);
        uint256 size = FixedMath.abs(fill.sizeDelta);
        return
            fill.sizeDelta > 0
                ? fill.notional <= PositionMath.quoteUp(size, limit, quoteScale)
                : fill.notional >= PositionMath.quoteDown(size, limit, quoteScale);
    }

    /// @dev The position's balance after a bill; negative if it can't pay it.
    function _cashAfter(Bill memory bill) private pure returns (int256) {
        uint256 charges = bill.toKeeper + bill.toPool + bill.toInsurance + bill.toTreasury;
        return int256(bill.balance) + bill.result - int256(charges);
    }

    function _hasMargin(
        Position memory p,
        int256 cash,
        uint256 price,
        MarketParams memory params_,
        bool initial
    ) private view returns (bool) {
        uint256 size = FixedMath.abs(p.size);
        uint256 notional = PositionMath.quoteUp(size, price, quoteScale);
        int256 equity = cash + PositionMath.pnl(p.size, p.entryNotional, price, quoteScale);
        return
            equity >=
            int256(
                initial
                    ? _initialMargin(params_, size, notional)
                    : _maintenanceMargin(params_, size, notional)
            );
    }
}
