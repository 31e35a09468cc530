// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPerpMarket} from "./IPerpMarket.sol";
import {MaintenanceSchedule, MarketParams, OrderParams} from "../types/MarketParams.sol";
import {PoolYield} from "../types/PoolYield.sol";
import {Carry, Side} from "../types/Position.sol";

/// @notice All that a market's next action depends on, in one call: who has it computes off the chain what the chain would
/// do. Money in token units, prices wad, sizes base wad, ratios wad, times seconds.
interface IStateLens {
    /// @notice A market as stored, and the latest price.
    /// @param time Block timestamp of the reading.
    /// @param price Latest price, 0 where there is none. @param low, high The oracle's band around it.
    /// @param params As stored: without the schedule, which moves the maintenance terms with time.
    /// @param carry As stored. @param poolYield As stored.
    /// @param resumesAt Counts while `carry.flags` has OUTAGE.
    struct MarketState {
        uint256 time;
        uint256 quoteScale;
        uint256 nextPositionId;
        uint256 price;
        uint256 observedAt;
        bool priceIsFresh;
        uint256 low;
        uint256 high;
        uint256 uncertainty;
        MarketParams params;
        MaintenanceSchedule schedule;
        OrderParams orderParams;
        Carry carry;
        Side long;
        Side short;
        uint256 resumesAt;
        PoolYield poolYield;
        Money money;
        Pool pool;
    }

    /// @notice Where the money lies.
    /// @param totalBalance Collateral of all positions. @param totalClaim Claims of all accounts, these included.
    struct Money {
        uint256 totalBalance;
        uint256 totalClaim;
        uint256 poolClaim;
        uint256 insuranceClaim;
        uint256 insuranceReserve;
        uint256 treasuryClaim;
    }

    /// @notice Shares of the pool and the way out of it.
    /// @param supply Shares that exist. @param reservedAssets Set aside for shares that were redeemed.
    /// @param batchShares Requested in the batch that is fulfilled next. @param nextBatchShares In the one after it.
    struct Pool {
        uint256 supply;
        uint256 reservedAssets;
        uint256 currentBatch;
        uint256 fulfillableFrom;
        uint256 redemptionPeriod;
        uint256 batchShares;
        uint256 nextBatchShares;
    }

    /// @notice A position as stored.
    /// @param owner Zero for an id that is no position. @param size 0 for one that waits for its opening order.
    struct PositionState {
        uint256 id;
        address owner;
        int256 size;
        uint256 entryNotional;
        int256 carryIndex;
        uint256 openedAt;
        uint256 collateral;
    }

    /// @notice The market and the positions asked for, all at this moment. Never reverts for a bad id or want of a price.
    function state(
        IPerpMarket market,
        uint256[] calldata ids
    ) external view returns (MarketState memory, PositionState[] memory);
}
