// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice The numbers of one market. Ratios are wad (1e18 = 100 %), rates wad per second, money in token units,
/// base amounts with 18 decimals. Bounds: `ParamChecks`.
/// @param depth Base size at which the marginal premium would reach 100 %.
/// @param maxPremium Clamp of the marginal premium.
/// @param takerFee Fee ratio on the part of a trade that increases |skew|.
/// @param makerFee Fee ratio on the part that reduces |skew|.
/// @param maintenanceBase Maintenance ratio of an infinitely small position.
/// @param maintenanceSlope Maintenance ratio added per size equal to `depth`.
/// @param initialBase Initial ratio of an infinitely small position.
/// @param initialSlope Initial ratio added per size equal to `depth`.
/// @param liquidationFee Fee ratio on the notional closed by a liquidation.
/// @param keeperShare Keeper's reward as a ratio of the notional closed.
/// @param liquidationBuffer Ratio above the initial margin at which a partial liquidation leaves a position.
/// @param maxSideShare Open interest of one side, at the index price, as a share of pool assets.
/// @param maxPayoutShare Share of pool assets that one side's profit may claim before the haircut.
/// @param maxFundingRate Bound of |funding rate|, wad per second.
/// @param maxFundingVelocity Change of the funding rate at full skew, wad per second per second.
/// @param maxBorrowRate Borrow rate at full utilisation, wad per second.
/// @param poolFeeShare Share of trading fees that goes to liquidity providers.
/// @param insuranceFeeShare Share of trading fees that goes to insurance; the rest goes to the treasury.
/// @param minKeeperReward Least liquidation reward, token units.
/// @param maxKeeperReward Greatest liquidation reward, token units.
/// @param minNotional Least notional of an open position, token units.
/// @param maxPositionShare Notional of one position, at the index price, as a share of pool assets.
/// @param elevatedMove Move of the price against the anchor from which new risk needs more margin.
/// @param haltedMove The same from which no new risk is taken.
/// @param elevatedFactor Multiplies the initial ratio of new risk while the market is elevated; at least one.
/// @param warningFactor Of the maintenance margin: equity below it is a margin call; above one.
/// @param adlTrigger Share of pool assets beyond which a side's profit may be deleveraged.
/// @param adlTarget Share down to which it is.
/// @param depositCap Net asset value that deposits may raise the pool to, token units.
/// @param insuranceTarget What the insurance fund keeps, token units; what it has beyond goes to the pool.
/// @param breakerWindow Seconds after which the anchor is taken anew.
/// @param coolDown Seconds after which a raised level is given up.
/// @param gracePeriod Seconds without liquidations after a time in which users could not act.
struct MarketParams {
    uint128 depth;
    uint64 maxPremium;
    uint64 takerFee;
    // slot
    uint64 makerFee;
    uint64 initialBase;
    uint64 initialSlope;
    uint64 liquidationFee;
    // slot
    uint128 minKeeperReward;
    uint128 minNotional;
    // slot
    uint64 maxSideShare;
    uint64 poolFeeShare;
    uint64 insuranceFeeShare;
    uint64 maxBorrowRate;
    // slot
    uint64 maxFundingRate;
    uint64 maxFundingVelocity;
    uint64 maxPayoutShare;
    // slot
    uint64 maintenanceBase;
    uint64 maintenanceSlope;
    uint64 keeperShare;
    uint64 liquidationBuffer;
    // slot
    uint128 maxKeeperReward;
    uint64 maxPositionShare;
    uint64 warningFactor;
    // slot
    uint64 elevatedMove;
    uint64 haltedMove;
    uint64 elevatedFactor;
    // slot
    uint64 adlTrigger;
    uint64 adlTarget;
    uint32 breakerWindow;
    uint32 coolDown;
    uint32 gracePeriod;
    // slot
    uint128 insuranceTarget;
    uint128 depositCap;
}

/// @notice What decides when a position is liquidatable, beside its size and `depth`; units as in MarketParams.
struct MaintenanceTerms {
    uint64 maintenanceBase;
    uint64 maintenanceSlope;
    uint64 liquidationFee;
    uint128 minKeeperReward;
}

/// @notice A tightening of the maintenance terms, announced: they move in a straight line from those in force at
/// `startsAt` to `terms` at `endsAt`, seconds.
struct MaintenanceSchedule {
    uint40 startsAt;
    uint40 endsAt;
    MaintenanceTerms terms;
}

/// @notice Timing and fees of orders, fixed for the life of a market. Seconds, wad ratios, token units.
/// @param settlementDelay Seconds between a commit and the moment after which its fixing is observed.
/// @param fallbackDelay Seconds without a new observation after which the last one counts.
/// @param fallbackSpread Ratio by which a fallback price is worse for the trader.
/// @param freshness Seconds after which a crossing is no price to fill a resting order at any more.
/// @param executionGas Gas whose cost at the block's base fee is the least fee an order offers its settler; 0 for none.
/// @param minExecutionFee That least fee is never below this,
/// @param maxExecutionFee nor above this, which is the greatest fee an order may offer.
struct OrderParams {
    uint32 settlementDelay;
    uint32 fallbackDelay;
    uint64 fallbackSpread;
    uint32 freshness;
    uint32 executionGas;
    uint128 minExecutionFee;
    uint128 maxExecutionFee;
}
