// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SimpleReadAccessController} from "@chainlink/contracts/src/v0.8/shared/access/SimpleReadAccessController.sol";
import {HistoryAggregator} from "./HistoryAggregator.sol";

/// @notice An aggregator that no contract may read but those on its list, such as its proxy: as Chainlink's own are on
/// public chains.
contract GuardedAggregator is HistoryAggregator, SimpleReadAccessController {
    constructor(uint8 decimals_, string memory description_) HistoryAggregator(decimals_, description_) {}

    function latestRound() public view override checkAccess returns (uint256) {
        return super.latestRound();
    }

    function getRoundData(
        uint80 round
    ) public view override checkAccess returns (uint80, int256, uint256, uint256, uint80) {
        return super.getRoundData(round);
    }
}
