// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedMath} from "./FixedMath.sol";

/// @notice Price impact: the exact mean of the clamped marginal premium over the path of a trade.
/// With F(x) = x²/2D for |x| ≤ cD, else c|x| − c²D/2, a trade that moves the skew from a to b pays
/// P · (F(b) − F(a)): independent of how it is split, zero over any closed loop at one price.
library PricingMath {
    /// @notice 2D · F(x): x² up to the knee k = cD, then 2k|x| − k². Base wad squared, exact.
    function potential(int256 skew, uint256 knee_) internal pure returns (uint256) {
        uint256 x = FixedMath.abs(skew);
        return x <= knee_ ? x * x : 2 * knee_ * x - knee_ * knee_;
    }

    /// @notice Skew beyond which the marginal premium is clamped, floor(maxPremium · depth).
    function knee(uint256 depth, uint256 maxPremium) internal pure returns (uint256) {
        return FixedMath.mulWadDown(depth, maxPremium);
    }

    /// @notice What a trade pays (+) or is paid (−) over the quote at `price`, token units, rounded up.
    /// @param skew Long minus short open interest before the trade.
    /// @param sizeDelta Signed size of the trade.
    function impact(
        int256 skew,
        int256 sizeDelta,
        uint256 depth,
        uint256 maxPremium,
        uint256 price,
        uint256 scale
    ) internal pure returns (int256) {
        uint256 k = knee(depth, maxPremium);
        uint256 before = potential(skew, k);
        uint256 later = potential(skew + sizeDelta, k);
        uint256 denominator = 2 * depth * scale;
        return
            later >= before
                ? int256(FixedMath.fullMulDivUp(later - before, price, denominator))
                : -int256(FixedMath.fullMulDivDown(before - later, price, denominator));
    }

    /// @notice A fallback price: `spread` worse for the trader, rounded against them.
    function worsen(uint256 price, uint256 spread, bool isBuy) internal pure returns (uint256) {
        return
            isBuy
                ? FixedMath.mulWadUp(price, FixedMath.WAD + spread)
                : FixedMath.mulWadDown(price, FixedMath.WAD - spread);
    }
}
