// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedMath} from "./FixedMath.sol";
import {MarginMath} from "./MarginMath.sol";
import {PoolMath} from "./PoolMath.sol";
import {PositionMath} from "./PositionMath.sol";
import {PricingMath} from "./PricingMath.sol";

/// @notice How much a liquidation closes and what it costs. Money in token units, sizes base wad, ratios wad.
library LiquidationMath {
    /// @dev What the roundings between a guess and the exact rule can add up to, token units.
    uint256 private constant SLACK = 8;

    /// @dev A size is the least that does if a part of 1/128 less would not.
    uint256 private constant FINENESS = 128;

    /// @notice A liquidatable position, its market, and the parameters that say what it needs; see MarketParams.
    /// @param carry Owed by the position. @param assets Of the pool. @param sidePnl PnL of the position's whole side.
    struct Terms {
        int256 size;
        uint256 entryNotional;
        uint256 collateral;
        int256 carry;
        uint256 price;
        uint256 scale;
        int256 skew;
        int256 sidePnl;
        uint256 assets;
        uint256 maxPayoutShare;
        uint256 depth;
        uint256 maxPremium;
        uint256 initialBase;
        uint256 initialSlope;
        uint256 liquidationFee;
        uint256 liquidationBuffer;
        uint256 minKeeperReward;
        uint256 minNotional;
    }

    /// @notice Keeper's reward for a closed notional: clamp(keeperShare · X, min, max), token units.
    function keeperReward(
        uint256 closedNotional,
        uint256 keeperShare,
        uint256 minReward,
        uint256 maxReward
    ) internal pure returns (uint256) {
        return FixedMath.clamp(FixedMath.mulWadDown(closedNotional, keeperShare), minReward, maxReward);
    }

    /// @notice What closing costs beyond the reward, at the index price: a premium as a voluntary close would have paid,
    /// if that is unfavourable; a favourable one is not paid out.
    function premium(
        int256 size,
        uint256 closed,
        int256 skew,
        uint256 depth,
        uint256 maxPremium,
        uint256 price,
        uint256 scale
    ) internal pure returns (uint256) {
        int256 sizeDelta = size > 0 ? -int256(closed) : int256(closed);
        int256 impact = PricingMath.impact(skew, sizeDelta, depth, maxPremium, price, scale);
        return impact > 0 ? uint256(impact) : 0;
    }

    /// @notice Size to close so that the rest stands at its initial margin plus buffer: the least that does, or less
    /// than 1 % more than it. All of it where no part does, or the rest would be under the minimum.
    function sizeToClose(Terms memory t) internal pure returns (uint256 closed) {
        uint256 size = FixedMath.abs(t.size);
        // The rest quotes to the minimum from (minimum − 1) · scale / price on.
        uint256 least = FixedMath.mulDivDown(FixedMath.max(t.minNotional, 1) - 1, t.scale, t.price) + 1;
        if (size <= least) return size;
        closed = _leastToClose(t, size);
        if (closed >= size) return size;
        return _search(t, closed, size - least, size);
    }

    /// @notice What is left above the initial margin plus buffer once `closed` of the position is; negative: what is
    /// missing, also of the money for fee and premium themselves.
    function surplusAfter(Terms memory t, uint256 closed) internal pure returns (int256) {
        uint256 size = FixedMath.abs(t.size);
        uint256 share = PositionMath.entryShare(t.size > 0, t.entryNotional, closed, size);
        int256 cash = int256(t.collateral) + _result(t, closed, share) - int256(_cost(t, closed));

        uint256 rest = size - closed;
        int256 signedRest = t.size > 0 ? int256(rest) : -int256(rest);
        int256 equity = cash + PositionMath.pnl(signedRest, t.entryNotional - share, t.price, t.scale);
        uint256 notional = PositionMath.quoteUp(rest, t.price, t.scale);
        uint256 required = MarginMath.requirement(
            notional,
            MarginMath.ratio(rest, t.initialBase, t.initialSlope, t.depth) + t.liquidationBuffer,
            MarginMath.liquidationReserve(notional, t.liquidationFee, t.minKeeperReward)
        );
        int256 surplus = equity - int256(required);
        return surplus < cash ? surplus : cash;
    }

    /// @dev What the pool settles for the closed part and the carry of all.
    function _result(Terms memory t, uint256 closed, uint256 share) private pure returns (int256) {
        int256 signedClosed = t.size > 0 ? int256(closed) : -int256(closed);
        int256 pnl = PositionMath.pnl(signedClosed, share, t.price, t.scale);
        return PoolMath.netResult(pnl, t.carry, t.sidePnl, t.assets, t.maxPayoutShare);
    }

    /// @dev Fee, reward included, and premium. The fee is no less than the reward, so it follows the reserve's formula.
    function _cost(Terms memory t, uint256 closed) private pure returns (uint256) {
        uint256 notional = PositionMath.quoteUp(closed, t.price, t.scale);
        return
            MarginMath.liquidationReserve(notional, t.liquidationFee, t.minKeeperReward) +
            premium(t.size, closed, t.skew, t.depth, t.maxPremium, t.price, t.scale);
    }

    /// @dev Closed form without premium, flat fees and haircut, which can only make it more: of the notional the part
    /// u remains with s·u² + b·u = g, where b = initialBase + buffer, s = initialSlope · size / depth and
    /// g = equity / notional − liquidationFee.
    function _leastToClose(Terms memory t, uint256 size) private pure returns (uint256) {
        uint256 notional = PositionMath.quoteUp(size, t.price, t.scale);
        int256 pnl = PositionMath.pnl(t.size, t.entryNotional, t.price, t.scale);
        int256 equity = PositionMath.equity(t.collateral, pnl, t.carry);
        uint256 spent = FixedMath.mulWadUp(notional, t.liquidationFee) + SLACK;
        if (equity <= int256(spent)) return size;
        uint256 g = FixedMath.mulDivDown(uint256(equity) - spent, FixedMath.WAD, notional);
        uint256 b = t.initialBase + t.liquidationBuffer;
        uint256 s = FixedMath.mulDivUp(t.initialSlope, size, t.depth);
        // Nothing has to be closed.
        if (g >= b + s) return 0;
        uint256 u = FixedMath.mulDivDown(2 * g, FixedMath.WAD, b + FixedMath.sqrtUp(b * b + 4 * s * g));
        return u < FixedMath.WAD ? size - FixedMath.mulWadDown(size, u) : 0;
    }

    /// @dev From `closed`, which does or is too little, to one that does and is the least; `size` if none up to `most`
    /// is found.
    function _search(
        Terms memory t,
        uint256 closed,
        uint256 most,
        uint256 size
    ) private pure returns (uint256) {
        if (closed > most) return size;
        int256 missing = -surplusAfter(t, closed);
        if (missing <= 0) return closed;
        // Closing gains at least initialBase + buffer − maxPremium of what is closed, but for the flat fees.
        uint256 gain = t.initialBase + t.liquidationBuffer - t.maxPremium;
        uint256 step = FixedMath.fullMulDivUp(uint256(missing) + SLACK, t.scale, t.price);
        step = step < most ? FixedMath.mulDivUp(step, FixedMath.WAD, gain) : most;
        uint256 low = closed;
        uint256 high = closed;
        while (missing > 0) {
            if (high == most) return size;
            low = high;
            high = FixedMath.min(high + step, most);
            step *= 2;
            missing = -surplusAfter(t, high);
        }
        // A part of 1/128 less than `high` is tried each time, then the middle.
        while (high - low > high / FINENESS + 1) {
            uint256 middle = low + (high - low) / 2;
            if (surplusAfter(t, middle) < 0) low = middle;
            else high = middle;
        }
        return high;
    }
}
