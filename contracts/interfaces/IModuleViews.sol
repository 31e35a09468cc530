// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MaintenanceSchedule, MaintenanceTerms} from "../types/MarketParams.sol";
import {PoolYield} from "../types/PoolYield.sol";
import {Carry} from "../types/Position.sol";

/// @notice Views that the governance module answers on the market's own storage: ask the market.
interface IModuleViews {
    /// @notice The tightening of the maintenance terms that is announced or under way; zeros if there is none.
    function schedule() external view returns (MaintenanceSchedule memory);

    /// @notice The maintenance terms that will be in force at `time`, seconds, as far as it is known now.
    function scheduledMaintenance(uint256 time) external view returns (MaintenanceTerms memory);

    /// @notice Indices and rates as they would be at `time`, seconds, not before now, if nothing is traded until then and
    /// the price is `price`.
    function carryIn(uint256 price, uint256 time) external view returns (Carry memory);

    /// @notice What the pool has earned and lost: the difference of two readings, over the pool's assets between them, is
    /// the yield of the time between. Carry is accrued up to `carry().updatedAt`; `accrue` brings it up to now.
    function poolYield() external view returns (PoolYield memory);

    /// @notice The same as it would be if carry were brought up to now at `price`. Borrow and funding of this
    /// reading can be more than those of a later one at a lower price: they never fall once stored.
    function poolYieldAt(uint256 price) external view returns (PoolYield memory);
}
