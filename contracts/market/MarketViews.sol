// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IMarketViews} from "../interfaces/IMarketViews.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {PoolMath} from "../libraries/math/PoolMath.sol";
import {PositionMath} from "../libraries/math/PositionMath.sol";
import {MarketParams} from "../types/MarketParams.sol";
import {Carry, Side} from "../types/Position.sol";
import {Accrual} from "./Accrual.sol";

/// @notice What a market knows beyond single positions.
abstract contract MarketViews is Accrual, IMarketViews {
    /// @inheritdoc IMarketViews
    function params() external view returns (MarketParams memory) {
        return _readParams();
    }

    /// @inheritdoc IMarketViews
    function resumesAt() external view returns (uint256) {
        return _resumesAt;
    }

    /// @inheritdoc IMarketViews
    function side(bool isLong) external view returns (Side memory) {
        return _sideOf(isLong);
    }

    /// @inheritdoc IMarketViews
    function carry() external view returns (Carry memory) {
        return _carry;
    }

    /// @inheritdoc IMarketViews
    function carryAt(uint256 price) external view returns (Carry memory c) {
        MarketParams memory params_ = _readParams();
        c = _accrued(_carry, params_, price, block.timestamp);
        _watch(c, params_, price);
    }

    /// @inheritdoc IMarketViews
    function traderResult(uint256 price) external view returns (int256 netPnl, int256 carryOwed) {
        Carry memory c = _accrued(_carry, _readParams(), price, block.timestamp);
        netPnl = _sidePnl(true, price) + _sidePnl(false, price);
        carryOwed = _sideCarry(_longSide, c.longIndex) + _sideCarry(_shortSide, c.shortIndex);
    }

    /// @inheritdoc IMarketViews
    function lockedAssets(uint256 price) external view returns (uint256) {
        uint256 openInterest = FixedMath.max(_longSide.openInterest, _shortSide.openInterest);
        uint256 notional = PositionMath.quoteUp(openInterest, price, quoteScale);
        MarketParams memory p = _readParams();
        int256 longPnl = _sidePnl(true, price);
        int256 shortPnl = _sidePnl(false, price);
        int256 profit = longPnl > shortPnl ? longPnl : shortPnl;
        uint256 forProfit = profit > 0 ? PoolMath.lockedAssets(uint256(profit), p.adlTrigger) : 0;
        return FixedMath.max(PoolMath.lockedAssets(notional, p.maxSideShare), forProfit);
    }
}
