// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IChainlinkFeed} from "../interfaces/IChainlinkFeed.sol";
import {FixingFinder} from "../periphery/automation/FixingFinder.sol";
import {FixingQuery} from "../types/Fixing.sol";

/// @notice FixingFinder for its parity test.
contract FixingFinderHarness {
    function find(
        IChainlinkFeed feed,
        FixingQuery calldata query
    ) external view returns (bool found, uint80 roundId) {
        return FixingFinder.find(feed, query);
    }
}
