// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IPerpMarket} from "../interfaces/IPerpMarket.sol";
import {Constants} from "../libraries/Constants.sol";
import {Events} from "../libraries/Events.sol";
import {FeeMath} from "../libraries/math/FeeMath.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {PoolMath} from "../libraries/math/PoolMath.sol";
import {PositionMath} from "../libraries/math/PositionMath.sol";
import {PricingMath} from "../libraries/math/PricingMath.sol";
import {Failure, Trade} from "../types/Order.sol";
import {MarketParams} from "../types/MarketParams.sol";
import {Position} from "../types/Position.sol";
import {State} from "./MarketStorage.sol";
import {Bill, Settlement} from "./Settlement.sol";

/// @notice Opening, increasing, decreasing and closing, at the price an order was fixed at.
abstract contract Trading is Settlement {
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
        positionId = nextPositionId++;
        _mint(owner, positionId);
        marginVault.deposit(positionId, payer, collateral);
    }

    /// @inheritdoc IPerpMarket
    function release(
        uint256 positionId,
        uint256 executionFee,
        address feeTo,
        bool keepsReserved
    ) external onlyOrderBook nonReentrant {
        if (_ownerOf(positionId) == address(0)) return;
        State memory state;
        if (executionFee != 0 && _readPosition(positionId).size != 0) {
            // A feed that no longer answers must not keep a release without a fee from going through.
            (uint256 price, , ) = oracle.peek();
            state = _load(price, positionId);
        } else {
            state.balance = marginVault.balanceOf(positionId);
        }
        _reject(positionId, executionFee, feeTo, state, keepsReserved);
    }

    /// @inheritdoc IPerpMarket
    function execute(Trade calldata trade) external onlyOrderBook nonReentrant returns (Failure failure) {
        address owner = _ownerOf(trade.positionId);
        if (owner == address(0)) return Failure.PositionGone;
        if (owner != trade.owner) {
            // Another owner's money pays for nothing the previous one ordered.
            _reject(trade.positionId, 0, trade.feeTo, _load(trade.indexPrice, trade.positionId), false);
            return Failure.OwnerChanged;
        }

        Position memory before = _readPosition(trade.positionId);
        State memory state = _load(trade.indexPrice, trade.positionId);
        bool increases =
            before.size == 0 || (trade.sizeDelta != 0 && (before.size > 0) == (trade.sizeDelta > 0));
        failure = increases ? _increase(trade, before, state) : _decrease(trade, before, state, owner);
        if (failure == Failure.None) _saveCarry(state);
        else _reject(trade.positionId, trade.executionFee, trade.feeTo, state, trade.keepsReserved);
    }

    /* INCREASE */

    function _increase(
        Trade calldata trade,
        Position memory before,
        State memory state
    ) private returns (Failure) {
        if (!trade.indexIsFresh) return Failure.StalePrice;
        // First, because the caps bound every number computed after them.
        Failure failure = _checkSize(trade, before, state);
        if (failure != Failure.None) return failure;
        Fill memory fill = _fillIncrease(trade, before, state);
        if (before.entryNotional + fill.notional > Constants.MAX_ENTRY_NOTIONAL)
            return Failure.OpenInterestCap;
        if (!_acceptable(fill, trade)) return Failure.Slippage;
        if (!_hasInitialMargin(trade, fill, state.params)) return Failure.InsufficientMargin;

        _savePosition(trade.positionId, before, fill.later);
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
        return Failure.None;
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
        _bill(fill, trade, _resultOf(0, fill.carryOwed, isLong, state), state);
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
        return
            PoolMath.withinSideCap(sideNotional, state.poolAssets, state.params.maxSideShare)
                ? Failure.None
                : Failure.OpenInterestCap;
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

    function _decrease(
        Trade calldata trade,
        Position memory before,
        State memory state,
        address owner
    ) private returns (Failure) {
        Fill memory fill = _fillDecrease(trade, before, state);
        if (!_acceptable(fill, trade)) return Failure.Slippage;
        bool closes = fill.later.size == 0;
        if (!closes) {
            int256 cash = _cashAfter(fill.bill);
            if (cash < 0 || !_hasMargin(fill.later, cash, trade.indexPrice, state.params, false))
                return Failure.InsufficientMargin;
        }

        _savePosition(trade.positionId, before, fill.later);
        (, uint256 badDebt, ) = _settle(trade.positionId, fill.bill, state, closes ? owner : address(0));
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
        return Failure.None;
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
        _bill(fill, trade, _resultOf(fill.pnl, fill.carryOwed, isLong, state), state);
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

    /// @dev Ends an order without a trade. A never-opened position pays the fee, and is refunded unless it is kept; an
    /// open one pays as much of the fee as it can spare.
    function _reject(
        uint256 positionId,
        uint256 executionFee,
        address feeTo,
        State memory state,
        bool keepsReserved
    ) private {
        Position memory p = _readPosition(positionId);
        bool isOpen = p.size != 0;
        uint256 fee = isOpen ? FixedMath.min(executionFee, _spare(p, state)) : executionFee;
        bool closes = !isOpen && !keepsReserved;
        if (fee == 0 && !closes) return;
        address owner = _ownerOf(positionId);
        Bill memory bill = Bill(state.balance, 0, fee, feeTo, 0, 0, 0);
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
