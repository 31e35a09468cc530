// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedMath} from "./FixedMath.sol";
import {PositionMath} from "./PositionMath.sol";

/// @notice Trading fees.
library FeeMath {
    /// @notice Parts of a trade that increase and that reduce |skew|; a trade across zero has both.
    function splitBySkew(
        int256 skew,
        int256 sizeDelta
    ) internal pure returns (uint256 increasing, uint256 reducing) {
        uint256 size = FixedMath.abs(sizeDelta);
        if (skew != 0 && (skew > 0) != (sizeDelta > 0)) reducing = FixedMath.min(size, FixedMath.abs(skew));
        increasing = size - reducing;
    }

    /// @notice Taker fee on the increasing part, maker fee on the reducing part, each rounded up; token units.
    function tradeFee(
        int256 skew,
        int256 sizeDelta,
        uint256 price,
        uint256 scale,
        uint256 takerFee,
        uint256 makerFee
    ) internal pure returns (uint256) {
        (uint256 increasing, uint256 reducing) = splitBySkew(skew, sizeDelta);
        return _fee(increasing, price, scale, takerFee) + _fee(reducing, price, scale, makerFee);
    }

    function _fee(uint256 size, uint256 price, uint256 scale, uint256 ratio) private pure returns (uint256) {
        return size == 0 ? 0 : FixedMath.mulWadUp(PositionMath.quoteUp(size, price, scale), ratio);
    }

    /// @notice Divides a fee: insurance and treasury shares rounded down, the pool takes the rest.
    /// @param poolShare Ratio for the pool, wad.
    /// @param insuranceShare Ratio for insurance, wad; the treasury has what remains of 100 %.
    function splitFee(
        uint256 fee,
        uint256 poolShare,
        uint256 insuranceShare
    ) internal pure returns (uint256 toPool, uint256 toInsurance, uint256 toTreasury) {
        toInsurance = FixedMath.mulWadDown(fee, insuranceShare);
        toTreasury = FixedMath.mulWadDown(fee, FixedMath.WAD - poolShare - insuranceShare);
        toPool = fee - toInsurance - toTreasury;
    }
}
