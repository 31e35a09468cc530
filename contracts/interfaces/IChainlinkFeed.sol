// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV3Interface.sol";

/// @notice A Chainlink Data Feed proxy (EACAggregatorProxy) as far as the protocol reads it.
interface IChainlinkFeed is AggregatorV3Interface {
    /// @notice Phase in use: how often the aggregator has been replaced, plus one.
    function phaseId() external view returns (uint16);

    /// @notice Aggregator of a phase, zero if there is none.
    function phaseAggregators(uint16 phase) external view returns (address);
}

/// @notice The aggregator behind a proxy.
interface IChainlinkAggregator {
    /// @notice The aggregator's own id of its last round.
    function latestRound() external view returns (uint256);
}
