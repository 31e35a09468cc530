// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IChainlinkFeed} from "../interfaces/IChainlinkFeed.sol";
import {HistoryAggregator} from "./HistoryAggregator.sol";

/// @notice A Data Feed proxy for Solidity tests, which can't hold Chainlink's own (another compiler's). Round ids and
/// phases work as in EACAggregatorProxy; anyone replaces the aggregator.
contract FeedProxy is IChainlinkFeed {
    uint16 public phaseId;
    mapping(uint16 phase => address) public phaseAggregators;

    constructor(HistoryAggregator first) {
        setAggregator(first);
    }

    /// @notice Begins a new phase.
    function setAggregator(HistoryAggregator next) public {
        phaseAggregators[++phaseId] = address(next);
    }

    function decimals() external view returns (uint8) {
        return _aggregator(phaseId).decimals();
    }

    function description() external view returns (string memory) {
        return _aggregator(phaseId).description();
    }

    function version() external view returns (uint256) {
        return _aggregator(phaseId).version();
    }

    function getRoundData(uint80 roundId) external view returns (uint80, int256, uint256, uint256, uint80) {
        // The low 64 bits are the aggregator's own id.
        return _round(uint16(roundId >> 64), uint64(roundId));
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return _round(phaseId, uint64(_aggregator(phaseId).latestRound()));
    }

    function _round(
        uint16 phase,
        uint64 round
    ) private view returns (uint80, int256 answer, uint256 startedAt, uint256 updatedAt, uint80) {
        uint80 answeredIn;
        (, answer, startedAt, updatedAt, answeredIn) = _aggregator(phase).getRoundData(round);
        uint80 base = uint80(phase) << 64;
        return (base | round, answer, startedAt, updatedAt, base | answeredIn);
    }

    function _aggregator(uint16 phase) private view returns (HistoryAggregator) {
        return HistoryAggregator(phaseAggregators[phase]);
    }
}
