// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice Integer arithmetic with the rounding direction in the name. Overflow reverts.
library FixedMath {
    uint256 internal constant WAD = 1e18;

    /// @notice floor(a · b / d).
    function mulDivDown(uint256 a, uint256 b, uint256 d) internal pure returns (uint256) {
        return (a * b) / d;
    }

    /// @notice ceil(a · b / d).
    function mulDivUp(uint256 a, uint256 b, uint256 d) internal pure returns (uint256) {
        return divUp(a * b, d);
    }

    /// @notice floor(a · b / d) with a product of 512 bits: only a quotient that overflows reverts.
    function fullMulDivDown(uint256 a, uint256 b, uint256 d) internal pure returns (uint256) {
        return Math.mulDiv(a, b, d);
    }

    /// @notice ceil(a · b / d) with a product of 512 bits: only a quotient that overflows reverts.
    function fullMulDivUp(uint256 a, uint256 b, uint256 d) internal pure returns (uint256) {
        return Math.mulDiv(a, b, d, Math.Rounding.Ceil);
    }

    /// @notice floor(a · b) of two numbers of which one is a wad.
    function mulWadDown(uint256 a, uint256 b) internal pure returns (uint256) {
        return (a * b) / WAD;
    }

    /// @notice ceil(a · b) of two numbers of which one is a wad.
    function mulWadUp(uint256 a, uint256 b) internal pure returns (uint256) {
        return divUp(a * b, WAD);
    }

    /// @notice ceil(√a).
    function sqrtUp(uint256 a) internal pure returns (uint256) {
        return Math.sqrt(a, Math.Rounding.Ceil);
    }

    /// @notice ceil(a / d).
    function divUp(uint256 a, uint256 d) internal pure returns (uint256) {
        // Neither a − 1 underflows where it is taken, nor does a quotient of it plus one overflow.
        unchecked {
            return a == 0 ? 0 : (a - 1) / d + 1;
        }
    }

    /// @notice ceil(a / d) of a signed numerator: towards +∞.
    function divCeil(int256 a, uint256 d) internal pure returns (int256) {
        // A quotient is no larger than |a|; −2^255 comes out as itself.
        unchecked {
            return a > 0 ? int256(divUp(uint256(a), d)) : -int256(abs(a) / d);
        }
    }

    /// @notice floor(a / d) of a signed numerator: towards −∞.
    function divFloor(int256 a, uint256 d) internal pure returns (int256) {
        return -divCeil(-a, d);
    }

    /// @notice |a|.
    function abs(int256 a) internal pure returns (uint256) {
        // In two's complement −type(int256).min read as unsigned is 2^255.
        unchecked {
            return uint256(a < 0 ? -a : a);
        }
    }

    function min(uint256 a, uint256 b) internal pure returns (uint256) {
        return a < b ? a : b;
    }

    function max(uint256 a, uint256 b) internal pure returns (uint256) {
        return a > b ? a : b;
    }

    /// @notice The value nearest to `x` inside [low, high].
    function clamp(uint256 x, uint256 low, uint256 high) internal pure returns (uint256) {
        return x < low ? low : (x > high ? high : x);
    }
}
