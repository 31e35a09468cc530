// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BreakerMath} from "../libraries/math/BreakerMath.sol";
import {DeleverageMath} from "../libraries/math/DeleverageMath.sol";
import {CarryMath} from "../libraries/math/CarryMath.sol";
import {FeeMath} from "../libraries/math/FeeMath.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {LiquidationMath} from "../libraries/math/LiquidationMath.sol";
import {MarginMath} from "../libraries/math/MarginMath.sol";
import {OracleMath} from "../libraries/math/OracleMath.sol";
import {PoolMath} from "../libraries/math/PoolMath.sol";
import {PositionMath} from "../libraries/math/PositionMath.sol";
import {PriceSolver} from "../libraries/math/PriceSolver.sol";
import {PricingMath} from "../libraries/math/PricingMath.sol";
import {ProtectionMath} from "../libraries/math/ProtectionMath.sol";
import {TriggerMath} from "../libraries/math/TriggerMath.sol";

/// @notice Every function of every math library under its own name, callable from outside.
contract MathHarness {
    /* FIXED MATH */

    function mulDivDown(uint256 a, uint256 b, uint256 d) external pure returns (uint256) {
        return FixedMath.mulDivDown(a, b, d);
    }

    function mulDivUp(uint256 a, uint256 b, uint256 d) external pure returns (uint256) {
        return FixedMath.mulDivUp(a, b, d);
    }

    function fullMulDivDown(uint256 a, uint256 b, uint256 d) external pure returns (uint256) {
        return FixedMath.fullMulDivDown(a, b, d);
    }

    function fullMulDivUp(uint256 a, uint256 b, uint256 d) external pure returns (uint256) {
        return FixedMath.fullMulDivUp(a, b, d);
    }

    function mulWadDown(uint256 a, uint256 b) external pure returns (uint256) {
        return FixedMath.mulWadDown(a, b);
    }

    function mulWadUp(uint256 a, uint256 b) external pure returns (uint256) {
        return FixedMath.mulWadUp(a, b);
    }

    function sqrtUp(uint256 a) external pure returns (uint256) {
        return FixedMath.sqrtUp(a);
    }

    function divUp(uint256 a, uint256 d) external pure returns (uint256) {
        return FixedMath.divUp(a, d);
    }

    function divCeil(int256 a, uint256 d) external pure returns (int256) {
        return FixedMath.divCeil(a, d);
    }

    function divFloor(int256 a, uint256 d) external pure returns (int256) {
        return FixedMath.divFloor(a, d);
    }

    function abs(int256 a) external pure returns (uint256) {
        return FixedMath.abs(a);
    }

    function min(uint256 a, uint256 b) external pure returns (uint256) {
        return FixedMath.min(a, b);
    }

    function max(uint256 a, uint256 b) external pure returns (uint256) {
        return FixedMath.max(a, b);
    }

    function clamp(uint256 x, uint256 low, uint256 high) external pure returns (uint256) {
        return FixedMath.clamp(x, low, high);
    }

    /* POSITION MATH */

    function quoteDown(uint256 size, uint256 price, uint256 scale) external pure returns (uint256) {
        return PositionMath.quoteDown(size, price, scale);
    }

    function quoteUp(uint256 size, uint256 price, uint256 scale) external pure returns (uint256) {
        return PositionMath.quoteUp(size, price, scale);
    }

    function pnl(
        int256 size,
        uint256 entryNotional,
        uint256 price,
        uint256 scale
    ) external pure returns (int256) {
        return PositionMath.pnl(size, entryNotional, price, scale);
    }

    function carryOwed(
        uint256 size,
        int256 index,
        int256 entryIndex,
        uint256 scale
    ) external pure returns (int256) {
        return PositionMath.carryOwed(size, index, entryIndex, scale);
    }

    function equity(uint256 collateral, int256 profit, int256 carry) external pure returns (int256) {
        return PositionMath.equity(collateral, profit, carry);
    }

    function entryShare(
        bool isLong,
        uint256 entryNotional,
        uint256 closed,
        uint256 size
    ) external pure returns (uint256) {
        return PositionMath.entryShare(isLong, entryNotional, closed, size);
    }

    /* PRICING MATH */

    function potential(int256 skew, uint256 knee_) external pure returns (uint256) {
        return PricingMath.potential(skew, knee_);
    }

    function knee(uint256 depth, uint256 maxPremium) external pure returns (uint256) {
        return PricingMath.knee(depth, maxPremium);
    }

    function impact(
        int256 skew,
        int256 sizeDelta,
        uint256 depth,
        uint256 maxPremium,
        uint256 price,
        uint256 scale
    ) external pure returns (int256) {
        return PricingMath.impact(skew, sizeDelta, depth, maxPremium, price, scale);
    }

    function worsen(uint256 price, uint256 spread, bool isBuy) external pure returns (uint256) {
        return PricingMath.worsen(price, spread, isBuy);
    }

    /* FEE MATH */

    function splitBySkew(
        int256 skew,
        int256 sizeDelta
    ) external pure returns (uint256 increasing, uint256 reducing) {
        return FeeMath.splitBySkew(skew, sizeDelta);
    }

    function tradeFee(
        int256 skew,
        int256 sizeDelta,
        uint256 price,
        uint256 scale,
        uint256 takerFee,
        uint256 makerFee
    ) external pure returns (uint256) {
        return FeeMath.tradeFee(skew, sizeDelta, price, scale, takerFee, makerFee);
    }

    function splitFee(
        uint256 fee,
        uint256 poolShare,
        uint256 insuranceShare
    ) external pure returns (uint256 toPool, uint256 toInsurance, uint256 toTreasury) {
        return FeeMath.splitFee(fee, poolShare, insuranceShare);
    }

    /* CARRY MATH */

    function velocity(int256 skew, uint256 depth, uint256 maxVelocity) external pure returns (int256) {
        return CarryMath.velocity(skew, depth, maxVelocity);
    }

    function integrateFunding(
        int256 rate,
        int256 velocity_,
        uint256 maxRate,
        uint256 elapsed
    ) external pure returns (int256 newRate, int256 integral) {
        return CarryMath.integrateFunding(rate, velocity_, maxRate, elapsed);
    }

    function borrowRate(uint256 notional, uint256 assets, uint256 maxRate) external pure returns (uint256) {
        return CarryMath.borrowRate(notional, assets, maxRate);
    }

    function moveIndex(int96 index, int256 integral, uint256 price) external pure returns (int96) {
        return CarryMath.moveIndex(index, integral, price);
    }

    function indexDelta(int256 integral, uint256 price) external pure returns (int256) {
        return CarryMath.indexDelta(integral, price);
    }

    function splitMove(
        int96 before,
        int96 later,
        uint256 borrowIntegral,
        uint256 price
    ) external pure returns (uint256 borrow, int256 funding) {
        return CarryMath.splitMove(before, later, borrowIntegral, price);
    }

    function sideCarry(
        uint256 openInterest,
        int256 index,
        int256 carrySum,
        uint256 scale
    ) external pure returns (int256) {
        return CarryMath.sideCarry(openInterest, index, carrySum, scale);
    }

    /* MARGIN MATH */

    function ratio(uint256 size, uint256 base, uint256 slope, uint256 depth) external pure returns (uint256) {
        return MarginMath.ratio(size, base, slope, depth);
    }

    function liquidationReserve(
        uint256 notional,
        uint256 liquidationFee,
        uint256 minKeeperReward
    ) external pure returns (uint256) {
        return MarginMath.liquidationReserve(notional, liquidationFee, minKeeperReward);
    }

    function requirement(uint256 notional, uint256 ratio_, uint256 reserve) external pure returns (uint256) {
        return MarginMath.requirement(notional, ratio_, reserve);
    }

    /* LIQUIDATION MATH */

    function keeperReward(
        uint256 closedNotional,
        uint256 keeperShare,
        uint256 minReward,
        uint256 maxReward
    ) external pure returns (uint256) {
        return LiquidationMath.keeperReward(closedNotional, keeperShare, minReward, maxReward);
    }

    function premium(
        int256 size,
        uint256 closed,
        int256 skew,
        uint256 depth,
        uint256 maxPremium,
        uint256 price,
        uint256 scale
    ) external pure returns (uint256) {
        return LiquidationMath.premium(size, closed, skew, depth, maxPremium, price, scale);
    }

    function sizeToClose(LiquidationMath.Terms calldata t) external pure returns (uint256) {
        return LiquidationMath.sizeToClose(t);
    }

    function surplusAfter(LiquidationMath.Terms calldata t, uint256 closed) external pure returns (int256) {
        return LiquidationMath.surplusAfter(t, closed);
    }

    /* POOL MATH */

    function netAssetValue(
        uint256 assets,
        int256 netPnl,
        int256 carry,
        uint256 collateral
    ) external pure returns (int256) {
        return PoolMath.netAssetValue(assets, netPnl, carry, collateral);
    }

    function payout(
        uint256 profit,
        int256 sidePnl,
        uint256 assets,
        uint256 maxPayoutShare
    ) external pure returns (uint256) {
        return PoolMath.payout(profit, sidePnl, assets, maxPayoutShare);
    }

    function netResult(
        int256 pnl_,
        int256 carryOwed_,
        int256 sidePnl,
        uint256 assets,
        uint256 maxPayoutShare
    ) external pure returns (int256) {
        return PoolMath.netResult(pnl_, carryOwed_, sidePnl, assets, maxPayoutShare);
    }

    function withinShare(
        uint256 notional,
        uint256 assets,
        uint256 maxSideShare
    ) external pure returns (bool) {
        return PoolMath.withinShare(notional, assets, maxSideShare);
    }

    function lockedAssets(uint256 notional, uint256 maxSideShare) external pure returns (uint256) {
        return PoolMath.lockedAssets(notional, maxSideShare);
    }

    /* ORACLE MATH */

    function phaseOf(uint80 roundId) external pure returns (uint16) {
        return OracleMath.phaseOf(roundId);
    }

    function aggregatorRoundOf(uint80 roundId) external pure returns (uint64) {
        return OracleMath.aggregatorRoundOf(roundId);
    }

    function roundIdOf(uint16 phase, uint64 aggregatorRound) external pure returns (uint80) {
        return OracleMath.roundIdOf(phase, aggregatorRound);
    }

    function toPrice(int256 answer, uint256 multiplier) external pure returns (uint256) {
        return OracleMath.toPrice(answer, multiplier);
    }

    function toCollateralDown(uint256 price, uint256 collateral) external pure returns (uint256) {
        return OracleMath.toCollateralDown(price, collateral);
    }

    function toCollateralUp(uint256 price, uint256 collateral) external pure returns (uint256) {
        return OracleMath.toCollateralUp(price, collateral);
    }

    function agree(uint256 a, uint256 b, uint256 maxDeviation) external pure returns (bool) {
        return OracleMath.agree(a, b, maxDeviation);
    }

    /* TRIGGER MATH */

    function isCrossed(
        bool isBuy,
        uint256 limitPrice,
        uint256 stopPrice,
        uint256 price
    ) external pure returns (bool) {
        return TriggerMath.isCrossed(isBuy, limitPrice, stopPrice, price);
    }

    function trailingStop(
        bool isBuy,
        uint256 best,
        uint256 trail,
        bool isRatio
    ) external pure returns (uint256) {
        return TriggerMath.trailingStop(isBuy, best, trail, isRatio);
    }

    function nearerStop(bool isBuy, uint256 a, uint256 b) external pure returns (uint256) {
        return TriggerMath.nearerStop(isBuy, a, b);
    }

    /* PROTECTION MATH */

    function isDue(int256 equity_, uint256 notional, uint256 triggerRatio) external pure returns (bool) {
        return ProtectionMath.isDue(equity_, notional, triggerRatio);
    }

    function topUp(
        int256 equity_,
        uint256 notional,
        uint256 targetRatio,
        uint256 executionFee
    ) external pure returns (uint256) {
        return ProtectionMath.topUp(equity_, notional, targetRatio, executionFee);
    }

    function reduction(
        uint256 size,
        int256 equity_,
        uint256 notional,
        uint256 targetRatio,
        uint256 executionFee,
        uint256 takerFee
    ) external pure returns (uint256) {
        return ProtectionMath.reduction(size, equity_, notional, targetRatio, executionFee, takerFee);
    }

    /* BREAKER MATH */

    function pack(uint256 price) external pure returns (uint24) {
        return BreakerMath.pack(price);
    }

    function unpack(uint24 packed) external pure returns (uint256) {
        return BreakerMath.unpack(packed);
    }

    function nextLevel(
        uint256 level,
        uint256 anchor,
        uint256 elapsed,
        uint256 price,
        uint256 elevatedMove,
        uint256 haltedMove,
        uint256 window,
        uint256 coolDown
    ) external pure returns (uint256 newLevel, bool restarts, bool follows) {
        return
            BreakerMath.nextLevel(level, anchor, elapsed, price, elevatedMove, haltedMove, window, coolDown);
    }

    /* DELEVERAGE MATH */

    function isFair(
        int256 pnl_,
        uint256 entryNotional,
        int256 sidePnl,
        uint256 sideEntryNotional
    ) external pure returns (bool) {
        return DeleverageMath.isFair(pnl_, entryNotional, sidePnl, sideEntryNotional);
    }

    function excess(
        int256 sidePnl,
        uint256 assets,
        int256 carry,
        uint256 pnl_,
        uint256 target,
        uint256 maxPayoutShare
    ) external pure returns (uint256) {
        return DeleverageMath.excess(sidePnl, assets, carry, pnl_, target, maxPayoutShare);
    }

    /* PRICE SOLVER */

    function liquidationPrice(PriceSolver.Terms calldata t) external pure returns (uint256) {
        return PriceSolver.liquidationPrice(t);
    }

    function bankruptcyPrice(PriceSolver.Terms calldata t) external pure returns (uint256) {
        return PriceSolver.bankruptcyPrice(t);
    }

    function isBeyond(
        PriceSolver.Terms calldata t,
        uint256 price,
        bool maintenance
    ) external pure returns (bool) {
        return PriceSolver.isBeyond(t, price, maintenance);
    }
}
