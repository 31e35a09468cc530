// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedMath} from "./FixedMath.sol";

/// @notice Worth of a position. `scale` is 10^(36 − token decimals): base wad × price wad → token units.
library PositionMath {
    /// @notice floor(|size| · price / scale), token units.
    function quoteDown(uint256 size, uint256 price, uint256 scale) internal pure returns (uint256) {
        return FixedMath.mulDivDown(size, price, scale);
    }

    /// @notice ceil(|size| · price / scale), token units.
    function quoteUp(uint256 size, uint256 price, uint256 scale) internal pure returns (uint256) {
        return FixedMath.mulDivUp(size, price, scale);
    }

    /// @notice Profit (+) or loss (−) at `price` before carry, rounded against the trader.
    function pnl(
        int256 size,
        uint256 entryNotional,
        uint256 price,
        uint256 scale
    ) internal pure returns (int256) {
        uint256 abs = FixedMath.abs(size);
        // Money is below 2^255, so differences are in range.
        unchecked {
            return
                size >= 0
                    ? int256(quoteDown(abs, price, scale)) - int256(entryNotional)
                    : int256(entryNotional) - int256(quoteUp(abs, price, scale));
        }
    }

    /// @notice Carry owed (+) or due (−) for an index move, ceil(|size| · (index − entryIndex) / scale).
    function carryOwed(
        uint256 size,
        int256 index,
        int256 entryIndex,
        uint256 scale
    ) internal pure returns (int256) {
        return FixedMath.divCeil(int256(size) * (index - entryIndex), scale);
    }

    /// @notice collateral + pnl − carry.
    function equity(uint256 collateral, int256 profit, int256 carry) internal pure returns (int256) {
        return int256(collateral) + profit - carry;
    }

    /// @notice Part of `entryNotional` that goes with `closed` of `size`: rounded up for longs (what was paid),
    /// down for shorts (what was received), so against the trader both times. All of it for a full close.
    function entryShare(
        bool isLong,
        uint256 entryNotional,
        uint256 closed,
        uint256 size
    ) internal pure returns (uint256) {
        return
            isLong
                ? FixedMath.mulDivUp(entryNotional, closed, size)
                : FixedMath.mulDivDown(entryNotional, closed, size);
    }
}
