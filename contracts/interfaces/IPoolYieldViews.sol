// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PoolYield} from "../types/PoolYield.sol";

/// @notice What the pool has earned and lost. The difference of two readings, over the pool's assets between them, is
/// the yield of the time between. The governance module answers on the market's own storage: ask the market.
interface IPoolYieldViews {
    /// @notice The counters as stored: carry is accrued up to `carry().updatedAt`; `accrue` brings it up to now.
    function poolYield() external view returns (PoolYield memory);

    /// @notice The counters as they would be if carry were brought up to now at `price`. Borrow and funding of this
    /// reading can be more than those of a later one at a lower price: they never fall once stored.
    function poolYieldAt(uint256 price) external view returns (PoolYield memory);
}
