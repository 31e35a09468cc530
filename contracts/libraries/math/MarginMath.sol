// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedMath} from "./FixedMath.sol";

/// @notice Margin requirements. `notional` is quote↑(size, index price); all results rounded up.
library MarginMath {
    /// @notice Ratio for a size: base + slope · size / depth (maintenance and initial alike), wad.
    function ratio(uint256 size, uint256 base, uint256 slope, uint256 depth) internal pure returns (uint256) {
        return base + FixedMath.mulDivUp(slope, size, depth);
    }

    /// @notice Money kept for liquidating the position: max(liquidationFee · N, minKeeperReward).
    function liquidationReserve(
        uint256 notional,
        uint256 liquidationFee,
        uint256 minKeeperReward
    ) internal pure returns (uint256) {
        return FixedMath.max(FixedMath.mulWadUp(notional, liquidationFee), minKeeperReward);
    }

    /// @notice Maintenance or initial margin: N · ratio + reserve. The ratio of the largest size in the shallowest
    /// market times its notional at the highest price needs more than a word.
    function requirement(uint256 notional, uint256 ratio_, uint256 reserve) internal pure returns (uint256) {
        return FixedMath.fullMulDivUp(notional, ratio_, FixedMath.WAD) + reserve;
    }
}
