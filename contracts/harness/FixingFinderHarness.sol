// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixingFinder, ProofFeeds} from "../periphery/automation/FixingFinder.sol";
import {FixingQuery} from "../types/Fixing.sol";

/// @notice FixingFinder for its parity test.
contract FixingFinderHarness {
    function find(
        ProofFeeds calldata feeds,
        FixingQuery calldata query
    ) external view returns (bool found, uint256 proof) {
        return FixingFinder.find(feeds, query);
    }

    function unpack(uint256 proof) external pure returns (bytes memory) {
        return FixingFinder.unpack(proof);
    }
}
