// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedMath} from "./FixedMath.sol";

/// @notice How much a liquidation closes and what it costs.
library LiquidationMath {
    /// @notice Keeper's reward for a closed notional: clamp(keeperShare · X, min, max), token units.
    function keeperReward(
        uint256 closedNotional,
        uint256 keeperShare,
        uint256 minReward,
        uint256 maxReward
    ) internal pure returns (uint256) {
        return FixedMath.clamp(FixedMath.mulWadDown(closedNotional, keeperShare), minReward, maxReward);
    }

    /// @notice Notional X to close so that the rest stands at `target`:
    /// e − cost·X − flat ≥ target·(N − X)  ⇒  X = (target·N + flat − e) / (target − cost), rounded up; N at most.
    /// @param notional N, token units.
    /// @param equity e at the index price, token units.
    /// @param target Ratio wanted for the remainder, wad: initial + liquidation fee + buffer.
    /// @param cost What closing takes per notional, wad: liquidation fee + unfavourable premium; below `target`.
    /// @param flat Flat reserves: the least reward now and for the remainder, token units.
    function notionalToClose(
        uint256 notional,
        int256 equity,
        uint256 target,
        uint256 cost,
        uint256 flat
    ) internal pure returns (uint256) {
        if (equity <= 0 || cost >= target) return notional;
        uint256 needed = FixedMath.mulWadUp(notional, target) + flat;
        if (needed <= uint256(equity)) return 0;
        return
            FixedMath.min(
                FixedMath.mulDivUp(needed - uint256(equity), FixedMath.WAD, target - cost),
                notional
            );
    }
}
