// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedMath} from "./FixedMath.sol";

/// @notice Chainlink answers and round ids.
library OracleMath {
    /// @notice A proxy round id is the aggregator's phase in the high 16 bits over its own round id in the low 64.
    function phaseOf(uint80 roundId) internal pure returns (uint16) {
        return uint16(roundId >> 64);
    }

    /// @notice The aggregator's own round id.
    function aggregatorRoundOf(uint80 roundId) internal pure returns (uint64) {
        // Truncation to the low 64 bits is the definition of the id.
        return uint64(roundId);
    }

    /// @notice The proxy's id of an aggregator round.
    function roundIdOf(uint16 phase, uint64 aggregatorRound) internal pure returns (uint80) {
        return (uint80(phase) << 64) | aggregatorRound;
    }

    /// @notice answer · 10^(18 − decimals), exact. `multiplier` = 10^(18 − decimals).
    function toPrice(int256 answer, uint256 multiplier) internal pure returns (uint256) {
        return uint256(answer) * multiplier;
    }

    /// @notice floor(price · 10^18 / collateral), wad: a price in units of a collateral token worth `collateral`, wad.
    function toCollateralDown(uint256 price, uint256 collateral) internal pure returns (uint256) {
        return FixedMath.mulDivDown(price, FixedMath.WAD, collateral);
    }

    /// @notice The same, rounded up.
    function toCollateralUp(uint256 price, uint256 collateral) internal pure returns (uint256) {
        return FixedMath.mulDivUp(price, FixedMath.WAD, collateral);
    }

    /// @notice Whether two prices are no further apart than `maxDeviation`, a wad ratio of the lower one.
    function agree(uint256 a, uint256 b, uint256 maxDeviation) internal pure returns (bool) {
        uint256 low = FixedMath.min(a, b);
        return FixedMath.max(a, b) - low <= FixedMath.mulWadDown(low, maxDeviation);
    }
}
