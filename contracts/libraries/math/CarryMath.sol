// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedMath} from "./FixedMath.sol";

/// @notice Funding and borrow. Rates are wad per second, integrals wad (dimensionless), indices wad price units.
library CarryMath {
    /// @notice maxVelocity · clamp(skew / depth, −1, 1), wad per second², towards zero.
    function velocity(int256 skew, uint256 depth, uint256 maxVelocity) internal pure returns (int256) {
        uint256 size = FixedMath.min(FixedMath.abs(skew), depth);
        int256 magnitude = int256(FixedMath.mulDivDown(size, maxVelocity, depth));
        return skew < 0 ? -magnitude : magnitude;
    }

    /// @notice Funding rate after `elapsed` seconds and its integral over them. The rate is linear in time up to the
    /// clamp ±maxRate and flat after it; the integral is that of the line (trapezoid) plus the flat part:
    /// max·t − (max − r)²/2v, truncated towards zero.
    function integrateFunding(
        int256 rate,
        int256 velocity_,
        uint256 maxRate,
        uint256 elapsed
    ) internal pure returns (int256 newRate, int256 integral) {
        int256 t = int256(elapsed);
        int256 limit = int256(maxRate);
        // A rate beyond the limit would have been left there by a limit that was lowered.
        if (rate > limit) rate = limit;
        if (rate < -limit) rate = -limit;
        newRate = rate + velocity_ * t;
        if (newRate >= -limit && newRate <= limit) return (newRate, ((rate + newRate) * t) / 2);
        if (newRate > limit) return (limit, limit * t - ((limit - rate) * (limit - rate)) / (2 * velocity_));
        return (-limit, -limit * t + ((limit + rate) * (limit + rate)) / (2 * -velocity_));
    }

    /// @notice Borrow rate of a side: maxRate · min(1, notional / assets), rounded up; maxRate for an empty pool.
    function borrowRate(uint256 notional, uint256 assets, uint256 maxRate) internal pure returns (uint256) {
        return
            notional >= assets
                ? (notional == 0 ? 0 : maxRate)
                : FixedMath.mulDivUp(maxRate, notional, assets);
    }

    /// @notice An index after `integral` at `price`, kept inside 96 bits: at the bound carry stops growing, and nothing
    /// that needs the index reverts.
    function moveIndex(int96 index, int256 integral, uint256 price) internal pure returns (int96) {
        int256 moved = index + indexDelta(integral, price);
        if (moved > type(int96).max) return type(int96).max;
        if (moved < type(int96).min) return type(int96).min;
        return int96(moved);
    }

    /// @notice What an index grows by, ceil(integral · price / 1e18): rounded towards the pool on both sides.
    function indexDelta(int256 integral, uint256 price) internal pure returns (int256) {
        return FixedMath.divCeil(integral * int256(price), FixedMath.WAD);
    }

    /// @notice What of an index's move is borrow, ceil(borrowIntegral · price / 1e18), and what is funding: the rest. What
    /// an index's bound cuts off counts as funding that it is paid.
    function splitMove(
        int96 before,
        int96 later,
        uint256 borrowIntegral,
        uint256 price
    ) internal pure returns (uint256 borrow, int256 funding) {
        borrow = FixedMath.mulDivUp(borrowIntegral, price, FixedMath.WAD);
        // Of numbers of 112 bits.
        unchecked {
            funding = int256(later) - before - int256(borrow);
        }
    }

    /// @notice Carry a whole side owes, floor((openInterest · index − carrySum) / scale), token units.
    function sideCarry(
        uint256 openInterest,
        int256 index,
        int256 carrySum,
        uint256 scale
    ) internal pure returns (int256) {
        return FixedMath.divFloor(int256(openInterest) * index - carrySum, scale);
    }
}
