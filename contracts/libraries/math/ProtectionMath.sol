// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedMath} from "./FixedMath.sol";

/// @notice When protective orders act, and how much they do. The margin ratio is equity / notional at the index price;
/// ratios wad, money token units.
library ProtectionMath {
    /// @notice Whether the margin ratio is at or below `triggerRatio`: equity <= triggerRatio · N, rounded down.
    function isDue(int256 equity, uint256 notional, uint256 triggerRatio) internal pure returns (bool) {
        return equity <= int256(FixedMath.mulWadDown(notional, triggerRatio));
    }

    /// @notice Money that brings the margin ratio to `targetRatio` after paying `executionFee`:
    /// max(0, targetRatio · N + fee − equity), rounded up.
    function topUp(
        int256 equity,
        uint256 notional,
        uint256 targetRatio,
        uint256 executionFee
    ) internal pure returns (uint256) {
        int256 missing = int256(FixedMath.mulWadUp(notional, targetRatio) + executionFee) - equity;
        return missing > 0 ? uint256(missing) : 0;
    }

    /// @notice Size to close, at most all of it, that brings the margin ratio to `targetRatio` after the trading and
    /// execution fee: closing notional x costs x · takerFee and needs x · targetRatio less, so
    /// x = topUp / (targetRatio − takerFee), rounded up. Impact is not foreseen. Needs targetRatio > takerFee.
    function reduction(
        uint256 size,
        int256 equity,
        uint256 notional,
        uint256 targetRatio,
        uint256 executionFee,
        uint256 takerFee
    ) internal pure returns (uint256) {
        uint256 missing = topUp(equity, notional, targetRatio, executionFee);
        uint256 closed = FixedMath.mulDivUp(missing, FixedMath.WAD, targetRatio - takerFee);
        return closed >= notional ? size : FixedMath.mulDivUp(size, closed, notional);
    }
}
