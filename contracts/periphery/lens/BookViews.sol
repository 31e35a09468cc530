// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPerpLens} from "../../interfaces/IPerpLens.sol";
import {IPerpMarket} from "../../interfaces/IPerpMarket.sol";
import {MarketFlags} from "../../libraries/MarketFlags.sol";
import {BreakerMath} from "../../libraries/math/BreakerMath.sol";
import {CarryMath} from "../../libraries/math/CarryMath.sol";
import {FixedMath} from "../../libraries/math/FixedMath.sol";
import {PositionMath} from "../../libraries/math/PositionMath.sol";
import {MarketParams} from "../../types/MarketParams.sol";
import {Carry, Side} from "../../types/Position.sol";
import {LensReads} from "./LensReads.sol";

/// @notice The books of a market, now and under stress, each in the same few reads however many positions there are.
abstract contract BookViews is LensReads {
    /// @dev The highest bit of `Carry.paramVersion`.
    uint256 private constant SCHEDULED = 128;

    /// @inheritdoc IPerpLens
    function solvency(IPerpMarket market) external view returns (Solvency memory s) {
        (s.price, s.observedAt, s.priceIsFresh) = market.oracle().peek();
        s.tokensInMarginVault = market.token().balanceOf(address(market.marginVault()));
        s.totalCollateral = market.marginVault().totalBalance();
        s.totalClaims = market.marginVault().totalClaim();
        s.tokensInLiquidityVault = market.token().balanceOf(address(market.liquidityVault()));
        s.poolReserved = market.liquidityVault().reservedAssets();
        s.poolCash = market.liquidityVault().cash();
        s.poolClaim = market.marginVault().claimOf(address(market.liquidityVault()));
        s.tokensInInsurance = market.token().balanceOf(address(market.insuranceFund()));
        s.insuranceReserve = market.insuranceFund().reserve();
        s.insuranceClaim = market.marginVault().claimOf(address(market.insuranceFund()));

        Carry memory c = market.carryAt(s.price);
        (s.longIndex, s.shortIndex) = (c.longIndex, c.shortIndex);
        uint256 scale = market.quoteScale();
        (Side memory long, Side memory short) = (market.side(true), market.side(false));
        (s.longOpenInterest, s.shortOpenInterest) = (long.openInterest, short.openInterest);
        (s.longPnl, s.shortPnl) = _pnls(long, short, s.price, scale);
        s.longCarry = CarryMath.sideCarry(long.openInterest, c.longIndex, long.carrySum, scale);
        s.shortCarry = CarryMath.sideCarry(short.openInterest, c.shortIndex, short.carrySum, scale);
        s.netAssetValue = market.liquidityVault().netAssetValue(s.price);
        uint256 owed = _positive(s.longPnl) + _positive(s.shortPnl);
        uint256 payable_ = FixedMath.mulWadDown(s.poolCash + s.poolClaim, market.params().maxPayoutShare);
        s.worstCasePayout = FixedMath.min(owed, payable_);
        s.solvent =
            s.tokensInMarginVault >= s.totalCollateral + s.totalClaims &&
            s.tokensInLiquidityVault >= s.poolCash + s.poolReserved &&
            s.tokensInInsurance >= s.insuranceReserve &&
            s.poolCash + s.poolClaim >= s.worstCasePayout;
    }

    /// @inheritdoc IPerpLens
    function stress(
        IPerpMarket market,
        int256[] calldata shocks
    ) external view returns (Stress[] memory list) {
        (uint256 price, , ) = market.oracle().peek();
        uint256 insured = market.insuranceFund().available();
        list = new Stress[](shocks.length);
        for (uint256 i; i < shocks.length; ++i) {
            list[i].shock = shocks[i];
            if (price == 0) continue;
            int256 factor = int256(FixedMath.WAD) + shocks[i];
            list[i].price = factor > 0 ? FixedMath.mulWadDown(price, uint256(factor)) : 0;
            _shock(list[i], market, insured);
        }
    }

    /// @inheritdoc IPerpLens
    function status(IPerpMarket market) external view returns (Status memory s) {
        (s.price, s.observedAt, s.priceIsFresh) = market.oracle().peek();
        Carry memory c = market.carryAt(s.price);
        s.level = MarketFlags.levelOf(c.flags);
        s.anchor = BreakerMath.unpack(c.anchor);
        s.anchorAt = c.anchorAt;
        Carry memory stored = market.carry();
        s.accrualDue = c.anchorAt != stored.anchorAt || c.flags != stored.flags;
        s.reduceOnly = MarketFlags.isReduceOnly(c.flags);
        s.guarded = c.flags & MarketFlags.GUARDED != 0;
        s.insolvent = c.flags & MarketFlags.INSOLVENT != 0;
        s.outage = c.flags & MarketFlags.OUTAGE != 0;
        if (s.outage) s.resumesAt = market.resumesAt();
        s.scheduled = c.paramVersion & SCHEDULED != 0;
        s.paramVersion = c.paramVersion & ~SCHEDULED;
        (int256 longPnl, int256 shortPnl) = _pnls(
            market.side(true),
            market.side(false),
            s.price,
            market.quoteScale()
        );
        uint256 trigger = FixedMath.mulWadDown(
            market.liquidityVault().poolAssets(),
            market.params().adlTrigger
        );
        s.longDeleveragingDue = longPnl > int256(trigger);
        s.shortDeleveragingDue = shortPnl > int256(trigger);
    }

    /* INTERNAL */

    function _shock(Stress memory s, IPerpMarket market, uint256 insured) private view {
        (s.longPnl, s.shortPnl) = _pnls(market.side(true), market.side(false), s.price, market.quoteScale());
        s.netAssetValue = market.liquidityVault().netAssetValue(s.price);
        (int256 netPnl, int256 carryOwed) = market.traderResult(s.price);
        int256 uncovered = carryOwed - netPnl - int256(market.marginVault().totalBalance());
        if (uncovered > 0) s.uncovered = uint256(uncovered);
        s.fromInsurance = FixedMath.min(s.uncovered, insured);

        MarketParams memory params = market.params();
        uint256 assets = market.liquidityVault().poolAssets();
        uint256 claimable = FixedMath.mulWadDown(assets, params.maxPayoutShare);
        uint256 profit = FixedMath.max(_positive(s.longPnl), _positive(s.shortPnl));
        s.haircut =
            profit > claimable ? FixedMath.mulDivDown(claimable, FixedMath.WAD, profit) : FixedMath.WAD;
        s.deleveragingDue = profit > FixedMath.mulWadDown(assets, params.adlTrigger);
    }

    function _pnls(
        Side memory long,
        Side memory short,
        uint256 price,
        uint256 scale
    ) private pure returns (int256 longPnl, int256 shortPnl) {
        longPnl = PositionMath.pnl(int256(uint256(long.openInterest)), long.entryNotional, price, scale);
        shortPnl = PositionMath.pnl(-int256(uint256(short.openInterest)), short.entryNotional, price, scale);
    }

    function _positive(int256 x) private pure returns (uint256) {
        return x > 0 ? uint256(x) : 0;
    }
}
